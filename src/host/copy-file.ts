/** One file of a bundle from its pieces: copied through one buffer, and digested on the way. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { fileCodes } from '../diagnostics/codes/files.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import type { BlockCache } from './block-cache.ts';
import { hearSignals } from './hear-signals.ts';
import type { FileStat } from './host.ts';
import { blockBytes, digestInParts, digestWhole, leastInParts, type Digesting, type FileDigest } from './parts.ts';
import { openDescriptor } from './read-file.ts';

/** Copies faster than larger chunks, and than streams. */
const chunkBytes = 1024 * 1024;
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
  readonly stat: FileStat;
}

interface Copying {
  readonly target: number;
  readonly digest: Digesting;
  readonly inParts: boolean;
  readonly buffer: Buffer;
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
    digest: inParts ? digestInParts() : digestWhole(),
    inParts,
    buffer: Buffer.allocUnsafe(chunkBytes),
    sources: new Map(),
    shown,
    blocks,
    sinceBreath: 0,
  };
  try {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) write(copying, piece, true);
      else await copyRange(copying, piece);
    }
    const end = seal?.(copying.digest.digest());
    if (end !== undefined) write(copying, end, true);
    return { bytes: bytes + (end?.length ?? 0), ...copying.digest.digest() };
  } finally {
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
    const index = at / blockBytes;
    if (isBlock) known[index] = copyBlock(copying, source, at, range, known[index]);
    else copySpan(copying, source, at, next, range, copying.digest);
    at = next;
    await breathe(copying);
  }
}

/** A whole block, which is a part of its own; answers its digest. */
function copyBlock(copying: Copying, source: Source, at: number, range: ByteRange, known: string | undefined): string {
  const hash = known === undefined ? digestWhole() : undefined;
  copySpan(copying, source, at, at + blockBytes, range, hash);
  const sha256 = known ?? hash!.digest().sha256;
  copying.digest.add(blockBytes, sha256);
  return sha256;
}

function copySpan(copying: Copying, source: Source, from: number, to: number, range: ByteRange, digest: Digesting | undefined): void {
  const { buffer } = copying;
  for (let at = from; at < to; ) {
    const count = readSync(source.file, buffer, 0, Math.min(buffer.length, to - at), at);
    if (count === 0) {
      const args = { path: copying.shown(range.uri), end: range.offset + range.length, bytes: at };
      throw new Stop(fileCodes.finding('write-source-changed', args));
    }
    const chunk = buffer.subarray(0, count);
    digest?.update(chunk);
    write(copying, chunk, false);
    at += count;
  }
  copying.sinceBreath += to - from;
}

function write(copying: Copying, bytes: Uint8Array, digested: boolean): void {
  if (digested) copying.digest.update(bytes);
  for (let at = 0; at < bytes.length; ) at += writeSync(copying.target, bytes, at);
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
  const { size, mtimeMs } = fstatSync(opened.value);
  const source = { file: opened.value, stat: { size, mtimeMs } };
  sources.set(uri, source);
  return source;
}
