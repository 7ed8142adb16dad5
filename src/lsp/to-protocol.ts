/** The rooms' words to the protocol's numbers. */
import {
  CodeActionKind, DiagnosticSeverity, DiagnosticTag, MarkupKind,
  type CodeAction, type Diagnostic, type Hover, type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type * as ide from '../ide/index.ts';

/** The URI by which the client knows a document. */
export type ClientUri = (uri: string) => string;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

export function toDiagnostic(diagnostic: ide.EditorDiagnostic, clientUri: ClientUri): Diagnostic {
  const { range, severity, code, message, related, unnecessary } = diagnostic;
  return {
    range,
    severity: severities[severity],
    code,
    source: 'mdl',
    message,
    ...(unnecessary ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    relatedInformation: related.map((place) => ({
      location: { uri: clientUri(place.uri), range: place.range },
      message: place.message,
    })),
  };
}

export function toWorkspaceEdit(edit: ide.WorkspaceEdit, clientUri: ClientUri): WorkspaceEdit {
  return { changes: Object.fromEntries(Object.entries(edit.changes).map(([uri, edits]) => [clientUri(uri), [...edits]])) };
}

export function toCodeAction(action: ide.CodeAction, clientUri: ClientUri): CodeAction {
  return {
    title: action.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toDiagnostic(action.diagnostic, clientUri)],
    isPreferred: action.preferred,
    edit: toWorkspaceEdit(action.edit, clientUri),
  };
}

/** Clients that show no Markdown get the text without its fences. */
export function toHover({ range, markdown }: ide.Hover, plain: boolean): Hover {
  const contents = plain
    ? { kind: MarkupKind.PlainText, value: markdown.replace(/^```.*\n?/gm, '').replace(/`|\*\*/g, '') }
    : { kind: MarkupKind.Markdown, value: markdown };
  return { contents, range };
}
