/** Multidirectional broadcasting, and sizes that two tensors must share. */
import { maxDim } from '../../types/dim-atoms.ts';
import { isAtLeast, lowerBound } from '../../types/dim-bounds.ts';
import { constantOf, dimKey, equalDims, intDim, symbolsOf, type Dim } from '../../types/dim.ts';
import type { Known } from './known.ts';
import type { Scalar } from './scalar.ts';

type Dims = readonly Dim[];

const one = intDim(1);

/** The size of an axis to which two are broadcast. In a graph that runs they are equal or one of them is 1. */
export function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  const [m, n] = [constantOf(a), constantOf(b)];
  if (m === 1) return b;
  if (n === 1 || equalDims(a, b)) return a;
  // Of what is not 1 the other one is at most stretched to it.
  if ((m ?? 0) > 1 || m === 0) return a;
  if ((n ?? 0) > 1 || n === 0) return b;
  if (lowerBound(a) > 1 && lowerBound(b) > 1) return simplest(a, b);
  if (lowerBound(a) > 1) return a;
  if (lowerBound(b) > 1) return b;
  if (!isAtLeast(a, one) || !isAtLeast(b, one)) return undefined;
  return maxDim(a, b);
}

/** Undefined where the rank is not known; `size` makes sizes for axes that are not. */
export function broadcast(all: readonly (Dims | undefined)[], size: () => Dim): Dims | undefined {
  let result: Dims = [];
  for (const dims of all) {
    if (dims === undefined) return undefined;
    const rank = Math.max(result.length, dims.length);
    const at = (list: Dims, i: number): Dim => list[i - rank + list.length] ?? one;
    const before = result;
    result = Array.from({ length: rank }, (_, i) => broadcastDim(at(before, i), at(dims, i)) ?? size());
  }
  return result;
}

/** Two expressions of one size: a number rather than a name, a short one rather than a long one. */
export function simplest(a: Dim, b: Dim): Dim {
  const cost = (dim: Dim): number => (constantOf(dim) !== undefined ? 0 : symbolsOf(dim).reduce((sum, s) => sum + (s.least === 0 ? 1000 : 1), 0));
  const [m, n] = [cost(a), cost(b)];
  if (m !== n) return m < n ? a : b;
  return dimKey(a) <= dimKey(b) ? a : b;
}

/** Reads a small tensor's elements as if it had been broadcast to a shape; undefined where its values are not followed. */
export function readBroadcast(tensor: Known, to: readonly number[]): ((index: number) => Scalar | undefined) | undefined {
  const own = tensor.dims?.map(constantOf);
  const { values } = tensor;
  if (values === undefined || own === undefined) return undefined;
  if (values.length === 1) return () => values[0];
  const strides = stridesOf(own.map((n) => n ?? 0));
  const outer = stridesOf(to);
  return (index) => {
    let at = 0;
    for (let i = 0; i < own.length; i++) {
      const axis = to.length - own.length + i;
      const place = Math.floor(index / outer[axis]!) % to[axis]!;
      if (own[i]! > 1) at += place * strides[i]!;
    }
    return values[at];
  };
}

/** Elements between neighbours along each axis, row by row. */
export function stridesOf(sizes: readonly number[]): number[] {
  const strides = Array.from(sizes, () => 1);
  for (let i = sizes.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * sizes[i + 1]!;
  return strides;
}
