/** Writes safetensors: equal tensors and metadata give equal bytes, in whatever order they come. */
import { bytesOf, type DType } from '../types/dtype.ts';
import { nameOfDType } from './safetensors.ts';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** The elements, little endian, row-major. */
  readonly bytes: Uint8Array;
}

/** Readers of C want the data aligned so, and the format's own writer sees to it. */
const alignment = 8;

/**
 * The file's bytes. Throws a RangeError where a tensor's bytes are not those of its dims, where a name stands twice, and for
 * dtypes that the format has not.
 */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // As the format's own writer: the widest elements first, so that all of them are aligned; then by name.
  const width = ({ dtype }: TensorToWrite): number => bytesOf(dtype, 1);
  const sorted = tensors.toSorted((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1));
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0)
    entries.push(['__metadata__', Object.fromEntries(Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1)))]);
  let end = 0;
  for (const tensor of sorted) {
    const begin = end;
    end += checkedLength(tensor);
    entries.push([tensor.name, { dtype: dtypeName(tensor), shape: tensor.dims, data_offsets: [begin, end] }]);
  }
  if (new Set(entries.map(([name]) => name)).size < entries.length) throw new RangeError('a tensor name stands twice');
  const header = headerBytes(entries);
  const file = new Uint8Array(alignment + header.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, alignment);
  let at = alignment + header.length;
  for (const { bytes } of sorted) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** Not by an object: numbers as names would come first. */
function headerBytes(entries: readonly [string, unknown][]): Uint8Array {
  const text = `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / alignment) * alignment).fill(0x20);
  padded.set(bytes);
  return padded;
}

function checkedLength({ name, dtype, dims, bytes }: TensorToWrite): number {
  const wanted = bytesOf(dtype, dims.reduce((product, dim) => product * dim, 1));
  if (bytes.length === wanted) return wanted;
  throw new RangeError(`${name} of ${dtype}[${dims.join(', ')}] takes ${wanted} bytes, found ${bytes.length}`);
}

function dtypeName({ name, dtype }: TensorToWrite): string {
  const known = nameOfDType(dtype);
  if (known === undefined) throw new RangeError(`safetensors has no type for ${name}, which is ${dtype}`);
  return known;
}
