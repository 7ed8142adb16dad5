/** Random networks as files, and what `mdl inspect` says of their ports. */
import * as ort from 'onnxruntime-node';
import type { onnx } from 'onnx-proto';
import { decodeModel, encodeModel } from '../../onnx/models.ts';
import { disguise } from './disguise.ts';
import { plainSession } from '../../plain-session.ts';
import { randomGraph } from '../../ir/infer/random/graphs.ts';
import type { Random, Step, TensorType } from './drawing.ts';
import { exactly, type DType, type Tensor } from './interval.ts';
import { addSizes, multiplySizes, size, type Size } from './sizes.ts';

export interface Port {
  readonly name: string;
  /** In the file. */
  readonly from: string;
  readonly type: TensorType;
  /** What the declaration says of its values: `range [0, 1]`. */
  readonly said?: string;
}

export interface Foreign {
  readonly name: string;
  readonly file: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Tensors inside of it. */
  readonly taps: readonly Port[];
  /** Of a network made of another one: which of its taps is replaced, and by what, over the step `tap`. */
  readonly replaced?: { readonly base: Foreign; readonly port: Port; readonly tap: Step; readonly value: Step };
}

export interface DrawnFile {
  /** The network, and files beside it. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Tensors of it that are no outputs. */
  readonly inner: readonly string[];
}

/** Kernels that answer otherwise in each session; and PRelu, which ONNX Runtime runs with slopes that ONNX does not allow, until it plans its memory by ONNX's rule. */
const isChance = /Random|Bernoulli|Multinomial|Dropout|PRelu/;

/** A random graph with a few of its tensors as outputs. */
export async function drawFile(random: Random, seed: number, path: string): Promise<DrawnFile | undefined> {
  const { bytes, drawn } = await randomGraph(seed);
  if (drawn.some((kind) => isChance.test(kind))) return undefined;
  const model = decodeModel(bytes);
  const graph = model.graph!;
  const all = graph.output ?? [];
  if (all.length === 0) return undefined;
  const outputs = all.filter(() => random.chance(0.4));
  const kept = outputs.length === 0 ? [random.pick(all)] : outputs;
  const inner = all.filter((port) => !kept.includes(port) && random.chance(0.3));
  const { bytes: disguised, beside, nameOf } = disguise({ ...model, graph: { ...graph, output: kept } } as onnx.IModelProto, random, path);
  return { files: { [path]: disguised, ...beside }, inner: inner.map(({ name }) => nameOf(name!)) };
}

const dtypes: Readonly<Record<string, DType>> = { f16: 'f16', f32: 'f32', f64: 'f64', i32: 'i32', i64: 'i64', u8: 'u8', bool: 'bool' };

export interface Inspected {
  readonly name: string;
  readonly dtype?: string;
  readonly dims: readonly (number | string)[] | null;
  readonly facts?: readonly { readonly kind: string; readonly evidence: string; readonly low?: number | null; readonly high?: number | null }[];
}

/** A range that is proved of a tensor, as a declaration says it. */
export function rangeOf({ facts = [] }: Inspected): string | undefined {
  const range = facts.find(({ kind, evidence }) => kind === 'range' && evidence === 'proved');
  const end = (value: number | null | undefined, otherwise: string): string => (typeof value === 'number' ? String(value) : otherwise);
  return range && `range [${end(range.low, '-inf')}, ${end(range.high, 'inf')}]`;
}

/** The port's type; undefined where no declaration of this generator can say it. */
export function typeOf({ dtype, dims }: Inspected, nextUnknown: () => string): TensorType | undefined {
  const known = dtypes[dtype ?? ''];
  if (known === undefined || dims === null) return undefined;
  return { dtype: known, dims: dims.map((dim) => (typeof dim === 'number' ? size(dim) : (parseSize(dim) ?? size(nextUnknown())))) };
}

/** Sums of products of names and numbers, as they are printed; undefined of anything else. */
export function parseSize(text: string): Size | undefined {
  let sum: Size = {};
  let sign = 1;
  for (const [i, part] of text.split(/ ?([+-]) ?/).entries()) {
    if (i % 2 === 1) sign = part === '-' ? -1 : 1;
    else if (part === '' && i === 0) continue;
    else {
      const factors = part.split('*').map((factor) => factor.trim());
      if (!factors.every((factor) => /^(?:\d+|[a-zA-Z_]\w*)$/.test(factor))) return undefined;
      sum = addSizes(sum, factors.map((factor) => size(/^\d/.test(factor) ? Number(factor) : factor)).reduce(multiplySizes), sign);
    }
  }
  return sum;
}

/** The file with these tensors as outputs, too. Kernels round otherwise where an initialiser might be given: none of them can. */
export function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const { graph, ...model } = decodeModel(bytes);
  const own = new Set(graph!.output!.map(({ name }) => name));
  const constants = new Set(graph!.initializer!.map(({ name }) => name));
  return encodeModel({ ...graph, input: graph!.input!.filter(({ name }) => !constants.has(name!)), output: [...graph!.output!, ...names.filter((name) => !own.has(name)).map((name) => ({ name }))] } as onnx.IGraphProto, { ...model, irVersion: Math.max(Number(model.irVersion), 4) } as onnx.IModelProto);
}

const givenInstead = 'given instead';

/** The file with what reads a tensor reading an input in its place. */
export function withInstead(bytes: Uint8Array, name: string, dtype: DType): Uint8Array {
  const { graph, ...model } = decodeModel(bytes);
  const instead = (each: string): string => (each === name ? givenInstead : each);
  const reading = (node: onnx.INodeProto): onnx.INodeProto => ({
    ...node,
    input: node.input!.map(instead),
    attribute: (node.attribute ?? []).map((attribute) => (attribute.g ? { ...attribute, g: { ...attribute.g, node: attribute.g.node!.map(reading), output: attribute.g.output!.map((port) => ({ ...port, name: instead(port.name!) })) } } : attribute)),
  });
  const input = { name: givenInstead, type: { tensorType: { elemType: elementTypes[dtype]! } } };
  return encodeModel({ ...graph, input: [...graph!.input!, input], node: graph!.node!.map(reading) } as onnx.IGraphProto, { ...model, irVersion: Number(model.irVersion) } as onnx.IModelProto);
}

const elementTypes: Partial<Record<DType, number>> = { f32: 1, u8: 2, i32: 6, i64: 7, bool: 9, f64: 11 };

/** What is given to a file of `withInstead`. */
export const insteadOf = (value: Tensor): readonly [string, Tensor] => [givenInstead, value];

// ---------------------------------------------------------------- running

const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array, i64: BigInt64Array, u8: Uint8Array, bool: Uint8Array, f16: Uint16Array } as const;
const names: Readonly<Record<DType, ort.Tensor.Type>> = { f32: 'float32', f64: 'float64', i32: 'int32', i64: 'int64', u8: 'uint8', bool: 'bool', f16: 'float16' };

/** What is fed has to be certain. */
export function toOrt({ dtype, dims, low }: Tensor): ort.Tensor {
  const numbers = Array.from(low);
  const data = dtype === 'i64' ? BigInt64Array.from(numbers.map(BigInt)) : arrays[dtype as Exclude<DType, 'i64'>].from(numbers);
  return new ort.Tensor(names[dtype], data as Float32Array, [...dims]);
}

export function fromOrt(tensor: ort.Tensor): Tensor {
  const dtype = (Object.keys(names) as DType[]).find((key) => names[key] === tensor.type);
  if (dtype === undefined) throw new Error(`a tensor of ${tensor.type}`);
  return exactly(dtype, tensor.dims, Array.from(tensor.data as ArrayLike<number | bigint>, Number));
}

export type Answers = ReadonlyMap<string, Tensor>;
export type Optimised = 'disabled' | 'all';

/** Runs a file, or bytes; why it cannot be run, as a text. */
export async function runFile(model: string | Uint8Array, feeds: ReadonlyMap<string, Tensor>, level: Optimised = 'disabled'): Promise<Answers | string> {
  let session: ort.InferenceSession | undefined;
  try {
    const options = { ...plainSession, graphOptimizationLevel: level } as const;
    session = typeof model === 'string' ? await ort.InferenceSession.create(model, options) : await ort.InferenceSession.create(model, options);
    const given = [...feeds].filter(([name]) => session!.inputNames.includes(name)).map(([name, tensor]) => [name, toOrt(tensor)] as const);
    const answers = await session.run(Object.fromEntries(given));
    return new Map(Object.entries(answers).map(([name, tensor]) => [name, fromOrt(tensor as ort.Tensor)]));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await session?.release();
  }
}
