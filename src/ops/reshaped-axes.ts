/**
 * Axes that a reshape takes for others. It moves no element: [h, w, 3] as [3, h, w] has axes of the same sizes, and the one of
 * size h goes through other elements than before.
 */
import { constantOf, equalDims, multiplyDims, type Dim } from '../types/dim.ts';
import type { Shape } from '../types/type.ts';
import { oneAxis } from './axes.ts';

/** How a transposition, with a reshape before or behind it, gives what the sizes read like. */
export type Turn =
  | { readonly kind: 'permuted'; readonly perm: readonly number[] }
  /** Turned first, and then axes are put together. */
  | { readonly kind: 'joined'; readonly perm: readonly number[] }
  /** Axes are cut first, as `sizes` says. */
  | { readonly kind: 'cut'; readonly perm: readonly number[]; readonly sizes: readonly Dim[] };

export interface ReshapedAxes {
  /** Axes of the input whose sizes stand at another place, where they step over other elements, or that are cut across. */
  readonly moved: readonly number[];
  readonly turn: Turn | undefined;
}

/** An axis of more than one element; `step` is how many elements lie between two of its places. */
interface Stepped {
  readonly axis: number;
  readonly size: Dim;
  readonly step: Dim;
}

/** More are not searched for an order. */
const mostAxes = 8;

const product = (sizes: readonly Dim[]): Dim => sizes.reduce(multiplyDims, oneAxis.size);
const isSingle = (size: Dim): boolean => constantOf(size) === 1;
const stepsOf = (sizes: readonly Dim[]): readonly Stepped[] => sizes.map((size, axis) => ({ axis, size, step: product(sizes.slice(axis + 1)) })).filter(({ size }) => !isSingle(size));

/** Which axes a reshape takes for others; undefined where it cuts axes and puts them together, and no more. */
export function reshapedAxes({ axes }: Shape, to: readonly Dim[]): ReshapedAxes | undefined {
  const from = axes.map(({ size }) => size);
  const [before, after] = [stepsOf(from), stepsOf(to)];
  const isKept = (one: Stepped, others: readonly Stepped[]): boolean => others.some((other) => equalDims(one.size, other.size) && equalDims(one.step, other.step));
  const [left, free] = [before.filter((one) => !isKept(one, after)), after.filter((one) => !isKept(one, before))];
  const moved = left.filter((one) => free.some((other) => equalDims(one.size, other.size) && (constantOf(one.size) === undefined || isWhole(one, other, left, free))));
  const taken = moved.length === 0 && areCrossed(left, free) ? left : moved;
  return taken.length === 0 ? undefined : { moved: taken.map(({ axis }) => axis), turn: turnOf(from, to) };
}

/**
 * Whether an axis of the one begins inside an axis of the other at no whole number of its places: [49, 8] as [8, 7, 7] has rows of 7 elements in
 * rows of 8. Cutting axes and putting them together leaves the elements between two places of each axis multiples of those of the next. Of open sizes nobody knows.
 */
function areCrossed(before: readonly Stepped[], after: readonly Stepped[]): boolean {
  const counts = [...before, ...after].flatMap(({ size, step }) => [constantOf(step), constantOf(multiplyDims(step, size))]);
  if (counts.includes(undefined)) return false;
  const sorted = (counts as number[]).sort((a, b) => a - b);
  return sorted.some((count, i) => i > 0 && count % sorted[i - 1]! !== 0);
}

/** Numbers are equal by chance, too: they count where the other axes stay whole behind one another. */
const isWhole = (one: Stepped, other: Stepped, left: readonly Stepped[], free: readonly Stepped[]): boolean =>
  runsOf(sizesOf(left.filter((axis) => axis !== one)), sizesOf(free.filter((axis) => axis !== other)), true) !== undefined;

const sizesOf = (axes: readonly Stepped[]): readonly Dim[] => axes.map(({ size }) => size);

/** Which parts, in their order, come to each whole: places of `parts`, each once. `inOrder`: none is skipped for a later whole. */
function runsOf(parts: readonly Dim[], wholes: readonly Dim[], inOrder: boolean): readonly (readonly number[])[] | undefined {
  if (parts.length > mostAxes) return undefined;
  const search = (left: readonly number[], [whole, ...others]: readonly Dim[]): readonly (readonly number[])[] | undefined => {
    if (whole === undefined) return left.length === 0 ? [] : undefined;
    for (let start = 0; start < (inOrder ? Math.min(1, left.length) : left.length); start++) {
      for (let end = start + 1; end <= left.length; end++) {
        const run = left.slice(start, end);
        if (!equalDims(product(run.map((i) => parts[i]!)), whole)) continue;
        const rest = search(left.toSpliced(start, end - start), others);
        if (rest !== undefined) return [run, ...rest];
      }
    }
    return undefined;
  };
  return search([...parts.keys()], wholes);
}

function turnOf(from: readonly Dim[], to: readonly Dim[]): Turn | undefined {
  const joined = runsOf(from, to, false);
  if (joined !== undefined) return { kind: joined.length === from.length ? 'permuted' : 'joined', perm: joined.flat() };
  const cut = runsOf(to, from, false)?.flat();
  return cut && { kind: 'cut', perm: [...to.keys()].map((axis) => cut.indexOf(axis)), sizes: cut.map((axis) => to[axis]!) };
}
