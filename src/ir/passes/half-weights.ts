/**
 * Stores the weights of our own parts as float16, each behind a Cast to the dtype that it had. Only storage is halved: the
 * arithmetic stays what it was, so the one change is that every weight is its nearest float16. Arithmetic in float16 would
 * save nothing on a CPU, whose kernels cast to float32 and back, and sums of some hundred products would lose digits that no
 * bound in the source speaks of. A session folds the Cast when it is made. Constants that the source itself says stay as
 * they are: an epsilon of 1e-12 would become 0.
 */
import { fromHalf, toHalf } from '../../types/half.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import { elementIndex } from '../../types/element-index.ts';
import type { TensorBytes } from '../graph.ts';
import type { Initializer, Operation, Program } from '../program.ts';

/** A weight that float16 cannot hold. */
export interface Overflow {
  readonly weight: Initializer;
  /** Where in the tensor. */
  readonly index: readonly number[];
  readonly value: number;
}

/** The bytes at [from, from + length) of a tensor's elements. */
type ReadElements = (bytes: TensorBytes, from: number, length: number) => Uint8Array;

const readers: Partial<Record<DType, (view: DataView, at: number) => number>> = {
  f32: (view, at) => view.getFloat32(at, true),
  f64: (view, at) => view.getFloat64(at, true),
};

/** Whether a constant of ours is a weight that float16 halves. */
export const isHalved = ({ dtype, weights }: Initializer): boolean => weights !== undefined && readers[dtype] !== undefined;

/** A multiple of every element's size. */
const chunkBytes = 1024 * 1024;

/** The program with its weights halved; the first weight that overflows where there is one. */
export function halveWeights(program: Program, read: ReadElements): { readonly program: Program } | { readonly overflow: Overflow } {
  const taken = new Set(program.types.keys());
  const types = new Map(program.types);
  const initializers: Initializer[] = [];
  const casts: Operation[] = [];
  for (const weight of program.initializers) {
    if (!isHalved(weight)) {
      initializers.push(weight);
      continue;
    }
    const halved = halve(weight, read);
    if ('overflow' in halved) return halved;
    const name = freeName(`${weight.name}.f16`, taken);
    initializers.push({ ...weight, name, dtype: 'f16', bytes: halved.bytes });
    types.set(name, { dtype: 'f16', dims: program.types.get(weight.name)?.dims });
    casts.push(castTo(weight, name, program));
  }
  return { program: { ...program, types, initializers, steps: [...casts, ...program.steps] } };
}

function halve(weight: Initializer, read: ReadElements): { readonly bytes: Uint8Array } | { readonly overflow: Overflow } {
  const size = dtypes[weight.dtype].bits / 8;
  const elementAt = readers[weight.dtype]!;
  const from = weight.bytes!;
  const halves = new Uint16Array(from.length / size);
  for (let start = 0; start < from.length; start += chunkBytes) {
    const chunk = read(from, start, Math.min(chunkBytes, from.length - start));
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < chunk.length; at += size) {
      const value = elementAt(view, at);
      const half = toHalf(value);
      const index = (start + at) / size;
      if (Number.isFinite(value) && !Number.isFinite(fromHalf(half))) return { overflow: { weight, index: elementIndex(index, weight.dims), value } };
      halves[index] = half;
    }
  }
  return { bytes: littleEndian(halves) };
}

function littleEndian(halves: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(halves.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [index, half] of halves.entries()) view.setUint16(index * 2, half, true);
  return bytes;
}

/** Its result has the weight's name, so that nothing that reads the weight changes. */
function castTo(weight: Initializer, from: string, program: Program): Operation {
  const user = program.steps.find((step): step is Operation => step.kind === 'operation' && step.inputs.includes(weight.name));
  const origin = user?.origin ?? program.steps[0]!.origin;
  const to = { type: 'int', value: BigInt(dtypes[weight.dtype].onnx) } as const;
  return { kind: 'operation', name: `${weight.name}.cast`, op: 'Cast', domain: '', inputs: [from], outputs: [weight.name], attributes: new Map([['to', to]]), origin };
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}#${count}`;
  taken.add(name);
  return name;
}
