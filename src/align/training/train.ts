/**
 * Learning by gradient: epochs over rows in random order, the best state by the rows held out kept. What is computed depends on
 * nothing but the problem and the plan, so a run that was stopped and goes on gives the same bytes as one that was not.
 */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import type { KernelSession, KernelTensor } from '../kernels/session.ts';
import { turnPort } from '../../ir/gradient/repeat.ts';
import { orderOf, rowsOf, type Split } from './batches.ts';
import { optimisers, type OptimiserName, type OptimiserSettings } from './optimisers.ts';
import type { OpenProgram, TrainingFault, TrainingProblem } from './problem.ts';
import { rateAt, type RatePlan } from './schedule.ts';
import { columnPort, keptPort, lossPort, lossProgram, nextPort, parameterPort, stepProgram } from './step.ts';

export interface TrainingPlan extends RatePlan, OptimiserSettings {
  readonly optimiser: OptimiserName;
  readonly epochs: number;
  /** Rows of a step; where there are fewer to learn from, all of them. */
  readonly batch: number;
  /** After so many epochs without a better loss on the rows held out it ends; 0: never. */
  readonly patience: number;
  readonly seed: number;
}

/** All that a run is at a moment between two steps. */
export interface TrainingState {
  readonly epoch: number;
  /** Steps of this epoch that are done. */
  readonly step: number;
  /** Of each parameter, then what the optimiser keeps of it. */
  readonly tensors: readonly Float32Array[];
  readonly best: { readonly epoch: number; readonly loss: number; readonly parameters: readonly Float32Array[] } | undefined;
  /** The sum of this epoch's losses so far. */
  readonly sum: number;
  readonly history: readonly EpochLoss[];
}

export interface EpochLoss {
  readonly training: number;
  /** On the rows held out; undefined where there are none. */
  readonly held: number | undefined;
}

export interface TrainingHooks {
  /** The state that a run is to go on from. */
  readonly from?: TrainingState | undefined;
  /** Told every few steps; `true` ends the run, with the state that it has come to. */
  pause(state: () => TrainingState, done: number, total: number): Promise<boolean>;
}

export interface Trained {
  readonly ok: true;
  /** In the order of the problem's parameters. */
  readonly parameters: readonly Float32Array[];
  /** Whose state is taken, from 1. */
  readonly epoch: number;
  readonly history: readonly EpochLoss[];
  /** False where it was told to pause. */
  readonly finished: boolean;
}

/** So many steps are one run of one graph, which saves what each run costs by itself. */
const turns = 8;
/** Rows of the held-out loss that go through at once. */
const lossRows = 1024;

export async function train(problem: TrainingProblem, { train: rows, held }: Split, plan: TrainingPlan, open: OpenProgram, hooks: TrainingHooks): Promise<Trained | TrainingFault> {
  const batch = Math.min(plan.batch, rows.length);
  const stepsOfEpoch = Math.floor(rows.length / batch);
  const total = stepsOfEpoch * plan.epochs;
  const optimiser = optimisers[plan.optimiser];
  const sessions = new Map<number, KernelSession>();
  const kept = optimiser.keeps.length;
  const many = stepProgram(problem, batch, Math.min(turns, stepsOfEpoch), optimiser, plan);
  if (!many.ok) return many;
  const { learned } = many;
  const ports = learned.flatMap((i) => [parameterPort(i), ...Array.from({ length: kept }, (_, k) => keptPort(i, k))]);
  const dims = learned.flatMap((i) => Array.from({ length: 1 + kept }, () => problem.parameters[i]!.dims));
  let tensors: readonly Float32Array[] = hooks.from?.tensors ?? learned.flatMap((i) => [problem.parameters[i]!.data, ...Array.from({ length: kept }, () => new Float32Array(problem.parameters[i]!.data.length))]);
  let { epoch = 0, step = 0, best, sum = 0 } = hooks.from ?? {};
  const history = [...(hooks.from?.history ?? [])];
  const state = (): TrainingState => ({ epoch, step, tensors, best, sum, history: [...history] });
  const parametersOf = (from: readonly Float32Array[]): readonly Float32Array[] => problem.parameters.map(({ data }, i) => (learned.includes(i) ? from[learned.indexOf(i) * (1 + kept)]! : data));

  const sessionOf = async (count: number): Promise<KernelSession> => {
    if (!sessions.has(count)) {
      const made = stepProgram(problem, batch, count, optimiser, plan);
      if (!made.ok) throw new Error(made.finding.message);
      sessions.set(count, await open(made.program));
    }
    return sessions.get(count)!;
  };
  const measure = held.length === 0 ? undefined : await open(lossProgram(problem, []));
  try {
    for (; epoch < plan.epochs; epoch++, step = 0, sum = 0) {
      const order = orderOf(rows, plan.seed, epoch);
      while (step < stepsOfEpoch) {
        const count = Math.min(turns, stepsOfEpoch - step);
        const feeds = new Map<string, KernelTensor>(ports.map((port, i) => [port, { dtype: 'f32', data: tensors[i]!, dims: dims[i]! }]));
        for (const [i, { data, dims: own }] of problem.parameters.entries()) if (!learned.includes(i)) feeds.set(parameterPort(i), { dtype: 'f32', data, dims: own });
        for (let turn = 0; turn < count; turn++) {
          const now = order.subarray((step + turn) * batch, (step + turn + 1) * batch);
          problem.columns.forEach((column, i) => feeds.set(turnPort(columnPort(i), turn), rowsOf(column, now)));
          const t = epoch * stepsOfEpoch + step + turn + 1;
          for (const [name, value] of Object.entries(optimiser.scalars(t, rateAt(t, total, plan), plan))) feeds.set(turnPort(name, turn), { dtype: 'f32', data: Float32Array.of(value), dims: [] });
        }
        const losses = Array.from({ length: count }, (_, turn) => turnPort(lossPort, turn));
        const results = await (await sessionOf(count)).run(feeds, [...ports.map(nextPort), ...losses]);
        tensors = ports.map((port) => results.get(nextPort(port))!.data as Float32Array);
        for (const loss of losses) sum += (results.get(loss)!.data as Float32Array)[0]!;
        step += count;
        const done = epoch * stepsOfEpoch + step;
        if (!Number.isFinite(sum)) return diverged(problem, plan, done);
        if (step < stepsOfEpoch && (await hooks.pause(state, done, total))) return { ok: true, parameters: parametersOf(tensors), epoch, history, finished: false };
      }
      const loss = measure && (await heldLoss(problem, measure, parametersOf(tensors), held));
      if (loss !== undefined && !Number.isFinite(loss)) return diverged(problem, plan, (epoch + 1) * stepsOfEpoch);
      history.push({ training: sum / stepsOfEpoch, held: loss });
      if (loss === undefined || best === undefined || loss < best.loss) best = { epoch: epoch + 1, loss: loss ?? sum / stepsOfEpoch, parameters: parametersOf(tensors) };
      if (measure !== undefined && plan.patience > 0 && epoch + 1 - best.epoch >= plan.patience) break;
      if (epoch + 1 < plan.epochs && (await hooks.pause(() => ({ ...state(), epoch: epoch + 1, step: 0, sum: 0 }), (epoch + 1) * stepsOfEpoch, total))) return { ok: true, parameters: parametersOf(tensors), epoch, history, finished: false };
    }
    return { ok: true, parameters: best!.parameters, epoch: best!.epoch, history, finished: true };
  } finally {
    for (const session of [...sessions.values(), ...(measure === undefined ? [] : [measure])]) await session.release();
  }
}

const diverged = ({ losses }: TrainingProblem, { rate }: TrainingPlan, step: number): TrainingFault => ({ ok: false, finding: alignCodes.finding('fit-diverged', { step, rate }), location: losses[0]!.location });

/** The loss on rows that nothing is learned from: the mean over pieces, by their rows. */
async function heldLoss(problem: TrainingProblem, session: KernelSession, parameters: readonly Float32Array[], rows: Uint32Array): Promise<number> {
  let sum = 0;
  for (let from = 0; from < rows.length; from += lossRows) {
    const piece = rows.subarray(from, from + lossRows);
    const results = await session.run(feedsOf(problem, parameters, piece), [lossPort]);
    sum += (results.get(lossPort)!.data as Float32Array)[0]! * piece.length;
  }
  return sum / rows.length;
}

export function feedsOf(problem: TrainingProblem, parameters: readonly Float32Array[], rows: ArrayLike<number>): Map<string, KernelTensor> {
  const feeds = new Map<string, KernelTensor>();
  problem.columns.forEach((column, i) => feeds.set(columnPort(i), rowsOf(column, rows)));
  problem.parameters.forEach(({ dims }, i) => feeds.set(parameterPort(i), { dtype: 'f32', data: parameters[i]!, dims }));
  return feeds;
}
