/** How large the inputs are at least: a window that is larger than what it moves over ends the run. */
import { lowerBound } from './dim-bounds.ts';
import { constantOf, intDim, substituteDim, subtractDims, symbolsOf, type Dim, type DimSymbol } from './dim.ts';

/** No image is asked to be larger. */
const largest = 2 ** 16;

/** The least size of a symbol, by its key, at which no room is negative; of rooms over several symbols nothing is said. */
export function leastSizes(rooms: readonly Dim[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const room of rooms) {
    const symbol = risingIn(room);
    if (symbol === undefined || lowerBound(room) >= 0) continue;
    const least = leastFor(room, symbol);
    if (least > Math.max(symbol.least ?? 0, found.get(symbol.key) ?? 0)) found.set(symbol.key, least);
  }
  return found;
}

/** The only symbol of a size, as it is where the size is at most 0, and as it is where the size is above; undefined where there are several, or it does not grow with it. */
export function aroundZero(size: Dim): { readonly atMost: DimSymbol; readonly above: DimSymbol } | undefined {
  const symbol = risingIn(size);
  const least = symbol === undefined ? 0 : leastFor(subtractDims(size, intDim(1)), symbol);
  if (symbol === undefined || least === 0) return undefined;
  return { atMost: { ...symbol, most: Math.min(symbol.most ?? Infinity, least - 1) }, above: { ...symbol, least: Math.max(symbol.least ?? 0, least) } };
}

/** The only symbol of a size that grows with it, or stays. */
function risingIn(size: Dim): DimSymbol | undefined {
  const [symbol, ...others] = symbolsOf(size);
  return others.every(({ key }) => key === symbol!.key) && isRising(size) ? symbol : undefined;
}

/** Whether a size grows with each of its symbols, or stays. */
const isRising = ({ terms }: Dim): boolean =>
  terms.every(({ coefficient, symbols }) => symbols.length === 0 || (coefficient > 0 && symbols.every(({ atom }) => atom === undefined || (atom.args.every(isRising) && (atom.op !== 'div' || constantOf(atom.args[1]!) !== undefined)))));

/** By halving; 0 where none is found. */
function leastFor(room: Dim, symbol: DimSymbol): number {
  const fits = (n: number): boolean => (constantOf(substituteDim(room, ({ key }) => (key === symbol.key ? intDim(n) : undefined))) ?? -1) >= 0;
  if (!fits(largest)) return 0;
  let [low, high] = [0, largest];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
