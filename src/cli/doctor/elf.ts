/** Which shared libraries a file of Linux asks for: the entries DT_NEEDED of an ELF file of 64 bits, little-endian. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Sizes and numbers as in the System V ABI, AMD64 and AArch64 alike. */
const headerSize = 64;
const segmentSize = 56;
const entrySize = 16;
const [load, dynamic] = [1, 2];
const [needed, stringTable] = [1n, 5n];
/** Far more than any library has, so that a damaged file is not believed. */
const [mostSegments, mostBytes] = [256, 1 << 20];

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** The names in the order of the file, `libcudart.so.13`; none where it cannot be read as such a file. */
export function librariesNeededBy(path: string): readonly string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    return readNeeded((offset, size) => {
      const bytes = Buffer.alloc(Math.min(size, mostBytes));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
    });
  } catch {
    // An offset of a damaged file that leads nowhere.
    return [];
  } finally {
    closeSync(file);
  }
}

type Read = (offset: number, size: number) => Buffer;

function readNeeded(read: Read): readonly string[] {
  const header = read(0, headerSize);
  const is64BitLittleEndian = header.length === headerSize && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!is64BitLittleEndian) return [];
  const count = Math.min(header.readUInt16LE(56), mostSegments);
  const table = read(Number(header.readBigUInt64LE(32)), count * segmentSize);
  const segments = Array.from({ length: Math.floor(table.length / segmentSize) }, (_, i) => segmentAt(table, i * segmentSize));
  const own = segments.find(({ type }) => type === dynamic);
  if (own === undefined) return [];
  const entries = read(own.offset, own.size);
  const pairs = Array.from({ length: Math.floor(entries.length / entrySize) }, (_, i) => [entries.readBigUInt64LE(i * entrySize), Number(entries.readBigUInt64LE(i * entrySize + 8))] as const);
  const names = pairs.flatMap(([tag, value]) => (tag === needed ? [value] : []));
  const address = pairs.find(([tag]) => tag === stringTable)?.[1];
  const holder = segments.find(({ type, address: start, size }) => type === load && address !== undefined && address >= start && address < start + size);
  if (address === undefined || holder === undefined) return [];
  const strings = holder.offset + address - holder.address;
  return names.map((offset) => textAt(read(strings + offset, 256)));
}

const segmentAt = (table: Buffer, at: number): Segment => ({
  type: table.readUInt32LE(at),
  offset: Number(table.readBigUInt64LE(at + 8)),
  address: Number(table.readBigUInt64LE(at + 16)),
  size: Number(table.readBigUInt64LE(at + 32)),
});

const textAt = (bytes: Buffer): string => bytes.toString('latin1', 0, Math.max(0, bytes.indexOf(0)));
