/** Linear heads and how they do on rows left out. */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { affineAdapter, matrixTensor, vectorTensor, type AffineAdapter } from '../adapters/adapter.ts';
import { isNearBest, scoreOf, type Score } from '../adapters/cross-validation.ts';
import { fitTemperature } from '../adapters/temperature.ts';
import { tooLarge } from '../adapters/too-large.ts';
import { foldCount, randomFolds } from '../adapters/training.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { identity, scaleRows, selectRows, zeros, type Features } from '../matrix.ts';
import { accuracy, negativeLogLikelihood } from '../metrics/head.ts';
import { nearest } from '../metrics/neighbours.ts';
import { columnMeans, unitRows } from '../rows.ts';
import { fitLogistic } from './logistic.ts';

export interface HeadData {
  readonly x: Features;
  /** Numbers of classes, from 0. */
  readonly labels: Uint32Array;
  readonly classes: number;
  readonly names?: readonly string[] | undefined;
  /** The fold of each row, from 0 to 4, where groups have to stay together; random and of equal size otherwise. */
  readonly folds?: Uint8Array;
}

export interface ScoredHead {
  readonly head: AffineAdapter;
  /** On rows left out, by fold. */
  readonly accuracy: Score;
  readonly loss: Score;
}

type FitHead = (data: HeadData) => Promise<Outcome<AffineAdapter>>;

/** Penalties relative to the mean variance of a column, from the strongest. */
const relativePenalties = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5] as const;

/** Logistic regression by the strongest penalty whose held-out likelihood is within a standard error of the best. */
export async function chooseLogistic(kernels: Kernels, data: HeadData, seed: number): Promise<Outcome<ScoredHead>> {
  const scale = meanVariance(data.x);
  const tried: ScoredHead[] = [];
  for (const relative of relativePenalties) {
    const scored = await crossValidated(kernels, data, seed, logistic(kernels, relative * scale));
    if (!scored.ok) return scored;
    tried.push(scored.value);
  }
  // The loss is the better the smaller it is.
  const better = ({ loss }: ScoredHead): Score => scoreOf(loss.folds.map((value) => -value));
  const best = tried.map(better).reduce((a, b) => (b.mean > a.mean ? b : a));
  return succeed(tried.find((one) => isNearBest(better(one), best))!);
}

/** Logistic regression with a penalty that is given. */
export const fitHead = (kernels: Kernels, data: HeadData, seed: number, penalty: number): Promise<Outcome<ScoredHead>> => crossValidated(kernels, data, seed, logistic(kernels, penalty));

/**
 * The nearest mean of a class, as a linear head: the posterior of classes that are spheres of one size and equally likely
 * (Fisher's discriminant with a variance for all directions).
 */
export const prototypeHead = (kernels: Kernels, data: HeadData, seed: number): Promise<Outcome<ScoredHead>> => crossValidated(kernels, data, seed, async (part) => succeed(prototypes(part)));

/** Logistic regression on what the nearest rows say, and not on the rows' own labels: boundaries as smooth as those of k nearest neighbours, in a head as small as any. */
export const neighbourHead = (kernels: Kernels, data: HeadData, seed: number, k: number): Promise<Outcome<ScoredHead>> =>
  crossValidated(kernels, data, seed, async (part) => {
    const fitted = await fitLogistic(kernels, part.x, await neighbourShares(kernels, part, k), { classes: part.classes });
    return fitted.ok ? succeed({ ...fitted.value.head, method: 'neighbours', settings: { ...fitted.value.head.settings, k } }) : fitted;
  });

/** Of each row the share of each class among the k rows that are nearest to it, by the cosine about the mean, itself left out. */
export async function neighbourShares(kernels: Kernels, { x, labels, classes }: HeadData, k: number): Promise<Features> {
  const rows = unitRows(x, columnMeans(x));
  const count = Math.min(k, x.rows - 1);
  const { numbers } = await nearest(kernels, rows, rows, { k: count, isSelf: true });
  const data = new Float32Array(x.rows * classes);
  for (const [at, number] of numbers.entries()) data[Math.floor(at / count) * classes + labels[number]!]! += 1 / count;
  return { rows: x.rows, columns: classes, data };
}

/** One temperature for what are logits already: softmax(x / t). Which class is the likeliest stays as it is. */
export const temperatureHead = (kernels: Kernels, data: HeadData, seed: number): Promise<Outcome<ScoredHead>> =>
  crossValidated(kernels, data, seed, async ({ x, labels }) => {
    const t = fitTemperature(x, labels);
    const w = scaleRows(identity(x.columns), new Float64Array(x.columns).fill(1 / t));
    return succeed(affineAdapter({ method: 'temperature', part: { module: 'std/heads', name: 'calibrate', arguments: {} }, tensors: [vectorTensor('inverse_temperature', [1 / t])], settings: { temperature: t }, map: { w, b: new Float64Array(x.columns) } }));
  });

const logistic = (kernels: Kernels, penalty: number): FitHead => async ({ x, labels, classes }) => {
  const fitted = await fitLogistic(kernels, x, labels, { classes, penalty });
  return fitted.ok ? succeed(fitted.value.head) : fitted;
};

async function crossValidated(kernels: Kernels, data: HeadData, seed: number, fit: FitHead): Promise<Outcome<ScoredHead>> {
  const wrong = tooFew(data);
  if (wrong !== undefined) return wrong;
  const { folds = randomFolds(data.x.rows, seed) } = data;
  const [accuracies, losses]: [number[], number[]] = [[], []];
  for (let fold = 0; fold < foldCount; fold++) {
    const [kept, held] = [rowsOf(folds, (f) => f !== fold), rowsOf(folds, (f) => f === fold)].map((rows) => part(data, rows));
    const fitted = await fit(kept!);
    if (!fitted.ok) return fitted;
    const logits = await fitted.value.predict(kernels, held!.x);
    accuracies.push(accuracy(logits, held!.labels));
    losses.push(negativeLogLikelihood(logits, held!.labels));
  }
  const head = await fit(data);
  return head.ok ? succeed({ head: head.value, accuracy: scoreOf(accuracies), loss: scoreOf(losses) }) : head;
}

const rowsOf = (folds: Uint8Array, isWanted: (fold: number) => boolean): number[] => [...folds.keys()].filter((row) => isWanted(folds[row]!));

const part = (data: HeadData, rows: readonly number[]): HeadData => ({ ...data, x: selectRows(data.x, rows), labels: Uint32Array.from(rows, (row) => data.labels[row]!) });

/** Every class has to be seen, and to be seen again. */
function tooFew({ x, labels, classes, names }: HeadData) {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]! += 1;
  const scarce = [...counts.keys()].filter((label) => counts[label]! < 2);
  if (scarce.length > 0) {
    const shown = scarce.slice(0, 5).map((label) => `${names === undefined ? `class ${label}` : `"${names[label]}"`} has ${counts[label]}`);
    const why = `two or more of each of ${classes} classes, and ${shown.join(', ')}${scarce.length > shown.length ? `, and ${scarce.length - shown.length} more have too few` : ''}`;
    return fail(alignCodes.finding('fit-too-few-rows', { method: 'cross-validation', rows: x.rows, needed: x.rows + scarce.reduce((sum, label) => sum + 2 - counts[label]!, 0), why }));
  }
  const at = x.data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) return fail(alignCodes.finding('features-not-finite', { of: 'the encoder', columns: [at % x.columns], count: 1 }));
  const large = x.data.findIndex((value) => Math.abs(value) > mostOf(x.rows));
  return large < 0 ? undefined : fail(tooLarge('the encoder', { column: large % x.columns, size: Math.abs(x.data[large]!), row: Math.floor(large / x.columns) }));
}

/** Up to it a sum of so many squares is a number of single precision, with room for what is computed of it. */
const mostOf = (rows: number): number => Math.sqrt(2 ** 126 / Math.max(1, rows));

function meanVariance(x: Features): number {
  const means = columnMeans(x);
  let sum = 0;
  for (const [at, value] of x.data.entries()) sum += (value - means[at % x.columns]!) ** 2;
  return sum / x.data.length || 1;
}

function prototypes({ x, labels, classes }: HeadData): AffineAdapter {
  const { columns } = x;
  const w = zeros(columns, classes);
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]! += 1;
  for (const [at, value] of x.data.entries()) {
    const label = labels[Math.floor(at / columns)]!;
    w.data[(at % columns) * classes + label]! += value / counts[label]!;
  }
  let within = 0;
  for (const [at, value] of x.data.entries()) within += (value - w.data[(at % columns) * classes + labels[Math.floor(at / columns)]!]!) ** 2;
  const variance = within / x.data.length || 1;
  const b = new Float64Array(classes);
  for (const [at, value] of w.data.entries()) b[at % classes]! -= value ** 2 / 2 / variance;
  const map = { w: { ...w, data: w.data.map((value) => value / variance) }, b };
  return affineAdapter({
    method: 'prototypes',
    part: { module: 'std/heads', name: 'linear_classifier', arguments: { classes } },
    tensors: [matrixTensor('linear.w', map.w), vectorTensor('linear.b', b)],
    settings: { variance },
    map,
  });
}
