/** Classes and labels that a head surely finds less often after a swap than it may, though as a whole it may bear it: accuracy over all rows hides those that are rare. */
import { effectivePairs, normalQuantile, oneSided95, pairedDifference, someGroups, type Estimate } from '../../align/index.ts';
import { judgedRows, type Head } from '../fit/heads.ts';
import { rightOn, type Measured } from './measure.ts';
import type { SwapData } from './swap.ts';

export interface LostClass {
  readonly head: string;
  /** Of a class or label: its name, or its number where it has none. */
  readonly class: string;
  /** Labels are of heads of which several may hold at once. */
  readonly of: 'class' | 'label';
  /** Judged rows of the class, or that have the label. */
  readonly rows: number;
  /** Of them the share that the head finds, before and after. */
  readonly own: number;
  readonly swapped: number;
  readonly change: Estimate;
  /** How much of it may be lost. */
  readonly margin: number;
}

const level = 0.05;

/**
 * Tango's interval of the paired difference in each class by itself, or in the rows that have a label; its bounds hold for all classes or labels of a
 * head at once (Bonferroni), so that of many none is told by luck.
 */
export function lostClasses(heads: readonly Head[], data: Pick<SwapData, 'split' | 'together'>): readonly LostClass[] {
  return heads.flatMap(({ name, margin, measured }) => {
    if (measured.own.labels === undefined) return [];
    const names = measured.type?.shape.axes.at(-1)?.classes?.values;
    const judged = judgedRows(data);
    // A head that is lost as a whole is told by G3.
    if (changeOf(pairOf(measured, rightOn, judged), judged, data, oneSided95).interval.high < -margin) return [];
    const found = findingsOf(measured.own, judged);
    const z = normalQuantile(1 - level / found.length);
    return found.flatMap(({ label, rows, isFound }): LostClass[] => {
      const pair = pairOf(measured, isFound, rows);
      const change = changeOf(pair, rows, data, z);
      if (change.interval.high >= -margin) return [];
      return [{ head: name, class: names?.[label] ?? String(label), of: measured.own.sets === undefined ? 'class' : 'label', rows: rows.length, own: share(pair.own), swapped: share(pair.swapped), change, margin }];
    });
  });
}

/** A class or a label, the judged rows that have it, and whether it is found there. */
interface Finding {
  readonly label: number;
  readonly rows: readonly number[];
  isFound(of: Measured, rows: readonly number[]): boolean[];
}

function findingsOf({ labels, sets }: Measured, judged: readonly number[]): readonly Finding[] {
  if (sets === undefined) {
    const classes = [...new Set(judged.map((row) => labels![row]!))].sort((a, b) => a - b);
    return classes.map((label) => ({ label, rows: judged.filter((row) => labels![row] === label), isFound: rightOn }));
  }
  const { columns, data } = sets.truth;
  return Array.from({ length: columns }, (_, label): Finding => ({
    label,
    rows: judged.filter((row) => data[row * columns + label] === 1),
    isFound: ({ prediction }, rows) => rows.map((row) => prediction.data[row * columns + label]! > 0.5),
  })).filter(({ rows }) => rows.length > 0);
}

interface Pair {
  readonly own: boolean[];
  readonly swapped: boolean[];
}

const pairOf = ({ own, swapped }: Head['measured'], of: Finding['isFound'], rows: readonly number[]): Pair => ({ own: of(own, rows), swapped: of(swapped, rows) });

const changeOf = ({ own, swapped }: Pair, rows: readonly number[], { together }: Pick<SwapData, 'together'>, z: number): Estimate =>
  pairedDifference(effectivePairs(swapped, own, someGroups(together, rows)), z);

const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length;

/** `kind finds "snake" less often: 0.963 -> 0.000 of 27 rows (-0.963, -0.995 to -0.655), and surely loses more than 2.0 points.` */
export function showLostClass({ head, class: name, rows, own, swapped, change: { value, interval }, margin }: LostClass): string {
  return `${head} finds "${name}" less often: ${own.toFixed(3)} -> ${swapped.toFixed(3)} of ${rows.toLocaleString('en-US')} rows (${value.toFixed(3)}, ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}), and surely loses more than ${(100 * margin).toFixed(1)} points.`;
}
