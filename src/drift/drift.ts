/** Whether the vectors of today come from where those of a record came from, and what of them moved. */
import { holm } from '../align/statistics/permutation.ts';
import { rowsThatDecide } from './decisive.ts';
import { rowsOf, sampleOf } from './make-record.ts';
import type { SpaceRecord, Vectors } from './record.ts';
import { energyDistance, kolmogorovSmirnov, type TwoSample } from './two-sample.ts';

/** One statistic then and now. */
export interface DriftTest extends TwoSample {
  /** `norm of a row`, `column 17` */
  readonly statistic: string;
  /** Its mean in the record's rows and in today's; absent of all columns together. */
  readonly before?: number;
  readonly now?: number;
  /** The p as if it had been the only test of its family (Holm). */
  readonly adjusted: number;
}

export interface Drift {
  readonly rows: number;
  /** Rows of today that hold NaN or infinity. */
  readonly notFinite: number;
  /** Of whole rows, then of all columns, those that moved most first. */
  readonly tests: readonly DriftTest[];
  /** The tests that are significant. */
  readonly moved: readonly DriftTest[];
  readonly drifted: boolean;
  /** Where nothing moved, and the rows were too few to show it: how many would decide, of today or of both the record and today. */
  readonly needed?: { readonly rows: number; readonly of: 'today' | 'both' };
}

/** Two families, rows and columns, share a level of .01. */
export const driftLevel = 0.005;
const mostPermuted = 500;

/** Undefined where the vectors of today have another width: then they are of another encoder. */
export function driftOf(record: SpaceRecord, today: Vectors, seed: number): Drift | undefined {
  if (today.columns !== record.columns) return undefined;
  const finite = finiteRows(today);
  const notFinite = today.rows - finite.rows;
  const needed = neededRows(record.sample.rows, finite.rows);
  if (finite.rows < 2) return { rows: today.rows, notFinite, tests: [], moved: [], drifted: notFinite > 0, ...(notFinite > 0 || needed === undefined ? {} : { needed }) };
  const [before, now] = [record.sample, sampleOf(finite, seed)];
  const tests = [...adjusted(wholeRows(record, before, now, seed)), ...adjusted(columnsOf(before, now)).sort((a, b) => a.p - b.p || b.distance - a.distance)];
  const moved = tests.filter((test) => test.adjusted <= driftLevel);
  const drifted = notFinite > 0 || moved.length > 0;
  return { rows: today.rows, notFinite, tests, moved, drifted, ...(drifted || needed === undefined ? {} : { needed }) };
}

/** All columns together, and three statistics of rows: see `wholeRows`. */
const rowTests = 4;

/** How many rows would decide, where these do not. */
function neededRows(recorded: number, rows: number): Drift['needed'] {
  const level = driftLevel / rowTests;
  const today = rowsThatDecide(recorded, level);
  if (today !== undefined) return rows >= today ? undefined : { rows: today, of: 'today' };
  let both = recorded;
  while ((rowsThatDecide(both, level) ?? Infinity) > both) both += 1;
  return { rows: both, of: 'both' };
}

type Test = Omit<DriftTest, 'adjusted'>;

function adjusted(tests: readonly Test[]): DriftTest[] {
  const ps = holm(tests.map(({ p }) => p));
  return tests.map((test, i) => ({ ...test, adjusted: ps[i]! }));
}

function wholeRows({ mean, deviation }: SpaceRecord, before: Vectors, now: Vectors, seed: number): readonly Test[] {
  // Rows lie nearer to a mean that they are in than others do: where the space lies about 0, that alone would be drift.
  const [first, others] = halvesOf(before);
  const fresh = without(now, first);
  const centre = centreOf(first);
  const size = Math.hypot(...centre);
  const statistics: Readonly<Record<string, (row: Float32Array) => number>> = {
    'norm of a row': (row) => Math.hypot(...row),
    'mean |a| of a row': (row) => row.reduce((sum, value) => sum + Math.abs(value), 0) / row.length,
  };
  const cosine = (row: Float32Array): number => row.reduce((sum, value, j) => sum + value * centre[j]!, 0) / (Math.hypot(...row) * size || 1);
  const standardised = (vectors: Vectors): Vectors => {
    const rows = Math.min(vectors.rows, mostPermuted);
    const { columns, data } = vectors;
    return { rows, columns, data: data.slice(0, rows * columns).map((value, at) => (value - mean[at % columns]!) / (deviation[at % columns] || 1)) };
  };
  return [
    { statistic: 'all columns together', ...energyDistance(standardised(before), standardised(now), { seed }) },
    ...Object.entries(statistics).map(([statistic, of]) => compared(statistic, rowsOf(before, of), rowsOf(now, of))),
    ...(fresh.rows === 0 ? [] : [compared('cosine of a row with the recorded mean', rowsOf(others, cosine), rowsOf(fresh, cosine))]),
  ];
}

/** Rows that were drawn by chance, in two. */
function halvesOf({ rows, columns, data }: Vectors): readonly [Vectors, Vectors] {
  const half = Math.floor(rows / 2);
  return [{ rows: half, columns, data: data.subarray(0, half * columns) }, { rows: rows - half, columns, data: data.subarray(half * columns) }];
}

/** The rows that are, but for rounding, none of these: of the same data some are. */
function without({ rows, columns, data }: Vectors, others: Vectors): Vectors {
  const rowAt = (vectors: Float32Array, i: number): Float32Array => vectors.subarray(i * columns, (i + 1) * columns);
  const known = Array.from({ length: others.rows }, (_, i) => rowAt(others.data, i));
  const most = known.map((row) => sameWithin ** 2 * row.reduce((sum, value) => sum + value ** 2, 0));
  const isSame = (row: Float32Array, other: Float32Array, atMost: number): boolean => {
    let squares = 0;
    for (let j = 0; j < columns && squares <= atMost; j++) squares += (row[j]! - other[j]!) ** 2;
    return squares <= atMost;
  };
  const kept = Array.from({ length: rows }, (_, i) => rowAt(data, i)).filter((row) => !known.some((other, i) => isSame(row, other, most[i]!)));
  const result = new Float32Array(kept.length * columns);
  kept.forEach((row, i) => result.set(row, i * columns));
  return { rows: kept.length, columns, data: result };
}

/** Of the length of a row: kernels of two processors differ by less. */
const sameWithin = 1e-3;

function centreOf({ rows, columns, data }: Vectors): Float64Array {
  const centre = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) centre[at % columns]! += data[at]! / rows;
  return centre;
}

const columnsOf = (before: Vectors, now: Vectors): readonly Test[] =>
  Array.from({ length: before.columns }, (_, j) => compared(`column ${j}`, rowsOf(before, (row) => row[j]!), rowsOf(now, (row) => row[j]!)));

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const compared = (statistic: string, before: Float64Array, now: Float64Array): Test => ({ statistic, before: meanOf(before), now: meanOf(now), ...kolmogorovSmirnov(before, now) });

function finiteRows({ rows, columns, data }: Vectors): Vectors {
  const kept = Array.from({ length: rows }, (_, i) => data.subarray(i * columns, (i + 1) * columns)).filter((row) => row.every(Number.isFinite));
  if (kept.length === rows) return { rows, columns, data };
  const result = new Float32Array(kept.length * columns);
  kept.forEach((row, i) => result.set(row, i * columns));
  return { rows: kept.length, columns, data: result };
}
