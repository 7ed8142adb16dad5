/**
 * Inputs that refute a claim: all elements of each are one number, an end of its range where it has one. What follows from
 * such a point encloses what is computed there, so a claim that lies outside of it is false.
 */
import { constantOf, intDim, showDim, symbolsOf, type Dim } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import type { Fact } from '../../types/fact.ts';
import { roundingOf } from '../../types/rounding.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';

/** The number that all elements of an input are, by the input's name. */
export type Point = ReadonlyMap<string, number>;

/** Points that are tried for one claim. */
const mostPoints = 8;

/** How large a size is supposed to be that is left open: as few as show that there are several. */
const supposedSize = 3;

/** The open sizes of some inputs with a number for each; none where something is demanded of sizes. */
export function supposedSizes(types: readonly TensorType[]): ReadonlyMap<string, { readonly name: string; readonly size: Dim }> {
  if (types.some(({ facts }) => facts.some(({ kind }) => kind === 'size'))) return new Map();
  const open = types.flatMap(({ shape }) => shape.axes).flatMap(({ size }) => symbolsOf(size)).filter(({ atom }) => atom === undefined);
  return new Map(open.map(({ key, name }) => [key, { name, size: intDim(supposedSize) }]));
}

/** Where functions leave what is finite: exponentials and squares overflow. */
const far = [100, -100, 1e30];

/** The numbers to try; none where nothing so simple is as the type says. */
function candidates(type: TensorType, onlyStated: boolean, more: readonly number[]): readonly number[] {
  const { dtype, facts } = type;
  const row = typeof dtype === 'string' ? dtypes[dtype] : undefined;
  if (row === undefined || row.class === 'string' || row.class === 'complex') return [];
  const has = (...kinds: readonly Fact['kind'][]): boolean => facts.some(({ kind }) => kinds.includes(kind));
  // Of a space, only its encoder knows the members.
  if (has('std', 'one_hot', 'tokenizer', 'space')) return [];
  if (has('norm', 'sum', 'mean')) return ofReductions(type);
  if (row.class === 'bool' || has('mask', 'prefix_mask')) return has('nonzero') ? [1] : [1, 0];
  const range = facts.find((fact) => fact.kind === 'range');
  if (onlyStated && range === undefined && row.class !== 'uint') return [];
  if (range?.kind === 'range' && range.rows !== undefined) return [];
  const [low, high] = range?.kind === 'range' ? [range.low, range.high] : [-Infinity, Infinity];
  const isWhole = row.class !== 'float' || has('integer');
  const ends = [low, high].filter(Number.isFinite).map((end, i) => (isWhole ? (i === 0 ? Math.ceil(end) : Math.floor(end)) : end));
  const usual = row.class === 'uint' ? [0, 1, 2] : row.class === 'float' ? [1, -1, 0, 2, ...more] : [1, -1, 0, 2];
  return [...new Set([...ends, ...usual])].filter((n) => n >= low && n <= high && !(n === 0 && has('nonzero')));
}

/** Numbers of which as many as there are have the norm, the sum or the mean that is said: where all that is said is true of them. */
function ofReductions({ dtype, shape, facts }: TensorType): readonly number[] {
  const sizeOf = (axis: number): number => {
    const size = shape.axes.at(axis)?.size;
    return (size && constantOf(size)) ?? NaN;
  };
  const reductions = facts.flatMap((fact) => (fact.kind === 'norm' || fact.kind === 'sum' || fact.kind === 'mean' ? [fact] : []));
  const each = reductions.flatMap(({ kind, axis, value }) => {
    const x = Math.fround(kind === 'norm' ? value / Math.sqrt(sizeOf(axis)) : kind === 'sum' ? value / sizeOf(axis) : value);
    return kind === 'norm' ? [x, -x] : [x];
  });
  const isTrue = (x: number): boolean =>
    reductions.every(({ kind, axis, value, tolerance }) => {
      const n = sizeOf(axis);
      const found = kind === 'norm' ? Math.abs(x) * Math.sqrt(n) : kind === 'sum' ? x * n : x;
      return Math.abs(found - value) <= Math.max(tolerance, roundingOf(dtype) / 4);
    }) && facts.every((fact) => fact.kind !== 'range' || (x >= fact.low && x <= fact.high && fact.rows === undefined));
  return [...new Set(each)].filter((x) => isTrue(x) && !facts.some(({ kind }) => kind === 'integer' || kind === 'mask' || kind === 'prefix_mask'));
}

/**
 * First all inputs at the same end, then each at another one.
 *
 * @param claim the kind of what is claimed
 * @param onlyStated leaves out inputs of which nobody has said what they may be: that is not to say that they may be anything
 */
export function pointsOf(inputs: ReadonlyMap<string, TensorType>, claim: Fact['kind'], onlyStated: boolean): readonly Point[] {
  const more = claim === 'finite' ? far : [];
  const choices = [...inputs].map(([name, type]) => [name, candidates(type, onlyStated, more)] as const).filter(([, numbers]) => numbers.length > 0);
  if (choices.length === 0) return [];
  const points = Array.from({ length: mostPoints }, (_, round) => {
    const step = round < mostPoints / 2 ? 0 : 1;
    return choices.map(([name, numbers], i) => [name, numbers[(round + i * step) % numbers.length]!] as const);
  });
  return [...new Map(points.map((point) => [String(point), new Map(point)])).values()];
}

/** An input of which all elements are one number. */
export const typeAt = (type: TensorType, value: number): TensorType => ({
  ...type,
  facts: [{ kind: 'range', low: value, high: value, evidence: 'declared' }, { kind: 'finite', evidence: 'declared' }, ...(Number.isInteger(value) ? [{ kind: 'integer', evidence: 'declared' } as const] : [])],
});

/** `where every element of x is 3 and n is 3` */
export const describePoint = (point: Point, sizes: readonly { readonly name: string; readonly size: Dim }[] = []): string =>
  `where ${[...[...point].map(([name, value]) => `every element of \`${name}\` is ${showBound(value)}`), ...sizes.map(({ name, size }) => `\`${name}\` is ${showDim(size)}`)].join(' and ')}`;
