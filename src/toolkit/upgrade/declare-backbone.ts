/** The declaration of an encoder that is only a file yet: fed as the old one is, in a space of its own. */
import type { ForeignModel } from '../../ir/graph.ts';
import { inferGraph } from '../../ir/infer/index.ts';
import type { Host } from '../../host/host.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { BackboneDecl, BackboneInput, BackboneOutput, Node, PartDecl } from '../../syntax/ast.ts';
import { reservedWords } from '../../syntax/tokens.ts';
import { relativePath } from '../../text/paths.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import { calledIn, callSites, type CallSite } from './call-sites.ts';
import { createModuleText, type ModuleText } from './module-text.ts';
import { contractOf, type WrittenType } from './retype.ts';
import { spelledOut, tokenizersIn, type Vocabulary } from './vocabulary.ts';

export interface BackboneRequest {
  /** Of the module that is to hold it. */
  readonly uri: string;
  /** That module, where it is there already. */
  readonly into: ModuleScope | undefined;
  readonly name: string;
  readonly space: string;
  /** The ONNX file. */
  readonly source: string;
  readonly model: ForeignModel;
  /** The backbone whose inputs the new one takes. */
  readonly like: Symbol<BackboneDecl>;
  /** Its own tokenizer, where it has one. */
  readonly vocabulary: Vocabulary | undefined;
  /** The adapter through which the models call the old backbone, where it does more than that: the new one gets the same. */
  readonly around: Around | undefined;
  readonly host: Host;
}

/** An adapter that calls the old backbone in one place. */
export interface Around {
  readonly adapter: Symbol<PartDecl>;
  readonly site: CallSite;
  /** Of the backbone: what the adapter reads. */
  readonly output: string;
}

/** What an adapter does before and after its backbone; undefined where it hands on what it is given, and what it gets. */
export function aroundOf(adapter: Symbol<PartDecl>, like: Symbol<BackboneDecl>): Around | string | undefined {
  const { body, weights } = adapter.declaration;
  for (const output of like.declaration.members.flatMap((member) => (member.kind === 'BackboneOutput' ? [member.name.text] : []))) {
    const sites = callSites(like, output, adapter);
    if (typeof sites === 'string' || sites.length === 0) continue;
    const [site] = sites;
    if (sites.length > 1 || weights !== undefined) break;
    const handsOn = body?.statements.length === 0 && isHanded(body.result, site!.vectors[0], adapter.module) && site!.args.every(({ value }) => value.kind === 'NameExpr');
    if (handsOn) return undefined;
    const learned = [...calledIn(adapter)].find(isLearned);
    if (learned !== undefined) return `\`${adapter.name}\` calls \`${learned.name}\`, which was learned on the vectors of \`${like.name}\`, so that nobody can say what the new file needs around it: declare that in MDL, and name it`;
    return { adapter, site: site!, output };
  }
  return `\`${adapter.name}\` does not call \`${like.name}\` in one place and without weights of its own, so that nobody can say what the new file needs around it: declare that in MDL, and name it`;
}

/** Whether an expression is these vectors, or what a bridge from them makes of them: a new encoder gets a bridge of its own. */
function isHanded(result: Node, vectors: Node | undefined, module: ModuleScope): boolean {
  if (result === vectors) return true;
  const [callee, arg] = result.kind === 'CallExpr' && result.args.length === 1 ? [result.callee, result.args[0]!.value] : result.kind === 'PipeExpr' ? [result.stage, result.value] : [];
  const part = callee?.kind === 'NameExpr' ? module.names.get(callee.name.text) : undefined;
  return arg === vectors && part !== undefined && isLearned(part);
}

const isLearned = ({ declaration }: Symbol): boolean => declaration.kind === 'PartDecl' && declaration.weights?.learned === true;

/** The text that declares it; a clause that says why, where its ports are not those of the old encoder. */
export function declareBackbone(request: BackboneRequest): ModuleText | string {
  const { uri, into, name, space, source, model, like, vocabulary, around, host } = request;
  const { declaration, module } = like;
  const { text } = module.source;
  const inputs = declaration.members.filter((member): member is BackboneInput => member.kind === 'BackboneInput');
  const inferred = inferGraph(model);
  const { graph } = model;
  const ports = inputs.flatMap(portsOf);
  const lacking = ports.filter((port) => !graph.inputs.includes(port));
  const extra = graph.inputs.filter((port) => !ports.includes(port));
  // A lone input may be called otherwise: there is no doubt which it is.
  const lone = lacking.length === 1 && extra.length === 1 && ports.length === 1 ? { from: lacking[0]!, to: extra[0]! } : undefined;
  if (lone === undefined && lacking.length + extra.length > 0) return `its inputs are ${listed(graph.inputs)}, and those of \`${like.name}\` ${listed(ports)}: declare it in MDL, and name that`;
  const alike = declaration.members.find((member): member is BackboneOutput => member.kind === 'BackboneOutput' && member.name.text === (around?.output ?? member.name.text))!;
  const axes = axesOf({ type: alike.type, module });
  const rank = around === undefined ? 2 : (axes?.length ?? 2);
  const suitable = graph.outputs.filter((port) => {
    const known = inferred.get(port);
    const last = known?.dims?.length === rank ? known.dims.at(-1) : undefined;
    return known?.dtype === 'f32' && last !== undefined && constantOf(last) !== undefined;
  });
  const own = alike.from?.value ?? alike.name.text;
  const output = suitable.includes(own) ? own : suitable[0];
  const wanted = rank === 2 ? 'an f32 vector of a known size for each example' : `an f32 tensor of ${rank} axes, the last of a known size, as \`${like.name}.${alike.name.text}\` is`;
  if (output === undefined || (suitable.length > 1 && output !== own)) return `${output === undefined ? 'none' : 'more than one'} of its outputs ${graph.outputs.map((port) => shownPort(port, inferred)).join(', ')} is ${wanted}: declare it in MDL, and name that`;
  const columns = constantOf(inferred.get(output)!.dims!.at(-1)!)!;
  const to = createModuleText(uri, host, into);
  const backbone = around === undefined ? name : `${name}Model`;
  const tokens = vocabulary && declareTokens(vocabulary, request, to);
  const written = inputs.map((input) => {
    const { name: { text: called }, type, default: otherwise, from } = input;
    const slice = (node: { readonly span: { readonly start: number; readonly end: number } }): string => text.slice(node.span.start, node.span.end);
    const kind = tokens !== undefined && speaksOf(input, tokens.old, module) ? tokens.contract : to.copy(type, module);
    const port = lone === undefined ? from && slice(from) : JSON.stringify(lone.to);
    return `input ${called}: ${kind}${otherwise === undefined ? '' : ` = ${slice(otherwise)}`}${port === undefined ? '' : ` from ${port}`}`;
  });
  to.declare(`/// The space of \`${name}\`.\nspace ${space} @ 1.0.0`);
  to.declare(`/// Takes ${tokens === undefined ? `what \`${like.name}\` takes` : `the tokens of its own tokenizer, as \`${like.name}\` takes those of its own`}.
backbone ${backbone} @ 1.0.0 {
  source ${JSON.stringify(pathTo(source, uri))}
  ${written.join('\n  ')}
  output ${alike.name.text}: f32[${[...(axes ?? ['batch']).slice(0, rank - 1), columns].join(', ')}] where space ${space} from ${JSON.stringify(output)}
}`);
  if (around !== undefined) declareAround(around, { ...request, backbone, columns, tokens }, to);
  return to;
}

/** A name that the module has already, of those that the text declares. */
export const nameTakenIn = ({ names }: ModuleScope, { name, space }: Pick<BackboneRequest, 'name' | 'space'>): string | undefined => [name, `${name}Model`, `${name}Tokens`, `${space}_tokenizer`].find((one) => names.has(one));

/** `` `embedding: f32[batch, 384]` ``, as far as it is known. */
function shownPort(port: string, inferred: ReturnType<typeof inferGraph>): string {
  const known = inferred.get(port);
  return `\`${port}${known?.dtype === undefined ? '' : `: ${known.dtype}${known.dims === undefined ? '' : `[${known.dims.map(showDim).join(', ')}]`}`}\``;
}

const pathTo = (file: string, from: string): string => {
  const path = relativePath(file, from);
  return path.startsWith('.') ? path : `./${path}`;
};

/** `batch, seq, 384` of what the old backbone gives, also where a contract says it. */
function axesOf(written: WrittenType): readonly string[] | undefined {
  const { type: { base }, module } = written;
  if (base.kind === 'TensorTypeExpr') return base.dims.map(({ span }) => module.source.text.slice(span.start, span.end));
  const contract = contractOf(written);
  return contract?.declaration.kind === 'ContractDecl' && contract.declaration.body.kind === 'TypeExpr' ? axesOf({ type: contract.declaration.body, module: contract.module }) : undefined;
}

/** The adapter of the old encoder once more, with a call of the new one in it. */
function declareAround({ adapter, site }: Around, { name, space, like, columns, backbone, tokens }: BackboneRequest & { readonly backbone: string; readonly columns: number; readonly tokens: Retokenised | undefined }, to: ModuleText): void {
  const { declaration, module } = adapter;
  const params = declaration.params.map(({ name: { text: called }, type }) => `${called}: ${tokens !== undefined && type.kind === 'TypeExpr' && tokenizersIn({ node: type, module }).includes(tokens.old) ? tokens.contract : to.copy(type, module)}`);
  const own = new Set(declaration.params.map(({ name: { text: called } }) => called).concat(declaration.body!.statements.flatMap((statement) => (statement.kind === 'Let' ? [statement.name.text] : []))));
  const rows = axesOf({ type: declaration.result, module })?.[0] ?? 'batch';
  const { body } = declaration;
  to.declare(`/// What \`${adapter.name}\` does, with the new encoder in the place of \`${like.name}\`.
adapter ${name}(${params.join(', ')}) -> f32[${rows}, ${columns}] where space ${space} ${to.copy(body!, module, new Map([[site.callee.text, backbone]]), own)}`);
}

interface Retokenised {
  /** The contract of the new tokens. */
  readonly contract: string;
  readonly old: Vocabulary['old'];
}

/** The new tokenizer, and the contract of the old tokens with it in the place of the old one. */
function declareTokens({ old, uri: file }: Vocabulary, { uri, name, space, like }: BackboneRequest, to: ModuleText): Retokenised {
  const [tokenizer, contract] = [`${space}_tokenizer`, `${name}Tokens`];
  const input = like.declaration.members.find((member): member is BackboneInput => member.kind === 'BackboneInput' && speaksOf(member, old, like.module))!;
  const { node, module } = spelledOut({ node: input.type, module: like.module }, old);
  const isRecord = node.kind === 'RecordBody';
  to.declare(`/// What \`${name}\` was trained with.\ntokenizer ${tokenizer} @ 1.0.0 from ${JSON.stringify(pathTo(file, uri))}`);
  to.declare(`contract ${contract} ${isRecord ? '' : '= '}${to.copy(node, module, new Map([[nameIn(module, old), tokenizer]]))}`);
  return { contract, old };
}

const speaksOf = ({ type }: BackboneInput, tokenizer: Vocabulary['old'], module: ModuleScope): boolean => tokenizersIn({ node: type, module }).includes(tokenizer);

/** How a module calls what it imports. */
const nameIn = ({ names }: ModuleScope, symbol: Symbol): string => [...names].find(([, other]) => other === symbol)?.[0] ?? symbol.name;

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ') || 'none';

/** The names in the file of what an input feeds. */
function portsOf({ name, from }: BackboneInput): readonly string[] {
  if (from === undefined) return [name.text];
  return from.kind === 'StringLit' ? [from.value] : from.entries.map(({ to }) => to.value);
}

/** Files of which only the folder says what they are. */
const general = /^(model|encoder|onnx|model_(quantized|fp16|int8))$/i;

/** `models/use-lite-v2.onnx` and `models/use-lite-v2/model.onnx` are `UseLiteV2`. */
export function nameOfFile(uri: string): string {
  const [folder = '', file = ''] = uri.split('/').slice(-2).map(decodeURIComponent);
  const stem = file.replace(/\.onnx$/i, '');
  const words = (general.test(stem) && folder !== '' ? folder : stem).normalize('NFKD').replace(/\p{Mark}/gu, '').split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(name) ? name : `Encoder${name}`;
}

/** A name for its space that nobody has. */
export function spaceFor(name: string, taken: ReadonlySet<string>): string {
  const base = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return [base, `${base}_space`].find((one) => !taken.has(one) && !reservedWords.has(one)) ?? `${base}_new`;
}
