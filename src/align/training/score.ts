/** How well what was learned does on rows that it was not learned from, in the terms of its first loss. */
import { rowsOf, countOf } from './batches.ts';
import type { LossOperand } from './losses.ts';
import type { OpenProgram, TrainingProblem } from './problem.ts';
import { lossPort, lossProgram } from './step.ts';
import { feedsOf } from './train.ts';

export interface HeldScore {
  readonly measure: string;
  readonly mean: number;
  readonly standardError: number;
  /** The score of the best answer that is the same for all rows, where it is known. */
  readonly constant?: number;
}

/** One number a row, of the prediction and of the target. */
type RowScore = (prediction: Float32Array, target: Float32Array) => number;

interface RowMeasure {
  readonly measure: string;
  readonly of: RowScore;
  readonly constant?: (targets: readonly Float32Array[]) => number;
}

const indexOfMost = (values: Float32Array): number => values.indexOf(values.reduce((most, value) => Math.max(most, value), -Infinity));

const byRow: Readonly<Record<string, RowMeasure>> = {
  cross_entropy: { measure: 'accuracy', of: (p, y) => Number(indexOfMost(p) === indexOfMost(y)), constant: commonestClass },
  binary_cross_entropy: { measure: 'accuracy of each label', of: (p, y) => p.reduce((right, value, i) => right + Number(value > 0.5 === y[i]! > 0.5), 0) / p.length, constant: commonestLabels },
  cosine: { measure: 'cosine', of: (a, b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b) || 1) },
};

/** The share of the rows that have the class which most have. */
function commonestClass(targets: readonly Float32Array[]): number {
  const counts = new Float64Array(targets[0]!.length);
  for (const target of targets) counts[indexOfMost(target)]! += 1;
  return Math.max(...counts) / targets.length;
}

/** The same of each label by itself: the mean share of what it mostly is. */
function commonestLabels(targets: readonly Float32Array[]): number {
  const width = targets[0]!.length;
  const shares = Array.from({ length: width }, (_, label) => targets.filter((target) => target[label] === 1).length / targets.length);
  return shares.reduce((sum, share) => sum + Math.max(share, 1 - share) / width, 0);
}

const explained: readonly string[] = ['mse', 'mae', 'huber'];

/** Numbers of both sides that are judged: of more rows some, evenly. */
const mostNumbers = 2 ** 24;

function judgedRows({ columns }: TrainingProblem, rows: Uint32Array): Uint32Array {
  const width = Math.max(1, ...columns.map(({ dims }) => countOf(dims)));
  const step = Math.ceil((2 * width * rows.length) / mostNumbers);
  return step <= 1 ? rows : rows.filter((_, i) => i % step === 0);
}

/** Rows that go through at once. */
const pieceRows = 1024;

export async function scoreHeld(problem: TrainingProblem, parameters: readonly Float32Array[], rows: Uint32Array, open: OpenProgram): Promise<HeldScore | undefined> {
  const [loss] = problem.losses;
  const row = byRow[loss!.name];
  if (loss!.operands.length < 2 || (row === undefined && !explained.includes(loss!.name))) return undefined;
  const { prediction, target } = await heldVectors(problem, parameters, judgedRows(problem, rows), open);
  if (row !== undefined) return { measure: row.measure, ...meanOf(prediction.map((vector, i) => row.of(vector, target[i]!))), ...(row.constant && { constant: row.constant(target) }) };
  return { measure: 'R²', ...explainedPart(prediction, target), constant: 0 };
}

export interface HeldVectors {
  readonly prediction: readonly Float32Array[];
  /** The side that stands in the data, where only one does. */
  readonly target: readonly Float32Array[];
}

/** What the first loss compares, row by row. */
export async function heldVectors(problem: TrainingProblem, parameters: readonly Float32Array[], rows: Uint32Array, open: OpenProgram): Promise<HeldVectors> {
  const [a, b] = problem.losses[0]!.operands as [LossOperand, LossOperand];
  const isColumn = ({ value }: LossOperand): boolean => problem.columns.some((column) => column.value === value);
  const session = await open(lossProgram(problem, [a, b].filter((operand) => !isColumn(operand)).map(({ value }) => value)));
  try {
    const [first, second]: [Float32Array[], Float32Array[]] = [[], []];
    for (let from = 0; from < rows.length; from += pieceRows) {
      const piece = rows.subarray(from, from + pieceRows);
      const results = await session.run(feedsOf(problem, parameters, piece), [lossPort, ...[a, b].filter((operand) => !isColumn(operand)).map(({ value }) => value)]);
      const vectors = ({ value }: LossOperand): Float32Array[] => {
        const column = problem.columns.find((one) => one.value === value);
        const data = (column === undefined ? results.get(value)!.data : rowsOf(column, piece).data) as Float32Array;
        const width = column === undefined ? data.length / piece.length : countOf(column.dims);
        return Array.from({ length: piece.length }, (_, i) => data.subarray(i * width, (i + 1) * width));
      };
      first.push(...vectors(a));
      second.push(...vectors(b));
    }
    return isColumn(a) && !isColumn(b) ? { prediction: second, target: first } : { prediction: first, target: second };
  } finally {
    await session.release();
  }
}

function meanOf(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** 1 - Σ error² / Σ (y - mean)²; its standard error is that of a ratio of two sums (Cochran 1977, 2.34). */
export function explainedPart(prediction: readonly Float32Array[], target: readonly Float32Array[]): { readonly mean: number; readonly standardError: number } {
  const width = target[0]!.length;
  const centre = new Float64Array(width);
  for (const vector of target) vector.forEach((value, j) => (centre[j]! += value / target.length));
  const squared = (vector: Float32Array, from: ArrayLike<number>): number => vector.reduce((sum, value, j) => sum + (value - from[j]!) ** 2, 0);
  const errors = target.map((vector, i) => squared(vector, prediction[i]!));
  const variances = target.map((vector) => squared(vector, centre));
  const [error, variance] = [errors, variances].map((values) => values.reduce((sum, value) => sum + value, 0)) as [number, number];
  if (!(variance > 0)) return { mean: 0, standardError: 0 };
  const ratio = error / variance;
  const n = target.length;
  const squares = errors.reduce((sum, value, i) => sum + (value - ratio * variances[i]!) ** 2, 0);
  return { mean: 1 - ratio, standardError: Math.sqrt((n * squares) / (n - 1)) / variance };
}
