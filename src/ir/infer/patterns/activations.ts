/**
 * Activations in small operators, of which a lower bound is known: `x * sigmoid(k x)` (SiLU and its kin), Gelu by Erf or by
 * Tanh, Mish, HardSwish. All are a product of x, a gate made of x, and numbers.
 */
import { between, rounded } from '../../../ops/foreign/ranges/interval.ts';
import type { Node } from '../../graph.ts';
import { isSame, valueOf, withConstant, type GraphView, type Pattern } from './view.ts';

/** Least values of u * gate(u), rounded down. */
const least = {
  /** u (1 + erf u): twice that of Gelu times √2. */
  erf: -0.24046,
  /** u sigmoid(u) */
  sigmoid: -0.27847,
  /** u tanh(softplus(u)) */
  softplus: -0.30885,
  /** u (1 + tanh(√(2/π) (u + 0.044715 u³))) */
  tanh: -0.34009,
} as const;

interface Factors {
  readonly constant: number;
  readonly tensors: readonly string[];
}

/** The product that a node is, taken apart. */
function factorsOf(tensor: string, graph: GraphView, depth: number): Factors {
  const node = graph.maker(tensor);
  const lone = { constant: 1, tensors: [tensor] };
  if (node === undefined || node.domain !== '' || depth === 0) return lone;
  if (node.op === 'Div') {
    const by = valueOf(node.inputs[1]!, graph);
    const rest = by === undefined ? undefined : factorsOf(node.inputs[0]!, graph, depth - 1);
    return rest === undefined ? lone : { ...rest, constant: rest.constant / by! };
  }
  // A file may have a product of one.
  if (node.op !== 'Mul' || node.inputs.length !== 2) return lone;
  const constant = withConstant(node, graph);
  if (constant !== undefined) {
    const rest = factorsOf(constant.other, graph, depth - 1);
    return { ...rest, constant: rest.constant * constant.value };
  }
  const [a, b] = node.inputs.map((input) => factorsOf(input, graph, depth - 1));
  return { constant: a!.constant * b!.constant, tensors: [...a!.tensors, ...b!.tensors] };
}

/** The least of `x * gate(x)` and the most that the gate may be; undefined where the tensor is no gate of x. */
interface Gate {
  readonly low: number;
  readonly most: number;
  readonly rule: string;
}

/** k where the tensor is k x. */
function multipleOf(tensor: string, x: string, graph: GraphView): number | undefined {
  if (isSame(tensor, x, graph)) return 1;
  const { constant, tensors } = factorsOf(tensor, graph, 3);
  return tensors.length === 1 && isSame(tensors[0]!, x, graph) ? constant : undefined;
}

function gateOf(tensor: string, x: string, graph: GraphView): Gate | undefined {
  const node = graph.maker(tensor);
  if (node === undefined || node.domain !== '') return undefined;
  const scaled = (low: number, input: string, most: number, rule: string): Gate | undefined => {
    const k = multipleOf(input, x, graph);
    return k !== undefined && k > 0 ? { low: low / k, most, rule } : undefined;
  };
  if (node.op === 'Sigmoid') return scaled(least.sigmoid, node.inputs[0]!, 1, 'x times its sigmoid (SiLU)');
  if (node.op === 'HardSigmoid') return hardGate(node, x, graph);
  if (node.op === 'Clip') return clippedGate(node, x, graph);
  if (node.op === 'Tanh') {
    const inner = graph.maker(node.inputs[0]!);
    return inner?.op === 'Softplus' && isSame(inner.inputs[0]!, x, graph) ? { low: least.softplus, most: 1, rule: 'x times the tanh of its softplus (Mish)' } : undefined;
  }
  const sum = node.op === 'Add' ? withConstant(node, graph) : undefined;
  const inner = sum?.value === 1 ? graph.maker(sum.other) : undefined;
  if (inner?.op === 'Erf') return scaled(least.erf, inner.inputs[0]!, 2, 'x times the normal distribution function (Gelu)');
  return inner?.op === 'Tanh' && isCubic(inner.inputs[0]!, x, graph) ? { low: least.tanh, most: 2, rule: 'Gelu, approximated by a tanh' } : undefined;
}

/** max(0, min(1, alpha x + beta)) */
function hardGate(node: Node, x: string, graph: GraphView): Gate | undefined {
  const [alpha, beta] = [['alpha', 0.2], ['beta', 0.5]].map(([name, otherwise]) => {
    const attribute = node.attributes.get(name as string);
    return attribute?.type === 'float' ? attribute.value : (otherwise as number);
  }) as [number, number];
  return isSame(node.inputs[0]!, x, graph) && alpha > 0 ? { low: -(beta ** 2) / (4 * alpha), most: 1, rule: 'x times its hard sigmoid (HardSwish)' } : undefined;
}

/** Clip(x + b, 0, most): x (x + b) is least at -b / 2. */
function clippedGate(node: Node, x: string, graph: GraphView): Gate | undefined {
  const end = (i: number, name: string): number | undefined => {
    const attribute = node.attributes.get(name);
    return attribute?.type === 'float' ? attribute.value : node.inputs[i] ? valueOf(node.inputs[i], graph) : undefined;
  };
  const inner = graph.maker(node.inputs[0]!);
  const sum = inner?.op === 'Add' ? withConstant(inner, graph) : undefined;
  const [low, most] = [end(1, 'min'), end(2, 'max')];
  if (sum === undefined || low !== 0 || most === undefined || !isSame(sum.other, x, graph)) return undefined;
  return { low: -(sum.value ** 2) / 4, most, rule: 'x times its clipped sum (HardSwish)' };
}

/** √(2/π) (x + 0.044715 x³) */
function isCubic(tensor: string, x: string, graph: GraphView): boolean {
  const { constant, tensors } = factorsOf(tensor, graph, 2);
  const sum = tensors.length === 1 && Math.abs(constant - Math.sqrt(2 / Math.PI)) < 1e-3 ? graph.maker(tensors[0]!) : undefined;
  if (sum?.op !== 'Add') return false;
  return sum.inputs.some((a, i) => isSame(a, x, graph) && isCube(sum.inputs[1 - i]!, x, graph));
}

function isCube(tensor: string, x: string, graph: GraphView): boolean {
  const { constant, tensors } = factorsOf(tensor, graph, 3);
  if (Math.abs(constant - 0.044715) > 1e-4) return false;
  if (tensors.length === 3) return tensors.every((one) => isSame(one, x, graph));
  const power = tensors.length === 1 ? graph.maker(tensors[0]!) : undefined;
  return power?.op === 'Pow' && valueOf(power.inputs[1]!, graph) === 3 && isSame(power.inputs[0]!, x, graph);
}

export const activation: Pattern = (node, graph) => {
  if (node.op !== 'Mul' && node.op !== 'Div') return undefined;
  const output = node.outputs[0]!;
  const { constant, tensors } = factorsOf(output, graph, 4);
  const [a = '', b = ''] = tensors;
  if (tensors.length !== 2 || !(constant > 0)) return undefined;
  const [x, gate] = [[a, gateOf(b, a, graph)] as const, [b, gateOf(a, b, graph)] as const].find(([, found]) => found !== undefined) ?? ['', undefined];
  if (gate === undefined) return undefined;
  const { high } = graph.factsOf(x).range;
  const range = rounded(between(constant * gate.low, Math.max(0, high) * gate.most * constant), graph.dtype(output), 64);
  return { facts: { range }, rule: gate.rule, uses: [x] };
};
