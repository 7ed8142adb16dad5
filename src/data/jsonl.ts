/** JSON Lines: one JSON object a line. Read in chunks, so that a file may be larger than memory. */
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from '../host/host.ts';
import { chunksOf, maxRowBytes } from './chunks.ts';
import { decodeUtf8, describe, fileName, isRecord, parseJson } from './json.ts';

/** A row and the line it stands on, counted from 1. */
export interface JsonRow {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

const newline = 0x0a;

/**
 * The rows of a file, one by one; empty lines are passed over. The first wrong line ends the reading with a finding
 * that names it.
 */
export function* readJsonl(source: ByteSource): Generator<Outcome<JsonRow>, void, void> {
  let line = 0;
  for (const piece of splitLines(source)) {
    line += 1;
    const row = typeof piece === 'string' ? piece : readRow(piece, line);
    if (row === undefined) continue;
    if (typeof row !== 'string') {
      yield succeed(row);
      continue;
    }
    yield fail(dataCodes.finding('jsonl-line', { file: fileName(source.uri), line, reason: row }));
    return;
  }
}

/** All rows of a file at once, or the first finding. */
export function readAllJsonl(source: ByteSource): Outcome<readonly JsonRow[]> {
  const rows: JsonRow[] = [];
  for (const row of readJsonl(source)) {
    if (!row.ok) return row;
    rows.push(row.value);
  }
  return succeed(rows);
}

/** A line's row, nothing for an empty one, or the reason why it is none. */
function readRow(bytes: Uint8Array, line: number): JsonRow | undefined | string {
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) return 'it is not UTF-8';
  // Some editors begin a file with a byte order mark.
  const text = (line === 1 ? decoded.replace(/^\ufeff/, '') : decoded).trim();
  if (text === '') return undefined;
  const json = parseJson(text, { unique: true });
  if (!json.ok) return json.reason;
  return isRecord(json.value)
    ? { line, value: json.value }
    : `it should be a JSON object, found ${describe(json.value)}`;
}

/** The lines' bytes without their line ends, or the reason why there is no next one. */
function* splitLines(source: ByteSource): Generator<Uint8Array | string, void, void> {
  /** The beginning of a line whose end was not read yet, in pieces: joined once, however many there are. */
  let open: Uint8Array[] = [];
  let openBytes = 0;
  for (const chunk of chunksOf(source)) {
    if (typeof chunk === 'string') return yield chunk;
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield join([...open, chunk.subarray(start, end)]);
      [open, openBytes, start] = [[], 0, end + 1];
    }
    open.push(chunk.subarray(start));
    openBytes += chunk.length - start;
    if (openBytes > maxRowBytes) return yield `it is longer than ${maxRowBytes} bytes`;
  }
  if (openBytes > 0) yield join(open);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
