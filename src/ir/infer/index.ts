/**
 * Inference of dtypes and shapes over a whole foreign graph: each node in its order, by the rules of ops/foreign.
 * Sizes come out as expressions over the inputs' symbols. What the file declares of inner tensors and outputs is
 * believed only where nothing is inferred, and told apart.
 */
import { knownOfTensor } from '../../ops/foreign/constants.ts';
import { highestRank, nothing, type Known, type Many } from '../../ops/foreign/known.ts';
import type { RuleCall } from '../../ops/foreign/rule.ts';
import { ruleOf } from '../../ops/foreign/table.ts';
import { withHalves, withoutFloor } from '../../types/dim-atoms.ts';
import { areDifferent } from '../../types/dim-bounds.ts';
import { bareSymbol, constantOf, dimKey, faultOf, type Dim, type DimSymbol } from '../../types/dim.ts';
import { leastSizes } from '../../types/least-sizes.ts';
import type { Attribute, ForeignModel, Graph, Node, TensorInfo } from '../graph.ts';
import { applyToAll } from './alternatives.ts';
import { controlRule } from './control-flow.ts';
import { inputSymbols, type ReadInfo } from './inputs.ts';
import { deepest, functionKey, lookUp, omitted, keepBody, openInner, openScope, startInference, type Entry, type Inference, type InferenceEvidence, type Room, type Scope } from './scope.ts';

export { isNameless } from './inputs.ts';
export type { InferenceEvidence } from './scope.ts';

/** What is known of a tensor, and how. */
export interface InferredTensor extends TensorInfo {
  readonly values?: Known['values'];
  readonly evidence: InferenceEvidence;
  /** What the file declares, where it cannot be. */
  readonly contradicts?: TensorInfo;
}

export interface InferOptions {
  /** What is known of inputs beyond the file's word: sizes, or the values of small ones. */
  readonly inputs?: ReadonlyMap<string, Known>;
  /** Sizes by the names that the file has for them. */
  readonly sizes?: ReadonlyMap<string, number>;
  /** Without the file's word on inner tensors and outputs. */
  readonly ignoreDeclared?: boolean;
}

export interface InferredGraph {
  /** The tensors of the main graph by name: inputs, constants, and what the nodes make. */
  readonly tensors: ReadonlyMap<string, InferredTensor>;
  /** The same, with what was found in subgraphs and functions. */
  readonly scope: Scope;
  /** What windows need of the inputs' sizes. */
  readonly rooms: readonly Room[];
}

const finished = new WeakMap<ForeignModel, InferredGraph>();

/** As `inferModel`, once for each header that was read: a file that has changed is read again. */
export function inferredModel(model: ForeignModel): InferredGraph {
  const known = finished.get(model) ?? inferModel(model);
  finished.set(model, known);
  return known;
}
export const inferredTensors = (model: ForeignModel): InferredGraph['tensors'] => inferredModel(model).tensors;
export const inferGraph = (model: ForeignModel, options: InferOptions = {}): InferredGraph['tensors'] => inferModel(model, options).tensors;

/** Never throws, whatever the file is. */
export function inferModel(model: ForeignModel, options: InferOptions = {}): InferredGraph {
  const stated: Stated = new Map();
  const { scope, rooms } = inferWhole(model, options, stated);
  const contradictions = new Map([...stated].flatMap(([name, { known, declared }]) => (isContradicted(known, declared) ? [[name, declared] as const] : [])));
  const isInput = new Set(model.graph.inputs);
  const tensors = [...scope.entries].map(([name, { known, evidence }]): [string, InferredTensor] => {
    const contradicts = contradictions.get(name);
    return [name, { dtype: known.dtype, dims: known.dims, values: known.values, evidence: isInput.has(name) ? 'declared' : evidence, ...(contradicts && { contradicts }) }];
  });
  return { tensors: new Map(tensors), scope, rooms };
}

/** All that is found in a model, its subgraphs and the calls of its functions included. */
export const inferScope = (model: ForeignModel, options: InferOptions = {}): Scope => inferWhole(model, options, new Map()).scope;

/** What the file states of tensors beside what is inferred of them: compared when all passes are done. */
type Stated = Map<string, { readonly known: Known; readonly declared: TensorInfo }>;

type Walk = Pick<InferredGraph, 'scope' | 'rooms'>;

function inferWhole(model: ForeignModel, options: InferOptions, stated: Stated): Walk {
  let found = walk(model, options, stated, new Map());
  // How large the inputs are at least may say more of what follows: that a size is not 0, which `Reshape` reads otherwise, and so what later windows need.
  let least = leastSizes(found.rooms.map(({ size }) => size));
  for (let pass = 1, grown = least.size > 0; grown && pass < mostPasses; pass++) {
    stated.clear();
    const { scope, rooms } = walk(model, options, stated, least);
    found = { scope, rooms: [...found.rooms, ...rooms] };
    const now = leastSizes(found.rooms.map(({ size }) => size));
    grown = [...now].some(([key, size]) => size > (least.get(key) ?? 0));
    least = now;
  }
  return found;
}

/** Each pass knows the least sizes that the one before it found. */
const mostPasses = 4;

function walk(model: ForeignModel, options: InferOptions, stated: Stated, least: ReadonlyMap<string, number>): Walk {
  const inference = startInference(model);
  const { graph } = model;
  const readInfo = inputSymbols(model, inference.size, { sizes: options.sizes, least });
  const scope = openScope(model.opsets);
  for (const name of graph.inputs) {
    const info = graph.types.get(name);
    scope.entries.set(name, { known: { ...(info && readInfo(info, name)), ...options.inputs?.get(name) }, evidence: 'inferred' });
  }
  visitGraph(graph, scope, inference, (name, entry) => {
    const info = options.ignoreDeclared === true ? undefined : graph.types.get(name);
    return info === undefined ? entry : believe(entry, name, info, readInfo, stated);
  });
  return { scope, rooms: inference.rooms };
}

type Adjust = (name: string, entry: Entry) => Entry;

function visitGraph(graph: Graph, scope: Scope, inference: Inference, adjust: Adjust): void {
  for (const [name, tensor] of graph.initializers) scope.entries.set(name, { known: knownOfTensor(tensor), evidence: 'inferred' });
  for (const node of graph.nodes) visitNode(node, scope, inference, adjust);
}

export function visitNode(given: Node, scope: Scope, inference: Inference, adjust: Adjust): void {
  const call = { ...callOf(given, scope, inference.size), needs: (room: Dim) => void (inference.depth === 0 && inference.rooms.push({ size: room, made: given.outputs[0] ?? '' })) };
  const { node } = call;
  const evidence = node.inputs.some((name) => name !== '' && lookUp(scope, name)?.evidence === 'declared') ? 'declared' : 'inferred';
  const results = apply(call, given, scope, inference);
  for (const [i, name] of node.outputs.entries()) {
    if (name !== '') scope.entries.set(name, adjust(name, { known: sound(results[i] ?? nothing, inference), evidence }));
  }
}

/** A node of a graph with what is known of its inputs. */
export function callOf(given: Node, scope: Scope, size: () => Dim): RuleCall {
  const node = withAttributes(given, scope.attributes);
  const inputs = node.inputs.map((name) => {
    const entry = name === '' ? omitted : lookUp(scope, name);
    return entry === omitted ? undefined : (entry?.known ?? nothing);
  });
  return { node, opset: scope.opsets.get(node.domain) ?? 1, inputs, size };
}

/** `given` is the node as the graph has it. */
function apply(call: RuleCall, given: Node, scope: Scope, inference: Inference): readonly (Known | undefined)[] {
  const { domain, op, overload } = call.node;
  const follow = (body: Graph, inputs: readonly (Known | undefined)[], inner: Scope): readonly Known[] => {
    keepBody(scope, given, body, inner);
    return inferBody(body, inputs, inner, inference);
  };
  const control = controlRule(domain, op);
  if (control !== undefined) return control(call, (body, inputs) => follow(body, inputs, openInner(scope)));
  const local = inference.functions.get(functionKey(domain, op, overload));
  const rule = local === undefined ? ruleOf(call.node) : undefined;
  if (local === undefined) return rule === undefined ? [] : applyToAll(call, rule);
  const inputs = local.graph.inputs.map((_, i) => call.inputs[i]);
  return follow(local.graph, inputs, openScope(local.opsets, new Map([...local.defaults, ...call.node.attributes])));
}

/** A node of a local function, as it is at one call. */
export function withAttributes(node: Node, given: Scope['attributes']): Node {
  if (given.size === 0) return node;
  const attributes = [...node.attributes].flatMap(([name, attribute]): [string, Attribute][] => {
    if (attribute.type !== 'opaque' || attribute.refersTo === undefined) return [[name, attribute]];
    const value = given.get(attribute.refersTo);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...node, attributes: new Map(attributes) };
}

/** A subgraph, which sees the tensors around it, or a function's body. An omitted input is not there. */
function inferBody(body: Graph, inputs: readonly (Known | undefined)[], scope: Scope, inference: Inference): readonly Known[] {
  if (inference.depth >= deepest || inference.nodesLeft < body.nodes.length) return body.outputs.map(() => nothing);
  inference.depth++;
  inference.nodesLeft -= body.nodes.length;
  for (const [i, name] of body.inputs.entries()) scope.entries.set(name, inputs[i] === undefined ? omitted : { known: inputs[i], evidence: 'inferred' });
  visitGraph(body, scope, inference, (_, entry) => entry);
  inference.depth--;
  return body.outputs.map((name) => lookUp(scope, name)?.known ?? nothing);
}

/** Sizes beyond these are no longer what anybody means; they become unknown ones. */
const mostTerms = 24;

/** Keeps what can be: no shape of absurd rank, no negative size, nothing that grows without end. */
function sound(known: Known, inference: Inference): Known {
  const { dtype, dims, oneOf, values, items, many } = known;
  if (items !== undefined) return soundItems(items, dtype, inference);
  if (many !== undefined) return { dtype, many: soundMany(many, inference) };
  const isSound = (dim: Dim | undefined): boolean => dim !== undefined && dim.terms.length <= mostTerms && faultOf(dim) === undefined;
  if (dims === undefined && oneOf?.every((shape) => shape.length <= highestRank && shape.every(isSound))) return { dtype, oneOf };
  if (dims === undefined || dims.length > highestRank) return { dtype };
  const kept = dims.map((dim) => asSize(isSound(dim) ? dim : inference.size(), inference));
  if (values === undefined) return { dtype, dims: kept };
  inference.valuesLeft -= values.length;
  return inference.valuesLeft < 0 ? { dtype, dims: kept } : { dtype, dims: kept, values };
}

/** Each in its turn, as long as there is time; a sequence in a sequence is none that an exporter writes. */
function soundItems(items: readonly Known[], dtype: Known['dtype'], inference: Inference): Known {
  inference.valuesLeft -= items.length;
  return inference.valuesLeft < 0 ? { dtype } : { dtype, items: items.map((item) => (item.items === undefined && item.many === undefined ? sound(item, inference) : nothing)) };
}

function soundMany({ each, count, whole }: Many, inference: Inference): Many {
  const isSequence = each?.items !== undefined || each?.many !== undefined;
  return { each: isSequence ? nothing : each && sound(each, inference), count: sound({ dims: [count] }, inference).dims![0]!, ...(whole === undefined ? {} : { whole }) };
}

/** An axis of the main graph, whose size is 0 or more wherever else it is met, whether its bounds show that or not. */
function asSize(dim: Dim, { sizes, depth }: Inference): Dim {
  const symbol = bareSymbol(dim);
  if (constantOf(dim) !== undefined || (symbol !== undefined && symbol.atom === undefined)) return dim;
  const size = withoutFloor(withHalves(dim), (x) => sizes.has(dimKey(x)));
  if (depth === 0) sizes.add(dimKey(size));
  return size;
}

/** Takes the file's word where nothing is inferred and it may be true, and keeps what it states of the rest. */
function believe(entry: Entry, name: string, info: TensorInfo, readInfo: ReadInfo, stated: Stated): Entry {
  const { known } = entry;
  const declared = readInfo(info, name);
  stated.set(name, { known, declared });
  const dtype = known.dtype ?? declared.dtype;
  const dims = chosen(known, declared)?.map((dim, axis) => moreSaying(dim, declared.dims?.[axis])) ?? declared.dims;
  const isBelieved = dtype !== known.dtype || dims?.some((dim, axis) => dim !== known.dims?.[axis]) === true;
  return isBelieved && !isContradicted(known, declared) ? { known: { ...known, dtype, dims }, evidence: 'declared' } : entry;
}

/** The only shape that has the rank which the file declares. */
function chosen({ dims, oneOf }: Known, declared: TensorInfo): readonly Dim[] | undefined {
  const fitting = oneOf?.filter(({ length }) => length === declared.dims?.length) ?? [];
  return dims ?? (fitting.length === 1 ? fitting[0] : undefined);
}

function isContradicted(known: Known, declared: TensorInfo): boolean {
  if (known.dtype !== undefined && declared.dtype !== undefined && known.dtype !== declared.dtype) return true;
  if (known.dims === undefined || declared.dims === undefined) return false;
  return known.dims.length !== declared.dims.length || known.dims.some((dim, axis) => differ(dim, declared.dims![axis]!));
}

/** Answers by the sizes themselves: most tensors of a graph have their axes from others. */
const compared = new WeakMap<Dim, WeakMap<Dim, boolean>>();

function differ(a: Dim, b: Dim): boolean {
  const known = compared.get(a) ?? new WeakMap<Dim, boolean>();
  compared.set(a, known);
  const answer = known.get(b) ?? areDifferent(a, b);
  known.set(b, answer);
  return answer;
}

/** A number or a name of the file's rather than a size that nobody knows. */
function moreSaying(inferred: Dim, declared: Dim | undefined): Dim {
  const own = bareSymbol(inferred);
  if (declared === undefined || own === undefined || !isUnknown(own)) return inferred;
  const symbol = bareSymbol(declared);
  return constantOf(declared) !== undefined || symbol !== undefined ? declared : inferred;
}

/** A size of its own, that depends on values or on what is not known. */
export const isUnknown = (symbol: DimSymbol): boolean => symbol.name.startsWith('?');
