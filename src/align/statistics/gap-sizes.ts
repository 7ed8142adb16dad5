/**
 * How large gaps are, all together, and by how much larger than those of another side, with bounds that hold.
 *
 * A sum of |gap| comes out too high, for noise has no sign, and most where there is nothing but noise: a difference of two such sums falls short of the truth, and that of a bootstrap, which adds
 * the noise once more, falls shorter still. So a test is inverted (Carpenter 1999): a bound is the size at which a sum as low, or as high, as was seen comes in one of twenty draws of noise about
 * supposed gaps. These have the shape of those that were seen; as far as those are no more than noise, also that which noise hides best, each gap in proportion to the noise of its bin.
 *
 * The growth leaves open how large the gaps of the first side are. Small ones are hidden by noise, and so is growth from them; of large ones nothing is. A growth is held against whichever is the
 * more careful, at the end of its own interval.
 */
import type { Gaps } from './binned-gaps.ts';
import type { Estimate } from './interval.ts';

/** Each bound misses so often. */
const tail = 0.05;
const sizeOf = (gaps: Float64Array): number => gaps.reduce((sum, gap) => sum + Math.abs(gap), 0);

/** The sum of the gaps' sizes. */
export function sizeOfGaps(gaps: Gaps): Estimate {
  const at = supposing(gaps);
  return { value: at('middle'), interval: { low: at('low'), high: at('high') } };
}

/** By how much that of the second side is larger. */
export function growthOfGaps(own: Gaps, swapped: Gaps): Estimate {
  const [before, after] = [supposing(own), supposing(swapped)];
  const [small, large] = [growthFrom(before('surely low'), own, swapped), growthFrom(before('surely high'), own, swapped)];
  const [low, high] = [small('low'), small('high')];
  // Of two sides that hardly differ this says more. It is asked for more surely, so that both together miss little more than one.
  const apart = mostBetween(own, swapped);
  const top = Math.min(high >= 0 ? high : Math.min(0, large('high')), apart);
  const interval = { low: Math.min(top, Math.max(low <= 0 ? low : Math.max(0, large('low')), 0 - apart)), high: top };
  return { value: Math.min(interval.high, Math.max(interval.low, after('middle') - before('middle'))), interval };
}

/** No sum of sizes changes by more than the gaps do, each from that of the same rank on the other side: the upper bound, at 99 %, of by how much all do. */
const mostBetween = (own: Gaps, swapped: Gaps): number => supposing({ seen: less(swapped.seen, own.seen), noise: swapped.noise.map((draw, i) => less(draw, own.noise[i]!)) })('surely high');

const less = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!);

type End = 'surely low' | 'low' | 'middle' | 'high' | 'surely high';
/** The part of the draws that come out larger than what was seen. */
const parts: Readonly<Record<End, number>> = { 'surely low': tail / 5, low: tail, middle: 0.5, high: 1 - tail, 'surely high': 1 - tail / 5 };

/** What answers the size at which a part of the draws comes out larger than what was seen; 0 where as many do with no gap at all. */
function supposing({ seen, noise }: Gaps): (end: End) => number {
  const [shape, sum] = [shapeOf({ seen, noise }), sizeOf(seen)];
  const larger = (size: number): number => noise.filter((draw) => sizeAbout(shape, size, draw) >= sum).length / noise.length;
  return crossing(larger, 0, sum + Math.max(...noise.map(sizeOf)));
}

/** From one size on the first side, the growth at which a part of the draws shows a greater one than was seen. Below none on the second side is more on the first. */
function growthFrom(size: number, own: Gaps, swapped: Gaps): (end: End) => number {
  const [first, second] = [shapeOf(own), shapeOf(swapped)];
  const seen = sizeOf(swapped.seen) - sizeOf(own.seen);
  const before = own.noise.map((draw) => sizeAbout(first, size, draw));
  const larger = (t: number): number => {
    let count = 0;
    for (const [i, draw] of swapped.noise.entries()) {
      const change = sizeAbout(second, Math.max(0, t), draw) - (t >= 0 ? before[i]! : sizeAbout(first, size - t, own.noise[i]!));
      if (change > seen) count += 1;
    }
    return count / swapped.noise.length;
  };
  // Farther out all draws are larger, or none.
  const most = Math.max(...swapped.noise.map((draw, i) => sizeOf(draw) + before[i]! + sizeOf(own.noise[i]!)));
  const at = crossing(larger, Math.min(0, size + seen - most), Math.max(0, seen + most));
  return (end) => at(end) - size;
}

/** The sum of sizes of gaps of a shape, of which the sum would be `size`, with noise. */
function sizeAbout(shape: Float64Array, size: number, noise: Float64Array): number {
  let sum = 0;
  for (let bin = 0; bin < shape.length; bin++) sum += Math.abs(size * shape[bin]! + noise[bin]!);
  return sum;
}

/** Of gaps, with a sum of sizes of 1. */
function shapeOf({ seen, noise }: Pick<Gaps, 'seen' | 'noise'>): Float64Array {
  const variances = seen.map((_, bin) => noise.reduce((sum, draw) => sum + draw[bin]! ** 2, 0) / noise.length);
  const [squares, noisy] = [seen.reduce((sum, gap) => sum + gap * gap, 0), variances.reduce((sum, value) => sum + value, 0)];
  if (squares === 0) return seen.map(() => 1 / seen.length);
  // What was seen has the squares of truth and noise (James and Stein 1961).
  const told = Math.max(0, 1 - noisy / squares);
  const sizes = seen.map((gap, bin) => Math.sqrt(told * gap * gap + (1 - told) * (noisy === 0 ? 0 : (squares * variances[bin]!) / noisy)));
  const sum = sizeOf(sizes);
  return sizes.map((size, bin) => (Math.sign(seen[bin]!) || 1) * (size / sum));
}

const steps = 200;

/**
 * Where a part of draws that grows from none to all comes to the part of an end. It may fall on its way where both sides share their noise: then the bounds are the outermost such places.
 */
function crossing(partAt: (at: number) => number, from: number, to: number): (end: End) => number {
  const step = (to - from) / steps;
  const seen = Array.from({ length: steps + 1 }, (_, i) => partAt(from + i * step));
  return (end) => {
    const part = parts[end];
    const place = end.endsWith('high') ? seen.findLastIndex((value) => value < part) + 1 : seen.findIndex((value) => value >= part);
    if (place <= 0) return from;
    let [low, high] = [from + (place - 1) * step, from + place * step];
    for (let round = 0; round < 20; round++) {
      const middle = (low + high) / 2;
      if (partAt(middle) >= part) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  };
}
