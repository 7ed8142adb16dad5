/** `mdl check --fix`: the changes that need no choice, written into the sources. */
import { fileURLToPath } from 'node:url';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { plural } from '../../diagnostics/summary.ts';
import { createNodeHost } from '../../host/node.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { fixAll } from '../../ide/index.ts';
import type { Io } from '../io.ts';
import { refuse } from '../stop.ts';

export interface FixedFile {
  readonly file: string;
  readonly changes: readonly { readonly code: string; readonly message: string; readonly title: string }[];
}

/** Writes these sources anew, as far as something in them needs no choice; the others stay as they are. */
export function writeFixes(uris: readonly string[], { cwd }: Pick<Io, 'cwd'>): readonly FixedFile[] {
  const host = createNodeHost({ cwd });
  const { texts, applied } = fixAll(uris, host);
  return [...texts].map(([uri, text]) => {
    const file = host.display(uri);
    try {
      writeText(fileURLToPath(uri), text);
    } catch (error) {
      refuse(fileCodes.finding('write-failed', { path: file, reason: reasonOf(error) }));
    }
    return { file, changes: applied.filter((fix) => fix.uri === uri).map(({ code, message, title }) => ({ code, message, title })) };
  });
}

/** What was changed, one line each, before what is left. */
export function printFixes(fixed: readonly FixedFile[], { stdout }: Pick<Io, 'stdout'>): void {
  for (const { file, changes } of fixed) {
    stdout.write(`${file}: ${plural(changes.length, 'change')}\n`);
    for (const { code, message, title } of changes) stdout.write(`  ${code}: ${message}: ${title}\n`);
  }
  if (fixed.length === 0) stdout.write('nothing to change without a choice\n');
  stdout.write('\n');
}
