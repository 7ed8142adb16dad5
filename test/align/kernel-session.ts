/** ONNX Runtime as this room asks for it, and matrices for tests. */
import * as ort from 'onnxruntime-node';
import { createKernels, type Kernels } from '../../src/align/kernels/kernels.ts';
import type { CreateKernelSession, KernelTensor } from '../../src/align/kernels/session.ts';
import type { Features, Matrix } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';

const toOrt = ({ dtype, data, dims }: KernelTensor): ort.Tensor =>
  dtype === 'f32'
    ? new ort.Tensor('float32', data as Float32Array, dims)
    : new ort.Tensor('float64', data as Float64Array, dims);

const fromOrt = ({ type, data, dims }: ort.Tensor): KernelTensor => ({
  dtype: type === 'float32' ? 'f32' : 'f64',
  data: data as Float32Array | Float64Array,
  dims,
});

export const createSession: CreateKernelSession = async (model) => {
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: 'basic',
    // The matrices are small, and threads that wait for each other on a busy machine cost more than they help.
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  return {
    run: async (feeds, outputs) => {
      const results = await session.run(Object.fromEntries([...feeds].map(([name, t]) => [name, toOrt(t)])));
      return new Map(outputs.map((name) => [name, fromOrt(results[name] as ort.Tensor)]));
    },
    release: () => session.release(),
  };
};

export const testKernels = (): Kernels => createKernels(createSession);

export function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => random.normal()) };
}

export function randomFeatures(rows: number, columns: number, seed: number): Features {
  const { data } = randomMatrix(rows, columns, seed);
  return { rows, columns, data: Float32Array.from(data) };
}

/** The definition, in plain loops. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.columns; k++)
      for (let j = 0; j < b.columns; j++)
        data[i * b.columns + j]! += a.data[i * a.columns + k]! * b.data[k * b.columns + j]!;
  return { rows: a.rows, columns: b.columns, data };
}

/** The greatest difference of two elements at the same place. */
export function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let greatest = 0;
  for (let i = 0; i < a.length; i++) greatest = Math.max(greatest, Math.abs(a[i]! - b[i]!));
  return greatest;
}
