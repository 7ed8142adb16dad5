/** Plans of rollouts as an app gives them: checked, with what is left out put in. */
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { isRecord } from '../../data/json.ts';
import { maxWindow, reference as referenceShape } from '../../bundle/read.ts';
import { describeInput } from '../inputs/describe.ts';
import { raise } from '../errors.ts';
import { checkOptionNames } from '../bundle/option-names.ts';
import { signalBounds } from './rule.ts';
import type { ArmSource, RolloutPlan, ShadowPlan, Stages } from './types.ts';

/** What the head that was there before is called. */
export const current = 'current';

const defaultStages = { shares: [0, 0.01, 0.1], after: 500 } as const;

export function refuseOption(option: string, expected: string, found: unknown): never {
  raise(runtimeCodes.finding('runtime-options', { option, expected, found: describeInput(found) }));
}

export const shadowsOf = ({ shadow = [] }: RolloutPlan): readonly ShadowPlan[] => (Array.isArray(shadow) ? (shadow as readonly ShadowPlan[]) : [shadow as ShadowPlan]);

/** Flags and the arms that they lead to. */
export const flagsOf = ({ arms = [], flags = {} }: RolloutPlan): readonly (readonly [flag: string, arm: string])[] => [
  ...arms.flatMap(({ name, flag }) => (flag === undefined ? [] : [[flag, name] as const])),
  ...Object.entries(flags),
];

/** The shares that an arm is to have, one after the other. */
export function stagesOf(share: number, { stages }: RolloutPlan): readonly number[] {
  if (stages === undefined) return [share];
  return [...(stages.shares ?? defaultStages.shares).filter((stage) => stage < share), share];
}

/** Requests at a stage that lead to the next. */
export const afterOf = ({ stages }: RolloutPlan): number => stages?.after ?? defaultStages.after;

/** @param own what the head that is there is called */
export function checkPlan(plan: RolloutPlan, own: string): void {
  checkOptionNames('rollout', plan, ['arms', 'shadow', 'rollback', 'reference', 'stages', 'sticky', 'flags', 'salt', 'onEvent']);
  const { arms = [], onEvent, sticky, stages } = plan;
  if (!Array.isArray(arms)) refuseOption('arms', 'a list', arms);
  const shadows = shadowsOf(plan);
  if (arms.length === 0 && shadows.length === 0) refuseOption('plan', 'one with `arms` or a `shadow`', plan);
  for (const arm of arms) {
    checkSource(arm, 'arms', own);
    if (!isShare(arm.share)) refuseOption('share', 'a number from 0 to 1', arm.share);
  }
  for (const shadow of shadows) {
    checkSource(shadow, 'shadow', own);
    if (shadow.sample !== undefined && !isShare(shadow.sample)) refuseOption('sample', 'a number from 0 to 1', shadow.sample);
  }
  const names = [...arms, ...shadows].map(({ name }) => name);
  if (new Set(names).size < names.length) refuseOption('arms', 'arms of different names', names.join(', '));
  const total = arms.reduce((sum, { share }) => sum + share, 0);
  if (total > 1 + 1e-9) refuseOption('arms', 'shares of 1 at most together', total);
  if (stages !== undefined) checkStages(stages);
  if (sticky !== undefined && typeof sticky !== 'string') refuseOption('sticky', 'the name of a key', sticky);
  const known = [own, ...arms.map(({ name }) => name)];
  const astray = flagsOf(plan).find(([flag, arm]) => typeof flag !== 'string' || !known.includes(arm));
  if (astray !== undefined) refuseOption('flags', `texts that lead to ${known.join(' or ')}`, astray[1]);
  checkRollback(plan, known);
  if (onEvent !== undefined && typeof onEvent !== 'function') refuseOption('onEvent', 'a function', onEvent);
}

export const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;

function checkSource(source: ArmSource & { readonly flag?: unknown; readonly force?: unknown }, option: string, own: string): void {
  if (!isRecord(source) || typeof source['name'] !== 'string' || source['name'] === own) refuseOption(option, `arms with names other than ${own}`, source);
  const { arm, flag, force } = source;
  if (arm !== undefined && typeof arm !== 'string') refuseOption('arm', 'the name of an arm of its bundle', arm);
  if (flag !== undefined && typeof flag !== 'string') refuseOption('flag', 'a text', flag);
  if (force !== undefined && typeof force !== 'boolean') refuseOption('force', 'true or false', force);
}

function checkStages(stages: Stages): void {
  checkOptionNames('stages', stages, ['shares', 'after']);
  const { shares = [], after = 1 } = stages;
  if (!(Array.isArray(shares) && shares.every(isShare) && shares.every((share, i) => i === 0 || share > shares[i - 1]!))) refuseOption('stages.shares', 'ascending numbers from 0 to 1', shares);
  if (!(Number.isInteger(after) && after > 0)) refuseOption('stages.after', 'a number of requests from 1', after);
}

function checkRollback({ rollback, reference }: RolloutPlan, arms: readonly string[]): void {
  if (reference !== undefined && referenceShape(reference, 'reference') !== undefined) refuseOption('reference', 'what a bundle has on record of its answers, `{ rows, ends, shares }`', reference);
  if (rollback === undefined) return;
  checkOptionNames('rollback', rollback, ['over', 'inclusive', 'to', ...signalBounds]);
  const { over, to, drift } = rollback;
  if (!(Number.isInteger(over) && over > 0 && over <= maxWindow)) refuseOption('rollback.over', `a number of requests from 1 to ${maxWindow}`, over);
  for (const bound of signalBounds) {
    const value = rollback[bound];
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) refuseOption(`rollback.${bound}`, 'a number from 0', value);
  }
  if (to !== undefined && !arms.includes(to)) refuseOption('rollback.to', arms.join(' or '), to);
  if (drift !== undefined && reference === undefined) refuseOption('reference', 'what `rollback.drift` is measured from', reference);
}
