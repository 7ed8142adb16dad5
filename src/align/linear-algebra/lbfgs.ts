/** The minimum of a smooth convex function by L-BFGS (Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4). */
import { addScaled, dot } from './vectors.ts';

export interface Evaluated {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Few digits are quicker. */
export type Digits = 'few' | 'all';
export type Evaluate = (point: Float64Array, digits: Digits) => Promise<Evaluated>;

export interface Minimum extends Evaluated {
  readonly point: Float64Array;
  readonly iterations: number;
  /** Whether next to nothing is left to be gained; otherwise the iterations ran out, or the digits did. */
  readonly converged: boolean;
}

export interface LbfgsOptions {
  /** What may be left to be gained, as the curvature that was seen tells: a part of the value. */
  readonly tolerance: number;
  /** And a part that does not depend on the value: what its rounding hides. Default 0. */
  readonly leastGain?: number;
  readonly maxIterations: number;
  /** A product with what is near the inverse of the second derivatives; it need not know their size. Without it: the vector itself. */
  readonly precondition?: (vector: Float64Array) => Promise<Float64Array>;
  /** By how much a value of few digits may be off. Where it is given, the search begins with those, and goes on with all digits where they run out. */
  readonly fewDigits?: number;
}

/** Pairs of steps and gradient changes that stand for the curvature. */
const memory = 10;
/** Wolfe's conditions: the part of the slope by which the value has to fall, and what may be left of the slope. */
const sufficient = 1e-4;
const flatter = 0.9;
const maxTrials = 50;
/** Of a value of all digits, in parts of it. */
const rounding = 4 * Number.EPSILON;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (step · change). */
  readonly scale: number;
}

export async function minimise(
  evaluate: Evaluate,
  start: Float64Array,
  { tolerance, leastGain = 0, maxIterations, precondition = async (vector) => vector, fewDigits }: LbfgsOptions,
): Promise<Minimum> {
  let point = start;
  let digits: Digits = fewDigits === undefined ? 'all' : 'few';
  let at = await evaluate(point, digits);
  const pairs: Pair[] = [];
  let size = 1;
  for (let iterations = 0; ; iterations++) {
    const direction = await descent(at.gradient, pairs, size, precondition);
    const slope = dot(at.gradient, 0, direction, 0, point.length);
    // The minimum of a parabola with this slope and the curvature of the pairs lies lower by half of it.
    const converged = -slope / 2 <= tolerance * Math.abs(at.value) + leastGain;
    if (converged || iterations === maxIterations) return { point, ...at, iterations, converged };
    const noise = digits === 'few' ? fewDigits! : rounding * Math.abs(at.value);
    const found = -slope / 2 <= noise ? undefined : await search((next) => evaluate(next, digits), point, at, { direction, slope, noise });
    if (found === undefined) {
      if (digits === 'all') return { point, ...at, iterations, converged };
      digits = 'all';
      at = await evaluate(point, digits);
      continue;
    }
    const pair = pairOf(difference(found.point, point), difference(found.at.gradient, at.gradient));
    if (pair !== undefined) {
      pairs.push(pair);
      if (pairs.length > memory) pairs.shift();
      size = 1 / (pair.scale * dot(pair.change, 0, await precondition(pair.change), 0, point.length));
    }
    ({ point, at } = found);
  }
}

/** - H g by the two loops over the pairs, `size` times the preconditioner between them. */
async function descent(gradient: Float64Array, pairs: readonly Pair[], size: number, precondition: (vector: Float64Array) => Promise<Float64Array>): Promise<Float64Array> {
  const n = gradient.length;
  const q = gradient.map((value) => -value);
  const along: number[] = [];
  for (const { step, change, scale } of pairs.toReversed()) {
    const a = scale * dot(step, 0, q, 0, n);
    along.push(a);
    addScaled(-a, change, 0, q, 0, n);
  }
  const direction = (await precondition(q)).map((value) => size * value);
  for (const { step, change, scale } of pairs)
    addScaled(along.pop()! - scale * dot(change, 0, direction, 0, n), step, 0, direction, 0, n);
  return direction;
}

interface Line {
  readonly direction: Float64Array;
  readonly slope: number;
  /** Near the minimum the values differ by less than their rounding, and only the slopes tell. */
  readonly noise: number;
}

/**
 * A step that descends enough and leaves little of the slope, by doubling and bisection (Lewis and Overton 2013); undefined
 * where rounding leaves none.
 */
async function search(
  evaluate: (point: Float64Array) => Promise<Evaluated>,
  point: Float64Array,
  at: Evaluated,
  { direction, slope, noise }: Line,
): Promise<{ readonly point: Float64Array; readonly at: Evaluated } | undefined> {
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

/** Undefined where the curvature along the step is none: convex functions have that by rounding only. */
function pairOf(step: Float64Array, change: Float64Array): Pair | undefined {
  const product = dot(step, 0, change, 0, step.length);
  return product > 0 ? { step, change, scale: 1 / product } : undefined;
}
