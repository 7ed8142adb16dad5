/** The charts of a report as data: what is drawn, and what a reader who cannot see it gets instead. */

export type Chart = LineChart | ReliabilityChart | MatrixChart | PointChart | TrendChart;

interface ChartBase<K extends string> {
  readonly kind: K;
  /** What it shows, in a few words: its accessible name. */
  readonly title: string;
  /** What is to be seen, in a sentence. */
  readonly summary: string;
}

/** Lines over ranks, both axes logarithmic. */
export interface LineChart extends ChartBase<'lines'> {
  readonly x: string;
  readonly y: string;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Accuracy by confidence, both from 0 to 1. */
export interface ReliabilityChart extends ChartBase<'reliability'> {
  readonly bins: readonly { readonly rows: number; readonly confidence: number; readonly accuracy: number; readonly low: number; readonly high: number }[];
}

/** A number for each pair of names. */
export interface MatrixChart extends ChartBase<'matrix'> {
  readonly rows: { readonly title: string; readonly names: readonly string[] };
  readonly columns: { readonly title: string; readonly names: readonly string[] };
  readonly values: readonly (readonly number[])[];
  /** `share`: of its row's sum, on a scale that lets small ones be seen. `unit`: from 0 to 1. `change`: more is better on the diagonal, and worse off it. */
  readonly shade: 'share' | 'unit' | 'change';
}

/** Points of groups on two axes. */
export interface PointChart extends ChartBase<'points'> {
  readonly axes: readonly [x: string, y: string];
  readonly points: readonly (readonly [number, number])[];
  readonly group: readonly number[];
  readonly groups: readonly string[];
  /** What both axes reach to, so that charts beside each other have the same. */
  readonly reach: { readonly x: readonly [number, number]; readonly y: readonly [number, number] };
}

/** A number by runs, the oldest first. */
export interface TrendChart extends ChartBase<'trend'> {
  readonly runs: readonly { readonly at: string; readonly value: number; readonly mark?: 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'changed' }[];
}
