/** Which request is answered by which feature. */
import {
  CodeActionKind, DidChangeWatchedFilesNotification, LSPErrorCodes, MarkupKind, ResponseError, TextDocumentSyncKind,
  type CancellationToken, type ClientCapabilities, type Connection, type InitializeParams, type ServerCapabilities,
} from 'vscode-languageserver/node';
import { createNodeHost } from '../host/node.ts';
import * as ide from '../ide/index.ts';
import { createSource } from '../text/source.ts';
import { followDocuments, type Documents } from './documents.ts';
import { createOverlayHost } from './overlay-host.ts';
import { createProject, type Project } from './project.ts';
import { createPublisher } from './publish.ts';
import { toCodeAction, toHover } from './to-protocol.ts';
import { filePath, normalizeUri } from './uris.ts';

const serverCapabilities: ServerCapabilities = {
  positionEncoding: 'utf-16',
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
};

/** The kinds of files that a check reads. */
const watchedFiles = '**/*.{mdl,onnx,safetensors,json}';

/** Answers a client's requests over a connection that does not listen yet. */
export function serve(connection: Connection): void {
  let client: ClientCapabilities = {};
  let folder: string | undefined;
  const report = (error: unknown): void =>
    connection.console.error(`mdl: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);

  const documents = followDocuments(connection, {
    opened: () => filesChanged(),
    changed: (uri) => {
      project.moduleChanged(uri);
      publisher.schedule();
    },
    saved: () => filesChanged(),
    closed: (_uri, clientUri) => {
      void connection.sendDiagnostics({ uri: clientUri, diagnostics: [] });
      filesChanged();
    },
  });
  const newProject = (): Project =>
    createProject(createOverlayHost(createNodeHost(folder === undefined ? {} : { cwd: folder }), documents.bufferOf));
  let project = newProject();
  const publisher = createPublisher(connection, documents, () => project, report);
  const filesChanged = (): void => {
    project.filesChanged();
    publisher.schedule();
  };

  connection.onInitialize((params) => {
    client = params.capabilities;
    folder = folderOf(params);
    project = newProject();
    return { capabilities: serverCapabilities, serverInfo: { name: 'mdl' } };
  });
  connection.onInitialized(() => {
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration !== true) return;
    const options = { watchers: [{ globPattern: watchedFiles }] };
    void connection.client.register(DidChangeWatchedFilesNotification.type, options).catch(report);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    // A host remembers the names of packages.
    if (changes.some(({ uri }) => uri.endsWith('/package.json'))) project = newProject();
    filesChanged();
  });
  connection.onShutdown(() => publisher.stop());

  /** An error of ours is told to the client's log, and the answer is that there is none. */
  const guard =
    <P extends { readonly textDocument: { readonly uri: string } }, R>(feature: (params: P, uri: string) => R | Promise<R>) =>
    async (params: P, token: CancellationToken): Promise<R | null | ResponseError> => {
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

  connection.onHover(
    guard(({ position }, uri) => {
      const found = ide.hover(project.view(uri), uri, position);
      const formats = client.textDocument?.hover?.contentFormat;
      return found === undefined ? null : toHover(found, formats?.includes(MarkupKind.Markdown) === false);
    }),
  );
  connection.onDocumentFormatting(guard((_params, uri) => format(uri, documents)));
  connection.onCodeAction(
    guard(({ range }, uri) => ide.codeActions(project.view(uri), uri, range).map((action) => toCodeAction(action, documents.clientUri))),
  );
}

/** The first folder of the workspace; messages name files relative to it. */
function folderOf({ workspaceFolders, rootUri }: InitializeParams): string | undefined {
  const uri = workspaceFolders?.[0]?.uri ?? rootUri;
  return uri === undefined || uri === null ? undefined : filePath(uri);
}

async function format(uri: string, documents: Documents) {
  const before = documents.bufferOf(uri)!;
  const edits = await ide.formatting(createSource(uri, before.text));
  // Edits of a text that is there no more would damage the one that is.
  const changed = documents.bufferOf(uri)?.version !== before.version;
  return changed ? new ResponseError<void>(LSPErrorCodes.ContentModified, 'the document changed') : edits;
}
