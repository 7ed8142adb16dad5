/** Balls through elementwise operators with constants, and what they say of linear maps. */
import type { DType } from '../../../types/dtype.ts';
import { between, type Interval } from '../ranges/interval.ts';
import { errorOf, mostTerms, vectorAlong, type Numbers } from './fact-rule.ts';
import { itemOf, lengthOf, reachOf, type Ball, type Vector } from './value-facts.ts';

/** The constant as one number for each of the ball's elements, or one for all; undefined where it is otherwise. */
function alongBall(constant: Numbers, ball: Ball, size: number | undefined): Vector | undefined {
  if (constant.data.length === 1) return constant.data[0]!;
  const along = vectorAlong(constant);
  if (along === undefined || along.axis !== ball.axis) return undefined;
  const n = lengthOf(ball) ?? size;
  return along.data.length === n ? along.data : undefined;
}

function map(n: number | undefined, f: (i: number) => number): Vector {
  if (n === undefined) return f(0);
  const items = new Float64Array(n);
  for (let i = 0; i < n; i++) items[i] = f(i);
  return items;
}
const longer = (ball: Ball, vector: Vector): number | undefined => lengthOf(ball) ?? (typeof vector === 'number' ? undefined : vector.length);

/** The ball with each element changed as `change` says of its centre and its scale, and rounded once. */
function changed(ball: Ball, by: Vector, dtype: DType | undefined, centre: (c: number, by: number) => number, scale: (s: number, by: number) => number): Ball {
  const n = longer(ball, by);
  const moved: Ball = {
    ...ball,
    centre: map(n, (i) => centre(itemOf(ball.centre, i), itemOf(by, i))),
    scale: map(n, (i) => scale(itemOf(ball.scale, i), itemOf(by, i))),
    slack: map(n, (i) => Math.abs(scale(itemOf(ball.slack, i), itemOf(by, i)))),
  };
  return { ...moved, slack: map(n, (i) => itemOf(moved.slack, i) + errorOf(reachOf(moved, i), dtype, 2)) };
}

export type BallOperator = 'Add' | 'Sub' | 'Mul' | 'Div';

/** The ball of an elementwise operator with a constant; `isFirst` says that the ball is of its first operand. */
export function ballWith(op: BallOperator, ball: Ball, constant: Numbers, isFirst: boolean, size: number | undefined, dtype: DType | undefined): Ball | undefined {
  const by = alongBall(constant, ball, size);
  if (by === undefined || (op === 'Div' && !isFirst)) return undefined;
  const result = { Add: () => changed(ball, by, dtype, (c, b) => c + b, (s) => s),
    Sub: () => changed(ball, by, dtype, (c, b) => (isFirst ? c - b : b - c), (s) => (isFirst ? s : -s)),
    Mul: () => changed(ball, by, dtype, (c, b) => c * b, (s, b) => s * b),
    Div: () => changed(ball, by, dtype, (c, b) => c / b, (s, b) => s / b) }[op]();
  const n = lengthOf(result) ?? 1;
  for (let i = 0; i < n; i++) if (!Number.isFinite(reachOf(result, i))) return undefined;
  return result;
}

/** The mean of vectors in a ball lies in it, but for rounding; of how many is not always known. */
export function meanBall(ball: Ball, axis: number, terms: number | undefined, dtype: DType | undefined): Ball {
  const n = lengthOf(ball);
  return { ...ball, axis, slack: map(n, (i) => itemOf(ball.slack, i) + errorOf(reachOf(ball, i), dtype, (terms ?? mostTerms) + 2)) };
}

/** Weights of `results` sums: that of term i in the sum r is `factor * data[start(i) + r * across]`. */
export interface Weights {
  readonly data: Float64Array;
  readonly factor: number;
  readonly results: number;
  readonly start: (term: number) => number;
  readonly across: number;
}

/**
 * Between what sums of a ball's elements, each times a weight, lie: the centre's sum, and by Cauchy and Schwarz the radius
 * times the norm of the scaled weights.
 */
export function weightedSums(ball: Ball, n: number, w: Weights, dtype: DType | undefined): readonly Interval[] {
  const [centre, square, slack, size] = Array.from({ length: 4 }, () => new Float64Array(w.results)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < n; i++) {
    const [c, s, around, reach, first] = [itemOf(ball.centre, i), itemOf(ball.scale, i), itemOf(ball.slack, i), reachOf(ball, i), w.start(i)];
    for (let result = 0; result < w.results; result++) {
      const by = w.factor * w.data[first + result * w.across]!;
      centre[result]! += c * by;
      square[result]! += (s * by) * (s * by);
      slack[result]! += around * Math.abs(by);
      size[result]! += reach * Math.abs(by);
    }
  }
  return Array.from(centre, (middle, result) => {
    const reach = Math.sqrt(square[result]!) * ball.radius + slack[result]! + errorOf(size[result]!, dtype, n + 2);
    return between(middle - reach, middle + reach);
  });
}
