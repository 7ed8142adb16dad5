/** Declared sizes of a file's outputs against the sizes that are inferred, at all sizes of its inputs. */
import { isUnknown } from '../../ir/infer/index.ts';
import { compareDims } from '../../types/dim-atoms.ts';
import { constantOf, intDim, showDim, substituteDim, symbolsOf, type Dim } from '../../types/dim.ts';

/** What the file's symbols were declared to be, by their keys. */
export type DeclaredSizes = ReadonlyMap<string, { readonly size: Dim }>;

export type SizeVerdict =
  | { readonly kind: 'proved' | 'unknown' }
  /** `with h = 32 it is 16, not 32` */
  | { readonly kind: 'refuted'; readonly found: string; readonly witness: string };

/**
 * Whether a declared size is the inferred one. Refuted is what holds at none of the sizes that people use: a network of
 * stride 32 keeps the height of some images only, and may be said to keep it.
 */
export function judgeSize(declared: Dim, inferred: Dim, sizes: DeclaredSizes): SizeVerdict {
  const keys = new Set(symbolsOf(inferred).map((symbol) => symbol.key));
  if (symbolsOf(inferred).some(isUnknown) || [...keys].some((key) => !sizes.has(key))) return { kind: 'unknown' };
  const found = substituteDim(inferred, ({ key }) => sizes.get(key)?.size);
  if (compareDims(declared, found) === 'equal') return { kind: 'proved' };
  // A size that no input has is the file's own choice.
  const ofInputs = new Set([...sizes.values()].flatMap(({ size }) => symbolsOf(size).map((symbol) => symbol.key)));
  if (symbolsOf(declared).some((symbol) => !ofInputs.has(symbol.key))) return { kind: 'unknown' };
  const witness = refute(declared, found);
  return witness === undefined ? { kind: 'unknown' } : { kind: 'refuted', found: showDim(found), witness };
}

/** Sizes of images, sequences and batches as people use them. */
const usual = [32, 64, 224, 96, 128, 384, 512, 16, 8, 10, 1024, 7];

/** A point at which two sizes differ, where they differ at every one that is tried. */
function refute(declared: Dim, found: Dim): string | undefined {
  const symbols = [...new Map([...symbolsOf(declared), ...symbolsOf(found)].map((symbol) => [symbol.key, symbol])).values()];
  let witness: string | undefined;
  for (let round = 0; round < 2 * usual.length; round++) {
    // First all the same, then each another one.
    const step = round < usual.length ? 0 : 1;
    const sizes = new Map(symbols.map(({ key }, i) => [key, usual[(round + i * step) % usual.length]!]));
    const at = (dim: Dim): number | undefined => constantOf(substituteDim(dim, ({ key }) => (sizes.has(key) ? intDim(sizes.get(key)!) : undefined)));
    const [wanted, is] = [at(declared), at(found)];
    if (wanted === undefined || is === undefined || wanted === is) return undefined;
    const point = symbols.map(({ key, name }) => `${name} = ${sizes.get(key)}`).join(' and ');
    witness ??= `${point === '' ? '' : `with ${point} `}it is ${is}, not ${wanted}`;
  }
  return witness;
}
