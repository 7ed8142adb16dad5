/**
 * One file of a bundle from its pieces, digested on the way. In large files whole blocks of their sources are copied by
 * several threads; all else is short, and copied in its order.
 */
import { closeSync, fstatSync, openSync, read, readSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { fileCodes } from '../diagnostics/codes/files.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import type { BlockCache } from './block-cache.ts';
import { hearSignals } from './hear-signals.ts';
import { stateOf, type FileState } from './file-state.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { blockBytes, digestInParts, digestWhole, leastInParts, type Digesting, type FileDigest } from './parts.ts';
import { openDescriptor } from './read-file.ts';

const [readAsync, writeAsync] = [promisify(read), promisify(write)];

/** Copies faster than larger chunks, and than streams. */
const chunkBytes = 1024 * 1024;
/** As many as Node has threads for files. */
const laneCount = 4;
/** After this many bytes a signal may be heard. */
const breathBytes = 64 * chunkBytes;

/** Bytes of a file that stay where they are until they are copied. */
export interface ByteRange {
  readonly uri: string;
  readonly offset: number;
  readonly length: number;
}

/** Ends a copy that cannot go on. It does not leave `host`. */
export class Stop extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

interface Source {
  readonly file: number;
  readonly stat: FileState;
}

interface Copying {
  readonly target: number;
  /** How far the target has been given out; blocks before that may still be under way. */
  end: number;
  readonly digest: Digesting;
  readonly inParts: boolean;
  readonly buffer: Buffer;
  readonly lanes: Lanes;
  readonly sources: Map<string, Source>;
  readonly shown: (uri: string) => string;
  readonly blocks: BlockCache | undefined;
  /** Bytes since the event loop last had its turn. */
  sinceBreath: number;
}

/** Writes a new file; `seal` answers what it ends with. Throws a Stop, or a system error. */
export async function writePieces(
  path: string,
  pieces: readonly (Uint8Array | ByteRange)[],
  shown: (uri: string) => string,
  blocks: BlockCache | undefined,
  seal?: (digest: FileDigest) => Uint8Array,
): Promise<FileDigest & { readonly bytes: number }> {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const inParts = bytes >= leastInParts;
  const copying: Copying = {
    target: openSync(path, 'wx'),
    end: 0,
    digest: inParts ? digestInParts() : digestWhole(),
    inParts,
    buffer: Buffer.allocUnsafe(chunkBytes),
    lanes: createLanes(laneCount, chunkBytes),
    sources: new Map(),
    shown,
    blocks,
    sinceBreath: 0,
  };
  try {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) append(copying, piece);
      else await copyRange(copying, piece);
    }
    await copying.lanes.finish();
    const end = seal?.(copying.digest.digest());
    if (end !== undefined) append(copying, end);
    return { bytes: bytes + (end?.length ?? 0), ...copying.digest.digest() };
  } finally {
    // The number of a closed file may be that of another one already.
    await copying.lanes.settle();
    closeSync(copying.target);
    for (const { file } of copying.sources.values()) closeSync(file);
  }
}

async function copyRange(copying: Copying, range: ByteRange): Promise<void> {
  const source = sourceOf(copying, range.uri);
  const end = range.offset + range.length;
  const known = copying.inParts ? (copying.blocks?.of(range.uri, source.stat) ?? {}) : {};
  for (let at = range.offset; at < end; ) {
    const next = Math.min(end, (Math.floor(at / blockBytes) + 1) * blockBytes);
    const isBlock = copying.inParts && next - at === blockBytes;
    if (isBlock) await beginBlock(copying, source, at, range, known);
    else copySpan(copying, source, at, next, range);
    at = next;
    await breathe(copying);
  }
}

/** A whole block, which is a part of its own. Its digest is noted where it is not known yet. */
async function beginBlock(copying: Copying, source: Source, from: number, range: ByteRange, known: Record<number, string>): Promise<void> {
  const { lanes, digest, target, end: to } = copying;
  const tell = digest.add(blockBytes);
  const index = from / blockBytes;
  copying.end += blockBytes;
  await lanes.begin(async (buffer) => {
    const hash = known[index] === undefined ? digestWhole() : undefined;
    for (let done = 0; done < blockBytes; ) {
      const { bytesRead } = await readAsync(source.file, buffer, 0, Math.min(buffer.length, blockBytes - done), from + done);
      if (bytesRead === 0) throw changed(copying, range, from + done);
      hash?.update(buffer.subarray(0, bytesRead));
      for (let at = 0; at < bytesRead; ) at += (await writeAsync(target, buffer, at, bytesRead - at, to + done + at)).bytesWritten;
      done += bytesRead;
    }
    tell((known[index] ??= hash!.digest().sha256));
  });
}

function copySpan(copying: Copying, source: Source, from: number, to: number, range: ByteRange): void {
  const { buffer } = copying;
  for (let at = from; at < to; ) {
    const count = readSync(source.file, buffer, 0, Math.min(buffer.length, to - at), at);
    if (count === 0) throw changed(copying, range, at);
    append(copying, buffer.subarray(0, count));
    at += count;
  }
  copying.sinceBreath += to - from;
}

const changed = ({ shown }: Copying, { uri, offset, length }: ByteRange, at: number): Stop =>
  new Stop(fileCodes.finding('write-source-changed', { path: shown(uri), end: offset + length, bytes: at }, ['Another program writes it, or it was exchanged meanwhile: build again once it stays as it is. What was built before is untouched.']));

function append(copying: Copying, bytes: Uint8Array): void {
  copying.digest.update(bytes);
  for (let at = 0; at < bytes.length; ) at += writeSync(copying.target, bytes, at, bytes.length - at, copying.end + at);
  copying.end += bytes.length;
}

async function breathe(copying: Copying): Promise<void> {
  if (copying.sinceBreath < breathBytes) return;
  copying.sinceBreath = 0;
  await hearSignals();
}

function sourceOf({ sources, shown }: Copying, uri: string): Source {
  const known = sources.get(uri);
  if (known !== undefined) return known;
  const opened = openDescriptor(uri, shown(uri));
  if (!opened.ok) throw new Stop(opened.finding);
  const source = { file: opened.value, stat: stateOf(fstatSync(opened.value)) };
  sources.set(uri, source);
  return source;
}
