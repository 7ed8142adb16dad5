/** The gaps of bins, confidence less accuracy, say, with draws of their noise: what the intervals of their sizes rest on (`gap-sizes.ts`). */
import { createRandom } from '../../data/random.ts';
import type { RowGroups } from './groups.ts';

/** What is counted of each row, and in which of the bins. */
export interface BinnedRows {
  /** Each has a row at least. */
  readonly bins: Uint32Array;
  readonly count: number;
  readonly values: Float64Array;
  /** The variance that each value is thought to have: a bin in which nothing was seen to vary has noise, too. */
  readonly variances: Float64Array;
}

/** The gaps of one side: the sum of each bin over the number of all rows, so that their absolute sum is the error. And draws of their noise. */
export interface Gaps {
  readonly seen: Float64Array;
  readonly noise: readonly Float64Array[];
}

export interface NoiseOptions {
  readonly seed: number;
  /** Default 500. */
  readonly draws?: number;
  /** Rows that are drawn together; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}

/** A bin counts as if in so many rows, or groups, more it varied as is thought. */
const supposed = 2;

/**
 * The gaps of several sides of the same rows. One normal number for each row, or group, makes the noise of all sides (a multiplier bootstrap; Mammen 1993), so that what they share has no part in
 * a difference. How many rows come into a bin varies as well as what they have. Each draw comes with its opposite.
 */
export function gapsOf(sides: readonly BinnedRows[], { seed, draws = 500, groups }: NoiseOptions): readonly Gaps[] {
  const rows = sides[0]!.values.length;
  const groupOf = groups?.of ?? Uint32Array.from({ length: rows }, (_, row) => row);
  const random = createRandom(seed);
  const centred = sides.map((side) => ({ ...side, ...centre(side, groupOf, groups?.count ?? rows), noise: new Array<Float64Array>() }));
  const z = new Float64Array(groups?.count ?? rows);
  for (let draw = 0; draw < draws; draw += 2) {
    for (let i = 0; i < z.length; i++) z[i] = random.normal();
    for (const side of centred) {
      const drawn = noiseOf(side, z, groupOf);
      side.noise.push(drawn, drawn.map((value) => -value));
    }
  }
  return centred.map(({ sums, noise }) => ({ seen: sums.map((sum) => sum / rows), noise }));
}

/** That of one draw: of what rows are off the mean of their bin, and of how many come into it. */
function noiseOf({ bins, sums, sizes, offs, factors }: BinnedRows & ReturnType<typeof centre>, z: Float64Array, groupOf: Uint32Array): Float64Array {
  const [drawn, drawnSizes] = [new Float64Array(sums.length), new Float64Array(sums.length)];
  for (const [row, bin] of bins.entries()) {
    const at = z[groupOf[row]!]!;
    drawn[bin]! += at * offs[row]!;
    drawnSizes[bin]! += at;
  }
  const all = drawnSizes.reduce((total, size) => total + size, 0);
  const share = (bin: number): number => sizes[bin]! / bins.length;
  return drawn.map((off, bin) => (factors[bin]! * off + (sums[bin]! / sizes[bin]!) * (drawnSizes[bin]! - share(bin) * all)) / bins.length);
}

/** What each row is off the mean of its bin, or, where next to nothing was seen to vary, what it is thought to be off; and by what the noise that comes of it is multiplied. */
function centre({ bins, count, values, variances }: BinnedRows, groupOf: Uint32Array, groups: number) {
  const sums = new Float64Array(count);
  const [sizes, thought] = [new Float64Array(count), new Float64Array(count)];
  for (const [row, bin] of bins.entries()) {
    sums[bin]! += values[row]!;
    sizes[bin]! += 1;
    thought[bin]! += variances[row]!;
  }
  const seen = values.map((value, row) => value - sums[bins[row]!]! / sizes[bins[row]!]!);
  const supposedOff = variances.map(Math.sqrt);
  const [squares, supposedSquares, groupSizes] = [seen, supposedOff, values.map(() => 1)].map((offs) => squaresByGroup(offs, bins, groupOf, { count, groups }));
  const present = presentGroups(bins, groupOf, { count, groups });
  // A group more is as large as those that are there, and its rows are copies.
  const wanted = sums.map((_, bin) => ((squares![bin]! + (supposed * groupSizes![bin]! * thought[bin]!) / (present[bin]! * sizes[bin]!)) * present[bin]!) / (present[bin]! + supposed - 1));
  const isVaried = Array.from(wanted, (value, bin) => squares![bin]! > value / 20);
  const factors = wanted.map((value, bin) => (value === 0 ? 0 : Math.sqrt(value / (isVaried[bin] ? squares! : supposedSquares!)[bin]!)));
  return { sums, sizes, offs: seen.map((off, row) => (isVaried[bins[row]!] ? off : supposedOff[row]!)), factors };
}

interface Sizes {
  readonly count: number;
  readonly groups: number;
}

/** Of each bin the squares of what its groups sum up to. */
function squaresByGroup(values: Float64Array, bins: Uint32Array, groupOf: Uint32Array, { count, groups }: Sizes): Float64Array {
  const [sums, squares] = [new Float64Array(groups * count), new Float64Array(count)];
  for (const [row, bin] of bins.entries()) sums[groupOf[row]! * count + bin]! += values[row]!;
  for (const [at, sum] of sums.entries()) squares[at % count]! += sum * sum;
  return squares;
}

/** How many groups have rows in each bin. */
function presentGroups(bins: Uint32Array, groupOf: Uint32Array, { count, groups }: Sizes): Float64Array {
  const [is, present] = [new Uint8Array(groups * count), new Float64Array(count)];
  for (const [row, bin] of bins.entries()) is[groupOf[row]! * count + bin] = 1;
  for (const [at, value] of is.entries()) present[at % count]! += value;
  return present;
}
