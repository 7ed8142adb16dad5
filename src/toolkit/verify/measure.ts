/** The metrics of `require`: each as a number of some rows, so that it can be computed on resamples of them. */
import { binnedConfidences, bootstrap, calibrationError, effectivePairs, gapsOf, growthOfGaps, pairedDifference, selectRows, shareOf, sizeOfGaps, type Confidence, type Estimate, type Features, type Gaps, type RowGroups } from '../../align/index.ts';
import type { Options } from '../../check/tools/index.ts';
import { decisionGroups, decisionsOf, labelAt, setsFound, type LabelSets } from './label-sets.ts';
import type { metrics } from '../../check/tools/tables.ts';

/** What a metric looks at: what the model gave, and classes or numbers or other vectors. */
export interface Measured {
  readonly prediction: Features;
  /** Classes; of several labels at once the numbers of their sets. */
  readonly labels?: Uint32Array;
  /** Where a head gives several labels at once. */
  readonly sets?: LabelSets;
  readonly target?: Features;
}

/** Some of the rows. */
export const onRows = ({ prediction, labels, sets, target }: Measured, rows: readonly number[]): Measured => ({
  prediction: selectRows(prediction, rows),
  ...(labels === undefined ? {} : { labels: Uint32Array.from(rows, (row) => labels[row]!) }),
  ...(sets === undefined ? {} : { sets: { ...sets, truth: selectRows(sets.truth, rows) } }),
  ...(target === undefined ? {} : { target: selectRows(target, rows) }),
});

/** The metric over rows, given by their numbers; a row may come more than once. */
export type Statistic = (rows: ArrayLike<number>) => number;
type MetricName = keyof typeof metrics;

const largestAt = (data: Float32Array, from: number, columns: number): number => {
  let best = 0;
  for (let j = 1; j < columns; j++) if (data[from + j]! > data[from + best]!) best = j;
  return best;
};

/** The class that each row gets; of one column, whether it is above a half; of several labels at once the number of their set. */
export const classesFound = (features: Features, sets?: LabelSets): Uint32Array => (sets === undefined ? likeliest(features) : setsFound(features, sets));

const likeliest = ({ rows, columns, data }: Features): Uint32Array =>
  Uint32Array.from({ length: rows }, (_, i) => (columns === 1 ? Number(data[i]! > 0.5) : largestAt(data, i * columns, columns)));

const mean = (values: ArrayLike<number>): Statistic => (rows) => {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += values[rows[i]!]!;
  return sum / rows.length;
};

/** Hits, found and wanted of each class over the rows. */
function counted(found: Uint32Array, labels: Uint32Array, rows: ArrayLike<number>) {
  // Not `Math.max(...)`: as arguments, a hundred thousand rows are more than the stack holds.
  const classes = labels.reduce((most, label, row) => Math.max(most, label, found[row]!), 0) + 1;
  const [hits, predicted, actual] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
  for (let i = 0; i < rows.length; i++) {
    const [a, b] = [found[rows[i]!]!, labels[rows[i]!]!];
    predicted[a]! += 1;
    actual[b]! += 1;
    if (a === b) hits[a]! += 1;
  }
  return { hits, predicted, actual };
}

type ByClass = (hits: number, predicted: number, actual: number) => number;
const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
const byClass: Readonly<Record<'f1' | 'precision' | 'recall', ByClass>> = {
  f1: (hits, predicted, actual) => ratio(2 * hits, predicted + actual),
  precision: ratio,
  recall: (hits, _, actual) => ratio(hits, actual),
};

/** How often each label is found, is there, and both, over the rows. */
function countedSets({ columns, data }: Features, { truth }: LabelSets, rows: ArrayLike<number>) {
  const [hits, predicted, actual] = [new Float64Array(columns), new Float64Array(columns), new Float64Array(columns)];
  for (let i = 0; i < rows.length; i++)
    for (let j = 0, at = rows[i]! * columns; j < columns; j++, at++) {
      const [is, there] = [data[at]! > 0.5, truth.data[at] === 1];
      predicted[j]! += Number(is);
      actual[j]! += Number(there);
      hits[j]! += Number(is && there);
    }
  return { hits, predicted, actual };
}

/** macro: the mean over the classes, or labels, that occur; weighted: by how often; micro: all rows as one class. */
function averaged(measure: ByClass, average: unknown, { prediction, labels, sets }: Measured): Statistic {
  const found = classesFound(prediction, sets);
  return (rows) => {
    const { hits, predicted, actual } = sets === undefined ? counted(found, labels!, rows) : countedSets(prediction, sets, rows);
    const all = sum(actual);
    if (average === 'micro') return measure(sum(hits), sum(predicted), sum(actual));
    const occurring = [...actual.keys()].filter((c) => actual[c]! > 0);
    const weight = (c: number): number => (average === 'weighted' ? actual[c]! / all : 1 / occurring.length);
    return occurring.reduce((total, c) => total + weight(c) * measure(hits[c]!, predicted[c]!, actual[c]!), 0);
  };
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

/** The probability of the right class of each row. */
const rightProbability = ({ prediction: { columns, data }, labels }: Measured): Float64Array =>
  Float64Array.from(labels!, (label, i) => (columns === 1 ? (label === 1 ? data[i]! : 1 - data[i]!) : data[i * columns + label]!));

/** The mean over the classes of the area under each one's ROC curve (Mann and Whitney 1947). */
function auc({ prediction: { columns, data }, labels }: Measured): Statistic {
  return (rows) => {
    const areas: number[] = [];
    for (let c = columns === 1 ? 1 : 0; c < Math.max(columns, 2); c++) {
      const scored = Array.from(rows, (row) => [data[columns === 1 ? row : row * columns + c]!, labels![row] === c] as const).sort((a, b) => a[0] - b[0]);
      const positive = scored.filter(([, is]) => is).length;
      if (positive === 0 || positive === scored.length) continue;
      let ranks = 0;
      for (let i = 0; i < scored.length;) {
        let end = i;
        while (end < scored.length && scored[end]![0] === scored[i]![0]) end++;
        // Equal scores share the middle of their ranks.
        for (let k = i; k < end; k++) if (scored[k]![1]) ranks += (i + 1 + end) / 2;
        i = end;
      }
      areas.push((ranks - (positive * (positive + 1)) / 2) / (positive * (scored.length - positive)));
    }
    return areas.reduce((a, b) => a + b, 0) / areas.length;
  };
}

/** Of each row a mean over its labels; of a head of classes what it is. */
function byDecision(measured: Measured, each: (measured: Measured) => Float64Array): Float64Array {
  if (measured.sets === undefined) return each(measured);
  const { columns } = measured.prediction;
  const values = each(decisionsOf(measured.prediction, measured.sets));
  return Float64Array.from({ length: values.length / columns }, (_, row) => values.subarray(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0) / columns);
}

/** The mean over the labels of a metric of one. */
function overLabels(measured: Measured, of: (one: Measured) => Statistic): Statistic {
  const { prediction, sets } = measured;
  if (sets === undefined) return of(measured);
  const each = Array.from({ length: prediction.columns }, (_, label) => of(labelAt(prediction, sets, label)));
  return (rows) => {
    const values = each.map((statistic) => statistic(rows)).filter((value) => !Number.isNaN(value));
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
}

/** Bins of equal numbers of rows (Nixon et al. 2019); of several labels at once, of rows and labels. */
function ece(measured: Measured, bins: number): Statistic {
  if (measured.sets !== undefined) {
    const { columns } = measured.prediction;
    const statistic = ece(decisionsOf(measured.prediction, measured.sets), bins);
    return (rows) => statistic(Uint32Array.from({ length: rows.length * columns }, (_, i) => rows[Math.floor(i / columns)]! * columns + (i % columns)));
  }
  return calibrationError(confident(measured), bins);
}

/** How sure each row is, and whether it is right. */
function confident({ prediction, labels }: Measured): readonly Confidence[] {
  const { columns, data } = prediction;
  return Array.from(classesFound(prediction), (c, i) => ({ confidence: columns === 1 ? Math.max(data[i]!, 1 - data[i]!) : data[i * columns + c]!, isRight: c === labels![i] }));
}

/** The gaps of the bins of `ece`, of one side or of both; of several labels at once each decision is a row, and those of a row belong together. */
function calibrationGaps(sides: readonly Measured[], { options, seed, groups }: Judging): readonly Gaps[] {
  const { sets, prediction } = sides[0]!;
  const decided = sides.map((side) => (side.sets === undefined ? side : decisionsOf(side.prediction, side.sets)));
  return gapsOf(decided.map((side) => binnedConfidences(confident(side), Number(options.get('bins')))), { seed, draws, groups: sets === undefined ? groups : decisionGroups(prediction, groups) });
}

/** Of each row, over its columns. */
function byRow({ prediction, target }: Measured, each: (x: Float32Array, y: Float32Array) => number): Float64Array {
  const { rows, columns } = prediction;
  return Float64Array.from({ length: rows }, (_, i) => each(prediction.data.subarray(i * columns, (i + 1) * columns), target!.data.subarray(i * columns, (i + 1) * columns)));
}

const meanOver = (x: Float32Array, each: (i: number) => number): number => {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += each(i);
  return total / x.length;
};

/**
 * Of the variance of each column, the share that is explained: its mean over the columns (macro), so that none hides behind columns of greater numbers, or over all columns at once (weighted,
 * by their variance). Of a column that does not vary all is explained or nothing, as scikit-learn has it.
 */
function r2({ prediction, target }: Measured, average: unknown): Statistic {
  const { columns, data } = target!;
  return (chosen) => {
    const [means, errors, sizes] = [new Float64Array(columns), new Float64Array(columns), new Float64Array(columns)];
    for (let i = 0; i < chosen.length; i++) for (let j = 0; j < columns; j++) means[j]! += data[chosen[i]! * columns + j]! / chosen.length;
    for (let i = 0; i < chosen.length; i++)
      for (let j = 0, at = chosen[i]! * columns; j < columns; j++, at++) {
        errors[j]! += (prediction.data[at]! - data[at]!) ** 2;
        sizes[j]! += (data[at]! - means[j]!) ** 2;
      }
    if (average === 'weighted') return explained(sum(errors), sum(sizes));
    return errors.reduce((total, error, j) => total + explained(error, sizes[j]!), 0) / columns;
  };
}

const explained = (error: number, size: number): number => (size === 0 ? Number(error === 0) : 1 - error / size);

/** Whether each row's own partner is among the k nearest by the cosine. */
function retrieval({ prediction, target }: Measured, k: number): Float64Array {
  const unit = (x: Float32Array): number => Math.hypot(...x) || 1;
  const { rows, columns } = prediction;
  const key = Array.from({ length: rows }, (_, i) => target!.data.subarray(i * columns, (i + 1) * columns));
  const norms = key.map(unit);
  const cosine = (x: Float32Array, j: number): number => meanOver(x, (c) => x[c]! * key[j]![c]!) / norms[j]!;
  return Float64Array.from({ length: rows }, (_, i) => {
    const x = prediction.data.subarray(i * columns, (i + 1) * columns);
    const own = cosine(x, i);
    let nearer = 0;
    for (let j = 0; j < rows && nearer < k; j++) if (j !== i && cosine(x, j) >= own) nearer += 1;
    return Number(nearer < k);
  });
}

type Make = (measured: Measured, options: Options) => Statistic;
const correct = (measured: Measured): Float64Array => Float64Array.from(classesFound(measured.prediction, measured.sets), (c, i) => Number(c === measured.labels![i]));

/** By the names that the language has for them. */
export const statistics: Readonly<Record<MetricName, Make>> = {
  accuracy: (m) => mean(correct(m)),
  balanced_accuracy: (m) => averaged(byClass.recall, 'macro', m),
  f1: (m, options) => averaged(byClass.f1, options.get('average'), m),
  precision: (m, options) => averaged(byClass.precision, options.get('average'), m),
  recall: (m, options) => averaged(byClass.recall, options.get('average'), m),
  auc: (m) => overLabels(m, auc),
  nll: (m) => mean(byDecision(m, (one) => rightProbability(one).map((p) => -Math.log(Math.max(p, 1e-12))))),
  brier: (m) => mean(byDecision(m, brierOf)),
  ece: (m, options) => ece(m, Number(options.get('bins'))),
  mse: (m) => mean(byRow(m, (x, y) => meanOver(x, (i) => (x[i]! - y[i]!) ** 2))),
  mae: (m) => mean(byRow(m, (x, y) => meanOver(x, (i) => Math.abs(x[i]! - y[i]!)))),
  r2: (m, options) => r2(m, options.get('average')),
  cosine: (m) => mean(byRow(m, (x, y) => (meanOver(x, (i) => x[i]! * y[i]!) * x.length) / (Math.hypot(...x) * Math.hypot(...y) || 1))),
  retrieval: (m, options) => mean(retrieval(m, Number(options.get('k')))),
};

function brierOf({ prediction: { columns, data }, labels }: Measured): Float64Array {
  return Float64Array.from(labels!, (label, i) => {
    if (columns === 1) return 2 * (data[i]! - label) ** 2;
    let error = 0;
    for (let j = 0; j < columns; j++) error += (data[i * columns + j]! - Number(j === label)) ** 2;
    return error;
  });
}

/** Which of these rows are right; of several labels at once where all of them are. */
export function rightOn({ prediction, labels, sets }: Measured, rows: readonly number[]): boolean[] {
  const found = classesFound(prediction, sets);
  return rows.map((row) => found[row] === labels![row]);
}

// ---------------------------------------------------------------- intervals

export const right = (measured: Measured): boolean[] => Array.from(correct(measured), Boolean);

const resamples = 499;
/** Of the noise of the bins of `ece`. */
const draws = 500;
/** Each bound at 95 %. */
const level = 0.9;
/** Two-sided 90 %: each bound at 95 %. */
const oneSided = 1.6448536269514722;

/** How a metric is judged: with the options that it was given, on rows of which some may belong together. */
export interface Judging {
  readonly options: Options;
  readonly seed: number;
  readonly groups: RowGroups | undefined;
}

/** A metric of one model, with its interval. */
export function estimate(name: string, measured: Measured, { options, seed, groups }: Judging): Estimate {
  if (name === 'accuracy') return shareOf(right(measured), groups, oneSided);
  if (name === 'ece') return sizeOfGaps(calibrationGaps([measured], { options, seed, groups })[0]!);
  return bootstrap(measured.prediction.rows, statistics[name as MetricName](measured, options), { seed, resamples, level, groups });
}

/** What a metric gains by the swap: both on the same rows. */
export function difference(name: string, swapped: Measured, own: Measured, { options, seed, groups }: Judging): Estimate {
  if (name === 'accuracy') return pairedDifference(effectivePairs(right(swapped), right(own), groups));
  if (name === 'ece') return growthOfGaps(...(calibrationGaps([own, swapped], { options, seed, groups }) as [Gaps, Gaps]));
  const [a, b] = [swapped, own].map((measured) => statistics[name as MetricName](measured, options));
  return bootstrap(own.prediction.rows, (rows) => a!(rows) - b!(rows), { seed, resamples, level, groups });
}
