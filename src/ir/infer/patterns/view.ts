/** What patterns of nodes are looked for in, and how: by the node that makes a tensor, and constants of one value. */
import type { Numbers } from '../../../ops/foreign/facts/fact-rule.ts';
import type { ValueFacts } from '../../../ops/foreign/facts/value-facts.ts';
import { axisIn } from '../../../ops/foreign/rule.ts';
import type { Dim } from '../../../types/dim.ts';
import type { DType } from '../../../types/dtype.ts';
import type { Attribute, Node } from '../../graph.ts';

export interface GraphView {
  readonly maker: (tensor: string) => Node | undefined;
  readonly numbers: (tensor: string) => Numbers | undefined;
  readonly dims: (tensor: string) => readonly Dim[] | undefined;
  readonly dtype: (tensor: string) => DType | undefined;
  /** All that is known of a tensor's values; asking goes backwards through the graph. */
  readonly factsOf: (tensor: string) => ValueFacts;
}

/** What a pattern says of a node's result. */
export interface Recognised {
  readonly facts: Partial<ValueFacts>;
  /** For people: `divided by its own length`. */
  readonly rule: string;
  /** The tensors that the pattern begins with, as far as the facts rest on what is known of them. */
  readonly uses: readonly string[];
}
export type Pattern = (node: Node, graph: GraphView) => Recognised | undefined;

/** The number that all elements of a constant are. */
export function valueOf(tensor: string, graph: GraphView): number | undefined {
  const data = tensor === '' ? undefined : graph.numbers(tensor)?.data;
  const first = data?.[0];
  return first !== undefined && data!.every((n) => n === first) ? first : undefined;
}

/** A constant and the other operand of a node with two; undefined where neither is one. */
export function withConstant(node: Node, graph: GraphView): { readonly other: string; readonly value: number; readonly at: 0 | 1 } | undefined {
  const [a = '', b = ''] = node.inputs;
  const [x, y] = [valueOf(b, graph), valueOf(a, graph)];
  if (x !== undefined) return { other: a, value: x, at: 1 };
  return y === undefined ? undefined : { other: b, value: y, at: 0 };
}

const mostSteps = 5;

/** Whether two tensors are the same values: one tensor, or made in the same way of the same ones. */
export function isSame(a: string, b: string, graph: GraphView, steps = mostSteps): boolean {
  if (a === b) return true;
  const [m, n] = [graph.maker(a), graph.maker(b)];
  if (m === undefined || n === undefined || steps === 0 || m.op !== n.op || m.domain !== n.domain) return false;
  if (m.op === 'Constant') return isSameConstant(a, b, graph);
  const isAlike = m.inputs.length === n.inputs.length && m.outputs.indexOf(a) === n.outputs.indexOf(b) && sameAttributes(m.attributes, n.attributes) && !isRandom.test(m.op);
  return isAlike && m.inputs.every((input, i) => isSame(input, n.inputs[i]!, graph, steps - 1) || isSameConstant(input, n.inputs[i]!, graph));
}

const isRandom = /^(Random|Multinomial|Bernoulli|Dropout)/;

function isSameConstant(a: string, b: string, graph: GraphView): boolean {
  const [x, y] = [graph.numbers(a), graph.numbers(b)];
  return x !== undefined && y !== undefined && String(x.dims) === String(y.dims) && x.data.every((n, i) => n === y.data[i]);
}

const show = (attribute: Attribute): string => ('value' in attribute && attribute.type !== 'tensor' && attribute.type !== 'graph' ? `${attribute.type} ${String(attribute.value)}` : '');
const sameAttributes = (a: Node['attributes'], b: Node['attributes']): boolean =>
  a.size === b.size && [...a].every(([name, attribute]) => show(attribute) !== '' && b.has(name) && show(b.get(name)!) === show(attribute));

/** The one axis, from the end, that a reduction folds; undefined where it folds several, or they are not known. */
export function foldedAxis(node: Node, graph: GraphView): number | undefined {
  const rank = graph.dims(node.inputs[0]!)?.length;
  const attribute = node.attributes.get('axes');
  const listed = node.inputs[1] ? graph.numbers(node.inputs[1])?.data : attribute?.type === 'ints' ? attribute.value.map(Number) : undefined;
  if (rank === undefined || listed?.length !== 1) return undefined;
  const axis = axisIn(Number(listed[0]), rank);
  return axis === undefined ? undefined : axis - rank;
}

export const keepsAxes = (node: Node): boolean => {
  const attribute = node.attributes.get('keepdims');
  return attribute?.type !== 'int' || attribute.value === 1n;
};

/** Through nodes that only repeat or name elements. */
export function unrepeated(tensor: string, graph: GraphView, steps = mostSteps): string {
  const node = graph.maker(tensor);
  const repeats = node !== undefined && node.domain === '' && (node.op === 'Expand' || node.op === 'Identity');
  return repeats && steps > 0 ? unrepeated(node.inputs[0]!, graph, steps - 1) : tensor;
}

/** The tensor of which a tensor holds the squares. */
export function squareOf(tensor: string, graph: GraphView): string | undefined {
  const node = graph.maker(tensor);
  if (node?.op === 'Mul' && isSame(node.inputs[0]!, node.inputs[1]!, graph)) return node.inputs[0];
  return node?.op === 'Pow' && valueOf(node.inputs[1]!, graph) === 2 ? node.inputs[0] : undefined;
}

/** What a node divides, and by what: also as a product with an inverse. */
export function quotientOf(node: Node, graph: GraphView): readonly { readonly over: string; readonly by: string }[] {
  const [a = '', b = ''] = node.inputs;
  if (node.op === 'Div') return [{ over: a, by: b }];
  if (node.op !== 'Mul') return [];
  const inverted = (tensor: string): string | undefined => {
    const maker = graph.maker(unrepeated(tensor, graph));
    if (maker?.op === 'Reciprocal') return maker.inputs[0];
    return maker?.op === 'Div' && valueOf(maker.inputs[0]!, graph) === 1 ? maker.inputs[1] : undefined;
  };
  const [over, under] = [inverted(b), inverted(a)];
  return [...(over === undefined ? [] : [{ over: a, by: over }]), ...(under === undefined ? [] : [{ over: b, by: under }])];
}
