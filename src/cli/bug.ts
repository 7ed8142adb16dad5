import type { Io } from './io.ts';
import { packageVersion } from './version.ts';

/** What to report of a bug of ours: one line, and the stack where it was asked for. */
export function describeBug(error: unknown, io: Pick<Io, 'env'>): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = `mdl ${packageVersion()}, node ${process.versions.node}, ${process.platform} ${process.arch}`;
  const line = `mdl: a bug of MDL itself: ${what.replace(/\s*\n\s*/g, ' ')} (${where}). Please report it with the command and its files.`;
  if (io.env['MDL_DEBUG'] !== '1') return `${line} MDL_DEBUG=1 shows where it happened.`;
  return `${line}\n${error instanceof Error ? error.stack : ''}`;
}
