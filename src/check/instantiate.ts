/** A call followed into the body of the part called: how a model becomes a program. */
import type { BackboneDecl, PartDecl } from '../syntax/ast.ts';
import type { Location } from '../text/source.ts';
import { substituteSize, substituteTensor, substituteType, type Bindings } from '../types/bindings.ts';
import type { Symbol } from '../names/modules.ts';
import type { TensorType, Type } from '../types/type.ts';
import type { Bound } from './arguments.ts';
import { backboneFile } from './backbone.ts';
import type { Deep, Env } from './env.ts';
import { evaluateBlock } from './expr.ts';
import { hasLearnedForm, learnedForm } from './learned-form.ts';
import type { Signature } from './signature.ts';
import { equalSizes } from './size-facts.ts';
import { unknownValue, type Value } from './values.ts';

/** The value of a call whose arguments fit; `type` is what its signature says of it. */
export function instantiate(signature: Signature, bound: Bound, bindings: Bindings, type: Type, site: Location, env: Env): Value {
  const deep = env.deep!;
  deep.budget.circular ||= deep.entered.some((entered) => entered.symbol === signature.symbol);
  if (deep.budget.left === 0 || deep.budget.circular) return unknownValue;
  deep.budget.left--;
  const here = env.scope.module.package === 'std' ? deep.site : site;
  const { symbol } = signature;
  if (symbol.declaration.kind === 'BackboneDecl') return linkBackbone(symbol as Symbol<BackboneDecl>, bound, type, { ...deep, site: here }, env);
  if (symbol.declaration.body === undefined && !hasLearnedForm(symbol.declaration)) return unknownValue;
  const inner = enterPart(signature, bound, bindings, { ...deep, site: here }, env);
  const { body } = symbol.declaration;
  return withType(body === undefined ? learnedForm(signature, inner) : evaluateBlock(body, inner), type);
}

/** The environment of a part's body at one call. */
function enterPart(signature: Signature, bound: Bound, bindings: Bindings, deep: Deep, env: Env): Env {
  const { symbol } = signature;
  const declaration = symbol.declaration as PartDecl;
  const locals: Env['locals'] = new Map();
  // The body takes for one size what its inputs demand to be equal; what of that is tested at run time is not the same here.
  const equal = equalSizes([...bound.tensors.keys()].map(({ type }) => substituteType(type, bindings)));
  for (const [parameter, { value }] of bound.tensors) locals.set(parameter.name, { value: withSizes(value, equal), span: declaration.span, used: true });
  for (const [parameter, value] of bound.statics) locals.set(parameter.name, { value, span: declaration.span, used: true });
  const owned = declaration.weights !== undefined;
  return {
    checker: env.checker,
    symbol,
    scope: { ...signature.scope, report: ignore },
    bindings: { ...bindings, sizes: new Map([...bindings.sizes].map(([key, known]) => [key, { ...known, size: substituteSize(known.size, equal) }])) },
    locals,
    // The body was checked for itself; what holds for all sizes holds for these.
    report: ignore,
    joints: undefined,
    deep: {
      ...deep,
      entered: [...deep.entered, { symbol, site: deep.site }],
      owner: owned ? symbol : deep.owner,
      path: owned ? [] : [...deep.path, env.letName ?? symbol.name],
    },
    letName: undefined,
  };
}

function withSizes(value: Value, bindings: Bindings): Value {
  if (value.kind === 'tensor') return { ...value, type: substituteTensor(value.type, bindings) };
  if (value.kind !== 'record') return value;
  return { ...value, type: { ...value.type, fields: new Map([...value.type.fields].map(([name, field]) => [name, substituteTensor(field, bindings)])) } };
}

const ignore = (): void => {};

/** The body's value under the signature's type: facts are those that callers may rely on. */
function withType(value: Value, type: Type): Value {
  if (value.kind === 'tensor' && type.kind === 'tensor') return { ...value, type };
  if (value.kind === 'record' && type.kind === 'record') return { ...value, type };
  return value;
}

function linkBackbone(symbol: Symbol<BackboneDecl>, bound: Bound, type: Type, deep: Deep, env: Env): Value {
  const file = backboneFile(symbol, env.checker);
  if (file === undefined || type.kind !== 'record') return unknownValue;
  const inputs = new Map<string, string>();
  for (const [parameter, arg] of bound.tensors) {
    for (const { field, onnx } of file.inputs.get(parameter.name) ?? []) {
      const ref = arg.value.kind === 'record' ? arg.value.refs?.get(field ?? '') : arg.value.kind === 'tensor' ? arg.value.ref : undefined;
      inputs.set(onnx, ref ?? '');
    }
  }
  const outputs = new Map<string, TensorType>();
  for (const [name, tensor] of type.fields) outputs.set(file.outputs.get(name) ?? name, tensor);
  const linked = deep.sink.link(symbol, inputs, outputs, deep.site);
  const refs = new Map([...type.fields.keys()].map((name) => [name, linked.get(file.outputs.get(name) ?? name) ?? '']));
  return { kind: 'record', type, refs };
}
