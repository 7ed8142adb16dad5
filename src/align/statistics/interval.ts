/** A measured number, and between what it lies. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}
