/** Rollouts: several heads share the traffic of one, each decision about them is an event with its reason. */
import { createHash } from 'node:crypto';
import { isRecord } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import type { ManifestPort } from '../bundle/manifest.ts';
import { countRequest, createArm, statisticsOf, type Arm, type ArmStatistics, type RolloutEvent } from './arm.ts';
import type { Chain, HeadSession, Route } from './chain.ts';
import { describeInput } from './describe.ts';
import { raise } from './errors.ts';
import { refuseHead } from './head-contract.ts';
import { checkOptionNames } from './option-names.ts';
import { createShadow } from './shadow.ts';
import { didYouMean } from './suggest.ts';
import { drain, type HeadSwaps } from './swap.ts';
import type { ArmPlan, Rollout, RolloutPlan, RunOptions, Swapped } from './types.ts';

/** What the head that was there before is called. */
const current = 'current';

export interface Rollouts {
  begin(head: string, plan: RolloutPlan): Promise<Rollout>;
  /** Which head serves a run; undefined where no rollout concerns it. */
  route(head: string, options: RunOptions): Route | undefined;
  readonly active: boolean;
  /** Frees all arms. */
  release(): Promise<void>;
}

interface Running {
  readonly plan: RolloutPlan;
  readonly arms: readonly Arm[];
  readonly own: Arm;
  readonly observe: Route['observe'];
  readonly shadow: Arm | undefined;
  say(kind: RolloutEvent['kind'], arm: string, reason: string): void;
}

export function createRollouts(chain: Chain | undefined, swaps: HeadSwaps, portsOf: (head: HeadSession) => readonly ManifestPort[]): Rollouts {
  const running = new Map<string, Running>();

  async function begin(name: string, plan: RolloutPlan): Promise<Rollout> {
    readPlan(plan);
    if (running.has(name)) refuseHead(name, 'a rollout of it is under way');
    const say: Running['say'] = (kind, arm, reason) => plan.onEvent?.({ at: new Date().toISOString(), head: name, arm, kind, reason });
    const opened: Arm[] = [];
    const open = async ({ bundle, golden = [], ...arm }: ArmPlan): Promise<Arm> => {
      const { head } = await swaps.prepare(name, bundle, { golden });
      const made = createArm(arm.name, head, arm.share);
      opened.push(made);
      return made;
    };
    try {
      const arms: Arm[] = [];
      for (const arm of plan.arms ?? []) arms.push(await open(arm));
      const shadow = plan.shadow === undefined ? undefined : await open({ ...plan.shadow, share: 0 });
      const own = createArm(current, chain!.heads.get(name)!, 1 - arms.reduce((sum, arm) => sum + arm.share, 0));
      const observe = shadow === undefined ? undefined : createShadow(shadow, portsOf(shadow.head), plan.shadow!.sample ?? 1);
      const state: Running = { plan, arms, own, observe, shadow, say };
      running.set(name, state);
      for (const arm of plan.arms ?? []) announce(arm, say);
      if (shadow !== undefined) say('shadowed', shadow.name, `it is shown ${percent(plan.shadow!.sample ?? 1)} of the requests`);
      return handleOf(name, state);
    } catch (error) {
      for (const { head } of opened) drain(head);
      throw error;
    }
  }

  function handleOf(name: string, state: Running): Rollout {
    const drainAll = (but?: HeadSession): void => {
      for (const { head, out } of challengers(state)) if (head !== but && out === undefined) drain(head);
    };
    return {
      head: name,
      get arms(): readonly ArmStatistics[] {
        return [state.own, ...challengers(state)].map(statisticsOf);
      },
      ramp(arm, share) {
        const found = findArm(name, state, arm);
        const others = state.arms.reduce((sum, each) => (each === found ? sum : sum + each.share), 0);
        if (!(share >= 0 && others + share <= 1 + 1e-9)) refuseOption('share', `from 0 to ${1 - others}`, share);
        state.say('ramped', arm, `from ${percent(found.share)} of the requests to ${percent(share)}`);
        found.share = share;
        state.own.share = 1 - others - share;
      },
      async promote(arm): Promise<Swapped> {
        const { head } = findArm(name, state, arm);
        running.delete(name);
        const swapped = await swaps.adopt({ head, milliseconds: 0 });
        drainAll(head);
        state.say('promoted', arm, 'it was told to');
        return swapped;
      },
      async stop(reason = 'it was told to') {
        if (running.get(name) !== state) return;
        running.delete(name);
        drainAll();
        state.say('stopped', current, reason);
      },
    };
  }

  function route(name: string, options: RunOptions): Route | undefined {
    const state = running.get(name);
    if (state === undefined) return undefined;
    const own = chain!.heads.get(name)!;
    const arm = chooseArm(name, state, options);
    const { head } = arm === state.own ? { head: own } : arm;
    return {
      head,
      ...(arm === state.own ? {} : { fallback: own }),
      ...(state.observe === undefined ? {} : { observe: state.observe }),
      settled: (milliseconds, error) => {
        const reason = countRequest(arm, milliseconds, error, arm === state.own ? undefined : state.plan.rollback);
        if (reason !== undefined && arm.out === undefined) takeOut(state, arm, reason);
      },
    };
  }

  return {
    begin,
    route,
    get active() {
      return running.size > 0;
    },
    async release() {
      const all = [...running.values()].flatMap(challengers);
      running.clear();
      for (const { head, out } of all) {
        await head.gate.empty();
        if (out === undefined) await head.session.release();
      }
    },
  };
}

/** All that is there beside the head that was there before. */
const challengers = ({ arms, shadow }: Running): readonly Arm[] => (shadow === undefined ? arms : [...arms, shadow]);

function takeOut(state: Running, arm: Arm, reason: string): void {
  state.own.share += arm.share;
  arm.share = 0;
  arm.out = reason;
  drain(arm.head);
  state.say('rolled-back', arm.name, reason);
}

/** A flag first, then the place of the key, or of a draw where there is none, among the shares. */
function chooseArm(name: string, { plan, arms, own }: Running, { key, flags = [] }: RunOptions): Arm {
  const flagged = plan.arms?.find(({ flag }) => flag !== undefined && flags.includes(flag));
  const arm = arms.find((each) => each.name === flagged?.name && each.out === undefined);
  if (arm !== undefined) return arm;
  let place = key === undefined ? Math.random() : placeOf(`${name}\n${plan.salt ?? ''}\n${key}`);
  for (const each of arms) {
    if (place < each.share) return each;
    place -= each.share;
  }
  return own;
}

/** A number from 0 to 1, always the same for a text. */
const placeOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;

function announce({ name, share, golden = [] }: ArmPlan, say: Running['say']): void {
  say('started', name, `it gets ${percent(share)} of the requests`);
  if (golden.length === 0) say('unproven', name, 'it gets traffic without a golden batch, by `force`');
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;

function findArm(head: string, { arms }: Running, name: string): Arm {
  const found = arms.find((arm) => arm.name === name);
  const known = arms.map((arm) => arm.name);
  if (found === undefined) return refuseHead(head, `its rollout has no arm \`${name}\`, only ${known.join(', ')}`, didYouMean(name, known));
  return found.out === undefined ? found : refuseHead(head, `the arm \`${name}\` was taken out: ${found.out}`);
}

function refuseOption(option: string, expected: string, found: unknown): never {
  raise(runtimeCodes.finding('runtime-options', { option, expected, found: describeInput(found) }));
}

const isNamed = (arm: unknown): boolean => isRecord(arm) && typeof arm['name'] === 'string' && arm['name'] !== current;

function readPlan(plan: RolloutPlan): void {
  checkOptionNames('rollout', plan, ['arms', 'shadow', 'rollback', 'salt', 'onEvent']);
  const { arms = [], rollback, onEvent } = plan;
  if (!Array.isArray(arms)) refuseOption('arms', 'a list', arms);
  if (arms.length === 0 && plan.shadow === undefined) refuseOption('plan', 'one with `arms` or a `shadow`', plan);
  for (const arm of arms) {
    if (!isNamed(arm)) refuseOption('arms', `arms with names other than ${current}`, arm);
    const { share, golden = [], force = false } = arm;
    if (!(typeof share === 'number' && share >= 0 && share <= 1)) refuseOption('share', 'a number from 0 to 1', share);
    if (golden.length === 0 && !force) refuseOption('golden', 'a golden batch that the arm has to pass, or `force: true`', golden);
  }
  const names = arms.map(({ name }) => name);
  if (new Set(names).size < names.length) refuseOption('arms', 'arms of different names', names.join(', '));
  const total = arms.reduce((sum, { share }) => sum + share, 0);
  if (total > 1 + 1e-9) refuseOption('arms', 'shares of 1 at most together', total);
  if (rollback !== undefined && !(Number.isInteger(rollback.over) && rollback.over > 0)) refuseOption('rollback.over', 'a number of requests from 1', rollback.over);
  if (onEvent !== undefined && typeof onEvent !== 'function') refuseOption('onEvent', 'a function', onEvent);
}
