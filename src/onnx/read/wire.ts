/**
 * A walker over protobuf's wire format that looks at a file through a small window. It believes no length beyond
 * the record that holds it, skips payloads without reading them, and counts the memory that its callers keep.
 */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { ByteSource } from '../../host/host.ts';
import { Fault, shownName } from './fault.ts';

/** The wire types that ONNX uses; 3 and 4 are groups, which no ONNX message has. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Where a record lies in its file: the first byte of its tag, of its payload, and the byte after it. */
export interface Extent {
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

export interface Field extends Extent {
  readonly number: number;
  readonly type: number;
}

export interface Wire {
  readonly source: ByteSource;
  /** The bytes at hand, and where they lie in the file. */
  window: Uint8Array;
  base: number;
  /** Where the last varint ended. */
  next: number;
  /** Estimated bytes of memory that callers have kept. */
  spent: number;
  /** Records met so far. */
  records: number;
}

/** A window after a jump, which nearly always is one over a tensor's elements; it doubles while reading goes on. */
const leastWindow = 4 * 1024;
const greatestWindow = 64 * 1024;
/** A varint of 64 bits takes at most this many bytes. */
const maxVarintBytes = 10;
/** Texts beyond this length are no names. */
const maxNameBytes = 64 * 1024;
/** What a skeleton may take in memory; Node itself and the checks of names take as much again. Real graphs take about 1.5 kB a node: 65,000 nodes. */
const memoryLimit = 96 * 1024 * 1024;
/** Records of a file, those that nobody keeps included: some hundred nanoseconds each. */
const maxRecords = 2 ** 22;
/** What a text takes beside its characters, its places in a list and in a set of names included. */
const textBytes = 64;
/** What a record takes of which the place is kept until what stands around it has been read. */
export const recordBytes = 100;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const openWire = (source: ByteSource): Wire => ({
  source,
  window: new Uint8Array(0),
  base: 0,
  next: 0,
  spent: 0,
  records: 0,
});

export function malformed(wire: Wire, offset: number, reason: string): Fault {
  return new Fault(onnxCodes.finding('onnx-malformed', { file: shownName(wire.source), offset, reason }));
}

export function tooComplex(wire: Wire, offset: number, reason: string): Fault {
  return new Fault(onnxCodes.finding('onnx-too-complex', { file: shownName(wire.source), offset, reason }));
}

/** Accounts for memory that the caller keeps; `bytes` is an estimate. */
export function spend(wire: Wire, offset: number, bytes: number): void {
  wire.spent += bytes;
  if (wire.spent > memoryLimit)
    throw tooComplex(wire, offset, `the graph's description alone passes ${memoryLimit} bytes of memory`);
}

/** The fields of the message at [from, to), payloads unread. Throws a Fault at the first that cannot be. */
export function* fieldsOf(wire: Wire, from: number, to: number): Generator<Field> {
  for (let start = from; start < to;) {
    const tag = varint(wire, start, to);
    const number = Math.floor(tag / 8);
    const type = tag % 8;
    if (number < 1 || tag > 0xffff_ffff) throw malformed(wire, start, `no field has the number ${number}`);
    const field = locateField(wire, { number, type, start, from: wire.next, to });
    wire.records++;
    if (wire.records > maxRecords) throw tooComplex(wire, start, `more than ${maxRecords} records lie before it`);
    yield field;
    start = field.end;
  }
}

interface Head {
  readonly number: number;
  readonly type: number;
  readonly start: number;
  /** After the tag. */
  readonly from: number;
  readonly to: number;
}

function locateField(wire: Wire, { number, type, start, from, to }: Head): Field {
  if (type === wireType.varint) return { number, type, start, body: from, end: skipVarint(wire, from, to) };
  const isBytes = type === wireType.bytes;
  if (!isBytes && type !== wireType.fixed32 && type !== wireType.fixed64)
    throw malformed(wire, start, `field ${number} has the wire type ${type}, which ONNX does not use`);
  const length = isBytes ? varint(wire, from, to) : type === wireType.fixed32 ? 4 : 8;
  const body = isBytes ? wire.next : from;
  if (length > to - body) throw overrun(wire, start, { number, length, left: to - body, end: body + length });
  return { number, type, start, body, end: body + length };
}

interface Overrun {
  readonly number: number;
  readonly length: number;
  readonly left: number;
  readonly end: number;
}

function overrun(wire: Wire, offset: number, { number, length, left, end }: Overrun): Fault {
  const file = shownName(wire.source);
  if (end <= wire.source.size)
    return malformed(wire, offset, `field ${number} claims ${length} bytes where its message has ${left} left`);
  const reason = `field ${number} claims ${length} bytes, and the file ends after ${wire.source.size}`;
  return new Fault(onnxCodes.finding('onnx-truncated', { file, offset, reason }, notWhole));
}

/** A file that ends too early has lost its end on the way. */
const notWhole = ['It was not copied or downloaded whole: get it again, and compare its size.'];

/** An unsigned varint within [at, to); `wire.next` is then the offset after it. */
function varint(wire: Wire, at: number, to: number): number {
  const first = at < to ? byteAt(wire, at) : 0x80;
  if (first < 0x80) {
    wire.next = at + 1;
    return first;
  }
  let value = 0;
  let scale = 1;
  const end = skipVarint(wire, at, to);
  for (let offset = at; offset < end; offset++) {
    // Multiplied, not shifted: a shift would cut at 32 bits.
    value += (byteAt(wire, offset) & 0x7f) * scale;
    scale *= 128;
  }
  if (!Number.isSafeInteger(value)) throw malformed(wire, at, `the number ${value} is larger than any file`);
  wire.next = end;
  return value;
}

function skipVarint(wire: Wire, at: number, to: number): number {
  const last = Math.min(to, at + maxVarintBytes);
  for (let offset = at; offset < last; offset++) if (byteAt(wire, offset) < 0x80) return offset + 1;
  if (last - at === maxVarintBytes) throw malformed(wire, at, 'a number takes more than ten bytes');
  if (to < wire.source.size) throw malformed(wire, at, 'a number runs past the end of its message');
  const file = shownName(wire.source);
  throw new Fault(onnxCodes.finding('onnx-truncated', { file, offset: at, reason: 'a number is not complete' }, notWhole));
}

function byteAt(wire: Wire, offset: number): number {
  const index = offset - wire.base;
  if (index >= 0 && index < wire.window.length) return wire.window[index]!;
  load(wire, offset, 1);
  return wire.window[0]!;
}

function load(wire: Wire, offset: number, atLeast: number): void {
  const { source, window, base } = wire;
  const goesOn = offset >= base && offset <= base + window.length;
  const wanted = goesOn ? Math.min(greatestWindow, 2 * window.length) : leastWindow;
  const length = Math.min(source.size - offset, Math.max(leastWindow, wanted, atLeast));
  wire.window = readSource(source, offset, length);
  wire.base = offset;
}

/** Exactly `length` bytes of a source; a Fault where the file has become unreadable or shorter. */
export function readSource(source: ByteSource, offset: number, length: number): Uint8Array {
  const unreadable = (reason: string): Fault => new Fault(onnxCodes.finding('onnx-unreadable', { file: shownName(source), reason }));
  let bytes: Uint8Array;
  try {
    bytes = source.read(offset, length);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
  if (bytes.length === length) return bytes;
  throw unreadable(`${length} bytes were expected at byte ${offset}, and ${bytes.length} came`);
}

/** The bytes at [from, to): a view where they lie in the window, so copy what is to be kept. */
export function bytesAt(wire: Wire, from: number, to: number): Uint8Array {
  const length = to - from;
  if (from < wire.base || to > wire.base + wire.window.length) {
    if (length > greatestWindow) return readSource(wire.source, from, length);
    if (length > 0) load(wire, from, length);
  }
  return wire.window.subarray(from - wire.base, from - wire.base + length);
}

function expect(wire: Wire, field: Field, type: number, what: string): void {
  if (field.type !== type) throw malformed(wire, field.start, `field ${field.number} should be ${what}`);
}

/** The fields of the message that `field` holds. */
export function fieldsIn(wire: Wire, field: Field): Generator<Field> {
  expect(wire, field, wireType.bytes, 'a message');
  return fieldsOf(wire, field.body, field.end);
}

/** The text of a field, accounted for. Names are ASCII nearly always. */
export function textOf(wire: Wire, field: Field, maxBytes = maxNameBytes): string {
  expect(wire, field, wireType.bytes, 'a text');
  const length = field.end - field.body;
  if (length > maxBytes)
    throw tooComplex(wire, field.start, `a text has ${length} bytes, at most ${maxBytes} are read`);
  spend(wire, field.start, textBytes + 2 * length);
  const text = decodeText(bytesAt(wire, field.body, field.end));
  if (text === undefined) throw malformed(wire, field.body, 'a text is not UTF-8');
  return text;
}

/** UTF-8, or undefined where the bytes are not. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** An unsigned number, at most 2^53 - 1. */
export function numberOf(wire: Wire, field: Field): number {
  expect(wire, field, wireType.varint, 'a number');
  return varint(wire, field.body, field.end);
}

/** A signed 64-bit number. */
export function int64Of(wire: Wire, field: Field): bigint {
  expect(wire, field, wireType.varint, 'a number');
  return int64At(wire, field.body, field.end);
}

/** The int64 varint at [at, end), all of it. */
function int64At(wire: Wire, at: number, end: number): bigint {
  // Groups of 28 bits are exact as numbers; ten bytes are 70 bits, of which protobuf keeps 64.
  const parts = [0, 0, 0];
  for (let offset = at; offset < end; offset++) {
    const place = offset - at;
    parts[Math.floor(place / 4)]! += (byteAt(wire, offset) & 0x7f) * 128 ** (place % 4);
  }
  const [low = 0, middle = 0, high = 0] = parts;
  if (middle === 0 && high === 0) return BigInt(low);
  return BigInt.asIntN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low));
}

/** The elements of a repeated integer field: packed ones, or the single one. */
export function* int64sOf(wire: Wire, field: Field): Generator<bigint> {
  if (field.type !== wireType.bytes) {
    yield int64Of(wire, field);
    return;
  }
  for (let at = field.body; at < field.end;) {
    const end = skipVarint(wire, at, field.end);
    yield int64At(wire, at, end);
    at = end;
  }
}

/** The elements of a repeated float (4 bytes) or double (8 bytes) field: packed ones, or the single one. */
export function* floatsOf(wire: Wire, field: Field, bytes: 4 | 8): Generator<number> {
  if (field.type !== wireType.bytes) expect(wire, field, bytes === 4 ? wireType.fixed32 : wireType.fixed64, 'a float');
  if ((field.end - field.body) % bytes !== 0)
    throw malformed(wire, field.start, `${field.end - field.body} bytes of floats are not a multiple of ${bytes}`);
  for (let at = field.body; at < field.end; at += bytes) {
    const view = bytesAt(wire, at, at + bytes);
    const data = new DataView(view.buffer, view.byteOffset, bytes);
    yield bytes === 4 ? data.getFloat32(0, true) : data.getFloat64(0, true);
  }
}

export function floatOf(wire: Wire, field: Field): number {
  expect(wire, field, wireType.fixed32, 'a float');
  const [value = 0] = floatsOf(wire, field, 4);
  return value;
}
