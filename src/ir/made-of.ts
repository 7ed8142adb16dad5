/**
 * What an output of a foreign graph is made of: inputs, and the constants that meet them on the way. What an operator takes besides its
 * values (sizes, places, axes) is no part of that.
 */
import { dtypes } from '../types/dtype.ts';
import type { Attribute, ForeignModel, Graph, LocalFunction, Node, Tensor } from './graph.ts';
import type { ReadTensor } from './infer/constants.ts';
import { functionKey } from './infer/scope.ts';
import { capturesOf } from './needs.ts';

/** A constant, and the first node that takes it. */
export interface Weight {
  readonly name: string;
  readonly node: Node;
  /** Whether it weighs rows alone: every feature of a row meets the same number, or the features of several rows are added up. */
  readonly isOfRows: boolean;
}

export interface MadeOf {
  readonly inputs: ReadonlySet<string>;
  /** Constants of several fractions, or of the narrow integers in which quantised weights are kept: what a network learned. */
  readonly weights: readonly Weight[];
  /** Whether something is looked up in a table of integers or texts. */
  readonly looksUp: boolean;
  /** Whether an operator on the way is one that nobody here knows: it may hold anything. */
  readonly isOpen: boolean;
}

interface Scope {
  readonly graph: Graph;
  readonly makers: ReadonlyMap<string, Node>;
  /** The graph around a branch or a loop's body. */
  readonly outer: Scope | undefined;
  /** Names that were met. */
  readonly met: Set<string>;
}

interface Walk {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly read: ReadTensor;
  /** Bodies that were looked at: a hostile file calls its functions again and again. */
  readonly seen: Set<Graph>;
  readonly weights: Weight[];
  looksUp: boolean;
  isOpen: boolean;
}

/** Walks from an output of the main graph back to all that its values come from. */
export function madeOf({ graph, functions }: Pick<ForeignModel, 'graph' | 'functions'>, output: string, read: ReadTensor): MadeOf {
  const byKey = new Map(functions.map((local) => [functionKey(local.domain, local.name, local.overload), local]));
  const walk: Walk = { functions: byKey, read, seen: new Set(), weights: [], looksUp: false, isOpen: false };
  const main = openScope(graph, undefined);
  follow([output], main, walk);
  const { weights, looksUp, isOpen } = walk;
  return { inputs: new Set(graph.inputs.filter((name) => main.met.has(name))), weights, looksUp, isOpen };
}

const openScope = (graph: Graph, outer: Scope | undefined): Scope => ({ graph, outer, makers: new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const))), met: new Set() });

function follow(names: readonly string[], scope: Scope, walk: Walk): void {
  const done = new Set<Node>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === '' || scope.met.has(name)) continue;
    scope.met.add(name);
    const node = scope.makers.get(name);
    if (node === undefined || done.has(node)) continue;
    done.add(node);
    const values = valuesOf(node);
    for (const [place, value] of values) note(node, place, value, scope, walk);
    if (holdsItself(node, walk)) walk.weights.push({ name, node, isOfRows: false });
    queue.push(...values.map(([, value]) => value), ...followBodies(node, scope, walk));
  }
}

/** Looks into what a node runs; what a branch or a loop takes from around itself. */
function followBodies(node: Node, scope: Scope, walk: Walk): readonly string[] {
  const called = walk.functions.get(functionKey(node.domain, node.op, node.overload));
  const enter = (body: Graph, outer: Scope | undefined): void => {
    if (walk.seen.has(body)) return;
    walk.seen.add(body);
    follow(body.outputs, openScope(body, outer), walk);
  };
  if (called !== undefined) enter(called.graph, undefined);
  const bodies = [...node.attributes.values()].flatMap((attribute) => (attribute.type === 'graph' ? [attribute.value] : []));
  for (const body of bodies) enter(body, scope);
  return bodies.flatMap((body) => [...capturesOf(body)]);
}

// ---------------------------------------------------------------- constants

type Stored = Pick<Tensor, 'dtype' | 'dims'> & Partial<Tensor>;

function note(node: Node, place: number, name: string, scope: Scope, walk: Walk): void {
  const stored = constantAt(name, scope);
  if (stored === undefined) return;
  if (isTable(node, place, stored)) walk.looksUp = true;
  if (isWeight(stored) && !isOneNumber(node, stored, walk)) walk.weights.push({ name, node, isOfRows: weighsRows(node, place, stored) });
}

/** The constant that a name stands for, in the graph or in one around it. */
function constantAt(name: string, { graph, makers, outer }: Scope): Stored | undefined {
  const stored = graph.initializers.get(name);
  if (stored !== undefined) return stored;
  const node = makers.get(name);
  if (node === undefined) return outer === undefined || graph.inputs.includes(name) ? undefined : constantAt(name, outer);
  return node.domain === '' && node.op === 'Constant' ? written([...node.attributes.values()][0]) : undefined;
}

/** What a node `Constant` holds. Of a form that is only passed on nobody knows it; most likely it is a sparse matrix. */
function written(attribute: Attribute | undefined): Stored | undefined {
  if (attribute?.type === 'tensor') return attribute.value;
  if (attribute?.type === 'floats') return { dtype: 'f32', dims: [attribute.value.length] };
  if (attribute?.type === 'ints') return { dtype: 'i64', dims: [attribute.value.length] };
  return attribute?.type === 'opaque' ? { dtype: 'f32', dims: [2] } : undefined;
}

const count = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Numbers of 32 bits and more are sizes, places and ids, never weights. A single number is none, either. */
function isWeight({ dtype, dims }: Stored): boolean {
  const { class: kind, bits } = dtypes[dtype];
  return count(dims) > 1 && (kind === 'float' || ((kind === 'int' || kind === 'uint') && bits <= 16));
}

const elementwise: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Sum']);

/** Of larger constants the bytes are not read for this. */
const mostRepeated = 4096;

/** Whether one number is written out for each element, as exporters leave what was folded. */
function isOneNumber({ domain, op }: Node, { name = '', dtype, dims, bytes }: Stored, { read }: Walk): boolean {
  const width = dtypes[dtype].bits / 8;
  if (domain !== '' || !elementwise.has(op) || count(dims) > mostRepeated || bytes === undefined || !Number.isInteger(width)) return false;
  const known = bytes instanceof Uint8Array ? bytes : read({ name, dtype, dims, bytes });
  return known?.every((byte, i) => byte === known[i % width]) ?? false;
}

const gathering: ReadonlySet<string> = new Set(['Gather', 'GatherElements', 'GatherND']);

const isTable = ({ domain, op }: Node, place: number, { dtype, dims }: Stored): boolean =>
  domain === '' && gathering.has(op) && place === 0 && count(dims) > 1 && ['int', 'uint', 'string'].includes(dtypes[dtype].class);

/** Rows that are weighed, or added up by a matrix before them: the features of each stay what they are. */
const weighsRows = ({ domain, op }: Node, place: number, { dims }: Stored): boolean =>
  domain === '' && ((elementwise.has(op) && dims.at(-1) === 1) || (op === 'MatMul' && place === 0));

// ---------------------------------------------------------------- operators

/** Operators of ONNX of whose inputs only these are values; of the others all are. */
const valuePlaces: ReadonlyMap<string, readonly number[]> = new Map([
  ...places([], 'Shape', 'Size', 'ConstantOfShape', 'EyeLike', 'RandomNormalLike', 'RandomUniformLike', 'SequenceLength'),
  ...places([0], 'OneHot', 'Reshape', 'Expand', 'Tile', 'Slice', 'Squeeze', 'Unsqueeze', 'Resize', 'Upsample', 'TopK', 'Split', 'SplitToSequence', 'CumSum', 'Trilu', 'CastLike', 'CenterCropPad', 'Dropout', 'Compress'),
  ...places([0], 'QuantizeLinear', 'DequantizeLinear', 'ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'),
  ...places([0, 2], 'Pad'),
]);

function places(taken: readonly number[], ...ops: readonly string[]): readonly (readonly [string, readonly number[]])[] {
  return ops.map((op) => [op, taken]);
}

/** The values that a node takes, with their places among its inputs. */
function valuesOf({ domain, op, inputs }: Node): readonly (readonly [number, string])[] {
  const taken = domain === '' ? valuePlaces.get(op) : undefined;
  return inputs.flatMap((name, place): (readonly [number, string])[] => (name !== '' && (taken?.includes(place) ?? true) ? [[place, name]] : []));
}

const microsoft: ReadonlySet<string> = new Set(['com.microsoft', 'com.microsoft.nchwc']);

/** Whether a node's own attributes hold what was learned, as those of trees and linear models do. Operators of other domains are noted to be open. */
function holdsItself({ domain, op, overload, attributes }: Node, walk: Walk): boolean {
  if (domain === '' || microsoft.has(domain) || walk.functions.has(functionKey(domain, op, overload))) return false;
  if (domain !== 'ai.onnx.ml') {
    walk.isOpen = true;
    return false;
  }
  const lists = [...attributes.values()];
  if (lists.some((attribute) => (attribute.type === 'ints' || attribute.type === 'strings') && attribute.value.length > 1)) walk.looksUp = true;
  return lists.some((attribute) => attribute.type === 'tensor' || attribute.type === 'opaque' || (attribute.type === 'floats' && attribute.value.length > 1));
}
