/** Where stored tensors hold NaN or an infinity, as trainings leave them that diverged. */
import type { ByteSource } from '../host/host.ts';
import type { DType } from '../types/dtype.ts';
import { elementIndex } from '../types/element-index.ts';

export interface NotFinite {
  /** The first one's place, one number an axis. */
  readonly index: readonly number[];
  readonly value: 'NaN' | 'inf' | '-inf';
  /** How many there are. */
  readonly count: number;
}

/** Of a file, at most so many bytes are looked at, tensors whole and in their order: about a tenth of a second. */
export const mostBytes = 64 * 2 ** 20;
const chunkBytes = 2 ** 20;

/** A tensor of a file; offsets are from its start. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

interface Layout {
  readonly bytes: number;
  /** The word with the sign and the exponent, of a number that begins at the i-th byte. */
  readonly word: (view: DataView, at: number) => number;
  readonly exponent: number;
  /** What the word has besides sign and exponent. */
  readonly mantissa: number;
  /** The rest of a number of two words. */
  readonly rest?: (view: DataView, at: number) => number;
}

const layouts: Partial<Record<DType, Layout>> = {
  f32: { bytes: 4, word: (view, at) => view.getUint32(at, true), exponent: 0x7f80_0000, mantissa: 0x007f_ffff },
  f64: { bytes: 8, word: (view, at) => view.getUint32(at + 4, true), exponent: 0x7ff0_0000, mantissa: 0x000f_ffff, rest: (view, at) => view.getUint32(at, true) },
  f16: { bytes: 2, word: (view, at) => view.getUint16(at, true), exponent: 0x7c00, mantissa: 0x03ff },
  bf16: { bytes: 2, word: (view, at) => view.getUint16(at, true), exponent: 0x7f80, mantissa: 0x007f },
};

/** The tensors that hold such numbers, by name; of those beyond the bound, and of dtypes of 8 bits and less, nothing is said. Throws where the file cannot be read. */
export function findNotFinite(tensors: readonly StoredTensor[], source: ByteSource, most = mostBytes): ReadonlyMap<string, NotFinite> {
  const found = new Map<string, NotFinite>();
  let left = most;
  for (const tensor of tensors) {
    const layout = layouts[tensor.dtype];
    if (layout === undefined || tensor.length > left) continue;
    left -= tensor.length;
    const first = lookAt(tensor, layout, source);
    if (first !== undefined) found.set(tensor.name, { index: elementIndex(first.at, tensor.dims), value: first.value, count: first.count });
  }
  return found;
}

function lookAt({ offset, length }: StoredTensor, layout: Layout, source: ByteSource): { at: number; value: NotFinite['value']; count: number } | undefined {
  let first: { at: number; value: NotFinite['value']; count: number } | undefined;
  for (let start = 0; start < length; start += chunkBytes) {
    const bytes = source.read(offset + start, Math.min(chunkBytes, length - start));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { exponent } = layout;
    for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
      if ((layout.word(view, at) & exponent) !== exponent) continue;
      if (first === undefined) first = { at: (start + at) / layout.bytes, value: valueAt(view, at, layout), count: 1 };
      else first.count++;
    }
  }
  return first;
}

function valueAt(view: DataView, at: number, { word, mantissa, rest, exponent }: Layout): NotFinite['value'] {
  const bits = word(view, at);
  if ((bits & mantissa) !== 0 || (rest?.(view, at) ?? 0) !== 0) return 'NaN';
  return (bits & ~(exponent | mantissa)) === 0 ? 'inf' : '-inf';
}
