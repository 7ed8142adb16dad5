/** A fit by `lbfgs`: all rows at each step, until next to nothing is left to be gained. */
import { lossOf, rowsOf, scoreHeld, trainWhole, type Split, type TrainingProblem, type WholeTrained } from '../../align/index.ts';
import type { Applied, CheckedFit } from '../../check/tools/index.ts';
import { alignCodes } from '../../diagnostics/codes/align.ts';
import type { Tables } from '../data/columns.ts';
import { refuse } from '../errors.ts';
import { doubtOfHeld } from './doubt.ts';
import { isBalanced, tooFew } from './learn.ts';
import { problemOf } from './problem.ts';
import type { Solved } from './solved.ts';
import { differentOf, splitOf, unitsOf } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

/** Of the rows, from which it is not learned until it has been seen how well it does on them. */
const heldShare = 0.1;

/** By its penalty; where that is chosen, it is the one with which the rows held out have the smallest loss. */
export async function learnWhole(fit: CheckedFit, method: Applied, tables: Tables, bench: Workbench): Promise<Solved> {
  const { problem: begun, lowered } = await problemOf(fit, tables, bench);
  const { seed, location, weights } = fit;
  const problem = { ...begun, parameters: begun.parameters.map((parameter, i) => ({ ...parameter, frozen: fit.frozen.has(weights.parameters[i]!.path) })) };
  const units = unitsOf(lowered.columns.values(), tables);
  const different = differentOf(units, lowered.columns.values(), tables);
  const split = splitOf(units, heldShare, seed);
  const fault = tooFew(problem, different, split, { ...method, options: new Map([...method.options, ['holdout', heldShare]]) }, tables);
  if (fault !== undefined) refuse(fault, location);
  const iterations = Number(method.options.get('iterations'));
  const learned = async (from: TrainingProblem, rows: Uint32Array, penalty: number) => {
    const trained = await trainWhole(from, rows, { iterations, penalty }, (program) => bench.openProgram(program));
    return trained.ok ? trained : refuse(trained.finding, trained.location ?? location);
  };
  const given = method.options.get('penalty');
  const { trained: most, penalty } = given === undefined ? await withBestPenalty(problem, split, (from, one) => learned(from, split.train, one), bench) : { trained: await learned(problem, split.train, Number(given)), penalty: Number(given) };
  const plan = { iterations, penalty };
  const score = await scoreHeld(problem, most.parameters, split.held, (program) => bench.openProgram(program));
  // What most of the rows say is near what all say.
  const all = await learned({ ...problem, parameters: problem.parameters.map((parameter, i) => ({ ...parameter, data: most.parameters[i]! })) }, Uint32Array.from({ length: problem.rows }, (_, row) => row), penalty);
  if (!(most.loss <= most.begun)) refuse(alignCodes.finding('fit-worse', { before: most.begun, after: most.loss, held: false }), method.location);
  const shown = score === undefined ? { measure: 'training loss', mean: all.loss, standardError: undefined } : { ...score, measure: `held-out ${score.measure}` };
  const doubt = score && !isBalanced(fit) ? doubtOfHeld(shown.measure, score, score.constant) : undefined;
  return {
    lowered,
    weights: weights.parameters.map(({ path, dims }, i) => ({ name: path, dims, data: all.parameters[i]! })),
    method: 'lbfgs',
    settings: { ...plan, 'iterations taken': most.iterations + all.iterations, 'rows held out for the score': split.held.length },
    rows: problem.rows,
    different,
    ...(doubt === undefined ? {} : { doubt }),
    measure: shown.measure,
    tried: [{ method: 'lbfgs', score: shown.mean, standardError: shown.standardError }],
    refused: most.converged && all.converged ? [] : [`It is not at the minimum: ${plan.iterations} iterations, or the digits of single precision, were too few.`],
    scores: { ...(score === undefined ? {} : { [shown.measure]: score.mean, 'its standard error': score.standardError }), 'training loss': all.loss },
  };
}

/** Relative to the mean square of a number that is learned from, from the strongest. */
const relativePenalties = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] as const;

interface Penalised {
  readonly trained: WholeTrained;
  readonly penalty: number;
}

/** Each begins where a stronger one has ended. */
async function withBestPenalty(problem: TrainingProblem, { train, held }: Split, learned: (from: TrainingProblem, penalty: number) => Promise<WholeTrained>, bench: Workbench): Promise<Penalised> {
  const scale = meanSquare(problem, train);
  let [from, begun, best, least] = [problem, undefined as number | undefined, undefined as Penalised | undefined, Infinity];
  for (const relative of relativePenalties) {
    const penalty = relative * scale;
    const trained = await learned(from, penalty);
    begun ??= trained.begun;
    from = { ...problem, parameters: problem.parameters.map((parameter, i) => ({ ...parameter, data: trained.parameters[i]! })) };
    const loss = await lossOf(problem, trained.parameters, held, (program) => bench.openProgram(program));
    // What each has gained is counted from where the first one began.
    if (loss < least) [best, least] = [{ trained: { ...trained, begun }, penalty }, loss];
  }
  return best!;
}

/** Rows that tell how large the numbers are. */
const scaledRows = 4096;

/** Of the numbers of all columns that no loss compares with, about the mean of each column. */
function meanSquare({ columns, losses }: TrainingProblem, rows: Uint32Array): number {
  const targets = new Set(losses.flatMap(({ operands }) => operands.map(({ value }) => value)));
  const some = rows.subarray(0, scaledRows);
  let [sum, count] = [0, 0];
  for (const column of columns.filter(({ value }) => !targets.has(value))) {
    const numbers = rowsOf(column, some).data as Float32Array;
    const width = numbers.length / some.length;
    for (let j = 0; j < width; j++) {
      let [total, squares] = [0, 0];
      for (let i = j; i < numbers.length; i += width) {
        total += numbers[i]!;
        squares += numbers[i]! ** 2;
      }
      sum += squares - total ** 2 / some.length;
    }
    count += numbers.length;
  }
  return sum / count || 1;
}
