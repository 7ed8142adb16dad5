/** The fixes of diagnostics as quick fixes, and those that need no choice together. */
import type { Edit } from '../diagnostics/diagnostic.ts';
import { offsetAt } from '../text/source.ts';
import type { CodeAction, FixAllAction, Range, TextEdit, WorkspaceEdit } from './answers.ts';
import { diagnosticsOf, toEditor } from './diagnostics.ts';
import { fixAll } from './fix-all.ts';
import { rangeOf, type View } from './view.ts';

/** The fixes of all diagnostics that touch a range. */
export function codeActions(view: View, uri: string, range: Range): CodeAction[] {
  const source = view.compilation.sources.get(uri);
  if (source === undefined) return [];
  const [start, end] = [offsetAt(source, range.start), offsetAt(source, range.end)];
  const touching = diagnosticsOf(view, uri).filter(({ location: { span } }) => span.start <= end && start <= span.end);
  return touching.flatMap((diagnostic) =>
    diagnostic.fixes.map((fix, i) => ({
      title: capitalize(fix.title),
      edit: editsByFile(fix.edits, view.compilation.scopes),
      diagnostic: toEditor(diagnostic, view),
      preferred: i === 0 && fix.doubtful !== true,
    })),
  );
}

/** The edit that makes all changes of a module that need no choice; undefined where there are none. */
export function fixAllAction(view: View, uri: string): FixAllAction | undefined {
  const source = view.compilation.sources.get(uri);
  const { texts, applied } = fixAll([uri], view.host);
  const text = texts.get(uri);
  if (source === undefined || text === undefined || text === source.text) return undefined;
  const edit = { range: rangeOf(source, { start: 0, end: source.text.length }), newText: text };
  return { title: applied.length === 1 ? applied[0]!.title : `Mend ${applied.length} things`, edit: { changes: { [uri]: [edit] } } };
}

const capitalize = (title: string): string => title.slice(0, 1).toUpperCase() + title.slice(1);

/** Edits by file, positions in the texts of these modules. */
export function editsByFile(edits: readonly Edit[], scopes: View['compilation']['scopes']): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const { location, text } of edits) {
    const scope = scopes.get(location.uri);
    if (scope !== undefined) (changes[location.uri] ??= []).push({ range: rangeOf(scope.source, location.span), newText: text });
  }
  return { changes };
}
