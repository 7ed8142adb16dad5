/** A fit by gradient: what `adam`, `adamw` and `sgd` do. */
import { rowsOf, scoreHeld, type EpochLoss, type Split, type Trained, type TrainingPlan, type TrainingProblem } from '../../align/index.ts';
import type { Applied, CheckedFit } from '../../check/tools/index.ts';
import { methods } from '../../check/tools/tables.ts';
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { doubtOfHeld } from './doubt.ts';
import type { Solved } from './solved.ts';
import type { Tables } from '../data/columns.ts';
import { firstSuch, pieceRows } from '../data/feature-rows.ts';
import { refuse } from '../errors.ts';
import { problemOf } from './problem.ts';
import { trainWatched } from './train-watched.ts';
import { differentOf, splitOf, unitsOf } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

const gradientMethods: readonly string[] = ['adam', 'adamw', 'sgd'];
export const isGradientMethod = (name: string): boolean => gradientMethods.includes(name);

/** Of a run that is to end by itself: at least so many epochs, and so many steps, for of few rows an epoch is few steps. It ends after a share of them without a gain. */
const byItselfAtLeast = { epochs: 200, steps: 20_000 } as const;
const patientAtLeast = { epochs: 10, steps: 500 } as const;

/** Adam with its own settings, and epochs enough for it to end by itself, of so many rows. */
function adamByItself({ method: { location } }: CheckedFit, rows: number): Applied {
  const options = Object.entries(methods.adam.options).map(([name, option]) => [name, option.default] as const);
  const batch = Number(methods.adam.options.batch.default);
  const stepsOfEpoch = Math.floor(rows / Math.min(batch, rows));
  const atLeast = ({ epochs, steps }: { readonly epochs: number; readonly steps: number }): number => Math.max(epochs, Math.ceil(steps / stepsOfEpoch));
  return { name: 'adam', inputs: new Map(), options: new Map([...options, ['epochs', atLeast(byItselfAtLeast)], ['patience', atLeast(patientAtLeast)]]), location };
}

/** By the method of the fit; `auto` is Adam until it ends by itself. */
export async function learn(fit: CheckedFit, tables: Tables, bench: Workbench): Promise<Solved> {
  const { problem, lowered } = await problemOf(fit, tables, bench);
  const byItself = fit.method.name === 'auto';
  const method = byItself ? adamByItself(fit, Math.round(0.9 * problem.rows)) : fit.method;
  const plan = planOf(method, fit.seed);
  const units = unitsOf(lowered.columns.values(), tables);
  const different = differentOf(units, lowered.columns.values(), tables);
  const split = splitOf(units, Number(method.options.get('holdout')), fit.seed);
  const fault = tooFew(problem, different, split, method, tables);
  if (fault !== undefined) refuse(fault, fit.location);
  const trained = await learnByPhases(fit, problem, split, plan, bench);
  const { history, epoch, begun } = trained;
  const { training, held } = history[epoch - 1]!;
  // Weights that do worse than those that nothing was learned into are none that anybody wants.
  if (!((held ?? training) <= begun)) refuse(alignCodes.finding('fit-worse', { before: begun, after: held ?? training, held: held !== undefined }, smallerSteps(plan.rate)), method.location);
  const score = split.held.length === 0 ? undefined : await scoreHeld(problem, trained.parameters, split.held, (program) => bench.openProgram(program));
  const shown = score === undefined ? { measure: held === undefined ? 'training loss' : 'held-out loss', mean: held ?? training, standardError: undefined } : { ...score, measure: `held-out ${score.measure}` };
  const cutOff = stillFell(trained, plan) ? [cutOffBy(plan, byItself)] : [];
  const doubt = score && !isBalanced(fit) ? doubtOfHeld(shown.measure, score, score.constant) : undefined;
  return {
    lowered,
    weights: fit.weights.parameters.map(({ path, dims }, i) => ({ name: path, dims, data: trained.parameters[i]! })),
    method: plan.optimiser,
    settings: { ...Object.fromEntries([...method.options].map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value])), epoch, 'rows held out': split.held.length },
    rows: problem.rows,
    different,
    ...(doubt === undefined ? {} : { doubt: { ...doubt, notes: cutOff } }),
    measure: shown.measure,
    tried: [{ method: plan.optimiser, score: shown.mean, standardError: shown.standardError }],
    refused: cutOff,
    scores: {
      ...(score === undefined ? {} : { [shown.measure]: score.mean, 'its standard error': score.standardError }),
      'training loss': training,
      ...(held === undefined ? {} : { 'held-out loss': held }),
    },
  };
}

/** Of all that was gained the last quarter of the epochs gained so much, at least: more epochs are worth their time. */
const stillGained = 0.01;

/** Whether it was the number of epochs that ended a run, and not that nothing more was to be gained. A schedule that comes down to 0 ends by itself. */
function stillFell({ history, begun, epoch }: Trained, { epochs, schedule, patience }: TrainingPlan): boolean {
  if (schedule !== 'constant' || history.length < epochs) return false;
  if (patience > 0 && epochs - epoch > patience) return false;
  const lossOf = ({ held, training }: EpochLoss): number => held ?? training;
  const best = (until: number): number => Math.min(begun, ...history.slice(0, until).map(lossOf));
  const [before, after] = [best(Math.floor(0.75 * epochs)), best(epochs)];
  return before - after > stillGained * (begun - after);
}

const cutOffBy = ({ epochs, rate, optimiser, patience }: TrainingPlan, byItself: boolean): string =>
  `Its loss still fell when its ${epochs.toLocaleString('en-US')} epochs were over: ${byItself ? `\`method ${optimiser}(epochs: ${2 * epochs}, patience: ${patience})\`` : `\`epochs: ${2 * epochs}\``}, or larger steps, \`lr: ${Number((5 * rate).toPrecision(1))}\`, learn on.`;

/**
 * One run after the other, each with more of the layers free: a layer that is frozen until an epoch is learned from there on. A
 * schedule is that of a run; only the last may end before its time.
 */
async function learnByPhases(fit: CheckedFit, begun: TrainingProblem, split: Split, plan: TrainingPlan, bench: Workbench): Promise<Trained> {
  const ends = [...new Set(fit.frozen.values())].filter((until) => until < plan.epochs).sort((a, b) => a - b);
  const history: EpochLoss[] = [];
  let problem = begun;
  let first: number | undefined;
  for (const [i, end] of [...ends, plan.epochs].entries()) {
    const from = i === 0 ? 0 : ends[i - 1]!;
    const isLast = end === plan.epochs;
    const parameters = problem.parameters.map((parameter, at) => ({ ...parameter, frozen: (fit.frozen.get(fit.weights.parameters[at]!.path) ?? 0) > from }));
    problem = { ...problem, parameters };
    if (parameters.every(({ frozen }) => frozen)) continue;
    const phase = { ...plan, epochs: end - from, patience: isLast ? plan.patience : 0, seed: plan.seed + from };
    const trained = await trainWatched(fit.target.name, problem, split, phase, bench);
    if (!trained.ok) return refuse({ ...trained.finding, notes: [...trained.finding.notes, ...(trained.finding.code === 'fit-diverged' ? smallerSteps(plan.rate) : [])] }, trained.location ?? fit.location);
    first ??= trained.begun;
    if (isLast) return { ...trained, begun: first, epoch: history.length + trained.epoch, history: [...history, ...trained.history] };
    history.push(...trained.history);
    problem = { ...problem, parameters: parameters.map((parameter, at) => ({ ...parameter, data: trained.parameters[at]! })) };
  }
  throw new RangeError('all layers are frozen to the end');
}

/** Where each class counts as much as another, more errors on the commonest are what was asked for. */
export const isBalanced = ({ loss: [loss] }: CheckedFit): boolean => loss!.options.get('class_weight') === 'balanced';

const smallerSteps = (rate: number): readonly string[] => [`Take smaller steps: \`lr: ${Number((rate / 10).toPrecision(1))}\`, or let them grow at first, \`warmup: 10%\`. Where that does not help, the rows say nothing of what is to be learned, or are too few.`];

function planOf({ name, options }: Applied, seed: number): TrainingPlan {
  const number = (option: string, otherwise = 0): number => Number(options.get(option) ?? otherwise);
  return {
    optimiser: name as TrainingPlan['optimiser'],
    rate: number('lr'),
    epochs: number('epochs'),
    batch: number('batch'),
    schedule: options.get('schedule') as TrainingPlan['schedule'],
    warmup: number('warmup'),
    patience: number('patience'),
    momentum: number('momentum'),
    weightDecay: number('weight_decay'),
    seed,
  };
}

/** Fewer rows held out say next to nothing of when to stop. */
const leastHeld = 10;
export const leastTrained = 20;

export function tooFew({ rows, columns }: TrainingProblem, different: number, { train: trained, held }: Split, { name, options }: Applied, tables: Tables) {
  const share = Number(options.get('holdout'));
  const needed = Math.ceil(Math.max(leastTrained / (1 - share), share === 0 ? 0 : (1.5 * leastHeld) / share));
  if (different < leastTrained + (share > 0 ? leastHeld : 0) || trained.length < leastTrained || (share > 0 && held.length < leastHeld)) {
    const why = share === 0 ? `at least ${leastTrained} to learn from` : `at least ${leastTrained} to learn from and ${leastHeld} others, ${Math.round(100 * share)} % of them, to see when to stop`;
    return alignCodes.finding('fit-too-few-rows', { method: name, rows, different, needed: Math.max(needed, different + 1), why });
  }
  for (const column of columns) {
    for (let from = 0; from < rows; from += pieceRows) {
      const numbers = rowsOf(column, Uint32Array.from({ length: Math.min(pieceRows, rows - from) }, (_, i) => from + i)).data as Float32Array;
      const at = numbers.findIndex((number) => !Number.isFinite(number));
      const size = column.dims.reduce((product, dim) => product * dim, 1);
      if (at >= 0) return alignCodes.finding('features-not-finite', { of: `\`${column.value}\``, columns: [at % size], count: 1 }, [firstSuch([...tables.values()][0]!, from + Math.floor(at / size))]);
    }
  }
  return undefined;
}
