/** Applies every fix that is offered, and looks again. */
import { applyEdits } from '../../src/diagnostics/index.ts';
import type { Diagnostic, Fix } from '../../src/diagnostics/diagnostic.ts';
import type { MemoryFiles } from '../../src/host/memory.ts';
import { checkFiles, uriOf } from '../check/world.ts';

/** What a message says of `x |> f`, said of `x`: a fix may mend a part of what is wrong with a value. */
const ofTheValue = (message: string): string => message.replace(/`([^`]*?) \|> [^`]*`/g, '`$1`');
const sameFinding = (a: Diagnostic, b: Diagnostic): boolean => a.code === b.code && ofTheValue(a.message) === ofTheValue(b.message);
const count = (diagnostic: Diagnostic, all: readonly Diagnostic[]): number => all.filter((d) => sameFinding(d, diagnostic)).length;

function applyFix(files: MemoryFiles, fix: Fix): MemoryFiles {
  const edited = Object.entries(files).map(([path, content]) => {
    const edits = fix.edits.filter((edit) => edit.location.uri === uriOf(path));
    return [path, typeof content === 'string' ? applyEdits(content, edits).text : content] as const;
  });
  return Object.fromEntries(edited);
}

const check = (files: MemoryFiles): readonly Diagnostic[] => checkFiles(files).diagnostics;

/** What is wrong with the fixes of the first file: those that leave their diagnostic, and those that bring new errors. */
export function brokenFixes(files: MemoryFiles, diagnose = check): string[] {
  const before = diagnose(files);
  return before.flatMap((diagnostic) =>
    diagnostic.fixes.flatMap((fix) => {
      const after = diagnose(applyFix(files, fix));
      const left = count(diagnostic, after) >= count(diagnostic, before);
      const fresh = after.filter((d) => d.severity === 'error' && count(d, before) === 0);
      const name = `${diagnostic.code} "${fix.title}"`;
      return [...(left ? [`${name} leaves it`] : []), ...fresh.map((d) => `${name} brings ${d.code} "${d.message}"`)];
    }),
  );
}
