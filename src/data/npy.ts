/** NumPy's .npy files: one array of numbers. Little endian and row-major, as everybody writes them. */
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { mistakenFile, notWhole } from '../text/mistaken-file.ts';
import { bytesOf, type DType } from '../types/dtype.ts';
import { fileName, isCount, printable } from './json.ts';

/** An array as .npy holds it. `bytes` are the elements, little endian, row-major. */
export interface NpyArray {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeaderBytes = 2 ** 16;
const maxRank = 64;

/** NumPy's type strings, without the byte order. */
const dtypeOf: ReadonlyMap<string, DType> = new Map([
  ['f2', 'f16'],
  ['f4', 'f32'],
  ['f8', 'f64'],
  ['i1', 'i8'],
  ['i2', 'i16'],
  ['i4', 'i32'],
  ['i8', 'i64'],
  ['u1', 'u8'],
  ['u2', 'u16'],
  ['u4', 'u32'],
  ['u8', 'u64'],
  ['b1', 'bool'],
  ['c8', 'c64'],
  ['c16', 'c128'],
]);
const typeStringOf = new Map([...dtypeOf].map(([text, dtype]) => [dtype, text]));

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly dims: readonly number[];
  /** Where the elements begin. */
  readonly end: number;
}

/** What an array is, and where its elements begin. */
export interface NpyLayout extends Pick<NpyArray, 'dtype' | 'dims'> {
  readonly start: number;
}

/** As many bytes as any header takes. */
export const npyHeaderBytes = 12 + maxHeaderBytes;

/** Reads a whole .npy file; `uri` names it in findings. The elements are a plain view of `file`, at any address. */
export function readNpy(file: Uint8Array, uri: string): Outcome<NpyArray> {
  const layout = readNpyLayout(file.subarray(0, npyHeaderBytes), file.length, uri);
  if (!layout.ok) return layout;
  const { dtype, dims, start } = layout.value;
  return succeed({ dtype, dims, bytes: plainView(file, start) });
}

/** Reads the beginning of a .npy file of `size` bytes. */
export function readNpyLayout(beginning: Uint8Array, size: number, uri: string): Outcome<NpyLayout> {
  const invalid = (reason: string, notes: readonly string[]) => fail(dataCodes.finding('npy-invalid', { file: fileName(uri), reason }, notes));
  const mistaken = mistakenFile(beginning);
  if (mistaken !== undefined) return invalid(mistaken.reason, mistaken.notes);
  const header = readHeader(beginning);
  if (typeof header === 'string') return invalid(header, ['NumPy writes such files: `np.save("x.npy", array)`.']);
  const unsupported = (reason: string) => fail(dataCodes.finding('npy-unsupported', { file: fileName(uri), reason }));
  const dtype = dtypeOf.get(header.descr.slice(1));
  if (dtype === undefined)
    return unsupported(`its elements are "${printable(header.descr, 40)}", and MDL takes numbers and booleans`);
  if (header.descr.startsWith('>') && bytesOf(dtype, 1) > 1)
    return unsupported('its elements are big endian; save it with `.astype(a.dtype.newbyteorder("<"))`');
  if (header.fortran && header.dims.length > 1)
    return unsupported('it is in Fortran order; save it with `np.ascontiguousarray`');
  const count = header.dims.reduce((product, dim) => product * dim, 1);
  const length = bytesOf(dtype, count);
  const found = size - header.end;
  if (length === found) return succeed({ dtype, dims: header.dims, start: header.end });
  const reason = `its shape (${header.dims.join(', ')}) of ${header.descr} takes ${length} bytes, and ${found} follow the header`;
  return invalid(reason, found < length ? [notWhole] : []);
}

/** A Uint8Array even of a Buffer, whose `slice` would be one more view where everybody expects a copy. */
const plainView = (file: Uint8Array, start: number): Uint8Array =>
  new Uint8Array(file.buffer, file.byteOffset + start, file.byteLength - start);

/** The header, or the reason why there is none. */
function readHeader(file: Uint8Array): Header | string {
  if (magic.some((byte, i) => file[i] !== byte)) return 'it does not begin with "\\x93NUMPY"';
  const major = file[6];
  if (major !== 1 && major !== 2 && major !== 3)
    return `its format version is ${major ?? 'missing'}, and 1, 2 and 3 are known`;
  const start = major === 1 ? 10 : 12;
  if (file.length < start) return `it ends after ${file.length} bytes`;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes) return `it declares a header of ${length} bytes, more than ${maxHeaderBytes}`;
  const end = start + length;
  if (file.length < end) return `it declares a header of ${length} bytes, but only ${file.length - start} follow`;
  const fields = parseHeader(new TextDecoder('latin1').decode(file.subarray(start, end)));
  return typeof fields === 'string' ? fields : { ...fields, end };
}

/** Reads the header's Python literal: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. */
function parseHeader(text: string): Omit<Header, 'end'> | string {
  if (!/^\{[^{}]*\}\s*$/.test(text)) return 'its header is not a Python dictionary';
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)\b/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (descr === undefined) return 'its header has no "descr" that is a type string (structured arrays have a list)';
  if (order === undefined || shape === undefined) return 'its header lacks "fortran_order" or "shape"';
  // Python 2 wrote long sizes as `3L`; nobody does now.
  const dims = shape
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  if (dims.length > maxRank) return `its shape has ${dims.length} axes, more than ${maxRank}`;
  if (!dims.every(isCount) || !isCount(dims.reduce((product, dim) => product * dim, 1)))
    return 'its shape is larger than any file';
  return { descr, fortran: order === 'True', dims };
}

/** Writes a .npy file of format 1.0, aligned to 64 bytes as NumPy's. Fails for dtypes that NumPy has not. */
export function writeNpy(array: NpyArray, uri: string): Outcome<Uint8Array> {
  const type = typeStringOf.get(array.dtype);
  if (type === undefined)
    return fail(
      dataCodes.finding('npy-unsupported', { file: fileName(uri), reason: `NumPy has no type for ${array.dtype}` }),
    );
  const order = bytesOf(array.dtype, 1) === 1 ? '|' : '<';
  const shape = array.dims.length === 1 ? `(${array.dims[0]},)` : `(${array.dims.join(', ')})`;
  const text = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': ${shape}, }`;
  const start = 10;
  const length = Math.ceil((start + text.length + 1) / 64) * 64 - start;
  const file = new Uint8Array(start + length + array.bytes.length);
  file.set([...magic, 1, 0, length & 0xff, length >> 8]);
  file.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), start);
  file.set(array.bytes, start + length);
  return succeed(file);
}
