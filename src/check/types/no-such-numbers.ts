/** Facts of two kinds about the elements of one tensor that no numbers meet both: a range and a sum, a range and whole numbers. */
import { constantOf } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import type { Ends, ReductionStatement, Statement } from '../../types/fact.ts';
import { slackOf } from '../../types/rounding.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';

/** Why no tensor of this type meets both, as a clause; undefined where one may. */
export function whyNoNumbers(a: Statement, b: Statement, type: TensorType): string | undefined {
  const chosen = a.kind === 'one_hot' ? notOneHot(b, type) : b.kind === 'one_hot' ? notOneHot(a, type) : undefined;
  if (chosen !== undefined) return chosen;
  const [elements, others] = [elementsOf(a), elementsOf(b)];
  if ((isZero(a) && b.kind === 'nonzero') || (isZero(b) && a.kind === 'nonzero')) return 'no row of zeros is nonzero';
  if (elements !== undefined && others !== undefined) return nonesIn(elements, others);
  if (elements !== undefined && isReduction(b)) return notReached(elements, b, type);
  if (others !== undefined && isReduction(a)) return notReached(others, a, type);
  return undefined;
}

const isZero = (fact: Statement): boolean => (fact.kind === 'norm' && fact.value === 0 && fact.tolerance === 0) || (fact.kind === 'range' && fact.low === 0 && fact.high === 0);

/** The same of what the element type itself says: ids are whole, complex numbers have no order, bytes are whole and not below 0. */
export function whyNotOfDtype(fact: Statement, { dtype }: TensorType): string | undefined {
  return whyNotOfKind(fact, typeof dtype === 'string' ? dtype : dtype.family, typeof dtype === 'string' ? dtypes[dtype].class : dtype.family) ?? whyOutOfDtype(fact, dtype);
}

/** `name` is the element type, or the family that stands for it. */
function whyNotOfKind(fact: Statement, name: string, kind: string): string | undefined {
  if (fact.kind === 'attribute' || fact.kind === 'size') return undefined;
  if (fact.kind === 'tokenizer') return kind === 'int' || kind === 'uint' || kind === 'any' ? undefined : `ids are whole numbers, and its elements are ${kind === 'string' ? 'texts' : name}`;
  if (kind === 'string') return fact.kind === 'space' ? 'vectors lie in a space, and its elements are texts' : 'its elements are texts, not numbers';
  if (kind !== 'complex' || fact.kind === 'space') return undefined;
  return fact.kind === 'range' ? 'its elements are complex numbers, which have no order' : 'its elements are complex numbers, of which nothing proves or tests it';
}

function whyOutOfDtype(fact: Statement, dtype: TensorType['dtype']): string | undefined {
  const elements = elementsOf(fact);
  if (elements === undefined || typeof dtype !== 'string') return undefined;
  const { class: kind, bits } = dtypes[dtype];
  if (kind !== 'uint' && kind !== 'int') return undefined;
  const low = kind === 'int' ? -(2 ** (bits - 1)) : 0;
  const held = { low, high: low + 2 ** bits - 1 };
  if (elements.high < held.low || elements.low > held.high) return `${dtype} holds numbers from ${showBound(held.low)} to ${showBound(held.high)}`;
  return hasWhole(elements) ? undefined : `${dtype} holds whole numbers, and none lies in ${show(elements)}`;
}

/** What a fact says of every element by itself. */
interface Elements extends Ends {
  /** The fewest and the only ones, where they are listed: 0 and 1 of a mask. */
  readonly only?: readonly number[];
  readonly whole: boolean;
}

function elementsOf(fact: Statement): Elements | undefined {
  switch (fact.kind) {
    case 'range':
      return { low: fact.low, high: fact.high, whole: false };
    case 'mask':
    case 'prefix_mask':
    case 'one_hot':
      return { low: 0, high: 1, only: [0, 1], whole: true };
    case 'integer':
      return { low: -Infinity, high: Infinity, whole: true };
    default:
      return undefined;
  }
}

const hasWhole = ({ low, high }: Ends): boolean => Math.ceil(low) <= Math.floor(high);
const show = ({ low, high }: Ends): string => `[${showBound(low)}, ${showBound(high)}]`;

/** Of two ranges the facts themselves are compared elsewhere: one may be of a part of the rows. */
function nonesIn(a: Elements, b: Elements): string | undefined {
  const [listed, other] = a.only === undefined ? [b, a] : [a, b];
  if (listed.only !== undefined) return other.only === undefined && listed.only.every((value) => value < other.low || value > other.high) ? `neither 0 nor 1 lies in ${show(other)}` : undefined;
  const [whole, range] = a.whole ? [a, b] : [b, a];
  return whole.whole && !range.whole && !hasWhole(range) ? `no whole number lies in ${show(range)}` : undefined;
}

/** Why rows of a single 1 and zeros along the last axis do not meet a fact. */
function notOneHot(fact: Statement, type: TensorType): string | undefined {
  const n = sizeOf(type, -1);
  if (fact.kind === 'range') {
    if (fact.low > 1 || fact.high < 1) return `the 1 of each row does not lie in ${show(fact)}`;
    return n !== undefined && n > 1 && (fact.low > 0 || fact.high < 0) ? `the zeros of each row do not lie in ${show(fact)}` : undefined;
  }
  if (!isReduction(fact) || (fact.axis !== -1 && fact.axis !== type.shape.axes.length - 1)) return undefined;
  const found = ofOneHot(fact.kind, n);
  return found === undefined || Math.abs(found - fact.value) <= slackOf(fact, type) ? undefined : `a row of a single 1${n === undefined ? '' : ` among ${n} numbers`} has the ${fact.kind} ${showBound(found)}`;
}

/** Deviations are left out: they are taken by n and by n - 1. */
function ofOneHot(kind: Reduction['kind'], n: number | undefined): number | undefined {
  if (kind === 'sum' || kind === 'norm') return 1;
  return kind === 'mean' && n !== undefined ? 1 / n : undefined;
}

type Reduction = ReductionStatement & Statement;
const isReduction = (fact: Statement): fact is Reduction => fact.kind === 'sum' || fact.kind === 'norm' || fact.kind === 'mean' || fact.kind === 'std';

/** What elements within these ends cannot add up to along the axis. */
function notReached(elements: Elements, fact: Reduction, type: TensorType): string | undefined {
  const reach = reachOf(elements, fact.kind, sizeOf(type, fact.axis));
  const slack = slackOf(fact, type);
  if (fact.value + slack >= reach.low && fact.value - slack <= reach.high) return undefined;
  const n = sizeOf(type, fact.axis);
  return `${n === undefined ? 'numbers' : `${n} numbers`} in ${show(elements)} have a ${fact.kind} in ${show(reach)}`;
}

const sizeOf = ({ shape }: TensorType, axis: number): number | undefined => {
  const size = shape.axes.at(axis)?.size;
  return size && constantOf(size);
};

/** Of n numbers, or of at least one where n is open. */
function reachOf({ low, high }: Ends, kind: Reduction['kind'], n: number | undefined): Ends {
  const [nearest, furthest] = [low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))];
  switch (kind) {
    case 'mean':
      return { low, high };
    case 'std':
      // Of two numbers at the ends, by n - 1.
      return { low: 0, high: (high - low) / Math.SQRT2 };
    case 'sum':
      return n === undefined ? { low: low > 0 ? low : -Infinity, high: high < 0 ? high : Infinity } : { low: times(n, low), high: times(n, high) };
    case 'norm':
      return n === undefined ? { low: nearest, high: furthest > 0 ? Infinity : 0 } : { low: times(Math.sqrt(n), nearest), high: times(Math.sqrt(n), furthest) };
  }
}

/** Of no elements at all everything is 0, also where an end is infinite. */
const times = (n: number, end: number): number => (n === 0 ? 0 : n * end);
