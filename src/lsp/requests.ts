/** Which request is answered by which feature. */
import {
  CodeActionKind, ErrorCodes, LSPErrorCodes, MarkupKind, ResponseError,
  type CancellationToken, type ClientCapabilities, type Connection,
} from 'vscode-languageserver/node';
import * as ide from '../ide/index.ts';
import { createSource } from '../text/source.ts';
import { fixAllKind } from './capabilities.ts';
import type { Documents } from './documents.ts';
import type { Project } from './project.ts';
import { wrongMember, type Member } from './request-params.ts';
import {
  toCodeAction, toCompletionItem, toDocumentSymbol, toHover, toInlayHint, toLocation, toSemanticTokens, toSignatureHelp, toWorkspaceEdit,
} from './to-protocol.ts';
import { normalizeUri } from './uris.ts';

export interface Session {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly project: () => Project;
  readonly client: () => ClientCapabilities;
  /** URIs of the modules below the workspace's folders, and of those that are open. */
  readonly workspace: () => readonly string[];
  /** Tells the client's log of an error of ours. */
  readonly report: (error: unknown) => void;
}

interface DocumentParams {
  readonly textDocument: { readonly uri: string };
}

export function answerRequests(session: Session): void {
  const { connection, documents, project, client, workspace } = session;
  const { clientUri } = documents;
  const view = (uri: string): ide.View => project().view(uri);
  /** `wanted` are the members of a request that its feature reads. */
  const answer = <P extends DocumentParams, R>(wanted: readonly Member[], feature: (params: P, uri: string) => R | Promise<R>) => guard(session, wanted, feature);

  connection.onHover(
    answer(['position'], ({ position }, uri) => {
      const found = ide.hover(view(uri), uri, position);
      const formats = client().textDocument?.hover?.contentFormat;
      return found === undefined ? null : toHover(found, formats?.includes(MarkupKind.Markdown) === false);
    }),
  );
  connection.onDocumentFormatting(answer([], (_params, uri) => format(uri, documents)));
  connection.onCodeAction(
    answer(['range', 'context'], ({ range, context: { only } }, uri) => {
      const fixes = wants(only, CodeActionKind.QuickFix) ? ide.codeActions(view(uri), uri, range).map((action) => toCodeAction(action, clientUri)) : [];
      // It costs some checks, so it is made for those who ask for it.
      const all = only !== undefined && wants(only, fixAllKind) ? ide.fixAllAction(view(uri), uri) : undefined;
      return all === undefined ? fixes : [...fixes, { title: all.title, kind: fixAllKind, edit: toWorkspaceEdit(all.edit, clientUri) }];
    }),
  );
  connection.onDefinition(
    answer(['position'], ({ position }, uri) => {
      const place = ide.definition(view(uri), uri, position);
      return place === undefined ? null : toLocation(place, clientUri);
    }),
  );
  connection.onReferences(
    answer(['position', 'context'], ({ position, context }, uri) =>
      ide.references(view(uri), uri, position, workspace(), context.includeDeclaration).map((place) => toLocation(place, clientUri)),
    ),
  );
  connection.onDocumentHighlight(answer(['position'], ({ position }, uri) => ide.highlights(view(uri), uri, position).map((range) => ({ range }))));
  connection.onPrepareRename(answer(['position'], ({ position }, uri) => orError(ide.prepareRename(view(uri), uri, position), (value) => value)));
  connection.onRenameRequest(
    answer(['position', 'newName'], ({ position, newName }, uri) =>
      orError(ide.rename(view(uri), uri, position, newName, workspace()), (edit) => toWorkspaceEdit(edit, clientUri)),
    ),
  );
  connection.onDocumentSymbol(answer([], (_params, uri) => ide.documentSymbols(view(uri), uri).map(toDocumentSymbol)));
  connection.onCompletion(answer(['position'], ({ position }, uri) => ide.completion(view(uri), uri, position, workspace()).map(toCompletionItem)));
  connection.onSignatureHelp(
    answer(['position'], ({ position }, uri) => {
      const found = ide.signatureHelp(view(uri), uri, position);
      return found === undefined ? null : toSignatureHelp(found);
    }),
  );
  connection.languages.inlayHint.on(answer(['range'], ({ range }, uri) => ide.inlayHints(view(uri), uri, range).map(toInlayHint)));
  connection.languages.semanticTokens.on(
    async (params, token) => (await answer([], (_: DocumentParams, uri) => toSemanticTokens(ide.semanticTokens(view(uri), uri)))(params, token)) ?? { data: [] },
  );
}

/** Whether a kind of actions was asked for: by its name, by one above it, or because nothing is said. */
const wants = (only: readonly CodeActionKind[] | undefined, kind: CodeActionKind): boolean => only === undefined || only.some((asked) => kind === asked || kind.startsWith(`${asked}.`));

/** What an editor asks wrongly is refused. An error of ours is told to the client's log, and the answer is that there is none. */
function guard<P extends DocumentParams, R>({ documents, report }: Session, wanted: readonly Member[], feature: (params: P, uri: string) => R | Promise<R>) {
  return async (params: P, token: CancellationToken): Promise<R | null | ResponseError> => {
    const wrong = wrongMember(params, wanted);
    if (wrong !== undefined) return new ResponseError(ErrorCodes.InvalidParams, `\`${wrong}\` is missing, or is not what the protocol says`);
    try {
      const uri = normalizeUri(params.textDocument.uri);
      if (documents.bufferOf(uri) === undefined) return null;
      const answer = await feature(params, uri);
      return token.isCancellationRequested ? new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled') : answer;
    } catch (error) {
      report(error);
      return null;
    }
  };
}

/** Editors show the reason of a refusal to the user. */
function orError<T, R>(answer: ide.Answer<T>, then: (value: T) => R): R | ResponseError<void> {
  return answer.ok ? then(answer.value) : new ResponseError<void>(LSPErrorCodes.RequestFailed, answer.why);
}

async function format(uri: string, documents: Documents) {
  const before = documents.bufferOf(uri)!;
  const edits = await ide.formatting(createSource(uri, before.text));
  // Edits of a text that is there no more would damage the one that is.
  const changed = documents.bufferOf(uri)?.version !== before.version;
  return changed ? new ResponseError<void>(LSPErrorCodes.ContentModified, 'the document changed') : edits;
}
