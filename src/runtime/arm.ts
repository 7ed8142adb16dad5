/** An arm of a rollout: its head, its share of the traffic, and what is known of how it does. */
import type { HeadSession } from './chain.ts';

/** Upper ends of the buckets of a latency histogram, in milliseconds; the last bucket has none. */
export const latencyBuckets = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

export interface ArmStatistics {
  readonly name: string;
  /** Of the traffic, from 0 to 1; 0 for a shadow, and for an arm that was taken out. */
  readonly share: number;
  readonly requests: number;
  readonly errors: number;
  /** Requests by `latencyBuckets`, and those beyond the last. */
  readonly latency: readonly number[];
  /** Of a shadow: rows that were compared with the answer that was given, and those where it differed. */
  readonly compared: number;
  readonly disagreed: number;
  /** Of a shadow: requests that it was spared because it was behind. */
  readonly shed: number;
  /** Why it gets no traffic any more. */
  readonly out?: string;
}

/** When an arm is taken out of the traffic, within any `over` requests. */
export interface RollbackRule {
  readonly over: number;
  /** More errors than this share of `over`. */
  readonly errorRate?: number;
  /** More than one request in a hundred that takes longer. */
  readonly p99Milliseconds?: number;
}

export interface Arm {
  readonly name: string;
  readonly head: HeadSession;
  share: number;
  requests: number;
  errors: number;
  latency: number[];
  compared: number;
  disagreed: number;
  shed: number;
  out: string | undefined;
  /** Since the rule was last at rest. */
  window: { requests: number; errors: number; slow: number };
}

export const createArm = (name: string, head: HeadSession, share: number): Arm => ({
  name,
  head,
  share,
  requests: 0,
  errors: 0,
  latency: [...latencyBuckets.map(() => 0), 0],
  compared: 0,
  disagreed: 0,
  shed: 0,
  out: undefined,
  window: { requests: 0, errors: 0, slow: 0 },
});

export const statisticsOf = ({ head: _head, window: _window, latency, out, ...counts }: Arm): ArmStatistics => ({
  ...counts,
  latency: [...latency],
  ...(out === undefined ? {} : { out }),
});

/** Counts a request. Answers why the arm is to be taken out, where the rule says so. */
export function countRequest(arm: Arm, milliseconds: number, error: unknown, rule: RollbackRule | undefined): string | undefined {
  arm.requests++;
  if (error !== undefined) arm.errors++;
  const bucket = latencyBuckets.findIndex((end) => milliseconds <= end);
  arm.latency[bucket < 0 ? latencyBuckets.length : bucket]!++;
  if (rule === undefined) return undefined;
  const { window } = arm;
  window.requests++;
  if (error !== undefined) window.errors++;
  if (rule.p99Milliseconds !== undefined && milliseconds > rule.p99Milliseconds) window.slow++;
  const reason = broken(window, rule);
  if (window.requests >= rule.over) arm.window = { requests: 0, errors: 0, slow: 0 };
  return reason;
}

function broken({ requests, errors, slow }: Arm['window'], { over, errorRate, p99Milliseconds }: RollbackRule): string | undefined {
  if (errorRate !== undefined && errors > errorRate * over) return `${errors} errors in ${requests} requests are more than ${100 * errorRate} % of ${over}`;
  if (slow > over / 100) return `${slow} of ${requests} requests took longer than ${p99Milliseconds} ms, more than 1 % of ${over}`;
  return undefined;
}

/** What happened to an arm, and why. */
export interface RolloutEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly head: string;
  readonly arm: string;
  readonly kind: 'started' | 'shadowed' | 'unproven' | 'ramped' | 'rolled-back' | 'promoted' | 'stopped';
  readonly reason: string;
}
