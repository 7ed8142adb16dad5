/** Elements of one dtype as those of another. */
import { dtypes, isNarrow, type DType } from '../types/dtype.ts';
import { dtypesOf } from '../types/element-type.ts';
import type { Ends, Fact } from '../types/fact.ts';
import { showElementType, showTensor } from '../types/show.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { wideOf } from '../types/wide-range.ts';
import { sinceOf } from './dtypes.ts';
import { inferred, int, refuse, type Emitter, type Inference, type Operator, type OperatorCall } from './operator.ts';
import { elementwiseRange, exactRange, rangeOf, roundedRange, type Interval } from './range.ts';
import { result } from './shapes.ts';

const castable = (dtype: DType): boolean => ['float', 'int', 'uint', 'bool'].includes(dtypes[dtype].class);
const isFloat = (dtype: ElementType): boolean => dtypesOf(dtype).every((member) => dtypes[member].class === 'float');

function inferCast(x: TensorType, to: ElementType, from: readonly TensorType[]): Inference {
  if (![...dtypesOf(x.dtype), ...dtypesOf(to)].every(castable)) return refuse(`${showTensor(x)} cannot be cast to ${showElementType(to)}: it casts numbers and truth values alone`);
  // What C++ leaves undefined, each runtime answers in its own way.
  if (isFloat(x.dtype) && !isFloat(to) && to !== 'bool' && !rangeFits(x, to)) {
    const [min, max] = fittingEnds(x.dtype, to);
    return refuse(`it is not known that the values of ${showTensor(x)} fit ${showElementType(to)}; clip them first, \`onnx.Clip(…, min: ${BigInt(min)}, max: ${BigInt(max)})\``);
  }
  return inferred({ ...result(from, x.shape, castFacts(x, to)), dtype: to });
}

function rangeFits(x: TensorType, to: ElementType): boolean {
  const { low, high } = wideOf(rangeOf(x));
  return dtypesOf(to).every((member) => {
    const { class: kind, bits } = dtypes[member];
    // Of fractions, ONNX Runtime makes the nearest whole number of 4 bits, where ONNX cuts them off.
    if (isNarrow(member)) return low >= (kind === 'uint' ? 0 : -(2 ** (bits - 1))) && high <= 2 ** (kind === 'uint' ? bits : bits - 1) - 1;
    // The greatest number of 64 bits is no float: the next one below it is.
    const [least, most] = kind === 'uint' ? [-1, 2 ** bits] : [-(2 ** (bits - 1)) - 1, 2 ** (bits - 1)];
    // One below the least of 64 bits is no float either: rounded, it is that itself.
    return (low > least || (kind === 'int' && low === -(2 ** (bits - 1)))) && high < most;
  });
}

/** The least and the greatest number of a floating-point type that an integer type has, too: 2147483647 is none of f32, which would round it up. */
function fittingEnds(from: ElementType, to: ElementType): readonly [min: number, max: number] {
  const ends = dtypesOf(to).flatMap((member) => {
    const { class: kind, bits } = dtypes[member];
    const [sign, size] = kind === 'uint' ? [0, bits] : [-1, bits - 1];
    return dtypesOf(from).map((source) => {
      const { digits, most } = floatDigits[source] ?? { digits: 53, most: Infinity };
      return [Math.max(sign * 2 ** size, -most), Math.min(2 ** size - 2 ** Math.max(0, size - digits), most)] as const;
    });
  });
  return [Math.max(...ends.map(([min]) => min)) + 0, Math.min(...ends.map(([, max]) => max))];
}

/** The binary digits that a floating-point type has, and the greatest number of it where integers go beyond that. */
const floatDigits: Partial<Record<DType, { readonly digits: number; readonly most: number }>> = {
  f16: { digits: 11, most: 65504 },
  bf16: { digits: 8, most: Infinity },
  f32: { digits: 24, most: Infinity },
};

/** Facts about 0 and 1. */
const kept: ReadonlySet<Fact['kind']> = new Set(['mask', 'prefix_mask', 'one_hot']);

/** 0 and 1 are numbers of every dtype; other values are rounded, or cut off to whole ones. */
function castFacts(x: TensorType, to: ElementType): readonly Fact[] {
  // Powers of two alone: neither 0 nor what has a sign.
  if (to === 'f8e8m0') return [];
  // Of numbers as truth values nothing but where they are 0 is left.
  if (to === 'bool') return x.facts.filter(({ kind }) => kind === 'prefix_mask' || kind === 'one_hot' || kind === 'nonzero');
  const mask: readonly Fact[] = x.dtype === 'bool' ? [{ kind: 'mask', evidence: 'proved' }] : [];
  const isWhole = x.dtype === 'bool' || !isFloat(x.dtype) || x.facts.some(({ kind }) => kept.has(kind));
  const same = x.facts.filter((fact) => kept.has(fact.kind) || (fact.kind === 'nonzero' && isWhole && isFloat(to)) || (fact.kind === 'integer' && isFloat(to)));
  const whole: readonly Fact[] = !isFloat(x.dtype) && isFloat(to) ? [{ kind: 'integer', evidence: 'proved' }] : [];
  const [lowest, highest] = dtypesOf(to).some(isNarrow) ? [Math.floor, Math.ceil] : [Math.trunc, Math.trunc];
  const cut = (range: Ends): Ends => (isFloat(to) ? range : { low: lowest(range.low), high: highest(range.high) });
  return [...mask, ...same, ...whole, ...elementwiseRange([x], (range) => castRange(range!, cut, to))];
}

/** Rounding never falls, so what kernels may go past the ends is rounded as they are. */
function castRange(range: Interval, cut: (ends: Ends) => Ends, to: ElementType): readonly Fact[] {
  const [said] = roundedRange({ ...cut(range), evidence: range.evidence }, to);
  const [wide] = roundedRange({ ...cut(wideOf(range)), evidence: range.evidence }, to);
  return said?.kind === 'range' && wide?.kind === 'range' ? exactRange({ ...said, wide }) : [];
}

/** Facts of which NaN is a contradiction, as far as more than somebody's word is behind them. */
const ofNumbers: ReadonlySet<Fact['kind']> = new Set(['finite', 'mask', 'prefix_mask', 'one_hot']);
const mayBeNaN = (x: TensorType): boolean => !x.facts.some(({ kind, evidence }) => ofNumbers.has(kind) && (evidence === 'proved' || evidence === 'enforced'));

/** Of NaN each machine makes another integer: here it becomes the least that the range allows. No NaN is greater than anything. */
function withoutNaN(x: string, type: TensorType, to: Emitter): string {
  const { low } = rangeOf(type);
  if (!Number.isFinite(low)) return x;
  const least = to.scalar(type.dtype as DType, low);
  return to.node('Where', [to.node('Greater', [x, least]), x, least]);
}

const isCutOff = (x: TensorType, to: ElementType): boolean => isFloat(x.dtype) && !isFloat(to) && to !== 'bool' && mayBeNaN(x);

function emitCast({ inputs, types, output }: OperatorCall, to: Emitter): string {
  const [x, type] = [inputs[0]!, types[0]!];
  return to.node('Cast', [isCutOff(type, output.dtype) ? withoutNaN(x, type, to) : x], { to: int(dtypes[output.dtype as DType].onnx) });
}

const since = (x: TensorType, to: ElementType): number => Math.max(sinceOf(x.dtype, 6), sinceOf(to, 6), isCutOff(x, to) ? 9 : 6);

const cast: Operator = {
  name: 'Cast',
  inputs: ['x'],
  attributes: { to: { type: 'dtype' } },
  since: ([x], attributes) => since(x!, attributes.get('to') as DType),
  infer: ([x], attributes) => inferCast(x!, attributes.get('to') as DType, [x!]),
  emit: emitCast,
};

/** To the dtype of another tensor, whose values do not matter. */
const castLike: Operator = {
  name: 'CastLike',
  inputs: ['x', 'like'],
  ownDType: ['x'],
  attributes: {},
  since: ([x, like]) => since(x!, like!.dtype),
  infer: ([x, like]) => inferCast(x!, like!.dtype, [x!, like!]),
  emit: emitCast,
};

export const castOperators: readonly Operator[] = [cast, castLike];
