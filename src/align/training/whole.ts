/** Learning by all rows at once: L-BFGS, for problems that are convex, or nearly so. */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { minimise, type Evaluated } from '../linear-algebra/lbfgs.ts';
import type { KernelSession } from '../kernels/session.ts';
import type { OpenProgram, TrainingFault, TrainingProblem } from './problem.ts';
import { gradientPort, gradientProgram, lossPort } from './step.ts';
import { feedsOf } from './train.ts';

export interface WholePlan {
  readonly iterations: number;
  /** lambda of the loss + lambda / 2 ||w||², of what has more than one axis. */
  readonly penalty: number;
}

export interface WholeTrained {
  readonly ok: true;
  /** In the order of the problem's parameters. */
  readonly parameters: readonly Float32Array[];
  /** The loss with its penalty, before and after. */
  readonly begun: number;
  readonly loss: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Rows that go through at once. A loss between rows, as `info_nce`, is over so many. */
const pieceRows = 4096;
/** Of the loss, and of what it was at first: its digits are those of single precision. */
const tolerance = 1e-7;

export async function trainWhole(problem: TrainingProblem, rows: Uint32Array, { iterations, penalty }: WholePlan, open: OpenProgram): Promise<WholeTrained | TrainingFault> {
  const sessions = new Map<number, KernelSession>();
  let learned: readonly number[] = [];
  for (const count of new Set([Math.min(rows.length, pieceRows), rows.length % pieceRows])) {
    if (count === 0) continue;
    const made = gradientProgram(problem, count);
    if (!made.ok) return made;
    ({ learned } = made);
    sessions.set(count, await open(made.program));
  }
  const start = joined(learned.map((i) => problem.parameters[i]!.data));
  const evaluate = (point: Float64Array): Promise<Evaluated> => lossAt(problem, rows, learned, point, penalty, sessions);
  try {
    const begun = (await evaluate(start)).value;
    const found = await minimise(evaluate, start, { tolerance, maxIterations: iterations, leastGain: tolerance * begun });
    if (!Number.isFinite(found.value)) return { ok: false, finding: alignCodes.finding('features-not-finite', { of: 'the data', columns: [0], count: 1 }) };
    return { ok: true, parameters: parametersAt(problem, learned, found.point), begun, loss: found.value, iterations: found.iterations, converged: found.converged };
  } finally {
    for (const session of sessions.values()) await session.release();
  }
}

function joined(parts: readonly Float32Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function parametersAt({ parameters }: TrainingProblem, learned: readonly number[], point: Float64Array): readonly Float32Array[] {
  const all = parameters.map(({ data }) => data);
  let at = 0;
  for (const i of learned) {
    all[i] = Float32Array.from(point.subarray(at, at + all[i]!.length));
    at += all[i]!.length;
  }
  return all;
}

async function lossAt(problem: TrainingProblem, rows: Uint32Array, learned: readonly number[], point: Float64Array, penalty: number, sessions: ReadonlyMap<number, KernelSession>): Promise<Evaluated> {
  const parameters = parametersAt(problem, learned, point);
  const gradient = new Float64Array(point.length);
  let value = 0;
  for (let from = 0; from < rows.length; from += pieceRows) {
    const piece = rows.subarray(from, from + pieceRows);
    const results = await sessions.get(piece.length)!.run(feedsOf(problem, parameters, piece), [lossPort, ...learned.map(gradientPort)]);
    const share = piece.length / rows.length;
    value += share * (results.get(lossPort)!.data as Float32Array)[0]!;
    let at = 0;
    for (const i of learned) for (const part of results.get(gradientPort(i))!.data as Float32Array) gradient[at++]! += share * part;
  }
  let at = 0;
  for (const i of learned) {
    const { dims, data } = problem.parameters[i]!;
    for (let k = 0; k < data.length; k++, at++) {
      if (dims.length < 2) continue;
      value += (penalty / 2) * point[at]! ** 2;
      gradient[at]! += penalty * point[at]!;
    }
  }
  return { value, gradient };
}
