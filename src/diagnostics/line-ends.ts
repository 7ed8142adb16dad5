import type { SourceText } from '../text/source.ts';
import type { Diagnostic, Edit } from './diagnostic.ts';

const endsInCrLf = (text: string): boolean => text[text.indexOf('\n') - 1] === '\r';

/** The same diagnostic, its edits with the line ends of the files that they are made in. */
export function withLineEnds(diagnostic: Diagnostic, sources: ReadonlyMap<string, Pick<SourceText, 'text'>>): Diagnostic {
  const needs = ({ location, text }: Edit): boolean => /(?<!\r)\n/.test(text) && endsInCrLf(sources.get(location.uri)?.text ?? '');
  if (!diagnostic.fixes.some(({ edits }) => edits.some(needs))) return diagnostic;
  const edited = (edit: Edit): Edit => (needs(edit) ? { ...edit, text: edit.text.replace(/(?<!\r)\n/g, '\r\n') } : edit);
  return { ...diagnostic, fixes: diagnostic.fixes.map((fix) => ({ ...fix, edits: fix.edits.map(edited) })) };
}
