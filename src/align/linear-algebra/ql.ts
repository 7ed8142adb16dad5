/** Eigenvalues and eigenvectors of a tridiagonal matrix by the QL method with implicit shifts (EISPACK's tql2). */
import type { Matrix } from '../matrix.ts';

/**
 * An eigenvalue takes two or three. It is all of them together that are counted: where values fall to nothing one waits for hundreds of steps, by which the
 * others come to their end. NaN never would.
 */
const iterationsEach = 60;

/**
 * Turns `diagonal` into the eigenvalues, in no order, and `below` into zeros; the rotations are applied to the rows of
 * `rows`, which become the eigenvectors where they were the identity's. Throws where a number is not finite.
 */
export function diagonalise(diagonal: Float64Array, below: Float64Array, rows: Matrix): void {
  const n = diagonal.length;
  const rotations = createRotations(n);
  const d = diagonal;
  const e = below;
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  const largest = largestOf(d, e);
  if (!Number.isFinite(largest)) throw notFinite();
  const least = Number.EPSILON ** 2 * largest;
  let iterations = 0;
  for (let l = 0; l < n; l++) {
    for (;;) {
      const m = smallBelow(d, e, l, least);
      if (m === l) break;
      if (iterations++ === iterationsEach * n) throw notFinite();
      if (rotations.count + n > rotations.capacity) applyTo(rows, rotations);
      step(d, e, l, m, rotations);
    }
  }
  applyTo(rows, rotations);
}

export const notFinite = (): Error => new Error('a matrix to be decomposed holds numbers that are not finite');

const largestOf = (...vectors: readonly Float64Array[]): number => vectors.reduce((most, vector) => vector.reduce((size, value) => Math.max(size, Math.abs(value)), most), 0);

/**
 * The first m from l on where e[m] is negligible beside its neighbours on the diagonal, or no more than `least`: where a matrix has many zeros
 * its neighbours may be 0, and what rounding has left of e[m] shrinks no further.
 */
function smallBelow(d: Float64Array, e: Float64Array, l: number, least: number): number {
  let m = l;
  for (; m < d.length - 1; m++) {
    const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
    if (Math.abs(e[m]!) <= Math.max(least, Number.EPSILON * size)) break;
  }
  return m;
}

/** One implicit QL step on rows l to m, with Wilkinson's shift. */
function step(d: Float64Array, e: Float64Array, l: number, m: number, rotations: Rotations): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix has split: what is left is a smaller one.
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    record(rotations, i, s, c);
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

/** Rotations that wait to be applied: many at once to a few columns, which then stay in the cache. */
interface Rotations {
  readonly capacity: number;
  count: number;
  readonly rows: Uint32Array;
  readonly sines: Float64Array;
  readonly cosines: Float64Array;
}

/** A step makes fewer rotations than there are rows. */
const spareSteps = 64;
const blockColumns = 64;

function createRotations(rows: number): Rotations {
  const capacity = spareSteps * rows;
  const numbers = (): Float64Array => new Float64Array(capacity);
  return { capacity, count: 0, rows: new Uint32Array(capacity), sines: numbers(), cosines: numbers() };
}

function record(rotations: Rotations, row: number, sine: number, cosine: number): void {
  const at = rotations.count++;
  rotations.rows[at] = row;
  rotations.sines[at] = sine;
  rotations.cosines[at] = cosine;
}

/** Rows i and i + 1 turned by each rotation, in their order. */
function applyTo({ columns, data }: Matrix, rotations: Rotations): void {
  for (let from = 0; from < columns; from += blockColumns) {
    const width = Math.min(blockColumns, columns - from);
    for (let r = 0; r < rotations.count; r++) {
      const s = rotations.sines[r]!;
      const c = rotations.cosines[r]!;
      const upper = rotations.rows[r]! * columns + from;
      const lower = upper + columns;
      for (let k = 0; k < width; k++) {
        const x = data[upper + k]!;
        const y = data[lower + k]!;
        data[lower + k] = s * x + c * y;
        data[upper + k] = c * x - s * y;
      }
    }
  }
  rotations.count = 0;
}
