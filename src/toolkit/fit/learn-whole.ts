/** A fit by `lbfgs`: all rows at each step, until next to nothing is left to be gained. */
import { scoreHeld, trainWhole, type TrainingProblem } from '../../align/index.ts';
import type { CheckedFit } from '../../check/tools/index.ts';
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

export async function learnWhole(fit: CheckedFit, tables: Tables, bench: Workbench): Promise<Solved> {
  const { problem: begun, lowered } = await problemOf(fit, tables, bench);
  const { method, seed, location, weights } = fit;
  const problem = { ...begun, parameters: begun.parameters.map((parameter, i) => ({ ...parameter, frozen: fit.frozen.has(weights.parameters[i]!.path) })) };
  const units = unitsOf(lowered.columns.values(), tables);
  const different = differentOf(units, lowered.columns.values(), tables);
  const split = splitOf(units, heldShare, seed);
  const fault = tooFew(problem, different, split, { ...method, options: new Map([...method.options, ['holdout', heldShare]]) }, tables);
  if (fault !== undefined) refuse(fault, location);
  const plan = { iterations: Number(method.options.get('iterations')), penalty: Number(method.options.get('penalty')) };
  const learned = async (from: TrainingProblem, rows: Uint32Array) => {
    const trained = await trainWhole(from, rows, plan, (program) => bench.openProgram(program));
    return trained.ok ? trained : refuse(trained.finding, trained.location ?? location);
  };
  const most = await learned(problem, split.train);
  const score = await scoreHeld(problem, most.parameters, split.held, (program) => bench.openProgram(program));
  // What most of the rows say is near what all say.
  const all = await learned({ ...problem, parameters: problem.parameters.map((parameter, i) => ({ ...parameter, data: most.parameters[i]! })) }, Uint32Array.from({ length: problem.rows }, (_, row) => row));
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
