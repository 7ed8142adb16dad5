/** The learning rate from step to step: a factor of what was asked for. */

export const schedules = {
  constant: () => 1,
  /** Half a cosine, down to 0 (Loshchilov and Hutter 2017, without restarts). */
  cosine: (part: number) => (1 + Math.cos(Math.PI * part)) / 2,
  linear: (part: number) => 1 - part,
} as const satisfies Record<string, (part: number) => number>;

export type Schedule = keyof typeof schedules;

export interface RatePlan {
  readonly rate: number;
  readonly schedule: Schedule;
  /** The share of all steps in which the rate grows from 0 in equal parts. */
  readonly warmup: number;
}

/** The rate of step t, from 1, of `total`. */
export function rateAt(t: number, total: number, { rate, schedule, warmup }: RatePlan): number {
  const rising = Math.round(warmup * total);
  if (t <= rising) return (rate * t) / rising;
  return rate * schedules[schedule]((t - 1 - rising) / Math.max(1, total - rising));
}
