/** Rollouts: several heads share the traffic of one, each decision about them is an event with its reason. */
import type { ManifestPort } from '../../bundle/manifest.ts';
import type { Chain, HeadSession, Routing } from '../serving/chain.ts';
import type { Features } from '../serving/feature-cache.ts';
import type { GuardViolation } from '../serving/guards.ts';
import { guarded, guardedly } from '../serving/guarded.ts';
import { refuseHead } from '../bundle/head-contract.ts';
import type { ArmDrift, Observer } from '../serving/records.ts';
import { didYouMean } from '../suggest.ts';
import { drain, type HeadSwaps, type Prepared } from '../serving/swap.ts';
import type { RunOptions } from '../types.ts';
import { countCompared, countRequest, createArm, statisticsOf, type Arm } from './arm.ts';
import { afterOf, checkPlan, current, isShare, refuseOption, shadowsOf, stagesOf } from './plan.ts';
import { proofOf, refuseUnproven } from './proof.ts';
import { rowsOf, specsOf, type Specs } from './rows.ts';
import { asideOf, chooseArm, judge, say, setShare, type Running } from './running.ts';
import { createCost } from './shadow-cost.ts';
import { createShadow, type Shadow } from './shadow.ts';
import type { ArmPlan, ArmStatistics, Rollout, RolloutPlan, Swapped } from './types.ts';
import { percent } from './watch.ts';

export interface Rollouts {
  /** @param own what the head that is there is called */
  begin(head: string, plan: RolloutPlan, own?: string): Promise<Rollout>;
  /** The way of one run through the heads; undefined where no rollout is under way. */
  enter(options: RunOptions): Passage | undefined;
  /** Frees all arms. */
  release(): Promise<void>;
}

export interface Passage {
  readonly route: Routing;
  /** Which arm it is that has answered as a head; undefined where no rollout concerns it. */
  armOf(head: string, by: HeadSession): string | undefined;
  /** Called once, when the run has come to its end. */
  ended(milliseconds: number, violations: readonly GuardViolation[]): void;
}

/** How many rows of a request's answer are compared with the other head, where a rule speaks of disagreement. */
const comparedShare = 1;

export interface RolloutParts {
  /** Undefined where the model is one file. */
  readonly chain: Chain | undefined;
  readonly swaps: HeadSwaps;
  readonly portsOf: (head: HeadSession) => readonly ManifestPort[];
  readonly observers: readonly Observer[];
}

export function createRollouts({ chain, swaps, portsOf, observers }: RolloutParts): Rollouts {
  const running = new Map<string, Running>();
  const unwatch = observers.map(({ watch }) => watch?.(() => [...running.values()].flatMap(driftsOf)));

  async function begin(name: string, plan: RolloutPlan, own = current): Promise<Rollout> {
    guarded('plan', () => checkPlan(plan, own));
    const refuseSecond = (): void => void (running.has(name) && refuseHead(name, 'a rollout of it is under way'));
    refuseSecond();
    const opened: HeadSession[] = [];
    const keep = <H extends HeadSession>(head: H): H => {
      opened.push(head);
      return head;
    };
    try {
      const state = await open(name, plan, own, keep);
      // Another may have begun while this one was opened.
      refuseSecond();
      running.set(name, state);
      return handleOf(state);
    } catch (error) {
      for (const head of opened) drain(head);
      throw error;
    }
  }

  /** Opens what the plan names; whatever is opened is shown to `keep`. */
  async function open(name: string, plan: RolloutPlan, ownName: string, keep: (head: HeadSession) => HeadSession): Promise<Running> {
    const { arms: plans = [], rollback, reference } = plan;
    const rules = (arm: string) => ({ reference, rule: arm === rollback?.to ? undefined : rollback });
    const events: Running['events'] = [];
    const told = { name, events, plan };
    const arms: Arm[] = [];
    for (const each of plans) {
      const prepared = await swaps.prepare(name, each, { lenient: each.force === true });
      const head = keep(prepared.head);
      announce(each, prepared, told);
      const [share, ...ahead] = stagesOf(each.share, plan);
      arms.push(createArm(each.name, head, share!, { ...rules(each.name), ahead }));
    }
    const own = createArm(ownName, chain!.heads.get(name)!, 1 - arms.reduce((sum, arm) => sum + arm.share, 0), { reference });
    const to = arms.find((arm) => arm.name === rollback?.to) ?? own;
    const onlookers: Arm[] = [];
    const shadows = new Map<Arm, Shadow>();
    const comparisons = new Map<Arm, Shadow>();
    const state: Running = { name, plan, own, to, arms, onlookers, shadows, comparisons, cost: createCost(), events };
    const specs = specsOf(portsOf(own.head));
    const watched = (arm: Arm, head: HeadSession, sample: number): Shadow =>
      createShadow(keep(head), specs, sample, {
        shed: () => void arm.shed++,
        ran: (milliseconds, error) => judge(state, arm, countRequest(arm, milliseconds, error)),
        answered: (made) => measureDrift(state, arm, specs, made),
        compared: (differs) => compared(state, arm, differs),
      });
    for (const arm of arms.filter(({ share, ahead }) => share === 0 && ahead.length > 0)) {
      shadows.set(arm, watched(arm, await arm.head.openAside(), 1));
      say(state, 'shadowed', arm.name, `it is shown all requests, and gets some after ${afterOf(plan)}`);
    }
    for (const { sample = 1, ...source } of shadowsOf(plan)) {
      const { head } = await swaps.prepare(name, source, { aside: true });
      const arm = createArm(source.name, head, 0, rules(source.name));
      onlookers.push(arm);
      shadows.set(arm, watched(arm, head, sample));
      say(state, 'shadowed', arm.name, `it is shown ${percent(sample)} of the requests`);
    }
    if (rollback?.disagreement !== undefined)
      for (const arm of arms.filter((each) => each !== to))
        comparisons.set(arm, createShadow(keep(await to.head.openAside()), specs, comparedShare, { compared: (differs) => compared(state, arm, differs) }));
    return state;
  }

  function compared(state: Running, arm: Arm, differs: boolean): void {
    judge(state, arm, countCompared(arm, differs));
    for (const observer of observers) guardedly(() => observer.compared?.({ head: state.name, arm: arm.name }, differs));
  }

  function end(state: Running, but?: HeadSession): void {
    running.delete(state.name);
    const inUse = state.arms.filter(({ out }) => out === undefined).map(({ head }) => head);
    for (const head of new Set([...inUse, ...asideOf(state)])) if (head !== but) drain(head);
  }

  function checkRunning(state: Running): void {
    if (running.get(state.name) !== state) refuseHead(state.name, 'its rollout has ended');
  }

  const handleOf = (state: Running): Rollout => ({
    head: state.name,
    events: state.events,
    get arms(): readonly ArmStatistics[] {
      return [state.own, ...state.arms, ...state.onlookers].map(statisticsOf);
    },
    get shadowCost() {
      return state.cost.value;
    },
    ramp(arm, share) {
      checkRunning(state);
      const found = findArm(state, arm);
      const others = state.arms.reduce((sum, each) => (each === found ? sum : sum + each.share), 0);
      if (!(isShare(share) && others + share <= 1 + 1e-9)) refuseOption('share', `from 0 to ${1 - others}`, share);
      say(state, 'ramped', arm, `from ${percent(found.share)} of the requests to ${percent(share)}`);
      found.ahead.length = 0;
      setShare(state, found, share);
    },
    async promote(arm): Promise<Swapped> {
      checkRunning(state);
      const { head } = findArm(state, arm);
      // Ended before anybody else has a turn: a head that is promoted twice, or after the end, would be freed while it serves.
      end(state, head);
      const swapped = await swaps.adopt({ head, milliseconds: 0, stalled: 0 });
      say(state, 'promoted', arm, 'it was told to');
      return swapped;
    },
    async stop(reason = 'it was told to') {
      if (typeof reason !== 'string') refuseOption('reason', 'a text', reason);
      if (running.get(state.name) !== state) return;
      end(state);
      say(state, 'stopped', state.own.name, reason);
    },
  });

  function enter(options: RunOptions): Passage | undefined {
    if (running.size === 0) return undefined;
    const taken = new Map<string, { readonly state: Running; readonly arm: Arm; readonly specs: Specs; readonly busy: boolean }>();
    return {
      route(name) {
        const state = running.get(name);
        if (state === undefined) return undefined;
        const own = chain!.heads.get(name)!;
        const arm = chooseArm(state, options);
        const head = arm === state.own ? own : arm.head;
        taken.set(name, { state, arm, specs: specsOf(portsOf(head)), busy: isBusy(state) });
        return {
          head,
          ...(arm === state.own ? {} : { fallback: own }),
          settled(milliseconds, error, by) {
            if (by === head) judge(state, arm, countRequest(arm, milliseconds, error));
          },
          observe: (given, made) => observe(state, arm, given, made),
        };
      },
      armOf(head, by) {
        const found = taken.get(head);
        return found && (by === found.arm.head ? found.arm : found.state.own).name;
      },
      ended(milliseconds, violations) {
        for (const { state, arm, specs, busy } of taken.values()) {
          state.cost.add(milliseconds, busy || isBusy(state));
          if (violations.some(({ guard }) => guard.outputs.some((output) => specs.has(output)))) arm.violations++;
        }
      },
    };
  }

  const isBusy = ({ shadows, comparisons }: Running): boolean => [...shadows.values(), ...comparisons.values()].some(({ busy }) => busy);

  function observe(state: Running, arm: Arm, given: Features, made: Features): void {
    measureDrift(state, arm, specsOf(portsOf(arm.head)), made);
    for (const [other, shadow] of state.shadows) if (other !== arm && other.out === undefined) shadow.show(given, made);
    if (arm.out === undefined) state.comparisons.get(arm)?.show(given, made);
  }

  return {
    begin,
    enter,
    async release() {
      for (const stop of unwatch) stop?.();
      for (const state of running.values()) {
        running.delete(state.name);
        const inUse = state.arms.filter(({ out }) => out === undefined).map(({ head }) => head);
        for (const { gate, session } of new Set([...inUse, ...asideOf(state)])) {
          await gate.empty();
          await session.release();
        }
      }
    },
  };
}

/** A reference is of one tensor: that of the output. */
function measureDrift(state: Running, arm: Arm, specs: Specs, made: Features): void {
  if (state.plan.reference === undefined) return;
  for (const [name, tensor] of made) {
    const spec = specs.get(name);
    if (spec !== undefined) for (const row of rowsOf(spec, tensor)) judge(state, arm, arm.watch.answered(row));
  }
}

/** What stands behind the arm is said before it gets any request. */
function announce({ name, share, force = false }: ArmPlan, { head, verdict, shown, failed }: Prepared, told: Parameters<typeof say>[0]): void {
  const proof = proofOf(verdict);
  if (!proof.holds && !force) refuseUnproven(head.name, name, proof.reason);
  const known = [...(proof.holds ? [proof.reason] : []), ...(shown === undefined ? [] : [shown])];
  say(told, 'started', name, `it is to get ${percent(share)} of the requests${known.length === 0 ? '' : `: ${known.join('; ')}`}`);
  if (failed !== undefined) say(told, 'unproven', name, `it gets traffic by \`force\`, though it was refused: ${failed}`);
  if (!proof.holds) say(told, 'unproven', name, `it gets traffic by \`force\`, though ${proof.reason}`);
}

function driftsOf({ name, own, arms, onlookers }: Running): ArmDrift[] {
  return [own, ...arms, ...onlookers].flatMap(({ name: arm, watch: { drift } }) => (drift === undefined ? [] : [{ head: name, arm, drift }]));
}

function findArm({ name: head, arms }: Running, name: string): Arm {
  const found = arms.find((arm) => arm.name === name);
  const known = arms.map((arm) => arm.name);
  if (typeof name !== 'string') refuseOption('arm', known.join(' or '), name);
  if (found === undefined) return refuseHead(head, `its rollout has no arm \`${name}\`, only ${known.join(', ')}`, didYouMean(name, known));
  return found.out === undefined ? found : refuseHead(head, `the arm \`${name}\` was taken out: ${found.out}`);
}

