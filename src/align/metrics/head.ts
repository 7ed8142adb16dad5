/** What a head's answers are worth, from its logits and the labels: accuracy and calibration apart. */
import type { Features } from '../matrix.ts';

/** The class of the largest logit of each row; of equal ones the first. */
export function predictions({ rows, columns, data }: Features): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let j = 1; j < columns; j++) if (data[i * columns + j]! > data[i * columns + best]!) best = j;
    return best;
  });
}

export const correctness = (logits: Features, labels: ArrayLike<number>): readonly boolean[] =>
  Array.from(predictions(logits), (label, i) => label === labels[i]);

export function accuracy(logits: Features, labels: ArrayLike<number>): number {
  return correctness(logits, labels).filter(Boolean).length / logits.rows;
}

/** The mean over the classes that occur of the harmonic mean of precision and recall. */
export function macroF1(logits: Features, labels: ArrayLike<number>): number {
  const classes = logits.columns;
  const [hits, predicted, actual] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
  for (const [i, label] of predictions(logits).entries()) {
    predicted[label]! += 1;
    actual[labels[i]!]! += 1;
    if (label === labels[i]) hits[label]! += 1;
  }
  const occurring = [...actual.keys()].filter((c) => actual[c]! > 0);
  return occurring.reduce((sum, c) => sum + (2 * hits[c]!) / (predicted[c]! + actual[c]!), 0) / occurring.length;
}

/** softmax(logits / temperature) by rows, in double precision. */
export function probabilities({ rows, columns, data }: Features, temperature = 1): Float64Array {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    let [top, sum] = [-Infinity, 0];
    for (let at = i * columns; at < (i + 1) * columns; at++) top = Math.max(top, data[at]!);
    for (let at = i * columns; at < (i + 1) * columns; at++) sum += result[at] = Math.exp((data[at]! - top) / temperature);
    for (let at = i * columns; at < (i + 1) * columns; at++) result[at]! /= sum;
  }
  return result;
}

/** The mean negative log-likelihood of the labels, in nats. */
export function negativeLogLikelihood(logits: Features, labels: ArrayLike<number>, temperature = 1): number {
  const { rows, columns, data } = logits;
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
    const sum = row.reduce((total, value) => total + Math.exp((value - top) / temperature), 0);
    loss += Math.log(sum) - (row[labels[i]!]! - top) / temperature;
  }
  return loss / rows;
}

/** The mean squared distance of the probabilities from the label's (Brier 1950): from 0 to 2. */
export function brier(logits: Features, labels: ArrayLike<number>, temperature = 1): number {
  const { rows, columns } = logits;
  const p = probabilities(logits, temperature);
  let sum = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) sum += (p[i * columns + j]! - (labels[i] === j ? 1 : 0)) ** 2;
  return sum / rows;
}
