/** What is known of masks behind the operators that compare, join and count them. */
import { constantOf } from '../types/dim.ts';
import type { Fact } from '../types/fact.ts';
import { implying } from '../types/implies.ts';
import { dtypesOf } from '../types/element-type.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { rangeOf } from './range.ts';
import { weakest } from '../types/evidence.ts';

const compare: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  Equal: (x, y) => x === y,
  Greater: (x, y) => x > y,
  GreaterOrEqual: (x, y) => x >= y,
  Less: (x, y) => x < y,
  LessOrEqual: (x, y) => x <= y,
};

const isOfMask = ({ kind }: Fact): boolean => kind === 'prefix_mask' || kind === 'one_hot' || kind === 'nonzero';

/** Of a mask beside one number: where the comparison is true of 1 and false of 0 it is the mask once more. */
export function comparedMask(op: string, a: TensorType, b: TensorType): readonly Fact[] {
  const holds = compare[op];
  if (holds === undefined) return [];
  for (const [mask, other, isTrue] of [[a, b, (x: number, y: number) => holds(x, y)], [b, a, (x: number, y: number) => holds(y, x)]] as const) {
    const known = implying(mask, { kind: 'mask' });
    const number = rangeOf(other);
    if (known === undefined || number.low !== number.high || mask.shape.axes.length === 0) continue;
    if (isTrue(1, number.low) && !isTrue(0, number.low)) return mask.facts.filter(isOfMask).map((fact) => ({ ...fact, evidence: weakest(fact.evidence, number.evidence) }));
  }
  return [];
}

/** Rows of ones and then zeros stay such where two of them meet in `And`, `Or` or a product. */
export function joinedMasks(op: string, a: TensorType, b: TensorType): readonly Fact[] {
  if (op !== 'And' && op !== 'Or' && op !== 'Mul') return [];
  const both = (kind: 'prefix_mask' | 'nonzero'): readonly Fact[] => {
    const [first, second] = [a, b].map((type) => (type.shape.axes.length > 0 ? type.facts.find((fact) => fact.kind === kind) : undefined));
    return first && second ? [{ kind, evidence: weakest(first.evidence, second.evidence) }] : [];
  };
  const prefix = both('prefix_mask');
  // Of two rows that both begin with 1 so does what they make.
  return prefix.length === 0 ? [] : [...prefix, ...both('nonzero')];
}

/** Up to which every whole number is exact, of all that a family stands for. */
const wholeNumbers: Readonly<Record<string, number>> = { f16: 2 ** 11, bf16: 2 ** 8, f32: 2 ** 24 };
const mostWhole = (dtype: ElementType): number => Math.min(...dtypesOf(dtype).map((member) => wholeNumbers[member] ?? Infinity));

/** How many ones the rows of a mask have, or have had up to here: whole, and of a row that is not all zeros at least 1. */
export function countOfOnes(x: TensorType, axes: readonly number[], isWhole: boolean): readonly Fact[] {
  const mask = implying(x, { kind: 'mask' });
  if (mask === undefined || axes.length !== 1 || axes[0] !== -1) return [];
  const n = constantOf(x.shape.axes.at(-1)!.size) ?? Infinity;
  // The running count of a row that begins with 1 is at least 1 everywhere.
  const some = isWhole || x.facts.some(({ kind }) => kind === 'prefix_mask') ? implying(x, { kind: 'nonzero' }) : undefined;
  const evidence = weakest(mask.evidence, ...(some ? [some.evidence] : []));
  // A sum of ones is rounded past where not every whole number is one of the dtype.
  const high = n <= mostWhole(x.dtype) ? n : Infinity;
  return [{ kind: 'range', low: some ? 1 : 0, high, evidence }, { kind: 'integer', evidence: mask.evidence }];
}
