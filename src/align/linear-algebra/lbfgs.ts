/** The minimum of a smooth convex function by L-BFGS (Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4). */
import { addScaled, dot } from './vectors.ts';

export interface Evaluated {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface Minimum extends Evaluated {
  readonly point: Float64Array;
  readonly iterations: number;
  /** Whether the gradient came below the tolerance; otherwise the iterations ran out, or the digits did. */
  readonly converged: boolean;
}

export interface LbfgsOptions {
  /** Of the largest element of the gradient. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Pairs of steps and gradient changes that stand for the curvature. */
const memory = 10;
/** Wolfe's conditions: the part of the slope by which the value has to fall, and what may be left of the slope. */
const sufficient = 1e-4;
const flatter = 0.9;
const maxTrials = 50;
/** Near the minimum the values differ by less than their rounding, and only the slopes tell. */
const rounding = 4 * Number.EPSILON;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (step · change). */
  readonly scale: number;
}

export async function minimise(
  evaluate: (point: Float64Array) => Promise<Evaluated>,
  start: Float64Array,
  { tolerance, maxIterations }: LbfgsOptions,
): Promise<Minimum> {
  let point = start;
  let at = await evaluate(point);
  const pairs: Pair[] = [];
  for (let iterations = 0; ; iterations++) {
    const largest = at.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const converged = largest <= tolerance;
    if (converged || iterations === maxIterations) return { point, ...at, iterations, converged };
    const direction = descent(at.gradient, pairs);
    const found = await search(evaluate, point, at, direction);
    if (found === undefined) return { point, ...at, iterations, converged };
    remember(pairs, difference(found.point, point), difference(found.at.gradient, at.gradient));
    ({ point, at } = found);
  }
}

/** - H g by the two loops over the pairs; the first time along the gradient itself. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const n = gradient.length;
  const q = gradient.map((value) => -value);
  const along: number[] = [];
  for (const { step, change, scale } of pairs.toReversed()) {
    const a = scale * dot(step, 0, q, 0, n);
    along.push(a);
    addScaled(-a, change, 0, q, 0, n);
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const size = 1 / (last.scale * dot(last.change, 0, last.change, 0, n));
    for (let i = 0; i < n; i++) q[i]! *= size;
  }
  for (const { step, change, scale } of pairs)
    addScaled(along.pop()! - scale * dot(change, 0, q, 0, n), step, 0, q, 0, n);
  return q;
}

/**
 * A step that descends enough and leaves little of the slope, by doubling and bisection (Lewis and Overton 2013); undefined
 * where rounding leaves none.
 */
async function search(
  evaluate: (point: Float64Array) => Promise<Evaluated>,
  point: Float64Array,
  at: Evaluated,
  direction: Float64Array,
): Promise<{ readonly point: Float64Array; readonly at: Evaluated } | undefined> {
  const slope = dot(at.gradient, 0, direction, 0, point.length);
  const noise = rounding * Math.abs(at.value);
  let [low, high, length] = [0, Infinity, 1];
  for (let trial = 0; trial < maxTrials; trial++) {
    const next = Float64Array.from(point);
    addScaled(length, direction, 0, next, 0, next.length);
    const there = await evaluate(next);
    if (!(there.value <= at.value + sufficient * length * slope + noise)) high = length;
    else if (dot(there.gradient, 0, direction, 0, point.length) < flatter * slope) low = length;
    else return { point: next, at: there };
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return undefined;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!);

function remember(pairs: Pair[], step: Float64Array, change: Float64Array): void {
  const product = dot(step, 0, change, 0, step.length);
  // Convex functions have none that is negative but by rounding.
  if (!(product > 0)) return;
  pairs.push({ step, change, scale: 1 / product });
  if (pairs.length > memory) pairs.shift();
}
