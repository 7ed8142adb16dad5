/** Sums and norms along an axis through arithmetic, and what they say of products: by Cauchy and Schwarz no inner product exceeds that of the norms. */
import { constantOf, equalDims } from '../../../types/dim.ts';
import type { DType } from '../../../types/dtype.ts';
import { between, type Interval } from '../ranges/interval.ts';
import { axisIn, dimsAt, has, input, intsIn } from '../rule.ts';
import { errorOf, fixedSize, mostTerms, type FactCall, type FactRule } from './fact-rule.ts';
import { lengthOf, type Line, type ValueFacts } from './value-facts.ts';

/** In the half precisions, what underflows may add up to more than a bound. */
export const isPrecise = (dtype: DType | undefined): boolean => dtype === 'f32' || dtype === 'f64';

/** Whether an operand has as many elements along an axis as the result: else it is repeated along it. */
function isWholeAlong(axis: number, given: FactCall, i: number): boolean {
  const [own, all] = [input(given.call, i).dims?.at(axis), given.output.dims?.at(axis)];
  return own !== undefined && all !== undefined && equalDims(own, all);
}

/** No vector along the axis is longer; Infinity where that is not known. */
export function longestAlong({ lines, ball }: ValueFacts, axis: number, n: number | undefined): number {
  const line = lines.find((one) => one.kind === 'norm' && one.axis === axis);
  const slack = ball?.slack === 0 ? 0 : n === undefined ? Infinity : Math.sqrt(n) * (ball?.slack as number);
  const radius = ball?.axis === axis && lengthOf(ball) === undefined && ball.centre === 0 ? Math.abs(ball.scale as number) * ball.radius + slack : Infinity;
  return Math.min(line?.high ?? Infinity, radius * (1 + 1e-9));
}

/** The sum of the absolute values along an axis is at most this; of sizes that are not known as far as rounding goes. */
export function absoluteSum(facts: ValueFacts, axis: number, n = mostTerms): number {
  const { range } = facts;
  const line = facts.lines.find((one) => one.kind === 'sum' && one.axis === axis);
  const signed = range.low >= 0 ? (line?.high ?? Infinity) : range.high <= 0 ? -(line?.low ?? -Infinity) : Infinity;
  return Math.min(line?.absolute ?? Infinity, signed, Math.sqrt(n) * longestAlong(facts, axis, n), n * Math.max(Math.abs(range.low), Math.abs(range.high)));
}

/** Around what is computed of a sum, or of a norm, whose elements were rounded once. */
function roundedLine(line: Line, size: number, dtype: DType | undefined): readonly Line[] {
  const error = errorOf(line.kind === 'norm' ? line.high : size, dtype, 3);
  return Number.isFinite(error) ? [{ ...line, low: line.low - error, high: line.high + error, ...(line.kind === 'sum' && Number.isFinite(size) ? { absolute: size + error } : {}) }] : [];
}

/** One number. */
function constantAt(given: FactCall, i: number): number | undefined {
  const isOne = given.isStored(i) && input(given.call, i).dims?.every((dim) => constantOf(dim) === 1) === true;
  const value = isOne ? given.numbersAt(i)?.data[0] : undefined;
  return Number.isFinite(value) ? value : undefined;
}

/** The operand that may have lines, and the number beside it where it is one. */
function operands(given: FactCall) {
  const first = given.isStored(0) ? 1 : 0;
  const x = given.factsAt(first);
  const own = x.lines.filter(({ axis }) => isWholeAlong(axis, given, first));
  return { first, second: 1 - first, x, own };
}

/** Times a number, or over one. */
const scaled =
  (op: 'Mul' | 'Div'): FactRule =>
  (given) => {
    const { first, second, x, own } = operands(given);
    const { dtype } = given.output;
    if (!isPrecise(dtype)) return {};
    if (op === 'Mul' && !given.isStored(second)) return innerProducts(given);
    const by = own.length === 0 || (op === 'Div' && first === 1) ? undefined : constantAt(given, second);
    if (by === undefined || (op === 'Div' && by === 0)) return {};
    const times = (value: number): number => (op === 'Mul' ? value * by : value / by);
    return {
      lines: own.flatMap((line) => {
        const [a, b] = line.kind === 'norm' ? [Math.abs(times(line.low)), Math.abs(times(line.high))] : [times(line.low), times(line.high)];
        const { absolute: _, ...rest } = line;
        return roundedLine({ ...rest, low: Math.min(a, b), high: Math.max(a, b) }, Math.abs(times(absoluteSum(x, line.axis, sizeAlong(line.axis, given)))), dtype);
      }),
    };
  };

const sizeAlong = (axis: number, { output }: FactCall): number | undefined => {
  const dim = output.dims?.at(axis);
  return dim && constantOf(dim);
};

/** Of vectors no longer than some, element by element: what their sums lie between. A vector of zeros has the norm 0, whatever else is said. */
function innerProducts(given: FactCall): Pick<ValueFacts, 'lines'> {
  const [a, b] = [given.factsAt(0), given.factsAt(1)];
  const { dtype } = given.output;
  const isSquare = given.call.node.inputs[0] === given.call.node.inputs[1];
  const axes = new Set([a, b].flatMap(({ lines, ball }) => [...lines.filter(({ kind }) => kind === 'norm').map(({ axis }) => axis), ...(ball ? [ball.axis] : [])]));
  const lines = [...axes].flatMap((axis): readonly Line[] => {
    if (!isWholeAlong(axis, given, 0) || !isWholeAlong(axis, given, 1)) return [];
    const n = sizeAlong(axis, given);
    const most = longestAlong(a, axis, n) * longestAlong(b, axis, n);
    return Number.isFinite(most) ? roundedLine({ kind: 'sum', axis, low: isSquare ? 0 : -most, high: most }, most, dtype) : [];
  });
  return { lines };
}

/** Sums of two tensors, or of one that is moved by a number. */
const added =
  (op: 'Add' | 'Sub'): FactRule =>
  (given) => {
    const { first, second, x, own } = operands(given);
    const { dtype } = given.output;
    const sums = own.filter(({ kind }) => kind === 'sum');
    if (!isPrecise(dtype)) return {};
    const norms = given.isStored(second) ? [] : apart(x, given.factsAt(second), given);
    if (sums.length === 0) return { lines: norms };
    const [sign, other] = [op === 'Sub' ? -1 : 1, given.isStored(second) ? constantAt(given, second) : given.factsAt(second)];
    return {
      lines: [...norms, ...sums.flatMap((line) => {
        const n = sizeAlong(line.axis, given);
        const by = typeof other === 'number' ? movedBy(other, n) : other && isWholeAlong(line.axis, given, second) ? sumOf(other, line.axis, n) : undefined;
        if (by === undefined) return [];
        // What is subtracted from changes its sign, not what is added to.
        const [a, b] = first === 0 ? [1, sign] : [sign, 1];
        const ends = [a * line.low, a * line.high].flatMap((mine) => [b * by.low, b * by.high].map((its) => mine + its));
        return roundedLine({ kind: 'sum', axis: line.axis, low: Math.min(...ends), high: Math.max(...ends) }, absoluteSum(x, line.axis, n) + by.absolute, dtype);
      })],
    };
  };

/** The sum and the difference of two vectors are no longer than both together. */
function apart(a: ValueFacts, b: ValueFacts, given: FactCall): readonly Line[] {
  const axes = new Set([...a.lines.filter(({ kind }) => kind === 'norm').map(({ axis }) => axis), ...(a.ball ? [a.ball.axis] : [])]);
  return [...axes].flatMap((axis) => {
    const n = sizeAlong(axis, given);
    const most = longestAlong(a, axis, n) + longestAlong(b, axis, n);
    const isWhole = Number.isFinite(most) && isWholeAlong(axis, given, 0) && isWholeAlong(axis, given, 1);
    return isWhole ? roundedLine({ kind: 'norm', axis, low: 0, high: most }, most, given.output.dtype).map((line) => ({ ...line, low: 0 })) : [];
  });
}

interface Sum {
  readonly low: number;
  readonly high: number;
  readonly absolute: number;
}
const movedBy = (by: number, n: number | undefined): Sum | undefined => (n === undefined ? undefined : { low: n * by, high: n * by, absolute: n * Math.abs(by) });
function sumOf(facts: ValueFacts, axis: number, n: number | undefined): Sum | undefined {
  const line = facts.lines.find((one) => one.kind === 'sum' && one.axis === axis);
  return line && { low: line.low, high: line.high, absolute: absoluteSum(facts, axis, n) };
}

/** The other way round, exactly. */
const negated: FactRule = ({ factsAt }) => ({ lines: factsAt(0).lines.map((line) => (line.kind === 'norm' ? line : { ...line, low: -line.high, high: -line.low })) });

/** No element is moved further than its range goes beyond the ends: where that is rounding, a sum stays what it is, but for that much for each element. */
const clipped: FactRule = (given) => {
  const { call, at, output } = given;
  const { range, lines } = given.factsAt(0);
  if (call.opset < 11) return {};
  const beyond = (i: number, by: (end: Interval) => number): number => (has(call, i) ? Math.max(0, by(at(i))) : 0);
  const [up, down] = [beyond(1, ({ high }) => high - range.low), beyond(2, ({ low }) => range.high - low)];
  // Where the lower end is above the upper one, everything is the upper one.
  if (!isPrecise(output.dtype) || (has(call, 1) && has(call, 2) && at(1).high > at(2).low)) return {};
  return {
    lines: lines.flatMap((line): readonly Line[] => {
      const n = sizeAlong(line.axis, given);
      const isKnown = line.kind === 'sum' && n !== undefined && Number.isFinite(n * (up + down));
      return isKnown ? [{ kind: 'sum', axis: line.axis, low: line.low - n * down, high: line.high + n * up }] : [];
    }),
  };
};

/** The sum along an axis of which that is known. */
const summed: FactRule = (given) => {
  const { call, output } = given;
  const x = given.factsAt(0);
  const [rank, axes] = [dimsAt(call, 0)?.length, intsIn(call, 'axes', 1)];
  if (rank === undefined || axes === undefined || axes === 'unknown' || axes.length !== 1) return {};
  const axis = axisIn(axes[0]!, rank);
  const line = x.lines.find((one) => one.kind === 'sum' && axis !== undefined && one.axis === axis - rank);
  if (line === undefined) return {};
  const n = fixedSize(call, 0, line.axis);
  const error = errorOf(absoluteSum(x, line.axis, n), output.dtype, (n ?? mostTerms) + 2);
  return Number.isFinite(error) ? { range: between(x.range.low >= 0 ? Math.max(0, line.low - error) : line.low - error, line.high + error) } : {};
};

export const lineFacts: Readonly<Record<string, FactRule>> = { Mul: scaled('Mul'), Div: scaled('Div'), Add: added('Add'), Sub: added('Sub'), Neg: negated, Clip: clipped, ReduceSum: summed };
