/** The interval of a proportion (Wilson 1927): holds its level for few rows and near 0 and 1, too. */
import { designEffect, type RowGroups } from './groups.ts';
import type { Estimate } from './interval.ts';
import { twoSided95 } from './normal.ts';

export function wilson(successes: number, rows: number, z = twoSided95): Estimate {
  if (rows === 0) return { value: NaN, interval: { low: 0, high: 1 } };
  const value = successes / rows;
  const centre = value + (z * z) / (2 * rows);
  const spread = z * Math.sqrt((value * (1 - value)) / rows + (z * z) / (4 * rows * rows));
  const scale = 1 + (z * z) / rows;
  return {
    value,
    interval: { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) },
  };
}

/** The share of rows that are right, where rows may belong together: then as many count as say as much. */
export function shareOf(right: ArrayLike<boolean>, groups: RowGroups | undefined, z = twoSided95): Estimate {
  const values = Uint8Array.from(right, Number);
  const rows = effectiveRows(right, groups);
  return wilson((values.reduce((sum, value) => sum + value, 0) * rows) / values.length, rows, z);
}

/** As many rows of their own as say as much. */
export const effectiveRows = (right: ArrayLike<boolean>, groups: RowGroups | undefined): number => right.length / designEffect(Uint8Array.from(right, Number), groups);
