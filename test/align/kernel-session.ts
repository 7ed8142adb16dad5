/** The project's own runtime as this room asks for it, and matrices for tests. */
import { createKernels, type Kernels } from '../../src/align/kernels/kernels.ts';
import type { CreateKernelSession } from '../../src/align/kernels/session.ts';
import type { Features, Matrix } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import { createSession as createRuntimeSession, importOrt } from '../../src/runtime/ort.ts';

export const createSession: CreateKernelSession = async (model) =>
  createRuntimeSession(await importOrt(), model, {
    provider: 'cpu',
    optimization: 'basic',
    // The matrices are small, and threads that wait for each other on a busy machine cost more than they help.
    threads: 1,
  });

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
