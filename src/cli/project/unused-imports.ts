/** Imports that an edit left without use. */
import { applyEdits, type Edit } from '../../toolkit/upgrade/call-sites.ts';
import { stageText, type Staged } from './staged.ts';

/** Takes the names out of these modules that nothing uses any more. */
export async function withoutUnusedImports(staged: Staged, uris: readonly string[], entries: readonly string[]): Promise<void> {
  const { diagnostics, sources } = staged.project.compiler.check([...new Set([...entries, ...uris])]);
  for (const uri of uris) {
    const fixes = diagnostics.filter(({ code, location }) => code === 'unused-import' && location.uri === uri).flatMap((diagnostic) => diagnostic.fixes);
    // The fixes of two names of one import are the same.
    const edits = new Map(fixes.flatMap((fix) => fix.edits).map(({ location, text }): [number, Edit] => [location.span.start, { span: location.span, text }]));
    if (edits.size > 0) await stageText(staged, uri, { text: applyEdits(sources.get(uri)!.text, [...edits.values()]) });
  }
}
