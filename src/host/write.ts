/** Writing bundles: whole or not at all, hashed on the way, weights copied without being held. */
import { constants, copyFileSync, linkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileCodes } from '../diagnostics/codes/files.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { createAside, occupied } from './aside.ts';
import type { BlockCache } from './block-cache.ts';
import { Stop, writePieces, type ByteRange } from './copy-file.ts';
import { makeFolders } from './make-folders.ts';
import type { FileDigest } from './parts.ts';
import { pathOf } from './read-file.ts';
import { reasonOf } from './system-error.ts';

export interface WrittenFile extends FileDigest {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** Writes one file of the folder from its pieces, in order; `seal` answers what it ends with, from its digest so far. */
export type AddFile = (
  path: string,
  pieces: Iterable<Uint8Array | ByteRange>,
  seal?: (digest: FileDigest) => Uint8Array,
) => Promise<WrittenFile>;

/** How a file came into the folder that is not to be written: the first way that the file system offers. */
export type LinkedBy = 'reflink' | 'hard link' | 'copy';

/** Puts a file that lies elsewhere into the folder; `file` is what is known of it. */
export type LinkFile = (uri: string, file: WrittenFile) => LinkedBy;

/**
 * Writes a folder of files that `fill` adds one by one, and puts it in the place of an older bundle. After a finding, a
 * thrown error or a signal, nothing is left behind and the older bundle is as it was.
 *
 * @param shown how a path or URI is named in findings
 * @param blocks what is known of large files that are copied from; the caller saves it
 */
export async function writeBundle(
  directory: string,
  fill: (add: AddFile, link: LinkFile) => Promise<void>,
  shown: (path: string) => string = (p) => p,
  blocks?: BlockCache,
): Promise<Outcome<readonly WrittenFile[]>> {
  const files: WrittenFile[] = [];
  let aside: ReturnType<typeof createAside> | undefined;
  try {
    const taken = occupied(directory, shown(directory));
    if (taken !== undefined) return fail(taken);
    aside = createAside(directory);
    const { folder } = aside;
    const add: AddFile = async (name, pieces, seal) => {
      const written = await writePieces(path.join(folder, name), [...pieces], shown, blocks, seal);
      files.push({ path: name, ...written });
      return files.at(-1)!;
    };
    await fill(add, (uri, file) => {
      files.push(file);
      return linkFile(uri, path.join(folder, file.path), shown);
    });
    await aside.commit();
    return succeed(files);
  } catch (error) {
    aside?.discard();
    if (error instanceof Stop) return fail(error.finding);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return fail(fileCodes.finding('write-failed', { path: shown(directory), reason: reasonOf(error) }));
  }
}

/** A reflink is a file of its own that shares blocks; a hard link is the same file under a second name. */
function linkFile(uri: string, target: string, shown: (uri: string) => string): LinkedBy {
  const source = pathOf(uri);
  if (source === undefined) throw new Stop(fileCodes.finding('file-not-found', { path: shown(uri) }));
  makeFolders(path.dirname(target));
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
