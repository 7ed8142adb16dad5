/** Writing bundles: whole or not at all, hashed on the way, weights copied without being held. */
import { createHash, type Hash } from 'node:crypto';
import { constants, copyFileSync, linkSync, mkdirSync, realpathSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { fileCodes } from '../diagnostics/codes/files.ts';
import { fail, succeed, type Finding, type Outcome } from '../diagnostics/diagnostic.ts';
import { createAside, occupied } from './aside.ts';
import { openFile, pathOf } from './read-file.ts';
import { reasonOf } from './system-error.ts';

const chunkBytes = 1024 * 1024;

/** Bytes of a file that stay where they are until they are copied. */
export interface ByteRange {
  readonly uri: string;
  readonly offset: number;
  readonly length: number;
}

export interface WrittenFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Writes one file of the folder from its pieces, in order. */
export type AddFile = (path: string, pieces: Iterable<Uint8Array | ByteRange>) => Promise<WrittenFile>;

/** How a file came into the folder that is not to be written: the first way that the file system offers. */
export type LinkedBy = 'reflink' | 'hard link' | 'copy';

/** Puts a file that lies elsewhere into the folder; `file` is what is known of it. */
export type LinkFile = (uri: string, file: WrittenFile) => LinkedBy;

/**
 * Writes a folder of files that `fill` adds one by one, and puts it in the place of an older bundle. After a finding, a
 * thrown error or a signal, nothing is left behind and the older bundle is as it was.
 *
 * @param shown how a path or URI is named in findings
 */
export async function writeBundle(
  directory: string,
  fill: (add: AddFile, link: LinkFile) => Promise<void>,
  shown: (path: string) => string = (p) => p,
): Promise<Outcome<readonly WrittenFile[]>> {
  const files: WrittenFile[] = [];
  let aside: ReturnType<typeof createAside> | undefined;
  try {
    const taken = occupied(directory);
    if (taken !== undefined) return fail(taken);
    aside = createAside(directory);
    const { folder } = aside;
    const add: AddFile = async (name, pieces) => {
      const written = await writeFile(path.join(folder, name), pieces, shown);
      files.push({ path: name, ...written });
      return files.at(-1)!;
    };
    await fill(add, (uri, file) => {
      files.push(file);
      return linkFile(uri, path.join(folder, file.path), shown);
    });
    aside.commit();
    return succeed(files);
  } catch (error) {
    aside?.discard();
    if (error instanceof Stop) return fail(error.finding);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return fail(fileCodes.finding('write-failed', { path: shown(directory), reason: reasonOf(error) }));
  }
}

/** Ends a copy that cannot go on. It does not leave this file. */
class Stop extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

/** A reflink is a file of its own that shares blocks; a hard link is the same file under a second name. */
function linkFile(uri: string, target: string, shown: (uri: string) => string): LinkedBy {
  const source = pathOf(uri);
  if (source === undefined) throw new Stop(fileCodes.finding('file-not-found', { path: shown(uri) }));
  mkdirSync(path.dirname(target), { recursive: true });
  const ways: readonly [LinkedBy, (from: string, to: string) => void][] = [
    ['reflink', (from, to) => copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE)],
    ['hard link', linkSync],
  ];
  // A link to a link would hang from a path that the bundle does not know.
  const real = realpathSync(source);
  for (const [by, way] of ways) {
    try {
      way(real, target);
      return by;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  copyFileSync(real, target);
  return 'copy';
}

/** The file system cannot, or may not, link; anything else is wrong with the file. */
const isRefusal = (error: unknown): boolean =>
  ['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EPERM', 'EMLINK', 'EINVAL', 'ENOSYS', 'ENOTTY'].includes((error as NodeJS.ErrnoException).code ?? '');

async function writeFile(file: string, pieces: Iterable<Uint8Array | ByteRange>, shown: (uri: string) => string) {
  const hash = createHash('sha256');
  const target = await open(file, 'wx');
  let bytes = 0;
  try {
    for (const piece of pieces) {
      for (const chunk of piece instanceof Uint8Array ? [piece] : chunksOf(piece, shown)) {
        await writeChunk(target, hash, chunk);
        bytes += chunk.length;
      }
    }
  } finally {
    await target.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function writeChunk(target: FileHandle, hash: Hash, chunk: Uint8Array): Promise<void> {
  hash.update(chunk);
  for (let at = 0; at < chunk.length; ) at += (await target.write(chunk, at)).bytesWritten;
}

function* chunksOf(range: ByteRange, shown: (uri: string) => string): Generator<Uint8Array> {
  const source = openFile(range.uri, shown(range.uri));
  if (!source.ok) throw new Stop(source.finding);
  const end = range.offset + range.length;
  try {
    for (let at = range.offset; at < end; at += chunkBytes) {
      const wanted = Math.min(chunkBytes, end - at);
      const chunk = source.value.read(at, wanted);
      if (chunk.length < wanted) throw new Stop(shrunk(range.uri, end, at + chunk.length, shown));
      yield chunk;
    }
  } finally {
    source.value.close();
  }
}

const shrunk = (uri: string, end: number, bytes: number, shown: (uri: string) => string): Finding =>
  fileCodes.finding('write-source-changed', { path: shown(uri), end, bytes });
