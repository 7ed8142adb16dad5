/**
 * The eigenvalues and eigenvectors of diag(d) + rho z z': the former are the roots of 1 / rho + sum of z_i² / (d_i - x), one behind each d_i, by
 * rational interpolation (Li 1994); the latter belong to a z that has exactly these roots, by which they are orthogonal (Gu and Eisenstat 1994).
 */

export interface RankOneUpdate {
  /** Ascending, no two of them equal. */
  readonly d: Float64Array;
  /** None 0. */
  readonly z: Float64Array;
  /** Above 0. */
  readonly rho: number;
}

export interface UpdatedEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** Row j is the eigenvector of value j, of length 1. */
  readonly vectors: Float64Array;
}

/** Rounding leaves a root where it is long before. */
const maxIterations = 200;

export function solveRankOne({ d, z, rho }: RankOneUpdate): UpdatedEigen {
  const k = d.length;
  const weights = z.map((value) => value * value);
  const values = new Float64Array(k);
  // Row j: d_i - values[j], from the nearest pole and not from the value, which has too few digits.
  const gaps = new Float64Array(k * k);
  for (let j = 0; j < k; j++) values[j] = findRoot({ d, weights, level: 1 / rho, j, gaps: gaps.subarray(j * k, (j + 1) * k) });
  const exact = fittingZ(d, z, rho, gaps);
  for (let j = 0; j < k; j++) {
    let squares = 0;
    for (let i = 0, at = j * k; i < k; i++, at++) {
      gaps[at] = exact[i]! / gaps[at]!;
      squares += gaps[at]! ** 2;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let at = j * k; at < (j + 1) * k; at++) gaps[at]! *= scale;
  }
  return { values, vectors: gaps };
}

interface RootSearch {
  readonly d: Float64Array;
  readonly weights: Float64Array;
  /** 1 / rho. */
  readonly level: number;
  /** The root behind d_j. */
  readonly j: number;
  /** To be filled: d_i less the root. */
  readonly gaps: Float64Array;
}

/** The root, in the coordinates of the pole that it is next to. */
function findRoot(search: RootSearch): number {
  const { d, weights, level, j, gaps } = search;
  const k = d.length;
  const isLast = j === k - 1;
  const width = isLast ? weights.reduce((sum, value) => sum + value, 0) / level : d[j + 1]! - d[j]!;
  let offset = width / 2;
  let origin = d[j]!;
  let [low, high] = [0, isLast ? width : offset];
  let at = evaluate(search, origin, offset);
  if (!isLast && at.value < 0) {
    origin = d[j + 1]!;
    [low, high, offset] = [-offset, 0, -offset];
    at = evaluate(search, origin, offset);
  }
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (Math.abs(at.value) <= Number.EPSILON * (level + at.size)) break;
    if (at.value < 0) low = offset;
    else high = offset;
    let next = offset + (isLast ? stepBehindAll(at, gaps[j]!) : stepBetween(at, gaps[j]!, gaps[j + 1]!));
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - offset) <= Number.EPSILON * Math.abs(next)) break;
    offset = next;
    at = evaluate(search, origin, offset);
  }
  return origin + offset;
}

interface Evaluated {
  readonly value: number;
  /** The sum of the sizes of all terms: what rounding goes by. */
  readonly size: number;
  /** The derivatives of the terms up to the root's own pole, and of those behind. */
  readonly before: number;
  readonly behind: number;
}

/** At origin + offset; leaves the gaps of that place. */
function evaluate({ d, weights, level, j, gaps }: RootSearch, origin: number, offset: number): Evaluated {
  let [below, before, above, behind] = [0, 0, 0, 0];
  for (let i = 0; i <= j; i++) {
    const gap = d[i]! - origin - offset;
    gaps[i] = gap;
    const term = weights[i]! / gap;
    below += term;
    before += term / gap;
  }
  for (let i = d.length - 1; i > j; i--) {
    const gap = d[i]! - origin - offset;
    gaps[i] = gap;
    const term = weights[i]! / gap;
    above += term;
    behind += term / gap;
  }
  return { value: level + below + above, size: above - below, before, behind };
}

/** To the root of c + s / (p - x) + t / (q - x) that has the value and both derivatives here. */
function stepBetween({ value, before, behind }: Evaluated, p: number, q: number): number {
  const c = value - p * before - q * behind;
  const a = (p + q) * value - p * q * (before + behind);
  const b = p * q * value;
  const root = Math.sqrt(Math.max(0, a * a - 4 * b * c));
  return a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
}

/** To the root of r + s / (p - x). */
const stepBehindAll = ({ value, before }: Evaluated, p: number): number => p + (p * p * before) / (value - p * before);

/** The z of which the roots that were found are the exact ones (Löwner's formula). */
function fittingZ(d: Float64Array, z: Float64Array, rho: number, gaps: Float64Array): Float64Array {
  const k = d.length;
  const squares = new Float64Array(k);
  for (let i = 0; i < k; i++) squares[i] = -gaps[(k - 1) * k + i]! / rho;
  // Row by row, as the gaps lie.
  for (let j = 0; j < k - 1; j++) {
    for (let i = 0; i <= j; i++) squares[i]! *= gaps[j * k + i]! / (d[i]! - d[j + 1]!);
    for (let i = j + 1; i < k; i++) squares[i]! *= gaps[j * k + i]! / (d[i]! - d[j]!);
  }
  return squares.map((square, i) => Math.sign(z[i]!) * Math.sqrt(Math.max(0, square)));
}
