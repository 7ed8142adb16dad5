/** Operators that bound their result whatever comes in: normalisation, softmax, one-hot vectors. */
import { constantOf } from '../../../types/dim.ts';
import { between, rounded, type Interval } from '../ranges/interval.ts';
import { axisIn, dimsAt, floatOf, has, intOf, type RuleCall } from '../rule.ts';
import { errorOf, fixedSize, mostTerms, vectorAlong, type FactCall, type FactRule, type Numbers } from './fact-rule.ts';
import { makeRows, rowAt, type Ball, type Line, type ValueFacts } from './value-facts.ts';

/** With less than that below the root, squares that vanish could be divided by: what comes out is then as large as it likes. */
export const leastEpsilon = 1e-36;

/** All operators that take an `epsilon` have a default that is larger. */
const isFloored = (call: RuleCall): boolean => floatOf(call, 'epsilon', leastEpsilon) >= leastEpsilon;

/** Units by which a normalised vector may be longer than it should: the roundings of its squares' sum, the root and the quotient. */
const normalisedError = (n: number): number => n + 8;

/**
 * Vectors of `n` numbers divided by the root of their mean square: their norm is at most √n. (Of exact numbers whose mean is
 * 0 no element is beyond √(n - 1); of rounded ones the mean is not quite 0, so √n it is.)
 */
export function normalisedBall(axis: number, n: number, dtype: Parameters<typeof errorOf>[1]): Ball {
  const radius = Math.sqrt(n);
  return { axis, radius: radius + errorOf(radius, dtype, normalisedError(n)), centre: 0, scale: 1, slack: 0 };
}

/** A constant that is a vector of n numbers along the last axis, or one number. */
const lastVector = (numbers: Numbers | undefined, n: number): Float64Array | undefined => {
  const along = numbers && vectorAlong(numbers);
  if (along?.data.length === 1) return new Float64Array(n).fill(along.data[0]!);
  return along?.axis === -1 && along.data.length === n ? along.data : undefined;
};

/** scale * z + shift, where z is what normalisation made. */
function affineBall(ball: Ball, scale: Float64Array, shift: Float64Array | undefined, dtype: Parameters<typeof errorOf>[1]): Ball {
  const centre = shift ?? new Float64Array(scale.length);
  const slack = scale.map((s, i) => errorOf(Math.abs(s) * ball.radius + Math.abs(centre[i]!), dtype, 4));
  return { ...ball, centre, scale, slack };
}

interface Inputs {
  readonly scale: number;
  readonly shift?: number;
}

/** The normalised axes may be several: then there are bounds for all elements together. */
const rowNormalisation =
  ({ scale, shift }: Inputs): FactRule =>
  (given) => {
    const { call, output } = given;
    const { dims } = output;
    const axis = dims && axisIn(intOf(call, 'axis', -1), dims.length);
    if (dims === undefined || axis !== dims.length - 1) return {};
    const n = constantOf(dims.at(-1)!);
    const by = n === undefined ? undefined : lastVector(given.numbersAt(scale), n);
    const isShifted = shift !== undefined && has(call, shift);
    const moved = isShifted && n !== undefined ? lastVector(given.numbersAt(shift), n) : undefined;
    if (n === undefined || by === undefined || (isShifted && moved === undefined) || !isFloored(call)) return {};
    const ball = normalisedBall(-1, n, output.dtype);
    // Zeros have no deviation: all that is left is the shift.
    const { low, high } = given.at(0);
    return { ball: affineBall(low === 0 && high === 0 && !call.node.op.startsWith('Skip') && !call.node.op.startsWith('Embed') ? { ...ball, radius: 0 } : ball, by, moved, output.dtype) };
  };

/** Whole maps of each channel, or of groups of them, normalised; then scaled and moved channel by channel. */
const mapNormalisation: FactRule = (given) => {
  const { call, output } = given;
  const dims = dimsAt(call, 0);
  const [scale, shift] = [given.numbersAt(1), given.numbersAt(2)];
  const channels = dims?.[1] && constantOf(dims[1]);
  if (!isFloored(call) || dims === undefined || channels === undefined || scale?.data.length !== channels || shift?.data.length !== channels) return {};
  const groups = call.node.op === 'GroupNormalization' ? intOf(call, 'num_groups', 1) : channels;
  const n = dims.slice(2).reduce((all, dim) => all * (constantOf(dim) ?? NaN), channels / groups);
  if (!Number.isFinite(n)) return {};
  const reach = normalisedBall(-1, n, output.dtype).radius;
  const ends = Array.from(scale.data, (s, i): Interval => {
    const [centre, size] = [shift.data[i]!, Math.abs(s) * reach];
    return rounded(between(centre - size - errorOf(size, output.dtype, 4), centre + size + errorOf(size, output.dtype, 4)), output.dtype, 4);
  });
  return { rows: makeRows(1 - dims.length, ends) };
};

/** The learned mean and variance are constants: a line for each channel. */
const batchNormalisation: FactRule = (given) => {
  const { call, output } = given;
  const rank = dimsAt(call, 0)?.length;
  const x = given.factsAt(0);
  const constants = [1, 2, 3, 4].map((i) => given.numbersAt(i));
  if (rank === undefined || rank < 2 || intOf(call, 'training_mode', 0) !== 0 || !constants.every((c) => c !== undefined)) return {};
  const [scale, shift, mean, variance] = constants.map((c) => c!.data) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const epsilon = floatOf(call, 'epsilon', 1e-5);
  const channel = 1 - rank;
  const ends = Array.from(scale, (s, c): Interval => {
    const { low, high } = rowAt(x, channel, c);
    const factor = s / Math.sqrt(variance[c]! + epsilon);
    const [a, b] = [low, high].map((end) => (end - mean[c]!) * factor + shift[c]!) as [number, number];
    const size = (Math.max(Math.abs(low), Math.abs(high)) + Math.abs(mean[c]!)) * Math.abs(factor) + Math.abs(shift[c]!);
    const error = errorOf(size, output.dtype, 16);
    return between(Math.min(a, b) - error, Math.max(a, b) + error);
  });
  return ends.every(({ low, high }) => !Number.isNaN(low) && !Number.isNaN(high)) ? { rows: makeRows(channel, ends) } : {};
};

/** How far a rounded sum of n quotients, each over the sum of all, may be from 1. */
export const sumError = (n: number | undefined, dtype: Parameters<typeof errorOf>[1]): number => errorOf(1, dtype, (n ?? mostTerms) + 4);

/** Whether all elements are the same one: what a witness supposes of an input. */
const isOneNumber = ({ low, high }: Interval): boolean => low === high && Number.isFinite(low);

/** The axis of an operator that before opset 13 worked on all axes from it on; undefined where those are several. */
function ownAxis(call: RuleCall): number | undefined {
  const rank = dimsAt(call, 0)?.length;
  const isOld = call.opset < 13 && call.node.domain === '';
  const axis = rank === undefined ? undefined : axisIn(intOf(call, 'axis', isOld ? 1 : -1), rank);
  if (axis === undefined || rank === undefined || (isOld && axis !== rank - 1)) return undefined;
  return axis - rank;
}

const softmax: FactRule = ({ call, output, at }) => {
  const axis = ownAxis(call);
  if (axis === undefined) return {};
  const n = fixedSize(call, 0, axis);
  const error = sumError(n, output.dtype);
  const line: Line = { kind: 'sum', axis, low: 1 - error, high: 1 + error };
  // Of n equal numbers each has the same share.
  const share = n !== undefined && n > 0 && isOneNumber(at(0)) ? { range: rounded(between(1 / n, 1 / n), output.dtype, n + 4) } : {};
  return { lines: Number.isFinite(error) && error < 0.5 ? [line] : [], ...share };
};

/** Exactly one of each vector is 1; where NaN is among them, ONNX Runtime finds none. */
const hardmax: FactRule = ({ call, factsAt }) => {
  const axis = ownAxis(call);
  const low = factsAt(0).finite === true ? 1 : 0;
  return { integer: true, finite: true, lines: axis === undefined ? [] : [{ kind: 'sum', axis, low, high: 1 }] };
};

/** Indices that lie outside mark nothing. */
const oneHot: FactRule = ({ call, at, numbersAt }) => {
  const [depth, values] = [numbersAt(1)?.data[0], numbersAt(2)?.data];
  if (values?.[0] !== 0 || values[1] !== 1) return {};
  const rank = dimsAt(call, 0)?.length;
  const axis = rank === undefined ? undefined : axisIn(intOf(call, 'axis', -1), rank + 1);
  const indices = at(0);
  const isWithin = depth !== undefined && indices.low >= -depth && indices.high <= depth - 1;
  const lines: readonly Line[] = axis === undefined || !isWithin ? [] : [{ kind: 'sum', axis: axis - rank! - 1, low: 1, high: 1 }];
  return { integer: true, finite: true, lines };
};

/** A vector of zeros stays one. Vectors whose squares vanish or overflow become zeros, or stay short. */
const lpNormalisation: FactRule = ({ call, output, at }) => {
  const rank = dimsAt(call, 0)?.length;
  const axis = rank === undefined ? undefined : axisIn(intOf(call, 'axis', -1), rank);
  if (axis === undefined || intOf(call, 'p', 2) !== 2) return {};
  const n = fixedSize(call, 0, axis - rank!);
  const facts = unitVectors(axis - rank!, n, shortestLength, output.dtype);
  const { low } = at(0);
  // Of n equal numbers of an ordinary size each is 1 / sqrt n of the length.
  if (n === undefined || n === 0 || !isOneNumber(at(0)) || !(Math.abs(low) > 1e-6 && Math.abs(low) < 1e6)) return facts;
  const each = Math.sign(low) / Math.sqrt(n);
  return { ...facts, range: rounded(between(each, each), output.dtype, n + 8) };
};

/** Below it squares of single precision lose their digits. */
export const shortestLength = 1e-18;

/** Vectors of norm 1, but for those that were shorter than `exempt` before. */
export function unitVectors(axis: number, n: number | undefined, exempt: number, dtype: Parameters<typeof errorOf>[1]): Partial<ValueFacts> {
  const error = errorOf(1, dtype, normalisedError(n ?? mostTerms));
  if (!Number.isFinite(error) || error > 0.1) return {};
  // However many squares are summed, no rounded sum of them is less than one of them: of single elements more is known.
  const element = 1 + errorOf(1, dtype, 8);
  return {
    range: between(-element, element),
    lines: [{ kind: 'norm', axis, low: 1 - error, high: 1 + error, exempt }],
    ball: { axis, radius: 1 + error, centre: 0, scale: 1, slack: 0 },
  };
}

/** (q - zero point) * scale */
const dequantised: FactRule = (given: FactCall) => {
  const [scale, zero] = [given.numbersAt(1)?.data, has(given.call, 2) ? given.numbersAt(2)?.data : Float64Array.of(0)];
  if (scale === undefined || zero === undefined) return {};
  const { low, high } = given.at(0);
  const ends = Array.from(scale, (s, i) => {
    const z = zero.length === 1 ? zero[0]! : (zero[i] ?? 0);
    const [a, b] = [(low - z) * s, (high - z) * s];
    return rounded(between(Math.min(a, b), Math.max(a, b)), given.output.dtype, 2);
  });
  const rank = dimsAt(given.call, 0)?.length;
  if (ends.length === 1) return { range: ends[0]! };
  const axis = rank === undefined ? undefined : axisIn(intOf(given.call, 'axis', 1), rank);
  return axis === undefined || intOf(given.call, 'block_size', 0) !== 0 ? {} : { rows: makeRows(axis - rank!, ends) };
};

export const resetFacts: Readonly<Record<string, FactRule>> = {
  LayerNormalization: rowNormalisation({ scale: 1, shift: 2 }),
  RMSNormalization: rowNormalisation({ scale: 1 }),
  SimplifiedLayerNormalization: rowNormalisation({ scale: 1 }),
  'com.microsoft.SimplifiedLayerNormalization': rowNormalisation({ scale: 1 }),
  'com.microsoft.SkipLayerNormalization': rowNormalisation({ scale: 2, shift: 3 }),
  'com.microsoft.SkipSimplifiedLayerNormalization': rowNormalisation({ scale: 2 }),
  'com.microsoft.EmbedLayerNormalization': rowNormalisation({ scale: 5, shift: 6 }),
  InstanceNormalization: mapNormalisation,
  GroupNormalization: (given) => (given.call.opset >= 21 ? mapNormalisation(given) : {}),
  BatchNormalization: batchNormalisation,
  LpNormalization: lpNormalisation,
  Softmax: softmax,
  Hardmax: hardmax,
  OneHot: oneHot,
  DequantizeLinear: dequantised,
};
