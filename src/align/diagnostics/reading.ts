/** A measured number with all that says how far to believe it. */
import type { Estimate, Interval } from '../statistics/interval.ts';

export interface Reading {
  readonly value: number;
  /** At 95 %, two-sided. */
  readonly interval?: Interval;
  /** What it is on average where pairs are dealt out by chance; undefined where a null says how often that does as well, and not how well. */
  readonly chance?: number;
  /** How often chance does as well. */
  readonly p?: number;
}

/** By what they are called for people. */
export type Readings = Readonly<Record<string, Reading>>;

export const reading = ({ value, interval }: Estimate, against: Pick<Reading, 'chance' | 'p'> = {}): Reading => ({ value, interval, ...against });
