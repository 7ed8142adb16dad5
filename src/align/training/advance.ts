/** Steps of training on the kernels: from what is known before them to what is known after. */
import { turnPort } from '../../ir/gradient/repeat.ts';
import type { KernelSession, KernelTensor } from '../kernels/session.ts';
import { rowsOf } from './batches.ts';
import { optimisers, type OptimiserName, type OptimiserSettings } from './optimisers.ts';
import type { OpenProgram, TrainingFault, TrainingProblem } from './problem.ts';
import { rateAt, type RatePlan } from './schedule.ts';
import { columnPort, keptPort, lossPort, nextPort, parameterPort, stepProgram } from './step.ts';

export interface StepPlan extends RatePlan, OptimiserSettings {
  readonly optimiser: OptimiserName;
}

/** So many steps are at most one run of one graph, which saves what each run costs by itself. */
export const turns = 8;

export interface Steps {
  readonly ok: true;
  /** Of each parameter that is learned, then what the optimiser keeps of it. */
  readonly initial: readonly Float32Array[];
  /** All parameters of the problem: those that are not learned as they were given. */
  parametersOf(tensors: readonly Float32Array[]): readonly Float32Array[];
  /** A step for each batch of rows; `done` of all steps come before them. */
  take(tensors: readonly Float32Array[], batches: readonly Uint32Array[], done: number): Promise<StepsTaken>;
  release(): Promise<void>;
}

export interface StepsTaken {
  readonly tensors: readonly Float32Array[];
  /** Of each step, before it was taken. */
  readonly losses: readonly number[];
}

/** Steps of so many rows, of which there are `total`; refuses a problem without a derivative. */
export function prepareSteps(problem: TrainingProblem, plan: StepPlan, batch: number, total: number, open: OpenProgram): Steps | TrainingFault {
  const optimiser = optimisers[plan.optimiser];
  const one = stepProgram(problem, batch, 1, optimiser, plan);
  if (!one.ok) return one;
  const { learned } = one;
  const kept = Array.from(optimiser.keeps.keys());
  const held = learned.flatMap((i) => {
    const { data, dims } = problem.parameters[i]!;
    return [{ port: parameterPort(i), dims, begin: data }, ...kept.map((k) => ({ port: keptPort(i, k), dims, begin: new Float32Array(data.length) }))];
  });
  const sessions = new Map<number, KernelSession>();
  const sessionFor = async (count: number): Promise<KernelSession> => {
    const known = sessions.get(count);
    if (known !== undefined) return known;
    const made = stepProgram(problem, batch, count, optimiser, plan);
    if (!made.ok) throw new Error(made.finding.message);
    const session = await open(made.program);
    sessions.set(count, session);
    return session;
  };
  const feedsOf = (tensors: readonly Float32Array[]): Map<string, KernelTensor> => {
    const fixed = problem.parameters.flatMap(({ data, dims }, i) => (learned.includes(i) ? [] : [[parameterPort(i), { dtype: 'f32' as const, data, dims }] as const]));
    return new Map<string, KernelTensor>([...held.map(({ port, dims }, i) => [port, { dtype: 'f32' as const, data: tensors[i]!, dims }] as const), ...fixed]);
  };
  return {
    ok: true,
    initial: held.map(({ begin }) => begin),
    parametersOf: (tensors) => problem.parameters.map(({ data }, i) => (learned.includes(i) ? tensors[learned.indexOf(i) * (1 + kept.length)]! : data)),
    async take(tensors, batches, done) {
      const session = await sessionFor(batches.length);
      const feeds = feedsOf(tensors);
      for (const [turn, rows] of batches.entries()) {
        problem.columns.forEach((column, i) => feeds.set(turnPort(columnPort(i), turn), rowsOf(column, rows)));
        const t = done + turn + 1;
        for (const [name, value] of Object.entries(optimiser.scalars(t, rateAt(t, total, plan), plan))) feeds.set(turnPort(name, turn), { dtype: 'f32', data: Float32Array.of(value), dims: [] });
      }
      const losses = batches.map((_, turn) => turnPort(lossPort, turn));
      const results = await session.run(feeds, [...held.map(({ port }) => nextPort(port)), ...losses]);
      const numbers = (name: string): Float32Array => results.get(name)!.data as Float32Array;
      return { tensors: held.map(({ port }) => numbers(nextPort(port))), losses: losses.map((name) => numbers(name)[0]!) };
    },
    async release() {
      for (const session of sessions.values()) await session.release();
    },
  };
}
