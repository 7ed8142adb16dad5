/** A module's diagnostics as an editor shows them. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { EditorDiagnostic } from './answers.ts';
import { placeOf, type View } from './view.ts';

/** The diagnostics whose place is in this module, in the order of its text. */
export function diagnostics(view: View, uri: string): EditorDiagnostic[] {
  return diagnosticsOf(view, uri).map((diagnostic) => toEditor(diagnostic, view));
}

export const diagnosticsOf = ({ compilation }: View, uri: string): readonly Diagnostic[] =>
  compilation.diagnostics.filter((diagnostic) => diagnostic.location.uri === uri);

export function toEditor(diagnostic: Diagnostic, view: View): EditorDiagnostic {
  const { code, severity, location } = diagnostic;
  return {
    range: placeOf(location, view).range,
    severity,
    code,
    message: messageOf(diagnostic),
    related: diagnostic.related.map((label) => ({ ...placeOf(label.location, view), message: label.text })),
    unnecessary: code.startsWith('unused-'),
  };
}

/** What the label under the span says is not seen in an editor, so it ends the sentence. */
function messageOf({ message, label, notes }: Diagnostic): string {
  const sentence = label === '' ? message : `${message}: ${label}`;
  return [sentence, ...notes].join('\n');
}

