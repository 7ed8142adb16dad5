/**
 * Eigenvalues and eigenvectors of a tridiagonal matrix by dividing it (Cuppen 1981; LAPACK's dstedc): both halves, and then the two joined, which
 * is an update of rank one between what the halves have come to. Nearly all of it is products, which the kernels do.
 */
import type { Kernels } from '../kernels/kernels.ts';
import { identity, zeros, type Matrix } from '../matrix.ts';
import { diagonalise } from './ql.ts';
import { solveRankOne } from './secular.ts';

export interface Decomposed {
  /** Ascending. */
  readonly values: Float64Array;
  /** Row i belongs to value i; orthonormal. */
  readonly rows: Matrix;
}

const leafRows = 32;

/** `below[i]` stands at (i, i - 1). The elements have to be about 1 in size. Rejects where a number is not finite. */
export async function divide(kernels: Kernels, diagonal: Float64Array, below: Float64Array): Promise<Decomposed> {
  const n = diagonal.length;
  if (n <= leafRows) return leaf(diagonal, below);
  const half = Math.ceil(n / 2);
  const joint = below[half]!;
  // T = [T1 0; 0 T2] + |joint| u u' with u = 1 at the last row of T1 and the sign of the joint at the first of T2.
  const [upper, lower] = [diagonal.slice(0, half), diagonal.slice(half)];
  upper[half - 1]! -= Math.abs(joint);
  lower[0]! -= Math.abs(joint);
  return join(kernels, await divide(kernels, upper, below.subarray(0, half)), await divide(kernels, lower, below.subarray(half)), joint);
}

function leaf(diagonal: Float64Array, below: Float64Array): Decomposed {
  const n = diagonal.length;
  const [values, vectors] = [Float64Array.from(diagonal), identity(n)];
  if (n > 0) diagonalise(values, Float64Array.from(below), vectors);
  return sorted(values, vectors);
}

function sorted(values: Float64Array, { columns, data }: Matrix): Decomposed {
  const order = Uint32Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const rows = zeros(order.length, columns);
  for (const [to, from] of order.entries()) rows.data.set(data.subarray(from * columns, (from + 1) * columns), to * columns);
  return { values: Float64Array.from(order, (i) => values[i]!), rows };
}

/** diag(d) + rho z z' in the basis of the rows, d ascending. */
interface Joined {
  readonly d: Float64Array;
  readonly z: Float64Array;
  readonly rho: number;
  readonly rows: Matrix;
  /** Whether a row has anything in its first `half` columns, and in the others. */
  readonly isUpper: Uint8Array;
  readonly isLower: Uint8Array;
  readonly half: number;
}

async function join(kernels: Kernels, upper: Decomposed, lower: Decomposed, joint: number): Promise<Decomposed> {
  const joined = sideBySide(upper, lower, joint);
  const { d, z, rho, rows } = joined;
  const kept = deflate(joined);
  const { values, vectors } = solveRankOne({ d: pick(d, kept), z: pick(z, kept), rho });
  const turned = await turn(kernels, joined, kept, vectors);
  for (const [j, i] of kept.entries()) {
    d[i] = values[j]!;
    rows.data.set(turned.data.subarray(j * rows.columns, (j + 1) * rows.columns), i * rows.columns);
  }
  return sorted(d, rows);
}

const pick = (values: Float64Array, places: readonly number[]): Float64Array => Float64Array.from(places, (i) => values[i]!);

function sideBySide(upper: Decomposed, lower: Decomposed, joint: number): Joined {
  const [half, n] = [upper.values.length, upper.values.length + lower.values.length];
  const all = Float64Array.from([...upper.values, ...lower.values]);
  const order = Uint32Array.from(all, (_, i) => i).sort((i, j) => all[i]! - all[j]!);
  const [z, rows] = [new Float64Array(n), zeros(n, n)];
  for (const [to, from] of order.entries()) {
    const isUpper = from < half;
    const row = isUpper ? rowOf(upper.rows, from) : rowOf(lower.rows, from - half);
    z[to] = (isUpper ? row.at(-1)! : Math.sign(joint) * row[0]!) * Math.SQRT1_2;
    rows.data.set(row, to * n + (isUpper ? 0 : half));
  }
  const isUpper = Uint8Array.from(order, (from) => (from < half ? 1 : 0));
  return { d: Float64Array.from(order, (from) => all[from]!), z, rho: 2 * Math.abs(joint), rows, isUpper, isLower: isUpper.map((is) => 1 - is), half };
}

const rowOf = ({ columns, data }: Matrix, i: number): Float64Array => data.subarray(i * columns, (i + 1) * columns);

/**
 * The places that take part in the update: not those whose z is negligible, and of two values that are as good as equal not the first, whose z a
 * rotation makes 0. What stays out is an eigenvalue with its vector already.
 */
function deflate({ d, z, rho, rows, isUpper, isLower }: Joined): readonly number[] {
  const largest = Math.max(...[d, z].map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  const negligible = 8 * Number.EPSILON * largest;
  const kept: number[] = [];
  for (let i = 0; i < d.length; i++) {
    if (rho * Math.abs(z[i]!) <= negligible) continue;
    const last = kept.at(-1);
    if (last !== undefined) {
      const length = Math.hypot(z[last]!, z[i]!);
      const [c, s] = [z[i]! / length, -z[last]! / length];
      if (Math.abs((d[i]! - d[last]!) * c * s) <= negligible) {
        rotate(rowOf(rows, last), rowOf(rows, i), c, s);
        isUpper[last] = isUpper[i] = isUpper[last]! | isUpper[i]!;
        isLower[last] = isLower[i] = isLower[last]! | isLower[i]!;
        [z[last], z[i]] = [0, length];
        [d[last], d[i]] = [d[last]! * c * c + d[i]! * s * s, d[last]! * s * s + d[i]! * c * c];
        kept.pop();
      }
    }
    kept.push(i);
  }
  return kept;
}

function rotate(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = c * a + s * b;
    y[i] = c * b - s * a;
  }
}

/** The vectors of the update times the rows that take part; half of those is zeros. */
async function turn(kernels: Kernels, { rows, isUpper, isLower, half }: Joined, kept: readonly number[], vectors: Float64Array): Promise<Matrix> {
  const [k, n] = [kept.length, rows.columns];
  const turned = zeros(k, n);
  for (const [is, from, to] of [[isUpper, 0, half], [isLower, half, n]] as const) {
    const own = [...kept.keys()].filter((i) => is[kept[i]!] === 1);
    const [factors, part] = [zeros(k, own.length), zeros(own.length, to - from)];
    for (const [at, i] of own.entries()) {
      for (let j = 0; j < k; j++) factors.data[j * own.length + at] = vectors[j * k + i]!;
      part.data.set(rowOf(rows, kept[i]!).subarray(from, to), at * (to - from));
    }
    const product = await kernels.product(factors, part);
    for (let j = 0; j < k; j++) turned.data.set(rowOf(product, j), j * n + from);
  }
  return turned;
}
