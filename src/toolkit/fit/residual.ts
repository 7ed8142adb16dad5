/**
 * What a gradient adds to a ridge map: the map stays, and the part's other parameters, which begin at nothing, learn what is left.
 * Scored on the folds that the closed forms are scored on, so that it is taken only where it is better by more than chance.
 */
import { explainedPart, heldVectors, meanCosine, ridgeOf, scoreOf, targetMeanWithout, withoutFold, type AffineAdapter, type Features, type Score, type Split, type Trained, type Training, type TrainingPlan, type TrainingProblem, type WeightTensor } from '../../align/index.ts';
import type { CheckedFit } from '../../check/tools/index.ts';
import type { Tables } from '../data/columns.ts';
import { refuse } from '../errors.ts';
import type { Form } from './form.ts';
import { problemOf } from './problem.ts';
import { trainWatched } from './train-watched.ts';
import { splitOf, type Divided } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

export interface ResidualFit {
  readonly method: 'residual';
  readonly settings: Readonly<Record<string, number>>;
  readonly weights: readonly WeightTensor[];
  readonly score: Score;
  readonly direction: Score;
}

export interface ResidualRequest extends Divided {
  readonly fit: CheckedFit;
  readonly form: Form;
  readonly training: Training;
  /** The penalty that cross-validation chose. */
  readonly lambda: number;
  readonly tables: Tables;
}

/** Of those that are learned from, to see when to stop. */
const heldShare = 0.1;

const planOf = (seed: number): TrainingPlan => ({ optimiser: 'adamw', rate: 1e-3, schedule: 'cosine', warmup: 0, epochs: 100, batch: 64, patience: 10, momentum: 0, weightDecay: 0.01, seed });

export async function fitResidual({ fit, form, training, folds, units, lambda, tables }: ResidualRequest, bench: Workbench): Promise<ResidualFit> {
  const { problem } = await problemOf(bySquares(fit), tables, bench);
  const split = splitOf(units, heldShare, fit.seed);
  const within = (isIn: (row: number) => boolean): Split => ({ train: split.train.filter(isIn), held: split.held.filter(isIn) });
  const turns = training.folds.length + 1;
  const [scores, cosines]: [number[], number[]] = [[], []];
  for (const k of training.folds.keys()) {
    bench.progress.update(`fit ${fit.target.name}, residual by folds`, k, turns);
    const begun = beginAt(await ridgeOf(bench.kernels, training, withoutFold(training, k), 'ridge', lambda), problem, fit, form);
    const { parameters } = await learn(begun, within((row) => folds[row] !== k), fit, bench);
    const held = await heldVectors(begun, parameters, training.held[k]!.indices, (program) => bench.openProgram(program));
    scores.push(explainedPart(held.prediction, held.target).mean);
    cosines.push(meanCosine(featuresOf(held.prediction), featuresOf(held.target), targetMeanWithout(training, k)));
  }
  bench.progress.update(`fit ${fit.target.name}, residual by folds`, turns - 1, turns);
  const begun = beginAt(await ridgeOf(bench.kernels, training, training.all, 'ridge', lambda), problem, fit, form);
  const { parameters, epoch } = await learn(begun, split, fit, bench);
  bench.progress.clear();
  const weights = fit.weights.parameters.map(({ path, dims }, i) => ({ name: path, dims, data: parameters[i]! }));
  return { method: 'residual', settings: { lambda, epoch }, weights, score: scoreOf(scores), direction: scoreOf(cosines) };
}

const featuresOf = (vectors: readonly Float32Array[]): Features => ({ rows: vectors.length, columns: vectors[0]!.length, data: Float32Array.from(vectors.flatMap((vector) => [...vector])) });

/** As the closed forms that it is compared with, it makes the squared error small, whichever way the loss compares vectors. */
const bySquares = (fit: CheckedFit): CheckedFit => ({ ...fit, loss: fit.loss.map((loss) => ({ ...loss, name: 'mse', options: new Map() })) });

/** The map in its place, where it stays; the rest is free. */
function beginAt(adapter: AffineAdapter, problem: TrainingProblem, fit: CheckedFit, { place, rest }: Form): TrainingProblem {
  const placed = new Map(place(adapter)!.map(({ name, data }) => [name, data]));
  const free = new Set(rest.map(({ path }) => path));
  const parameters = problem.parameters.map((parameter, i) => {
    const { path } = fit.weights.parameters[i]!;
    return { ...parameter, data: placed.get(path)!, frozen: !free.has(path) };
  });
  return { ...problem, parameters };
}

async function learn(problem: TrainingProblem, split: Split, fit: CheckedFit, bench: Workbench): Promise<Trained> {
  const trained = await trainWatched(fit.target.name, problem, split, planOf(fit.seed), bench);
  return trained.ok ? trained : refuse(trained.finding, trained.location ?? fit.location);
}
