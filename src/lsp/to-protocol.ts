/** The rooms' words to the protocol's numbers. */
import {
  CodeActionKind, CompletionItemKind, DiagnosticSeverity, DiagnosticTag, InlayHintKind, MarkupKind, SymbolKind,
  type CodeAction, type CompletionItem, type Diagnostic, type DocumentSymbol, type Hover, type InlayHint, type Location,
  type SemanticTokens, type SignatureHelp, type WorkspaceEdit,
} from 'vscode-languageserver/node';
import * as ide from '../ide/index.ts';

/** The URI by which the client knows a document. */
export type ClientUri = (uri: string) => string;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

export const toLocation = ({ uri, range }: ide.Place, clientUri: ClientUri): Location => ({ uri: clientUri(uri), range });

export function toDiagnostic(diagnostic: ide.EditorDiagnostic, clientUri: ClientUri): Diagnostic {
  const { range, severity, code, message, related, unnecessary } = diagnostic;
  return {
    range,
    severity: severities[severity],
    code,
    source: 'mdl',
    message,
    ...(unnecessary ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    relatedInformation: related.map((place) => ({ location: toLocation(place, clientUri), message: place.message })),
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

const markup = (markdown: string) => ({ kind: MarkupKind.Markdown, value: markdown });

/** Clients that show no Markdown get the text without its fences. */
export function toHover({ range, markdown }: ide.Hover, plain: boolean): Hover {
  const text = markdown.replace(/^```.*\n?/gm, '').replace(/`|\*\*/g, '');
  return { contents: plain ? { kind: MarkupKind.PlainText, value: text } : markup(markdown), range };
}

/** Parameters as places in the label: their texts may stand in it twice. No parameter is a number behind the last one. */
export function toSignatureHelp({ label, markdown, parameters, active }: ide.SignatureHelp): SignatureHelp {
  let end = label.indexOf('(');
  const places = parameters.map((parameter) => {
    const start = label.indexOf(parameter.label, end);
    end = start + parameter.label.length;
    return { label: [start, end] as [number, number], ...(parameter.markdown === '' ? {} : { documentation: markup(parameter.markdown) }) };
  });
  const signature = { label, parameters: places, ...(markdown === '' ? {} : { documentation: markup(markdown) }) };
  return { signatures: [signature], activeSignature: 0, activeParameter: active ?? parameters.length };
}

const symbolKinds: Readonly<Record<ide.SymbolKind, SymbolKind>> = {
  constant: SymbolKind.Constant,
  enum: SymbolKind.Enum,
  interface: SymbolKind.Interface,
  class: SymbolKind.Class,
  function: SymbolKind.Function,
  module: SymbolKind.Module,
  variable: SymbolKind.Variable,
  field: SymbolKind.Field,
  property: SymbolKind.Property,
};

export const toDocumentSymbol = ({ name, detail, kind, range, nameRange, children }: ide.DocumentSymbol): DocumentSymbol => ({
  name,
  detail,
  kind: symbolKinds[kind],
  range,
  selectionRange: nameRange,
  children: children.map(toDocumentSymbol),
});

const completionKinds: Readonly<Record<ide.CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  module: CompletionItemKind.Module,
  constant: CompletionItemKind.Constant,
  enum: CompletionItemKind.Enum,
  interface: CompletionItemKind.Interface,
  class: CompletionItemKind.Class,
  function: CompletionItemKind.Function,
  variable: CompletionItemKind.Variable,
  field: CompletionItemKind.Field,
  operator: CompletionItemKind.Operator,
  type: CompletionItemKind.TypeParameter,
  value: CompletionItemKind.Value,
};

export const toCompletionItem = ({ label, kind, detail, markdown, edit, more }: ide.CompletionItem): CompletionItem => ({
  label,
  kind: completionKinds[kind],
  ...(detail === '' ? {} : { detail }),
  ...(markdown === '' ? {} : { documentation: markup(markdown) }),
  textEdit: edit,
  // What has to be imported stands below what is there.
  ...(more.length === 0 ? {} : { additionalTextEdits: [...more], sortText: `~${label}` }),
});

export const toInlayHint = ({ position, label, markdown }: ide.InlayHint): InlayHint => ({
  position,
  label,
  kind: InlayHintKind.Type,
  tooltip: markup(markdown),
});

/** Five numbers a token, places relative to the token before. */
export function toSemanticTokens(tokens: readonly ide.SemanticToken[]): SemanticTokens {
  let last = { line: 0, character: 0 };
  const data = tokens.flatMap(({ position, length, type, modifiers }) => {
    const line = position.line - last.line;
    const character = line === 0 ? position.character - last.character : position.character;
    last = position;
    const bits = modifiers.reduce((sum, modifier) => sum | (1 << ide.tokenModifiers.indexOf(modifier)), 0);
    return [line, character, length, ide.tokenTypes.indexOf(type), bits];
  });
  return { data };
}
