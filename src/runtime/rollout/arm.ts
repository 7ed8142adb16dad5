/** An arm of a rollout: its head, its share of the traffic, and what is known of how it does. */
import type { HeadSession } from '../serving/chain.ts';
import type { Reference } from '../../bundle/reference.ts';
import { countLatency, emptyLatency } from '../serving/latency.ts';
import type { ArmStatistics, RollbackRule } from './types.ts';
import { createWatch, type Watch } from './watch.ts';

export interface Arm extends Counts {
  readonly name: string;
  readonly head: HeadSession;
  share: number;
  readonly watch: Watch;
  /** Why it gets no traffic any more. */
  out: string | undefined;
  /** The shares that it is to have yet, one after the other, and its requests since it had the last. */
  readonly ahead: number[];
  atStage: number;
}

interface Counts {
  requests: number;
  errors: number;
  violations: number;
  readonly latency: number[];
  compared: number;
  disagreed: number;
  shed: number;
}

export interface ArmRules {
  /** Undefined for the arm to which others go back. */
  readonly rule?: RollbackRule | undefined;
  readonly reference?: Reference | undefined;
  readonly ahead?: readonly number[];
}

export const createArm = (name: string, head: HeadSession, share: number, { rule, reference, ahead = [] }: ArmRules = {}): Arm => ({
  name,
  head,
  share,
  watch: createWatch(rule, reference),
  out: undefined,
  ahead: [...ahead],
  atStage: 0,
  requests: 0,
  errors: 0,
  violations: 0,
  latency: emptyLatency(),
  compared: 0,
  disagreed: 0,
  shed: 0,
});

export function statisticsOf({ name, share, requests, errors, violations, latency, compared, disagreed, shed, watch, out }: Arm): ArmStatistics {
  const { drift } = watch;
  return { name, share, requests, errors, violations, latency: [...latency], compared, disagreed, shed, ...(drift === undefined ? {} : { drift }), ...(out === undefined ? {} : { out }) };
}

/** Counts a request. Answers why the arm is to be taken out, where the rule says so. */
export function countRequest(arm: Arm, milliseconds: number, error: unknown): string | undefined {
  arm.requests++;
  arm.atStage++;
  if (error !== undefined) arm.errors++;
  countLatency(arm.latency, milliseconds);
  return arm.watch.served(milliseconds, error !== undefined);
}

/** Counts a row that was compared with what another head answers. */
export function countCompared(arm: Arm, differs: boolean): string | undefined {
  arm.compared++;
  if (differs) arm.disagreed++;
  return arm.watch.compared(differs);
}
