/**
 * Linear maps with constant weights: each result between what the bounds of the elements, or the ball in which they lie,
 * give with its own weights. Weights are read only where something bounds what they are multiplied with.
 */
import type { Node } from '../../../ir/graph.ts';
import type { DType } from '../../../types/dtype.ts';
import { between, everything, type Interval } from '../ranges/interval.ts';
import { dimsAt, floatOf, has, intOf, intsOf, textOf } from '../rule.ts';
import { weightedSums, type Weights } from './balls.ts';
import { errorOf, fixedSize, isFloat, mostTerms, type FactCall, type FactRule, type Numbers } from './fact-rule.ts';
import { longestAlong } from './lines.ts';
import { lengthOf, makeRows, rowAt, rowsFrom, type Rows, type ValueFacts } from './value-facts.ts';

/** Multiplications that one bound is worth. */
const mostWork = 2 ** 23;

const isBounded = ({ range, ball }: ValueFacts): boolean => ball !== undefined || (Number.isFinite(range.low) && Number.isFinite(range.high));

/**
 * Sums of elements within bounds, each times its weight: the middles' sum, and the widths' to both sides. Weights of either
 * sign are summed alike, since a branch that no processor can foretell costs more than the multiplications.
 */
function boundedSums(x: Rows, w: Weights, dtype: DType | undefined): readonly Interval[] {
  const [middle, around, size] = [new Float64Array(w.results), new Float64Array(w.results), new Float64Array(w.results)];
  for (let i = 0; i < x.low.length; i++) {
    const [low, high, first] = [x.low[i]!, x.high[i]!, w.start(i)];
    const [centre, radius, reach] = [(low + high) / 2, (high - low) / 2, Math.max(Math.abs(low), Math.abs(high))];
    const isBoundedTerm = reach < Infinity;
    for (let result = 0; result < w.results; result++) {
      const by = w.factor * w.data[first + result * w.across]!;
      if (isBoundedTerm) {
        middle[result]! += centre * by;
        around[result]! += radius * Math.abs(by);
        size[result]! += reach * Math.abs(by);
      } else if (by !== 0) size[result] = Infinity;
    }
  }
  return Array.from(size, (one, result) => {
    // Halving, and taking one end from the other, rounds four times more than a sum of the ends.
    const reach = around[result]! + errorOf(one, dtype, x.low.length + 6);
    const [low, high] = [middle[result]! - reach, middle[result]! + reach];
    return Number.isFinite(reach) && Number.isFinite(middle[result]!) ? between(low, high) : everything;
  });
}

/** Results of x along its last axis with the columns of w. */
function products(x: ValueFacts, n: number, w: Weights, given: FactCall): readonly Interval[] {
  const { dtype } = given.output;
  const { ball } = x;
  const bounded = boundedSums(rowsFrom(-1, n, (i) => rowAt(x, -1, i)), w, dtype);
  if (ball?.axis !== -1 || (lengthOf(ball) ?? n) !== n) return bounded;
  const inBall = weightedSums(ball, n, w, dtype);
  return bounded.map((a, result) => between(Math.max(a.low, inBall[result]!.low), Math.min(a.high, inBall[result]!.high)));
}

const rowsOf = (axis: number, ends: readonly Interval[]): Partial<ValueFacts> =>
  ends.some(({ low, high }) => low > -Infinity || high < Infinity) ? { rows: makeRows(axis, ends) } : {};

const matrixOf = (numbers: Numbers | undefined): readonly [number, number] | undefined =>
  numbers?.dims.length === 2 && numbers.data.length <= mostWork ? [numbers.dims[0]!, numbers.dims[1]!] : undefined;

/** x W */
const matmul: FactRule = (given) => {
  if (!isFloat(given.output.dtype)) return {};
  const x = given.factsAt(0);
  if (!isBounded(x)) return {};
  const product = betweenVectors(given);
  if (product !== undefined) return product;
  const w = given.numbersAt(1);
  const size = matrixOf(w);
  if (w === undefined || size === undefined) return averaged(given);
  const [n, columns] = size;
  return rowsOf(-1, products(x, n, { data: w.data, factor: 1, results: columns, start: (i) => i * columns, across: 1 }, given));
};

/** Of two vectors neither of which is longer than some number: no product of them is greater than that of the two. */
function betweenVectors(given: FactCall): Partial<ValueFacts> | undefined {
  // A stored matrix says more, row by row.
  if (given.isStored(1)) return undefined;
  const n = fixedSize(given.call, 0, -1);
  const most = longestAlong(given.factsAt(0), -1, n) * longestAlong(given.factsAt(1), -2, n);
  const reach = most + errorOf(most, given.output.dtype, (n ?? mostTerms) + 2);
  return Number.isFinite(reach) ? { range: between(-reach, reach) } : undefined;
}

/** Weights that are not negative and sum to 1, as those of attention, average; those of a guarded one may sum to 0. */
function averaged(given: FactCall): Partial<ValueFacts> {
  const weights = given.factsAt(0);
  const sum = weights.lines.find(({ kind, axis }) => kind === 'sum' && axis === -1);
  const values = given.factsAt(1).range;
  if (sum === undefined || !Number.isFinite(sum.high) || weights.range.low < 0 || !Number.isFinite(values.low) || !Number.isFinite(values.high)) return {};
  const n = fixedSize(given.call, 0, -1) ?? mostTerms;
  const most = Math.max(Math.abs(values.low), Math.abs(values.high)) * sum.high;
  const error = errorOf(most, given.output.dtype, n + 2);
  const [low, high] = [Math.min(values.low * sum.low, values.low * sum.high), Math.max(values.high * sum.low, values.high * sum.high)];
  return { range: between(low - error, high + error) };
}

const gemm: FactRule = (given) => {
  const { call } = given;
  const x = given.factsAt(0);
  if (intOf(call, 'transA', 0) !== 0 || !isFloat(given.output.dtype) || !isBounded(x)) return {};
  const w = given.numbersAt(1);
  const size = matrixOf(w);
  if (w === undefined || size === undefined) return {};
  const isTurned = intOf(call, 'transB', 0) !== 0;
  const [n, columns] = isTurned ? [size[1], size[0]] : size;
  const [alpha, beta] = [floatOf(call, 'alpha', 1), floatOf(call, 'beta', 1)];
  const c = has(call, 2) ? given.numbersAt(2) : undefined;
  if (has(call, 2) && c === undefined) return {};
  const bias = (column: number): number => (c === undefined ? 0 : c.data.length === 1 ? c.data[0]! : c.data[column]!);
  if (c !== undefined && c.data.length !== 1 && c.data.length !== columns) return {};
  const places = isTurned ? { start: (i: number) => i, across: n } : { start: (i: number) => i * columns, across: 1 };
  const ends = products(x, n, { data: w.data, factor: alpha, results: columns, ...places }, given);
  return rowsOf(-1, ends.map((end, column) => shifted(end, beta * bias(column), given)));
};

function shifted({ low, high }: Interval, by: number, given: FactCall): Interval {
  const error = errorOf(Math.max(Math.abs(low), Math.abs(high)) + Math.abs(by), given.output.dtype, 3);
  return between(low + by - error, high + by + error);
}

/** A bounded input and the constant weights of a convolution over it; undefined where nothing can be said. */
function filtersOf(given: FactCall) {
  const { call } = given;
  const x = given.factsAt(0);
  const rank = dimsAt(call, 0)?.length;
  if (rank === undefined || rank < 3 || !isFloat(given.output.dtype) || !isBounded({ ...x, lines: [] })) return undefined;
  const w = given.numbersAt(1);
  const bias = has(call, 2) ? given.numbersAt(2) : undefined;
  const groups = intOf(call, 'group', 1);
  if (w === undefined || w.dims.length !== rank || w.data.length > mostWork || (has(call, 2) && bias === undefined)) return undefined;
  return groups >= 1 && w.dims[0]! % groups === 0 ? { call, x, rank, groups, w, bias } : undefined;
}

/** Each output channel has the weights of all its places; padding brings in zeros. */
const conv: FactRule = (given) => {
  const found = filtersOf(given);
  if (found === undefined) return {};
  const { call, x, rank, groups, w, bias } = found;
  const [outs, ins] = [w.dims[0]!, w.dims[1]!];
  const places = w.dims.slice(2).reduce((all, n) => all * n, 1);
  const isPadded = textOf(call, 'auto_pad', 'NOTSET') !== 'NOTSET' || intsOf(call, 'pads')?.some((n) => n !== 0) === true;
  const channel = 1 - rank;
  const at = (i: number): Interval => {
    const { low, high } = rowAt(x, channel, i);
    return isPadded ? between(Math.min(low, 0), Math.max(high, 0)) : between(low, high);
  };
  const [perGroup, n] = [outs / groups, ins * places];
  const ends = Array.from({ length: groups }, (_, group) => {
    const terms = rowsFrom(channel, n, (i) => at(group * ins + Math.floor(i / places)));
    return boundedSums(terms, { data: w.data, factor: 1, results: perGroup, start: (i) => group * perGroup * n + i, across: n }, given.output.dtype);
  }).flat();
  return rowsOf(channel, ends.map((end, out) => shifted(end, bias?.data[out] ?? 0, given)));
};

/** Each output channel has the weights of all its places, or at its edges and between the steps of some of them. */
const convTranspose: FactRule = (given) => {
  const found = filtersOf(given);
  if (found === undefined) return {};
  const { x, rank, groups, w, bias } = found;
  const [ins, perGroup] = [w.dims[0]! / groups, w.dims[1]!];
  const places = w.dims.slice(2).reduce((all, n) => all * n, 1);
  const channel = 1 - rank;
  const at = (i: number): Interval => {
    const { low, high } = rowAt(x, channel, i);
    return between(Math.min(low, 0), Math.max(high, 0));
  };
  const ends = Array.from({ length: groups }, (_, group) => {
    const channelOf = (i: number): number => group * ins + Math.floor(i / places);
    const terms = rowsFrom(channel, ins * places, (i) => at(channelOf(i)));
    const start = (i: number): number => channelOf(i) * perGroup * places + (i % places);
    return boundedSums(terms, { data: w.data, factor: 1, results: perGroup, start, across: places }, given.output.dtype);
  }).flat();
  return rowsOf(channel, ends.map((end, out) => shifted(end, bias?.data[out] ?? 0, given)));
};

export const linearFacts: Readonly<Record<string, FactRule>> = { MatMul: matmul, Gemm: gemm, Conv: conv, ConvTranspose: convTranspose };

/** How many linear maps lie between a bound and the last operator that bounds whatever comes in, before it says nothing any more. */
export const mostLayers = 3;
export const isLinear = ({ domain, op }: Pick<Node, 'domain' | 'op'>): boolean => domain === '' && Object.hasOwn(linearFacts, op);
