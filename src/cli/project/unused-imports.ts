/** Imports that an edit left without use. */
import type { Import, Module } from '../../syntax/ast.ts';
import { applyEdits, type Edit } from '../../toolkit/upgrade/call-sites.ts';
import { stageText, type Staged } from './staged.ts';

/** Takes the names out of these modules that nothing uses any more. */
export async function withoutUnusedImports(staged: Staged, uris: readonly string[], entries: readonly string[]): Promise<void> {
  const { diagnostics, modules, sources } = staged.project.compiler.check([...new Set([...entries, ...uris])]);
  for (const uri of uris) {
    const unused = new Set(diagnostics.filter(({ code, location }) => code === 'unused-import' && location.uri === uri).map(({ location }) => location.span.start));
    if (unused.size > 0) await stageText(staged, uri, applyEdits(sources.get(uri)!.text, editsOf(modules.get(uri)!, unused)));
  }
}

const editsOf = ({ imports }: Module, unused: ReadonlySet<number>): readonly Edit[] =>
  imports.flatMap(({ names, span }: Import): Edit[] => {
    const isKept = ({ name, alias }: Import['names'][number]): boolean => !unused.has(name.span.start) && !unused.has(alias?.span.start ?? -1);
    const kept = names.filter(isKept);
    if (kept.length === names.length) return [];
    if (kept.length === 0) return [{ span: { start: span.start, end: span.end + 1 }, text: '' }];
    return [{ span: { start: names[0]!.span.start, end: names.at(-1)!.span.end }, text: kept.map(({ name, alias }) => (alias === undefined ? name.text : `${name.text} as ${alias.text}`)).join(', ') }];
  });
