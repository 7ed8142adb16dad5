/**
 * Learning by gradient: epochs over rows in random order, the best state by the rows held out kept. What is computed depends on
 * nothing but the problem and the plan, so a run that was stopped and goes on gives the same bytes as one that was not.
 */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import type { KernelSession, KernelTensor } from '../kernels/session.ts';
import { prepareSteps, turns, type StepPlan } from './advance.ts';
import { orderOf, rowsOf, type Split } from './batches.ts';
import type { OpenProgram, TrainingFault, TrainingProblem } from './problem.ts';
import { columnPort, lossPort, lossProgram, parameterPort } from './step.ts';

export interface TrainingPlan extends StepPlan {
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
  /** Before the first step: on the rows held out, or without them on those that are learned from. */
  readonly begun: number;
  /** False where it was told to pause. */
  readonly finished: boolean;
}

/** Rows of the held-out loss that go through at once. */
const lossRows = 1024;

export async function train(problem: TrainingProblem, { train: rows, held }: Split, plan: TrainingPlan, open: OpenProgram, hooks: TrainingHooks): Promise<Trained | TrainingFault> {
  const batch = Math.min(plan.batch, rows.length);
  const stepsOfEpoch = Math.floor(rows.length / batch);
  const total = stepsOfEpoch * plan.epochs;
  const steps = prepareSteps(problem, plan, batch, total, open);
  if (!steps.ok) return steps;
  const measure = await open(lossProgram(problem, []));
  const judged = held.length === 0 ? rows : held;
  const begun = await heldLoss(problem, measure, problem.parameters.map(({ data }) => data), judged);
  let { epoch, step, tensors, best, sum, history }: TrainingState = hooks.from ?? { epoch: 0, step: 0, tensors: steps.initial, best: undefined, sum: 0, history: [] };
  const state = (): TrainingState => ({ epoch, step, tensors, best, sum, history });
  const paused = (): Trained => ({ ok: true, parameters: steps.parametersOf(tensors), epoch, history, begun, finished: false });
  try {
    for (; epoch < plan.epochs; epoch++, step = 0, sum = 0) {
      const before = epoch * stepsOfEpoch;
      const order = orderOf(rows, plan.seed, epoch);
      while (step < stepsOfEpoch) {
        const batches = Array.from({ length: Math.min(turns, stepsOfEpoch - step) }, (_, turn) => order.subarray((step + turn) * batch, (step + turn + 1) * batch));
        const taken = await steps.take(tensors, batches, before + step);
        tensors = taken.tensors;
        for (const loss of taken.losses) sum += loss;
        step += batches.length;
        if (!Number.isFinite(sum)) return diverged(problem, plan, before + step);
        if (step < stepsOfEpoch && (await hooks.pause(state, before + step, total))) return paused();
      }
      const parameters = steps.parametersOf(tensors);
      const training = sum / stepsOfEpoch;
      const loss = held.length === 0 ? undefined : await heldLoss(problem, measure, parameters, held);
      if (loss !== undefined && !Number.isFinite(loss)) return diverged(problem, plan, before + stepsOfEpoch);
      history = [...history, { training, held: loss }];
      if (loss === undefined || best === undefined || loss < best.loss) best = { epoch: epoch + 1, loss: loss ?? training, parameters };
      if (held.length > 0 && plan.patience > 0 && epoch + 1 - best.epoch >= plan.patience) break;
      if (epoch + 1 < plan.epochs && (await hooks.pause(() => ({ ...state(), epoch: epoch + 1, step: 0, sum: 0 }), before + stepsOfEpoch, total))) return paused();
    }
    return { ok: true, parameters: best!.parameters, epoch: best!.epoch, history, begun, finished: true };
  } finally {
    await steps.release();
    await measure.release();
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

/** The loss of these weights on some rows, without any penalty. */
export async function lossOf(problem: TrainingProblem, parameters: readonly Float32Array[], rows: Uint32Array, open: OpenProgram): Promise<number> {
  const session = await open(lossProgram(problem, []));
  try {
    return await heldLoss(problem, session, parameters, rows);
  } finally {
    await session.release();
  }
}

export function feedsOf(problem: TrainingProblem, parameters: readonly Float32Array[], rows: ArrayLike<number>): Map<string, KernelTensor> {
  const feeds = new Map<string, KernelTensor>();
  problem.columns.forEach((column, i) => feeds.set(columnPort(i), rowsOf(column, rows)));
  problem.parameters.forEach(({ dims }, i) => feeds.set(parameterPort(i), { dtype: 'f32', data: parameters[i]!, dims }));
  return feeds;
}
