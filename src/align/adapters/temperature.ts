/** One temperature for logits by the likelihood of held-out labels (Guo et al. 2017). */
import type { Features } from '../matrix.ts';

/** Between these a network's logits are worth calibrating. */
const range = { coldest: 0.01, hottest: 100 };
const rounds = 100;

/**
 * The temperature whose softmax gives the labels the greatest likelihood. The loss is convex in 1 / t: its slope is brought
 * to 0 by Newton's steps, kept inside a bracket. The library's part takes it as an argument: `temperature(t: 1.7)`.
 */
export function fitTemperature(logits: Features, labels: ArrayLike<number>): number {
  let [low, high] = [1 / range.hottest, 1 / range.coldest];
  let beta = 1;
  for (let round = 0; round < rounds; round++) {
    const { slope, curvature } = lossAt(logits, labels, beta);
    if (slope > 0) high = beta;
    else low = beta;
    const newton = beta - slope / curvature;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - beta) <= 1e-12 * beta) break;
    beta = next;
  }
  return 1 / beta;
}

/** The derivatives of the mean negative log-likelihood of softmax(beta z) by beta. */
function lossAt({ rows, columns, data }: Features, labels: ArrayLike<number>, beta: number) {
  let [slope, curvature] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
    let [weight, first, second] = [0, 0, 0];
    for (const value of row) {
      const z = value - top;
      const e = Math.exp(beta * z);
      weight += e;
      first += e * z;
      second += e * z * z;
    }
    const mean = first / weight;
    slope += mean - (row[labels[i]!]! - top);
    curvature += second / weight - mean * mean;
  }
  return { slope: slope / rows, curvature: curvature / rows };
}
