/** The modules that an upgrade adds: the bridge with the part that stands in for the old encoder, and the tools that judge it. */
import type { Host } from '../../host/host.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { FactExpr, ModelDecl, TypeExpr } from '../../syntax/ast.ts';
import { relativePath } from '../../text/paths.ts';
import type { CallSite } from './call-sites.ts';
import type { EncoderVectors } from './encoder.ts';
import { createModuleText, type ModuleText } from './module-text.ts';
import { argumentAt, inputBehind, letsOf, textOf, typedInputs, type Retyped, type WrittenType } from './retype.ts';

export interface NewNames {
  /** What stands in for the old encoder: `MixerByCnn`. */
  readonly part: string;
  readonly bridge: string;
  /** The contract of the new vectors, where the encoder's declaration has none. */
  readonly vector: string;
  /** `weights/cnn-to-mixer.safetensors` */
  readonly weights: string;
  /** The old encoder as an adapter, where it is a backbone. */
  readonly before: string;
  readonly oldVectors: string;
  readonly newVectors: string;
  readonly probe: string;
  readonly verify: (model: string) => string;
}

export const namesFor = (old: string, next: string): NewNames => ({
  part: `${old}By${next}`,
  bridge: `${next}To${old}`,
  vector: `${next}Vector`,
  weights: `weights/${kebab(`${next}To${old}`)}.safetensors`,
  before: `${old}Before`,
  oldVectors: `${old}Vectors`,
  newVectors: `${next}Vectors`,
  probe: `${next}And${old}`,
  verify: (model) => `${old}By${next}In${model}`,
});

/** `EncodeByUseLite` is `encode-by-use-lite`. */
export const kebab = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z])([A-Z][a-z])/g, '$1-$2').replace(/_/g, '-').toLowerCase();

export interface Encoders {
  readonly old: EncoderVectors;
  readonly next: EncoderVectors;
  readonly names: NewNames;
}

// ---------------------------------------------------------------- the bridge

/** What a learned map can promise: the space by its weights, the length by what follows it. */
const isCarried = (fact: FactExpr): boolean => (fact.kind === 'NominalFact' && fact.nominal === 'space') || (fact.kind === 'ReductionFact' && fact.name.text === 'norm');

/** A type without the facts that nothing would keep; a contract is taken whole. */
function carriedType({ type, module }: WrittenType, to: ModuleText, base: string | undefined): string {
  if (type.base.kind === 'ContractRef') return to.copy(type, module);
  const facts = type.facts.filter(isCarried).map((fact) => to.copy(fact, module));
  return `${base ?? to.copy(type.base, module)}${facts.length === 0 ? '' : ` where ${facts.join(', ')}`}`;
}

/** The name of the size that counts the examples. */
function rowsOf({ type, module }: WrittenType): string {
  const first = type.base.kind === 'TensorTypeExpr' ? type.base.dims[0] : undefined;
  return first?.kind === 'DimItem' && first.size.kind === 'DimName' ? module.source.text.slice(first.size.span.start, first.size.span.end) : 'batch';
}

/** @param into the module that is to hold it, where that is there already */
export function bridgeModule(uri: string, { old, next, names }: Encoders, host: Host, into?: ModuleScope): ModuleText {
  const to = createModuleText(uri, host, into);
  const linear = to.useStandard('nn', 'linear');
  const isUnit = old.type.facts.some((fact) => fact.kind === 'norm' && fact.value === 1);
  const tail = isUnit ? ` |> ${to.useStandard('norm', 'l2_normalize')}` : '';
  const isContract = next.written.type.base.kind === 'ContractRef' && next.written.type.facts.length === 0;
  if (!isContract) to.declare(`/// The vectors of \`${next.symbol.name}\`.\ncontract ${names.vector} = ${carriedType(next.written, to, undefined)}`);
  const vector = isContract ? to.copy(next.written.type, next.written.module) : names.vector;
  const result = (rows: string): string => carriedType(old.written, to, `f32[${rows}, ${old.columns}]`);
  const rows = isContract ? 'batch' : rowsOf(next.written);
  to.declare(`/// Carries the vectors of \`${next.symbol.name}\` to those that \`${old.symbol.name}\` gives. What it is was learned; see the \`fit\` of this name.
adapter ${names.bridge} @ 1.0.0 (e: ${vector}) -> ${result(rows)} weights "./${names.weights}" = learned { e |> ${linear}(out: ${old.columns})${tail} }`);
  to.declare(`/// Stands in for \`${old.symbol.name}\`: the new encoder, and the bridge.
adapter ${names.part} @ 1.0.0 (${inputsOf(old, next, to)}) -> ${result(rows)} { ${names.bridge}(${callOf(next, old.inputs.map(({ name }) => name), to)}) }`);
  return to;
}

/** The old encoder's names with the new one's types. */
const inputsOf = (old: EncoderVectors, next: EncoderVectors, to: ModuleText): string => old.inputs.map(({ name }, i) => `${name}: ${to.copy(next.inputs[i]!.written.type, next.inputs[i]!.written.module)}`).join(', ');

const callOf = ({ symbol, output }: EncoderVectors, args: readonly string[], to: ModuleText): string => `${to.use(symbol)}(${args.join(', ')})${output === undefined ? '' : `.${output}`}`;

// ---------------------------------------------------------------- the tools

/** Examples, and the columns of them that the inputs of models read. */
export interface BoundData {
  readonly uri: string;
  readonly columns: ReadonlyMap<string, string>;
}

export interface JudgedModel {
  readonly model: Symbol<ModelDecl>;
  /** What the tools call it, for models of several modules may share a name. */
  readonly name: string;
  /** The columns of the test data that its inputs read, by their names. */
  readonly columns: ReadonlyMap<string, string>;
  /** `accuracy(y.topic, d.label) >= baseline - 2%` */
  readonly requirements: readonly string[];
  /** The columns that these hold its outputs to. */
  readonly labels: readonly string[];
}

export interface ToolsRequest extends Encoders {
  readonly uri: string;
  readonly bridgeUri: string;
  /** A call in a model, from which it follows what the encoder is given. */
  readonly site: CallSite;
  readonly retyped: readonly Retyped[];
  readonly pairs: BoundData;
  readonly test: string;
  readonly models: readonly JudgedModel[];
}

export function toolsModule(request: ToolsRequest, host: Host): string {
  const { uri, bridgeUri, old, next, names, pairs, test, models } = request;
  const to = createModuleText(uri, host);
  const path = (data: string): string => JSON.stringify(/^\.\.?\//.test(relativePath(data, uri)) ? relativePath(data, uri) : `./${relativePath(data, uri)}`);
  const isBackbone = old.output !== undefined;
  const part = to.useFrom(bridgeUri, names.part);
  const bridge = to.useFrom(bridgeUri, names.bridge);
  if (isBackbone) {
    const inputs = old.inputs.map(({ name, written }) => `${name}: ${to.copy(written.type, written.module)}`).join(', ');
    to.declare(`/// The old encoder as it was before, to be compared with.\nadapter ${names.before}(${inputs}) -> ${carriedType(old.written, to, undefined)} { ${callOf(old, old.inputs.map(({ name }) => name), to)} }`);
  }
  const before = isBackbone ? names.before : to.use(old.symbol);
  const columns = [...pairs.columns.values()].map((column) => `d.${column}`).join(', ');
  declareVectors(`The old vectors of an example.`, names.oldVectors, old, (args) => `${before}(${args.join(', ')})`, undefined, request, to);
  declareVectors(`The new vectors of an example, before the bridge.`, names.newVectors, next, (args) => callOf(next, args, to), request.retyped, request, to);
  to.declare(`/// How the two spaces lie to each other.\nprobe ${names.probe} { data ${path(pairs.uri)} through ${names.oldVectors}, ${names.newVectors} }`);
  to.declare(`fit ${bridge} { data d = ${path(pairs.uri)} loss mse(${bridge}(${names.newVectors}(${columns})), ${names.oldVectors}(${columns})) method auto seed 7 }`);
  for (const { model, name, columns: read, requirements } of models) {
    const given = [...read].map(([input, column]) => `${input}: d.${column}`).join(', ');
    to.declare(`/// Whether \`${name}\` answers with the new encoder as it did with the old one.
verify ${names.verify(name)} { swap ${before} with ${part} in ${to.use(model, name)} data d = ${path(test)} let y = ${name}(${given}) ${requirements.map((r) => `require ${r}`).join(' ')} require information.p <= 0.01 }`);
  }
  return to.text();
}

/** An adapter from the inputs of a model, named as the columns of the data, to the vectors of an encoder. */
function declareVectors(doc: string, name: string, vectors: EncoderVectors, call: (args: readonly string[]) => string, retyped: readonly Retyped[] | undefined, { site, old, pairs, bridgeUri, names }: ToolsRequest, to: ModuleText): void {
  const { caller } = site;
  const { module } = caller;
  const types = typedInputs(caller);
  const lets = letsOf(caller);
  const own = new Set(lets.keys());
  const args = old.inputs.map((input, i) => argumentAt(site, input.name, i)!);
  const needed = [...pairs.columns.keys()];
  const parameters = needed.map((input) => {
    const change = retyped?.find((one) => one.caller === caller && one.name === input);
    const place = args.findIndex((arg) => inputBehind(arg, caller) === input);
    const type: WrittenType = change === undefined || place < 0 ? { type: types.get(input)!, module } : vectors.inputs[place]!.written;
    return `${pairs.columns.get(input)!}: ${to.copy(type.type, type.module)}`;
  });
  const copied = lettingOf(site, old).map((letName) => `let ${letName} = ${to.copy(lets.get(letName)!, module, pairs.columns, own)}`);
  const contract = vectors.written.type.base.kind === 'ContractRef' && vectors.written.type.facts.length === 0;
  const result = contract ? to.copy(vectors.written.type, vectors.written.module) : retyped === undefined ? carriedType(vectors.written, to, undefined) : to.useFrom(bridgeUri, names.vector);
  to.declare(`/// ${doc}\nadapter ${name}(${parameters.join(', ')}) -> ${result} { ${[...copied, call(args.map((arg) => to.copy(arg, module, pairs.columns, own)))].join('\n')} }`);
}

/** The `let` that the encoder's arguments rest on, in their order. */
function lettingOf(site: CallSite, old: EncoderVectors): readonly string[] {
  const needed = new Set<string>();
  const lets = letsOf(site.caller);
  const follow = (text: string): void => {
    for (const [name, value] of lets) {
      if (needed.has(name) || !new RegExp(`\\b${name}\\b`).test(text)) continue;
      needed.add(name);
      follow(site.caller.module.source.text.slice(value.span.start, value.span.end));
    }
  };
  for (const [i, input] of old.inputs.entries()) {
    const arg = argumentAt(site, input.name, i);
    if (arg !== undefined) follow(site.caller.module.source.text.slice(arg.span.start, arg.span.end));
  }
  return [...lets.keys()].filter((name) => needed.has(name));
}

/** The inputs of the caller that the encoder's arguments rest on. */
export function inputsRead(site: CallSite, old: EncoderVectors): readonly string[] {
  const lets = letsOf(site.caller);
  const { text } = site.caller.module.source;
  const exprs = [...old.inputs.map((input, i) => argumentAt(site, input.name, i)), ...lettingOf(site, old).map((name) => lets.get(name))];
  const read = exprs.map((expr) => (expr === undefined ? '' : text.slice(expr.span.start, expr.span.end))).join('\n');
  return [...typedInputs(site.caller).keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(read));
}

/** What an input says once it is retyped: the contract alone where both sides are contracts, so that its arguments stay. */
export function retypedText({ from, to }: Retyped, into: Pick<ModuleText, 'copy'>): { readonly node: TypeExpr | NonNullable<TypeExpr['base']>; readonly text: string } {
  const [base, other] = [from.type.base, to.type.base];
  if (base.kind === 'ContractRef' && other.kind === 'ContractRef' && other.args.length === 0) {
    const text = textOf(from);
    const name = into.copy(other, to.module);
    return { node: from.type, text: text.slice(0, base.name.span.start - from.type.span.start) + name + text.slice(base.name.span.end - from.type.span.start) };
  }
  return { node: from.type, text: into.copy(to.type, to.module) };
}
