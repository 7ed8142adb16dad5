/**
 * Safetensors: eight bytes of header length, a JSON header, and the tensors' bytes without gaps.
 * Only the header is read here; the tensors stay ranges of the file.
 */
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Finding, type Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from '../host/host.ts';
import { dtypes, type DType } from '../types/dtype.ts';
import { bytesLost, mistakenFile, notWhole, sniffedBytes } from '../text/mistaken-file.ts';
import { decodeUtf8, describe, fileName, isCount, isRecord, parseJson, printable } from './json.ts';

/** A tensor of the file. `offset` counts from the file's start, `length` is in bytes. */
export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export interface SafetensorsFile {
  readonly uri: string;
  /** In the order of their bytes. */
  readonly tensors: readonly SafetensorsTensor[];
  /** The header's `__metadata__`. Has no prototype: any key is a key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;
const prefixBytes = 8;
/** Far above any tensor there is; keeps the product of hostile shapes small. */
const maxRank = 64;

const dtypeOf: ReadonlyMap<string, DType> = new Map([
  ['BOOL', 'bool'],
  ['F4', 'f4e2m1'],
  ['U8', 'u8'],
  ['I8', 'i8'],
  ['F8_E5M2', 'f8e5m2'],
  ['F8_E4M3', 'f8e4m3fn'],
  ['F8_E8M0', 'f8e8m0'],
  ['F8_E4M3FNUZ', 'f8e4m3fnuz'],
  ['F8_E5M2FNUZ', 'f8e5m2fnuz'],
  ['I16', 'i16'],
  ['U16', 'u16'],
  ['F16', 'f16'],
  ['BF16', 'bf16'],
  ['I32', 'i32'],
  ['U32', 'u32'],
  ['F32', 'f32'],
  ['C64', 'c64'],
  ['F64', 'f64'],
  ['I64', 'i64'],
  ['U64', 'u64'],
]);

const nameOf: ReadonlyMap<DType, string> = new Map([...dtypeOf].map(([name, dtype]) => [dtype, name]));

/** The format's name of a dtype; undefined where it has none. */
export const nameOfDType = (dtype: DType): string | undefined => nameOf.get(dtype);

/** Reads the header of a safetensors file; every offset and size in it is checked against the file. */
export function readSafetensors(source: ByteSource): Outcome<SafetensorsFile> {
  try {
    const header = readHeader(source);
    return header.ok ? readTensors(source, header.value) : header;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(dataCodes.finding('data-unreadable', { file: fileName(source.uri), reason }, [bytesLost]));
  }
}

const otherFormats = 'Weights are read from .safetensors files. Those of another format are written anew: `safetensors.torch.save_file(model.state_dict(), "weights.safetensors")` in Python.';

/** No reader takes a file whose header and bytes disagree: whoever wrote it has to. */
const writtenAnew = 'The header does not fit the bytes behind it: whatever program wrote or edited the file has to write it anew.';

interface Header {
  readonly entries: Readonly<Record<string, unknown>>;
  /** Where the tensors' bytes begin. */
  readonly dataStart: number;
}

function readHeader(source: ByteSource): Outcome<Header> {
  const wrong = (reason: string, notes: readonly string[] = []) =>
    fail(dataCodes.finding('safetensors-header', { file: fileName(source.uri), reason }, notes));
  const mistaken = mistakenFile(source.read(0, sniffedBytes));
  if (mistaken !== undefined) return wrong(mistaken.reason, mistaken.notes);
  const prefix = source.read(0, prefixBytes);
  if (prefix[0] === 0x50 && prefix[1] === 0x4b) return wrong('it is a zip archive, as PyTorch writes checkpoints', [otherFormats]);
  if (prefix.length < prefixBytes)
    return wrong(`it has ${prefix.length} bytes, and its first 8 should hold the header's length`);
  const declared = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes).getBigUint64(0, true);
  if (declared > BigInt(maxHeaderBytes))
    return wrong(
      `its first 8 bytes declare a header of ${declared} bytes, more than the format's limit of ${maxHeaderBytes}`,
      [otherFormats],
    );
  const length = Number(declared);
  if (prefixBytes + length > source.size)
    return wrong(`its first 8 bytes declare a header of ${length} bytes, but only ${source.size - prefixBytes} follow`, [notWhole]);
  const bytes = source.read(prefixBytes, length);
  if (bytes.length < length) return wrong(`its header ends after ${bytes.length} of ${length} bytes`);
  const text = decodeUtf8(bytes);
  if (text === undefined) return wrong('its header is not UTF-8');
  if (!text.startsWith('{')) return wrong('its header does not begin with "{"');
  const json = parseJson(text, { unique: true });
  if (!json.ok) return wrong(`in its header, ${json.reason}`);
  if (!isRecord(json.value)) return wrong('its header is not a JSON object');
  return succeed({ entries: json.value, dataStart: prefixBytes + length });
}

function readTensors(source: ByteSource, header: Header): Outcome<SafetensorsFile> {
  const metadata: Record<string, string> = Object.create(null);
  const tensors: SafetensorsTensor[] = [];
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === '__metadata__') {
      const wrong = copyMetadata(entry, metadata);
      if (wrong) return fail(dataCodes.finding('safetensors-header', { file: fileName(source.uri), reason: wrong }));
      continue;
    }
    const tensor = readTensor(name, entry, header.dataStart);
    if (typeof tensor === 'string') return fail(tensorFinding(source, name, tensor));
    tensors.push(tensor);
  }
  tensors.sort((a, b) => a.offset - b.offset || a.length - b.length);
  const gap = findGap(source, tensors, header.dataStart);
  return gap ? fail(gap) : succeed({ uri: source.uri, tensors, metadata });
}

const tensorFinding = (source: ByteSource, name: string, reason: string, notes: readonly string[] = [writtenAnew]): Finding =>
  dataCodes.finding('safetensors-tensor', { file: fileName(source.uri), tensor: printable(name), reason }, notes);

/** Copies `__metadata__`; answers with a reason where it is not a map of strings. */
function copyMetadata(entry: unknown, to: Record<string, string>): string | undefined {
  if (!isRecord(entry)) return `its __metadata__ is ${describe(entry)}, not an object`;
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') return `"${printable(key)}" of its __metadata__ is ${describe(value)}, not a string`;
    to[key] = value;
  }
  return undefined;
}

/** One entry of the header, or the reason why it is none. */
function readTensor(name: string, entry: unknown, dataStart: number): SafetensorsTensor | string {
  if (!isRecord(entry)) return `its entry is ${describe(entry)}, not an object`;
  const dtype = typeof entry.dtype === 'string' ? dtypeOf.get(entry.dtype) : undefined;
  if (dtype === undefined)
    return `its dtype is ${describe(entry.dtype)}, and MDL knows ${[...dtypeOf.keys()].join(', ')}`;
  const dims = entry.shape;
  if (!Array.isArray(dims) || !dims.every(isCount)) return `its shape is not a list of whole numbers from 0`;
  if (dims.length > maxRank) return `its shape has ${dims.length} axes, and ${maxRank} are the most that MDL reads`;
  const offsets = entry.data_offsets;
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return 'its data_offsets are not two whole numbers from 0';
  const [begin, end] = offsets as [number, number];
  if (end < begin) return `its data_offsets [${begin}, ${end}] end before they begin`;
  const bits = dims.reduce((product, dim) => product * BigInt(dim), BigInt(dtypes[dtype].bits));
  if (bits !== BigInt(end - begin) * 8n) {
    return `its data_offsets span ${end - begin} bytes, but ${entry.dtype as string} [${dims.join(', ')}] takes ${showBytes(bits)}`;
  }
  return { name, dtype, dims, offset: dataStart + begin, length: end - begin };
}

const showBytes = (bits: bigint): string =>
  bits % 8n === 0n ? String(bits / 8n) : `${bits} bits, no whole number of bytes`;

/** The format allows neither gaps nor overlaps nor bytes that no tensor owns. */
function findGap(source: ByteSource, tensors: readonly SafetensorsTensor[], dataStart: number): Finding | undefined {
  let expected = dataStart;
  for (const tensor of tensors) {
    if (tensor.offset !== expected) {
      const how = tensor.offset < expected ? 'overlap the tensor before it' : 'leave a gap after the tensor before it';
      return tensorFinding(
        source,
        tensor.name,
        `its bytes begin at ${tensor.offset - dataStart} of the data and ${how}, which ends at ${expected - dataStart}`,
      );
    }
    expected += tensor.length;
    if (expected > source.size)
      return tensorFinding(source, tensor.name, `its bytes end at ${expected} of a file of ${source.size} bytes`, [notWhole]);
  }
  if (expected === source.size) return undefined;
  const reason = `its tensors end at byte ${expected}, but the file has ${source.size}`;
  return dataCodes.finding('safetensors-header', { file: fileName(source.uri), reason });
}
