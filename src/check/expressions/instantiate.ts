/** A call followed into the body of the part called: how a model becomes a program. */
import type { Symbol } from '../../names/modules.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { noBindings, substituteSize, substituteTensor, substituteType, type Bindings } from '../../types/bindings.ts';
import { symbolDim } from '../../types/dim.ts';
import type { Type } from '../../types/type.ts';
import type { Bound } from './arguments.ts';
import { callKey } from './call-key.ts';
import { callPart } from './call.ts';
import type { Callable } from '../context.ts';
import type { Deep, Env } from '../env.ts';
import { evaluateBlock } from './block.ts';
import { callFile } from '../files/file-call.ts';
import { hasLearnedForm, learnedForm, resultExpr } from '../parts/learned-form.ts';
import { deepestExpression, followOnce } from './followed.ts';
import { guardResult, wantsGuards } from '../joints/guards.ts';
import { addInferred, isOpen, unplaced } from './infer-call.ts';
import { signatureOf } from '../parts/part.ts';
import { placeJoint } from '../joints/places.ts';
import type { Signature } from '../parts/signature.ts';
import { equalSizes, sizeDemands } from '../types/size-facts.ts';
import { sealedCall, standsForItself } from './sealed-call.ts';
import { recordSteps, valueIn, withPlaces, type Template } from './templates.ts';
import { unknownValue, type Value } from './values.ts';

const none = noBindings();

/** The value of a call whose arguments fit; `type` is what its signature says of it. */
export function instantiate(signature: Signature, bound: Bound, bindings: Bindings, type: Type, site: Location, env: Env): Value {
  const deep = env.deep!;
  for (const [parameter, { value, expr }] of bound.tensors) placeJoint({ location: at(env.scope.module, expr.span), to: `${signature.symbol.name}.${parameter.name}` }, parameter.type, value, bindings, env);
  const instead = deep.swaps?.get(signature.symbol);
  if (instead !== undefined) return callInstead(instead, signature, bound, site, env);
  const isClosed = signature.symbol.declaration.kind === 'PartDecl' && signature.symbol.declaration.body !== undefined && !isOpen(signature, env);
  if (isClosed && deep.sink.closed !== undefined) return deep.sink.closed(signature.symbol.name, type);
  const value = follow(signature, bound, bindings, type, site, env);
  deep.watch?.(signature.symbol, new Map([...bound.tensors].map(([parameter, arg]) => [parameter.name, arg.value])), value);
  return value;
}

/** Calls another part on what this one was to get, tensor by tensor. What it calls itself is left as it is. */
function callInstead(instead: Symbol<Callable>, signature: Signature, bound: Bound, site: Location, env: Env): Value {
  const deep: Deep = { ...env.deep!, swaps: undefined };
  const other = signatureOf(instead, env.checker, site, ignore);
  if (other === undefined) return unknownValue;
  const given = signature.tensors.flatMap((parameter) => bound.tensors.get(parameter) ?? []);
  const args = given.map(({ value, expr }, i) => ({ name: undefined, value: retokenized(value, other.tensors[i]?.type), expr, trusted: true }));
  return callPart(other, args, site.span, { ...env, deep });
}

/** The texts are cut into the tokens of the part that is called instead. */
function retokenized(value: Value, type: Type | undefined): Value {
  if ((value.kind !== 'tensor' && value.kind !== 'record') || type === undefined) return value;
  const cut = (of: Type, as: Type | undefined): Type => {
    if (of.kind === 'tensor' && as?.kind === 'tensor') return { ...of, facts: [...of.facts.filter((fact) => fact.kind !== 'tokenizer'), ...as.facts.filter((fact) => fact.kind === 'tokenizer')] };
    if (of.kind !== 'record' || as?.kind !== 'record') return of;
    return { ...of, fields: new Map([...of.fields].map(([name, field]) => [name, cut(field, as.fields.get(name)) as typeof field])) };
  };
  return { ...value, type: cut(value.type, type) } as Value;
}

function follow(signature: Signature, bound: Bound, bindings: Bindings, type: Type, site: Location, env: Env): Value {
  const deep = env.deep!;
  deep.budget.circular ||= deep.entered.some((entered) => entered.symbol === signature.symbol);
  if (deep.budget.left === 0 || deep.budget.circular) return unknownValue;
  deep.budget.left--;
  const here = env.scope.module.package === 'std' ? deep.site : site;
  const { declaration } = signature.symbol;
  if (declaration.kind === 'BackboneDecl' || declaration.source !== undefined) return guardResult(signature, callFile(signature, bound, bindings, type, { ...deep, site: here }, env), type, here, env);
  if (declaration.body === undefined && !hasLearnedForm(declaration)) return unknownValue;
  const { sealed } = deep.sink;
  if (sealed !== undefined && standsForItself(signature)) {
    const followBody = (looking: Deep): Value => evaluateBody(signature, enterPart(signature, bound, bindings, env, enterDeep(signature, { ...looking, site: here }, env)));
    return sealedCall({ signature, bound, bindings, type, follow: followBody }, deep, env, sealed);
  }
  const below = enterDeep(signature, { ...deep, site: here }, env);
  // What a body comes to does not depend on who calls it, unless somebody looks on or puts in another part. Recording takes more of the stack.
  const isShared = deep.sink.templates !== undefined && deep.watch === undefined && deep.swaps === undefined && !wantsGuards(type) && env.checker.depth <= deepestExpression;
  const inner = isShared ? { ...env, scope: signature.scope, deep: below } : enterPart(signature, bound, bindings, env, below);
  const value = isShared ? fromTemplate(signature, bound, bindings, below, env) : evaluateBody(signature, inner);
  const result = withType(guardResult(signature, value, type, here, inner), signature, type, env);
  placeJoint({ location: at(inner.scope.module, resultExpr(declaration).span), to: `${signature.symbol.name}'s result` }, type, result, none, inner);
  return result;
}

function evaluateBody(signature: Signature, inner: Env): Value {
  const { body } = signature.symbol.declaration as PartDecl;
  return body === undefined ? learnedForm(signature, inner) : evaluateBlock(body, inner);
}

/** What a body comes to, put where it is called: as it was recorded before with equal arguments, or is recorded now. */
function fromTemplate(signature: Signature, bound: Bound, bindings: Bindings, below: Deep, env: Env): Value {
  const { sink, owner, path, entered, site, budget } = below;
  const { text: key, sizes } = callKey(sink.onlyParameters ? 'parameters' : 'nodes', bound);
  const given: string[] = [];
  const placed = { ...bound, tensors: new Map([...bound.tensors].map(([parameter, arg]) => [parameter, { ...arg, value: withPlaces(arg.value, given) }])) };
  const template = followOnce(sink.templates!, { signature, key, budget }, env.checker, (): Template => {
    const inherits = (signature.symbol.declaration as PartDecl).weights === undefined ? { owner } : undefined;
    const recording = recordSteps(sink, inherits, env.checker);
    const value = evaluateBody(signature, enterPart(signature, placed, bindings, env, { ...below, sink: recording.sink, path: [] }));
    return { ...recording.found(), value, site, sizes };
  });
  const caller = { owner, path, below: entered[0]!, site, sizes: sizes.map(symbolDim) };
  return valueIn(template, caller, sink.body(template, given, caller));
}

/** A call entered: what stands below it belongs to the part that has weights, or to whom the call belongs. */
function enterDeep({ symbol }: Signature, deep: Deep, { letName }: Env): Deep {
  const owned = (symbol.declaration as PartDecl).weights !== undefined;
  return { ...deep, entered: [...deep.entered, { symbol, site: deep.site }], owner: owned ? symbol : deep.owner, path: owned ? [] : [...deep.path, letName ?? symbol.name] };
}

/** The environment of a part's body at one call; `deep` is that of a call entered. */
export function enterPart(signature: Signature, bound: Bound, bindings: Bindings, env: Env, deep?: Deep): Env {
  const { symbol } = signature;
  const declaration = symbol.declaration as PartDecl;
  const locals: Env['locals'] = new Map();
  // The body takes for one size what its inputs demand to be equal; what of that is tested at run time is not the same here.
  const related = [...bound.tensors.keys()].filter(({ type }) => sizeDemands(type).length > 0);
  const equal = related.length === 0 ? none : equalSizes(related.map(({ type }) => substituteType(type, bindings)));
  const same = equal.sizes.size === 0;
  for (const [parameter, { value }] of bound.tensors) locals.set(parameter.name, { value: unplaced(same ? value : withSizes(value, equal)), span: declaration.span, used: true });
  for (const [parameter, value] of bound.statics) locals.set(parameter.name, { value, span: declaration.span, used: true });
  return {
    checker: env.checker,
    symbol,
    scope: { ...signature.scope, report: ignore },
    bindings: same ? bindings : { ...bindings, sizes: new Map([...bindings.sizes].map(([key, known]) => [key, { ...known, size: substituteSize(known.size, equal) }])) },
    locals,
    // The body was checked for itself; what holds for all sizes holds for these.
    report: ignore,
    joints: undefined,
    deep,
    letName: undefined,
    mixtures: env.mixtures,
    inferring: env.inferring,
    given: undefined,
    owned: undefined,
    trace: env.trace,
  };
}

function withSizes(value: Value, bindings: Bindings): Value {
  if (value.kind === 'tensor') return { ...value, type: substituteTensor(value.type, bindings) };
  if (value.kind !== 'record') return value;
  return { ...value, type: { ...value.type, fields: new Map([...value.type.fields].map(([name, field]) => [name, substituteTensor(field, bindings)])) } };
}

const ignore = (): void => {};

/** The body's value under the signature's type, which may know of it more than the body itself shows. */
function withType(value: Value, signature: Signature, type: Type, env: Env): Value {
  const known = isOpen(signature, env) ? addInferred(type, value, signature, env.checker) : type;
  if (value.kind === 'tensor' && known.kind === 'tensor') return { ...value, type: known };
  if (value.kind === 'record' && known.kind === 'record') return { ...value, type: known };
  return value;
}
