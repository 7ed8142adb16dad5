/** What the server says that it can do. */
import { CodeActionKind, TextDocumentSyncKind, type ServerCapabilities } from 'vscode-languageserver/node';
import { tokenModifiers, tokenTypes } from '../ide/index.ts';

/** As linters name theirs, so that an editor can tell them apart when it saves. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.mdl`;

export const serverCapabilities: ServerCapabilities = {
  positionEncoding: 'utf-16',
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  completionProvider: { triggerCharacters: ['.', '"', '/', '@'] },
  signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [':'] },
  inlayHintProvider: true,
  semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }, full: true },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};
