/** What is inferred against what ONNX Runtime computed, at the sizes of a run. */
import type { Tensor } from 'onnxruntime-node';
import { inferModel, type InferredTensor } from '../../../src/ir/infer/index.ts';
import type { ReadTensor } from '../../../src/ir/infer/constants.ts';
import { tensorFacts, type Interval, type ValueFacts } from '../../../src/ir/infer/facts.ts';
import { inRange } from '../../../src/ops/foreign/facts/value-facts.ts';
import type { ForeignModel, Graph, Node } from '../../../src/ir/graph.ts';
import { factContradictions } from './fact-contradictions.ts';
import { measure, type Measured } from './tightness.ts';
import { fromHalf } from '../../../src/types/half.ts';
import { constantOf, intDim, multipleOf, showDim, substituteDim } from '../../../src/types/dim.ts';

const ortTypes: Readonly<Record<string, string>> = {
  f32: 'float32', f64: 'float64', f16: 'float16', i64: 'int64', i32: 'int32', i16: 'int16', i8: 'int8', u8: 'uint8', u16: 'uint16', u32: 'uint32', u64: 'uint64', bool: 'bool', string: 'string',
};

export interface Comparison {
  /** Tensors whose whole shape was inferred over the inputs' symbols, and which were seen. */
  exact: number;
  seen: number;
  /** Tensors of numbers that were seen, and those of them with bounds on both sides. */
  numbers: number;
  bounded: number;
  readonly measured: Map<string, Measured>;
  /** One sentence for each tensor that is not as inferred. */
  readonly wrong: string[];
}

const boundsOf = (data: readonly number[]): Interval => {
  const numbers = data.filter((n) => !Number.isNaN(n));
  return { low: numbers.reduce((a, b) => Math.min(a, b), Infinity), high: numbers.reduce((a, b) => Math.max(a, b), -Infinity) };
};
/** Half precision comes as its bits. */
const numbersOf = ({ type, data }: Tensor): number[] => Array.from(data as ArrayLike<number | bigint | boolean>, type === 'float16' ? (bits) => fromHalf(Number(bits)) : Number);

/** The bounds of an input's numbers, and whether all of them are numbers. */
const saidOf = (data: readonly number[]): ValueFacts => ({ ...inRange(boundsOf(data)), ...(data.every(Number.isFinite) ? { finite: true } : {}) });

/** Sizes of symbols, as far as tensors show them. */
function bind(sizes: Map<string, number>, inferred: InferredTensor, dims: readonly number[]): void {
  for (const [i, dim] of (inferred.dims ?? []).entries()) {
    const of = multipleOf(dim);
    if (of !== undefined && !sizes.has(of.symbol.key) && dims[i] !== undefined) sizes.set(of.symbol.key, (dims[i] - of.offset) / of.factor);
  }
}

export function compare(model: ForeignModel, feeds: Readonly<Record<string, Tensor>>, observed: ReadonlyMap<string, Tensor>, read?: ReadTensor): Comparison {
  const whole = inferModel(model, { ignoreDeclared: true });
  const inferred = whole.tensors;
  const sizes = new Map<string, number>();
  for (const [name, tensor] of Object.entries(feeds)) bind(sizes, inferred.get(name)!, tensor.dims);
  const bound = new Set(sizes.keys());
  // A size that depends on values is the same wherever it stands.
  for (const [name, tensor] of observed) bind(sizes, inferred.get(name)!, tensor.dims);
  const comparison: Comparison = { exact: 0, seen: 0, numbers: 0, bounded: 0, measured: new Map(), wrong: [] };
  const given = new Map(Object.entries(feeds).map(([name, tensor]) => [name, saidOf(numbersOf(tensor))]));
  const factsOf = tensorFacts(model, whole, { given, ...(read && { read }) });
  for (const [name, tensor] of observed) {
    const found = inferred.get(name)!;
    comparison.seen++;
    const complaint = contradiction(found, tensor, sizes);
    if (complaint !== undefined) comparison.wrong.push(`${name} is ${tensor.type}[${tensor.dims.join(', ')}], inferred as ${found.dtype}[${found.dims?.map(showDim).join(', ')}]: ${complaint}`);
    else if (found.dtype !== undefined && found.dims?.every((dim) => isOver(dim, bound)) === true) comparison.exact++;
    if (tensor.type === 'string' || tensor.size === 0) continue;
    const { facts } = factsOf(name);
    comparison.numbers++;
    if (Number.isFinite(facts.range.low) && Number.isFinite(facts.range.high)) comparison.bounded++;
    comparison.measured.set(name, measure(facts, numbersOf(tensor)));
    comparison.wrong.push(...factContradictions(facts, numbersOf(tensor), tensor.dims).map((text) => `${name} ${text}`));
  }
  return comparison;
}

/** Those of subgraphs and functions, too, in which random graphs call tensors as around them. */
function allNodes({ graph, functions }: Pick<ForeignModel, 'graph' | 'functions'>): readonly Node[] {
  const below = (inner: Graph): readonly Node[] => inner.nodes.flatMap((one) => [one, ...[...one.attributes.values()].flatMap((attribute) => (attribute.type === 'graph' ? below(attribute.value) : []))]);
  return [graph, ...functions.map((each) => each.graph)].flatMap(below);
}

/** Whether nothing is reduced that has no elements, of which ONNX Runtime makes something else than ONNX says. */
const nothingEmptyIsReduced = (model: ForeignModel, observed: ReadonlyMap<string, Tensor>): boolean =>
  allNodes(model).every(({ op, inputs }) => !op.startsWith('Reduce') || observed.get(inputs[0]!)?.size !== 0);

/** Whether no pool meets NaN, of which ONNX Runtime makes the least number of the type, and ONNX's reference NaN. */
const nothingPoolsNaN = (model: ForeignModel, observed: ReadonlyMap<string, Tensor>): boolean =>
  allNodes(model).every(({ op, inputs }) => !op.endsWith('MaxPool') || !Array.from((observed.get(inputs[0]!)?.data ?? []) as ArrayLike<number>).some(Number.isNaN));

/** Beyond this share of a row's mean square in its variance the kernels' difference of squares keeps too few digits. */
const mostCancelled = 16;

/**
 * Whether no row is normalised of which the mean is large beside the deviation: ONNX Runtime takes the variance as the mean of the
 * squares less the square of the mean, and what is left of that after rounding may be far less than the variance.
 */
const nothingCancels = (model: ForeignModel, observed: ReadonlyMap<string, Tensor>): boolean =>
  allNodes(model).every((node) => {
    if (node.op !== 'LayerNormalization' && node.op !== 'SkipLayerNormalization') return node.op !== 'EmbedLayerNormalization';
    const terms = node.inputs.slice(0, node.op === 'LayerNormalization' ? 1 : 2).map((name) => observed.get(name));
    const [first] = terms;
    if (first === undefined || terms.some((term) => term?.size !== first.size)) return false;
    const axis = node.attributes.get('axis');
    const from = axis?.type === 'int' ? Number(axis.value) : -1;
    const width = first.dims.slice(from).reduce((all, n) => all * n, 1);
    const x = numbersOf(first).map((value, i) => value + terms.slice(1).reduce((sum, term) => sum + Number(term!.data[i]), 0));
    return Array.from({ length: width === 0 ? 0 : x.length / width }, (_, row) => x.slice(row * width, (row + 1) * width)).every((row) => {
      const mean = row.reduce((sum, value) => sum + value, 0) / width;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      return !(mean ** 2 > mostCancelled * variance);
    });
  });

/** Whether every window fits into what it moves over, as far as that is seen: not in the later turns of a loop. What comes out otherwise is not defined. */
function windowsFit(model: ForeignModel, observed: ReadonlyMap<string, Tensor>): boolean {
  return allNodes(model).every(({ op, inputs, attributes }) => {
    if (!/Conv|Pool$/.test(op) || op.startsWith('Global') || op === 'ConvTranspose') return true;
    const image = observed.get(inputs[0]!)?.dims.slice(2);
    if (image === undefined) return false;
    const list = (name: string, otherwise: readonly number[]): readonly number[] => {
      const attribute = attributes.get(name);
      return attribute?.type === 'ints' ? attribute.value.map(Number) : otherwise;
    };
    const zeros = image.map(() => 0);
    const kernel = list('kernel_shape', model.graph.initializers.get(inputs[1]!)?.dims.slice(2) ?? zeros);
    const [dilations, pads] = [list('dilations', image.map(() => 1)), list('pads', [...zeros, ...zeros])];
    return image.every((n, i) => n + pads[i]! + pads[i + image.length]! >= dilations[i]! * (kernel[i]! - 1) + 1);
  });
}

/** Whether ONNX says of every tensor of a run what it is, and ONNX Runtime agrees. */
export const isDefined = (model: ForeignModel, observed: ReadonlyMap<string, Tensor>): boolean =>
  [windowsFit, nothingEmptyIsReduced, nothingPoolsNaN, nothingCancels].every((holds) => holds(model, observed));

type Dim = NonNullable<InferredTensor['dims']>[number];

const at = (dim: Dim, sizes: ReadonlyMap<string, number>): number | undefined =>
  constantOf(substituteDim(dim, ({ key }) => (sizes.has(key) ? intDim(sizes.get(key)!) : undefined)));
const isOver = (dim: Dim, bound: ReadonlySet<string>): boolean => at(dim, new Map([...bound].map((key) => [key, 2]))) !== undefined;

function contradiction(found: InferredTensor, tensor: Tensor, sizes: ReadonlyMap<string, number>): string | undefined {
  if (found.dtype !== undefined && ortTypes[found.dtype] !== tensor.type) return 'dtype';
  if (found.dims === undefined) return undefined;
  if (found.dims.length !== tensor.dims.length) return 'rank';
  const values = found.dims.map((dim) => at(dim, sizes));
  if (values.some((value, i) => value !== undefined && value !== tensor.dims[i])) return `its sizes are [${values.join(', ')}]`;
  return valueContradiction(found, tensor, sizes);
}

/** Elements that were followed must be those of the tensor. */
function valueContradiction(found: InferredTensor, tensor: Tensor, sizes: ReadonlyMap<string, number>): string | undefined {
  const data = Array.from(tensor.data as ArrayLike<number | bigint | boolean>, Number);
  for (const [i, value] of (found.values ?? []).entries()) {
    if (value === undefined) continue;
    const expected = typeof value === 'number' ? value : 'terms' in value ? at(value, sizes) : ratio(at(value.over, sizes), value.by);
    if (expected === undefined || data[i] === undefined) continue;
    if (data[i] !== expected && Math.fround(expected) !== data[i] && !(Number.isNaN(expected) && Number.isNaN(data[i]))) return `element ${i} is ${data[i]}, not ${expected}`;
  }
  return undefined;
}
const ratio = (over: number | undefined, by: number): number | undefined => (over === undefined ? undefined : over / by);
