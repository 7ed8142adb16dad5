/** Intervals by leaving out a group of rows at a time (Tukey 1958): for statistics that repeated rows, as of a bootstrap, would bend. */
import type { RowGroups } from './groups.ts';
import type { Estimate } from './interval.ts';

/** Quantiles of Student's distribution, by degrees of freedom: one less than there are groups. Two-sided 95 %, and 90 %: each bound at 95 %. */
const student = { 0.95: { 4: 2.7764451052, 9: 2.2621571628 }, 0.9: { 4: 2.1318467863, 9: 1.8331129327 } } as const;
type Level = keyof typeof student;

/** `without` holds the statistic without each of 5 or 10 groups of about equal size. */
export function jackknife(value: number, without: readonly number[], level: Level = 0.95): Estimate {
  const groups = without.length;
  const mean = without.reduce((sum, one) => sum + one, 0) / groups;
  const squares = without.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return around(value, Math.sqrt(((groups - 1) / groups) * squares), groups, level);
}

/** The mean of what was found in each of 5 or 10 groups. */
export const around = (value: number, standardError: number, groups: number, level: Level = 0.95): Estimate => {
  const quantiles: Readonly<Record<number, number>> = student[level];
  const reach = quantiles[groups - 1]! * standardError;
  return { value, interval: { low: value - reach, high: value + reach } };
};

/** The rows that are left without each of `groups` groups, by turns; those that belong `together` are left out together. */
export const leavingOut = (rows: number, groups: number, together?: RowGroups): readonly Uint32Array[] =>
  Array.from({ length: groups }, (_, group) => Uint32Array.from({ length: rows }, (__, row) => row).filter((row) => (together?.of[row] ?? row) % groups !== group));
