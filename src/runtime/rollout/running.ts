/** A rollout under way: who gets which request, and what becomes of an arm. */
import { createHash } from 'node:crypto';
import type { HeadSession } from '../serving/chain.ts';
import { guardedly } from '../serving/guarded.ts';
import { drain } from '../serving/swap.ts';
import type { RunOptions } from '../types.ts';
import type { Arm } from './arm.ts';
import { afterOf, flagsOf } from './plan.ts';
import type { Cost } from './shadow-cost.ts';
import type { Shadow } from './shadow.ts';
import type { RolloutEvent, RolloutPlan } from './types.ts';
import { percent } from './watch.ts';

export interface Running {
  readonly name: string;
  readonly plan: RolloutPlan;
  /** The head that was there before, and the one that gets the requests of arms that are taken out. */
  readonly own: Arm;
  readonly to: Arm;
  /** All that have a share or are to have one. */
  readonly arms: readonly Arm[];
  /** All that only look on. */
  readonly onlookers: readonly Arm[];
  /** What is shown requests at present, by the arm that it is: onlookers, and arms at the stage of a shadow. */
  readonly shadows: Map<Arm, Shadow>;
  /** The head that was there, shown what an arm answers, where a rule speaks of their disagreement. */
  readonly comparisons: ReadonlyMap<Arm, Shadow>;
  readonly cost: Cost;
  readonly events: RolloutEvent[];
}

const keptEvents = 1000;

/** Notes a decision, and tells the app of it. */
export function say({ name: head, events, plan }: Pick<Running, 'name' | 'events' | 'plan'>, kind: RolloutEvent['kind'], arm: string, reason: string): void {
  const event: RolloutEvent = { at: new Date().toISOString(), head, arm, kind, reason };
  events.push(event);
  if (events.length > keptEvents) events.shift();
  guardedly(() => plan.onEvent?.(event));
}

/** Sessions that run aside. */
export const asideOf = ({ shadows, comparisons }: Running): readonly HeadSession[] => [...shadows.values(), ...comparisons.values()].map(({ head }) => head);

/** Gives an arm a share; the head that was there has what is left. */
export function setShare(state: Running, arm: Arm, share: number): void {
  arm.share = share;
  arm.atStage = 0;
  state.own.share = Math.max(0, 1 - state.arms.reduce((sum, each) => sum + each.share, 0));
  if (share > 0) endShadow(state, arm);
}

function endShadow({ shadows }: Running, arm: Arm): void {
  const shadow = shadows.get(arm);
  if (shadow === undefined) return;
  shadows.delete(arm);
  drain(shadow.head);
}

export function takeOut(state: Running, arm: Arm, reason: string): void {
  const { share } = arm;
  arm.out = reason;
  arm.ahead.length = 0;
  // The head of an onlooker is its shadow's.
  if (!state.onlookers.includes(arm)) drain(arm.head);
  endShadow(state, arm);
  setShare(state, arm, 0);
  if (state.to !== state.own) setShare(state, state.to, state.to.share + share);
  say(state, 'rolled-back', arm.name, reason);
}

/** Judges an arm by what was just found of it, and lets it have more where it is to. */
export function judge(state: Running, arm: Arm, reason: string | undefined): void {
  if (arm.out !== undefined) return;
  if (reason !== undefined) return takeOut(state, arm, reason);
  const after = afterOf(state.plan);
  if (arm.ahead.length === 0 || arm.atStage < after) return;
  const before = arm.share;
  const next = arm.ahead.shift()!;
  setShare(state, arm, next);
  say(state, 'ramped', arm.name, `${after} requests ${before === 0 ? 'as a shadow' : `at ${percent(before)}`} gave no reason to go back; it gets ${percent(next)} of the requests`);
}

/** A flag first, then the place of the key, or of a draw where there is none, among the shares. */
export function chooseArm({ name, plan, arms, own }: Running, { key, flags = [] }: RunOptions): Arm {
  const led = flagsOf(plan).find(([flag]) => flags.includes(flag))?.[1];
  const arm = led === undefined ? undefined : [own, ...arms].find((each) => each.name === led && each.out === undefined);
  if (arm !== undefined) return arm;
  const kept = typeof key === 'object' ? (plan.sticky === undefined ? undefined : key[plan.sticky]) : key;
  let place = kept === undefined ? Math.random() : placeOf(`${name}\n${plan.salt ?? ''}\n${kept}`);
  for (const each of arms) {
    if (place < each.share) return each;
    place -= each.share;
  }
  return own;
}

/** A number from 0 to 1, always the same for a text. */
const placeOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
