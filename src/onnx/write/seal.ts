/**
 * The seal of a composed file: its last record, a line of metadata that holds the digest of all bytes before it. It is no
 * signature: it finds what was altered, not what was forged.
 */
import type { OnnxFile } from '../read/file.ts';
import { metadataPrefix } from '../read/metadata-lines.ts';
import { concatBytes, recordHead } from './pieces.ts';
import { encodeEntry } from './proto.ts';
import { modelField } from '../schema.ts';

export const sealKey = `${metadataPrefix}digest`;

export interface SealDigest {
  /** Lower-case hexadecimal: of the bytes, or of the lines of `parts`. */
  readonly sha256: string;
  /** `BYTES SHA256`, where the file is large. */
  readonly parts?: readonly string[];
}

/** The record to end a file with whose bytes so far have this digest. */
export function sealRecord({ sha256, parts = [] }: SealDigest): Uint8Array {
  const entry = encodeEntry(sealKey, [sha256, ...parts].join('\n'));
  return concatBytes([recordHead(modelField.metadataProps, entry.length), entry]);
}

export interface Seal extends SealDigest {
  /** How many bytes it covers, and where it ends itself. */
  readonly covered: number;
  readonly end: number;
}

/** The last seal of a file; undefined where there is none, or where it is no digest. */
export function sealOf({ layout }: OnnxFile): Seal | undefined {
  const entry = layout.metadata.findLast(({ key }) => key === sealKey);
  if (entry === undefined) return undefined;
  const [sha256 = '', ...parts] = entry.value.split('\n');
  const isDigest = /^[0-9a-f]{64}$/.test(sha256) && parts.every((part) => /^\d{1,15} [0-9a-f]{64}$/.test(part));
  if (!isDigest) return undefined;
  return { sha256, ...(parts.length === 0 ? {} : { parts }), covered: entry.start, end: entry.end };
}
