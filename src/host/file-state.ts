/**
 * What tells that a file is still the one that was hashed. Archives and builds that can be repeated give all their files one time, and an encoder that
 * was learned again is as large as before; when a file came to be as it is on this disk, nobody sets, and another file is another node.
 */
import type { FileStat } from './host.ts';

export interface FileState extends FileStat {
  /** When content, name or rights were changed last. */
  readonly ctimeMs: number;
  readonly ino: number;
}

/** Out of all that the system says of a file. */
export const stateOf = ({ size, mtimeMs, ctimeMs, ino }: FileState): FileState => ({ size, mtimeMs, ctimeMs, ino });

export const isSameState = (a: FileState, b: FileState): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;

/** Whether what was kept says all of it. */
export const isState = (kept: Partial<FileState>): boolean => [kept.size, kept.mtimeMs, kept.ctimeMs, kept.ino].every((part) => typeof part === 'number');
