/** The nodes of guards: those that change elements, and those that count what breaks a demand. */
import { operators } from '../../ops/table.ts';
import type { AttributeValue } from '../../ops/operator.ts';
import type { Location } from '../../text/source.ts';
import { constantOf, intDim, showDim, symbolsOf } from '../../types/dim.ts';
import { dtypes, holds, type DType } from '../../types/dtype.ts';
import type { Ends, Fact, RangeRows, RangeStatement, ReductionStatement } from '../../types/fact.ts';
import { roundingOf, unitOf } from '../../types/rounding.ts';
import type { Axis, TensorType } from '../../types/type.ts';
import type { GuardCounts, GuardedFact, Sink } from '../env.ts';
import type { TensorValue } from '../expressions/values.ts';

interface Place {
  readonly site: Location;
  readonly sink: Sink;
}

/** The value with another in the place of each element that breaks the fact. */
export function mend(x: TensorValue, fact: GuardedFact, place: Place): TensorValue {
  const { mode, value } = fact.violation;
  if (mode === 'clamp' && fact.kind === 'range') return clamp(x, fact, place);
  return node('Where', [conforms(x, fact, place), x, number(value ?? 0, x.type, place)], x.type, place);
}

function clamp(x: TensorValue, { rows, ...whole }: RangeStatement, place: Place): TensorValue {
  const ends = (rows?.ends ?? [whole]).map((end) => endsIn(end, x.type));
  const bound = (values: number[]): TensorValue => along(values, rows, x.type, place);
  const known = isFloat(x.type) ? node('Where', [compare('Equal', x, x, place), x, bound(ends.map(nearestToZero))], x.type, place) : x;
  const raised = ends.every(({ low }) => low === -Infinity) ? known : node('Max', [known, bound(ends.map(({ low }) => low))], x.type, place);
  return ends.every(({ high }) => high === Infinity) ? raised : node('Min', [raised, bound(ends.map(({ high }) => high))], x.type, place);
}

/** Where the elements are as they should be, as truth values; NaN is as nothing should be. */
function conforms(x: TensorValue, fact: Fact, place: Place): TensorValue {
  const is = (n: number): TensorValue => compare('Equal', x, number(n, x.type, place), place);
  switch (fact.kind) {
    case 'range': {
      const ends = (fact.rows?.ends ?? [fact]).map((end) => endsIn(end, x.type));
      const bound = (values: number[]): TensorValue => along(values, fact.rows, x.type, place);
      const above = compare('GreaterOrEqual', x, bound(ends.map(({ low }) => low)), place);
      return compare('And', above, compare('LessOrEqual', x, bound(ends.map(({ high }) => high)), place), place);
    }
    case 'mask':
      return compare('Or', is(0), is(1), place);
    case 'integer':
      return compare('Equal', node('Floor', [x], x.type, place), x, place);
    default:
      // Infinity less infinity is NaN, which equals nothing.
      return compare('Equal', node('Sub', [x, x], x.type, place), number(0, x.type, place), place);
  }
}

// ---------------------------------------------------------------- counting

/**
 * How many elements of each row break a fact, or how many of the lines that a fact along an axis is about: an i32 for
 * each index of the first axis, or one alone where there is none, or where the lines run along it.
 */
export function countBroken(x: TensorValue, fact: Fact, wanted: TensorType, place: Place): GuardCounts {
  const isOfLines = fact.kind === 'norm' || fact.kind === 'sum' || fact.kind === 'prefix_mask' || fact.kind === 'one_hot' || fact.kind === 'nonzero';
  const sound = isOfLines ? linesConform(x, fact, wanted, place) : conforms(x, fact, place);
  const rank = x.type.shape.axes.length;
  const axis = fact.kind === 'norm' || fact.kind === 'sum' ? fact.axis : -1;
  const whole = rank === 0 || (isOfLines && rank + axis === 0);
  const broken = cast(node('Not', [sound], sound.type, place), 'i32', place);
  const inner = broken.type.shape.axes.map((_, i) => i - broken.type.shape.axes.length).slice(whole ? 0 : 1);
  const counts = inner.length === 0 ? broken : reduce('ReduceSum', broken, inner, place);
  const rows = whole ? undefined : nameOf(x.type.shape.axes[0]!);
  return { ref: counts.ref!, ...(rows === undefined ? {} : { rows }) };
}

const nameOf = ({ label, size }: Axis): string | undefined => label ?? (symbolsOf(size).length === 0 ? undefined : showDim(size));

type LineFact = Extract<Fact, { kind: 'norm' | 'sum' | 'prefix_mask' | 'one_hot' | 'nonzero' | string }>;

/** Where the lines along an axis are as they should be. */
function linesConform(given: TensorValue, fact: LineFact, wanted: TensorType, place: Place): TensorValue {
  const count = (where: TensorValue): TensorValue => reduce('ReduceSum', cast(where, 'i32', place), [-1], place);
  const is = (x: TensorValue, n: number): TensorValue => compare('Equal', x, number(n, x.type, place), place);
  if (fact.kind === 'one_hot' || fact.kind === 'prefix_mask') {
    const others = is(count(node('Not', [conforms(given, { kind: 'mask', evidence: 'declared' }, place)], truth(given.type), place)), 0);
    return compare('And', others, fact.kind === 'one_hot' ? is(count(is(given, 1)), 1) : is(count(onesBehindZeros(given, place)), 0), place);
  }
  if (fact.kind === 'nonzero') {
    // NaN is neither 0 nor a number.
    const numbersOnly = isFloat(given.type) ? compare('Equal', given, given, place) : undefined;
    const others = node('Not', [is(given, 0)], truth(given.type), place);
    const some = node('Not', [is(count(others), 0)], withoutAxes(truth(given.type), [-1]), place);
    return numbersOnly === undefined ? some : compare('And', some, is(count(node('Not', [numbersOnly], truth(given.type), place)), 0), place);
  }
  // Half precision would round more than what is tested.
  const x = cast(given, isWide(given.type) ? 'f64' : 'f32', place);
  const { axis } = fact as ReductionStatement;
  if (fact.kind === 'sum') return close(reduce('ReduceSum', x, [axis], place), fact, given.type, place);
  const near = close(reduce('ReduceL2', x, [axis], place), fact as ReductionStatement, given.type, place);
  if (wanted.facts.some(({ kind }) => kind === 'nonzero')) return near;
  return compare('Or', near, is(reduce('ReduceL1', x, [axis], place), 0), place);
}

/** Where a 1 stands of which a 0 stands before, in its row. */
function onesBehindZeros(x: TensorValue, place: Place): TensorValue {
  const zeros = cast(compare('Equal', x, number(0, x.type, place), place), 'i32', place);
  const before = node('CumSum', [zeros], zeros.type, place, { axis: -1 });
  return compare('And', compare('Equal', x, number(1, x.type, place), place), compare('Greater', before, number(0, before.type, place), place), place);
}

/** Whether sums or norms are what they should be, with what the dtype rounds: as the runtime tests inputs. */
function close(x: TensorValue, { axis, value, tolerance }: Omit<ReductionStatement, 'kind'>, of: TensorType, place: Place): TensorValue {
  const terms = constantOf(of.shape.axes.at(axis)!.size) ?? 0;
  const rounding = terms * unitOf(of.dtype as DType) * Math.abs(value);
  const off = node('Abs', [node('Sub', [x, number(value, x.type, place)], x.type, place)], x.type, place);
  return compare('LessOrEqual', off, number(Math.max(tolerance, roundingOf(of.dtype)) + rounding, x.type, place), place);
}

const isWide = ({ dtype }: TensorType): boolean => typeof dtype === 'string' && (dtype === 'f64' || (!isFloat({ dtype }) && dtypes[dtype].bits >= 32));

// ---------------------------------------------------------------- numbers

/** The number of a range that is nearest to 0: what NaN, which lies in no range, becomes. */
export const nearestToZero = ({ low, high }: Ends): number => Math.min(Math.max(0, low), high);
const isFloat = ({ dtype }: Pick<TensorType, 'dtype'>): boolean => typeof dtype === 'string' && dtypes[dtype].class === 'float';

/** The lowest and the highest number of a dtype that lie in a range; what lies beyond all of its numbers is infinite to it. */
export function endsIn({ low, high }: Ends, { dtype }: TensorType): Ends {
  if (typeof dtype !== 'string') return { low, high };
  const { class: kind, bits } = dtypes[dtype];
  if (kind === 'float') return { low: holds(dtype, low) ? low : Math.sign(low) * Infinity, high: holds(dtype, high) ? high : Math.sign(high) * Infinity };
  const least = kind === 'uint' ? 0 : -(2 ** (bits - 1));
  const inside = (end: number): number => (end < least ? -Infinity : end >= least + 2 ** bits ? Infinity : end);
  return { low: low <= least ? -Infinity : inside(Math.ceil(low)), high: high >= least + 2 ** bits - 1 ? Infinity : inside(Math.floor(high)) };
}

// ---------------------------------------------------------------- nodes

const number = (value: number, { dtype }: TensorType, { sink }: Place): TensorValue => constant([value], [], dtype, sink);

/** One number, or one for each index of an axis, beside a tensor that has more axes behind it. */
function along(values: readonly number[], rows: RangeRows | undefined, { dtype }: TensorType, { sink }: Place): TensorValue {
  return constant(values, rows === undefined ? [] : [values.length, ...Array.from({ length: -1 - rows.axis }, () => 1)], dtype, sink);
}

function constant(values: readonly number[], dims: readonly number[], dtype: TensorType['dtype'], sink: Sink): TensorValue {
  const type: TensorType = { kind: 'tensor', dtype, shape: { axes: dims.map((size) => ({ size: intDim(size) })) }, facts: [], evidence: 'proved' };
  return { kind: 'tensor', type, ref: sink.constant(values, type) };
}

const plain = (type: TensorType, dtype: TensorType['dtype']): TensorType => ({ kind: 'tensor', dtype, shape: type.shape, facts: [], evidence: 'proved' });
const truth = (type: TensorType): TensorType => plain(type, 'bool');

/** An operator of which the result's type is known: shapes are broadcast here that a body could not. */
function node(name: string, inputs: readonly TensorValue[], type: TensorType, { site, sink }: Place, attributes: Readonly<Record<string, AttributeValue>> = {}): TensorValue {
  const output = plain(type, type.dtype);
  const types = inputs.map((input) => input.type);
  const ref = sink.operation(operators.get(name)!, inputs.map((input) => input.ref ?? ''), new Map(Object.entries(attributes)), { inputs: types, output }, site);
  return { kind: 'tensor', type: output, ref };
}

const compare = (name: string, a: TensorValue, b: TensorValue, place: Place): TensorValue => node(name, [a, b], truth(a.type), place);
const cast = (x: TensorValue, to: DType, place: Place): TensorValue => (x.type.dtype === to ? x : node('Cast', [x], plain(x.type, to), place, { to }));

function withoutAxes(type: TensorType, axes: readonly number[]): TensorType {
  const rank = type.shape.axes.length;
  return { ...type, shape: { axes: type.shape.axes.filter((_, i) => !axes.includes(i - rank)) } };
}

const reduce = (name: string, x: TensorValue, axes: readonly number[], place: Place): TensorValue => node(name, [x], withoutAxes(x.type, axes), place, { axes, keepdims: 0 });
