/** Whether a tensor of which this is known cannot be as a fact says, and what it is instead. */
import { largestOf } from '../../ops/foreign/ranges/interval.ts';
import { rangeOf } from '../../ops/range.ts';
import { constantOf } from '../../types/dim.ts';
import type { Ends, Fact } from '../../types/fact.ts';
import { roundingOf, slackOf } from '../../types/rounding.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';

/** `-2`, or what it lies between: arithmetic rounds outward. */
const showBetween = ({ low, high }: Ends): string => (showBound(low) === showBound(high) ? showBound(low) : `between ${showBound(low)} and ${showBound(high)}`);

const areApart = (a: Ends, b: Ends): boolean => a.low > b.high || a.high < b.low;

/** `its sum along that axis is 4`; undefined where it may be as it is said. */
export function refutedBy(fact: Fact, type: TensorType): string | undefined {
  const { low, high } = rangeOf(type);
  const found = { low, high };
  const told = (what: string, ends: Ends): string => `${what} ${showBetween(ends)}`;
  switch (fact.kind) {
    case 'range':
      return fact.rows === undefined && areApart(found, fact) ? told('it is', found) : undefined;
    case 'sum':
    case 'mean':
    case 'norm': {
      const ends = reduced(fact.kind, found, sizeAlong(fact.axis, type));
      const slack = Math.max(fact.tolerance + roundingOf(type.dtype), slackOf(fact, type));
      return ends !== undefined && areApart(ends, { low: fact.value - slack, high: fact.value + slack }) ? told(`its ${fact.kind} is`, ends) : undefined;
    }
    case 'mask':
    case 'prefix_mask':
      return low > 1 || high < 0 || (low > 0 && high < 1) ? told('it is', found) : undefined;
    case 'integer':
      return Number.isFinite(low) && Math.floor(high) < low ? told('it is', found) : undefined;
    case 'finite': {
      const largest = typeof type.dtype === 'string' ? largestOf(type.dtype) : Infinity;
      return low > largest || high < -largest ? 'it is infinite, or no number' : undefined;
    }
    case 'nonzero':
      return low === 0 && high === 0 ? 'it is 0' : undefined;
    case 'one_hot': {
      if (low > 1 || high < 0 || (low > 0 && high < 1)) return told('it is', found);
      // Of several numbers that are one and the same none is the only 1.
      const n = sizeAlong(-1, type);
      return low === high && n !== undefined && n > 1 ? `each of the ${n} numbers of a row is ${showBound(low)}` : undefined;
    }
    case 'std':
      return low === high && fact.value - fact.tolerance > roundingOf(type.dtype) ? `all numbers are ${showBound(low)}, so its std is 0` : undefined;
    default:
      return undefined;
  }
}

const sizeAlong = (axis: number, { shape }: TensorType): number | undefined => {
  const dim = shape.axes.at(axis)?.size;
  return dim && constantOf(dim);
};

/** Of vectors that are hardly longer than 0 the norm is exempt. */
const shortest = 1e-3;

/** What is known of a reduction over n elements that all lie in a range. */
function reduced(kind: 'sum' | 'mean' | 'norm', { low, high }: Ends, n: number | undefined): Ends | undefined {
  if (kind === 'mean') return { low, high };
  if (n === undefined || n === 0) return undefined;
  if (kind === 'sum') return { low: n * low, high: n * high };
  const sizes = [Math.abs(low), Math.abs(high)];
  const least = low <= 0 && high >= 0 ? 0 : Math.min(...sizes);
  return least > shortest ? { low: least * Math.sqrt(n), high: Math.max(...sizes) * Math.sqrt(n) } : undefined;
}
