/** Classes that a head surely finds less often after a swap than it may, though as a whole it may bear it: accuracy over all rows hides those that are rare. */
import { effectivePairs, normalQuantile, oneSided95, pairedDifference, someGroups, type Estimate } from '../../align/index.ts';
import { judgedRows, type Head } from '../fit/heads.ts';
import { rightOn } from './measure.ts';
import type { SwapData } from './swap.ts';

export interface LostClass {
  readonly head: string;
  /** Its name, or its number where it has none. */
  readonly class: string;
  /** Judged rows of the class. */
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
 * Tango's interval of the paired difference in each class by itself; its bounds hold for all classes of a head at once
 * (Bonferroni), so that of many classes none is told by luck.
 */
export function lostClasses(heads: readonly Head[], data: Pick<SwapData, 'split' | 'together'>): readonly LostClass[] {
  return heads.flatMap(({ name, margin, measured }) => {
    const { labels, sets } = measured.own;
    if (labels === undefined || sets !== undefined) return [];
    const names = measured.type?.shape.axes.at(-1)?.classes?.values;
    const judged = judgedRows(data);
    // A head that is lost as a whole is told by G3.
    if (changeOf(measured, judged, data, oneSided95).interval.high < -margin) return [];
    const classes = [...new Set(judged.map((row) => labels[row]!))].sort((a, b) => a - b);
    const z = normalQuantile(1 - level / classes.length);
    return classes.flatMap((label): LostClass[] => {
      const rows = judged.filter((row) => labels[row] === label);
      const change = changeOf(measured, rows, data, z);
      if (change.interval.high >= -margin) return [];
      return [{ head: name, class: names?.[label] ?? String(label), rows: rows.length, own: share(rightOn(measured.own, rows)), swapped: share(rightOn(measured.swapped, rows)), change, margin }];
    });
  });
}

const changeOf = ({ own, swapped }: Head['measured'], rows: readonly number[], { together }: Pick<SwapData, 'together'>, z: number): Estimate =>
  pairedDifference(effectivePairs(rightOn(swapped, rows), rightOn(own, rows), someGroups(together, rows)), z);

const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length;

/** `kind finds "snake" less often: 0.963 -> 0.000 of 27 rows (-0.963, -0.995 to -0.655), and surely loses more than 2.0 points.` */
export function showLostClass({ head, class: name, rows, own, swapped, change: { value, interval }, margin }: LostClass): string {
  return `${head} finds "${name}" less often: ${own.toFixed(3)} -> ${swapped.toFixed(3)} of ${rows.toLocaleString('en-US')} rows (${value.toFixed(3)}, ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}), and surely loses more than ${(100 * margin).toFixed(1)} points.`;
}
