/** Calls of what an ONNX file holds: the file is linked, in pieces where values of ours stand in its middle. */
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl } from '../../syntax/ast.ts';
import { relativePath } from '../../text/paths.ts';
import { at, type Location } from '../../text/source.ts';
import { substituteSize, substituteTensor, type Bindings } from '../../types/bindings.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Bound } from '../expressions/arguments.ts';
import { plainEnv, type Deep, type Env, type GuardSite } from '../env.ts';
import { evaluate } from '../expressions/expr.ts';
import { asAtLeast, guardMade, oweSizes } from '../expressions/operator-sizes.ts';
import type { FileBinding, Replacement } from './file-ports.ts';
import { guardValue } from '../joints/guards.ts';
import { guardSizes } from '../joints/shape-guards.ts';
import { tensorsOf } from '../parts/signature.ts';
import { filledInput } from './input-default.ts';
import type { Signature } from '../parts/signature.ts';
import { unknownValue, type Value } from '../expressions/values.ts';

/** A call under way. */
interface FileCall {
  readonly signature: Signature;
  readonly binding: FileBinding;
  readonly arguments: ReadonlyMap<string, Value>;
  /** The file's tensors that the program feeds: its inputs, then what is replaced. */
  readonly fed: Map<string, string>;
  readonly bindings: Bindings;
  readonly deep: Deep;
  readonly env: Env;
}

/** The value of a call whose arguments fit. */
export function callFile(signature: Signature, bound: Bound, bindings: Bindings, type: Type, deep: Deep, env: Env): Value {
  const binding = env.checker.bindings.get(signature.symbol);
  if (binding === undefined || type.kind === 'unknown') return unknownValue;
  const values = argumentValues(signature, bound, bindings, deep);
  const fed = new Map([...values].flatMap(([port, value]) => (binding.inputs.get(port) ?? []).map(({ field, onnx }) => [onnx, refOf(value, field)] as const)));
  const call: FileCall = { signature, binding, arguments: values, fed, bindings, deep, env };
  for (const replacement of binding.replacements) feedReplacement(replacement, call);
  const tensors = type.kind === 'tensor' ? new Map([['', type]]) : type.fields;
  const refs = behindNeeds(refsOf(tensors, call, deep.site), call);
  return type.kind === 'tensor' ? { kind: 'tensor', type, ref: refs.get('') ?? '' } : { kind: 'record', type, refs };
}

/** The arguments by parameter, and what stands for those that are not given. */
function argumentValues(signature: Signature, bound: Bound, bindings: Bindings, deep: Deep): Map<string, Value> {
  return new Map(signature.tensors.flatMap((parameter): [string, Value][] => {
    const given = bound.tensors.get(parameter);
    if (given !== undefined) return [[parameter.name, given.value]];
    if (parameter.default === undefined || parameter.type.kind !== 'tensor') return [];
    return [[parameter.name, { kind: 'tensor', type: parameter.type, ref: filledInput(parameter, bound, bindings, deep) }]];
  }));
}

function refOf(value: Value, field: string | undefined): string {
  if (value.kind === 'record') return value.refs?.get(field ?? '') ?? '';
  return value.kind === 'tensor' ? (value.ref ?? '') : '';
}

/** The program's tensors for some of what a file gives, by its declared names; what is replaced is the replacement. */
function refsOf(tensors: ReadonlyMap<string, TensorType>, call: FileCall, site: Location): ReadonlyMap<string, string> {
  const { signature, binding, fed, deep } = call;
  const onnxOf = (name: string): string => binding.outputs.get(name) ?? name;
  const isInput = (onnx: string): boolean => binding.model.graph.inputs.includes(onnx);
  const wanted = [...tensors].filter(([name]) => isInput(onnxOf(name)) || !fed.has(onnxOf(name)));
  // An input that is handed on has the sizes of what it was fed with; the sizes of others are proved or tested.
  const sized = ([name, type]: readonly [string, TensorType]) => [onnxOf(name), { ...type, evidence: isInput(onnxOf(name)) ? 'proved' : (saidOf(name, signature) ?? type).evidence }] as const;
  const linked = wanted.length === 0 ? undefined : deep.sink.link(signature.symbol, binding.model, fed, new Map(wanted.map(sized)), site);
  const made = new Map(wanted.flatMap(([name, type]) => {
    const ref = isInput(onnxOf(name)) ? undefined : linked?.get(onnxOf(name));
    return ref === undefined ? [] : [[name, { type: saidOf(name, signature) ?? type, ref }] as const];
  }));
  const from = (name: string): string => `"${onnxOf(name)}" of ${relativePath(binding.model.uri, site.uri)}`;
  const guarded = guardSizes(made, sizedArguments(call), (name) => ({ location: site, to: name === '' ? `${signature.symbol.name}'s result` : `${signature.symbol.name}.${name}`, from: from(name) }), { ...deep, site });
  return new Map([...tensors.keys()].map((name) => [name, guarded.get(name) ?? linked?.get(onnxOf(name)) ?? fed.get(onnxOf(name)) ?? '']));
}

/** What a file gives, where the model's inputs do not say that they have sizes that it takes: behind a test of those. */
function behindNeeds(refs: ReadonlyMap<string, string>, call: FileCall): ReadonlyMap<string, string> {
  const { signature, binding, bindings, deep } = call;
  const env = { ...call.env, deep };
  const given = [...call.arguments.values()].flatMap((value) => (value.kind === 'tensor' || value.kind === 'record' ? tensorsOf(value.type) : []));
  const untold = binding.needs.filter((need) => {
    const fact: SizeStatement = { ...need, left: substituteSize(need.left, bindings), right: substituteSize(need.right, bindings) };
    return oweSizes([fact], given, { said: showStatement(need), by: signature.symbol.name, site: deep.site }, env).length > 0;
  });
  if (untold.length === 0) return refs;
  const sized = sizedArguments(call);
  const from = env.checker.host.display(binding.model.uri);
  const siteOf = (name: string): GuardSite => ({ location: deep.site, to: name === '' ? `${signature.symbol.name}'s result` : `${signature.symbol.name}.${name}`, from });
  return new Map([...refs].map(([name, ref]) => [name, guardMade(ref, untold.map(asAtLeast), sized, siteOf(name), env)]));
}

/** The arguments of a call, tensor by tensor, with the sizes that the signature says: each of its names stands alone in one of them. */
const sizedArguments = ({ signature, arguments: all }: FileCall): { readonly type: TensorType; readonly ref: string }[] =>
  signature.tensors.flatMap(({ name, type }) => {
    const value = all.get(name);
    if (value === undefined || type.kind === 'unknown') return [];
    return type.kind === 'tensor' ? [{ type, ref: refOf(value, undefined) }] : [...type.fields].map(([field, inner]) => ({ type: inner, ref: refOf(value, field) }));
  });

/** What a signature says of one of its results. */
const saidOf = (name: string, { result }: Signature): TensorType | undefined => (result.kind === 'record' ? result.fields.get(name) : result.kind === 'tensor' ? result : undefined);

/** Makes the value of a replacement out of the taps that it reads, and feeds it to the rest of the file. */
function feedReplacement(replacement: Replacement, call: FileCall): void {
  const { env, signature, bindings, deep } = call;
  const taps = new Map([...replacement.taps].map(([name, type]) => [name, substituteTensor(type, bindings)] as const));
  const refs = refsOf(taps, call, deep.site);
  const { scope } = env.checker.signatures.get(replacement.symbol) ?? signature;
  const value = replacementValue(replacement, { given: call.arguments, taps, refs, bindings, deep, env: { ...env, scope } });
  call.fed.set(replacement.onnx, refOf(value, undefined));
}

/** What the value of a replacement is made of: `env` has the scope of the backbone that says it. */
export interface ReplacementCall {
  readonly given: ReadonlyMap<string, Value>;
  readonly taps: ReadonlyMap<string, TensorType>;
  readonly refs: ReadonlyMap<string, string>;
  readonly bindings: Bindings;
  readonly deep: Deep;
  readonly env: Pick<Env, 'checker' | 'scope'>;
}

/** The value that stands in a tensor's place. */
export function replacementValue({ symbol, member }: Replacement, { given, taps, refs, bindings, deep, env: { checker, scope } }: ReplacementCall): Value {
  const locals: Env['locals'] = new Map();
  const plain = { ...plainEnv({ checker, symbol, scope: { ...scope, module: symbol.module, report: ignore }, report: ignore }), bindings, locals };
  const declare = (name: string, value: Value): void => void locals.set(name, { value, span: member.name.span, used: true });
  for (const [name, value] of given) declare(name, value);
  for (const [name, type] of taps) {
    const site = { location: at(symbol.module, member.value.span), to: `${symbol.name}.${name}`, from: name };
    declare(name, guardValue({ kind: 'tensor', type, ref: refs.get(name) ?? '' }, type, site, { ...plain, deep }));
  }
  return evaluate(member.value, {
    ...plain,
    deep: { ...deep, entered: [...deep.entered, { symbol, site: deep.site }], ...ownership(symbol, deep) },
    letName: member.name.text,
  });
}

/** What a replacement's parameters belong to: the backbone that has weights for it, or who calls that. */
const ownership = (symbol: Symbol<BackboneDecl>, { owner, path }: Deep): Pick<Deep, 'owner' | 'path'> =>
  symbol.declaration.weights === undefined ? { owner, path: [...path, symbol.name] } : { owner: symbol, path: [] };

const ignore = (): void => {};
