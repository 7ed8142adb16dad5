/** A session with one client: its documents, its workspace, and what is pushed to it. */
import {
  DidChangeWatchedFilesNotification, type ClientCapabilities, type Connection, type InitializeParams,
} from 'vscode-languageserver/node';
import { cacheFolder } from '../host/cache-folder.ts';
import { createNodeHost } from '../host/node.ts';
import { serverCapabilities } from './capabilities.ts';
import { followDocuments } from './documents.ts';
import { createOverlayHost } from './overlay-host.ts';
import { createProject, type Project } from './project.ts';
import { createPublisher } from './publish.ts';
import { answerRequests } from './requests.ts';
import { filePath } from './uris.ts';
import { listModules } from './workspace-files.ts';

/** The kinds of files that a check reads. */
const watchedFiles = '**/{*.mdl,*.onnx,*.safetensors,*.json,mdl.lock}';

/** Answers a client's requests over a connection that does not listen yet. */
export function serve(connection: Connection): void {
  let client: ClientCapabilities = {};
  let folders: readonly string[] = [];
  let modules: readonly string[] | undefined;
  const report = (error: unknown): void =>
    connection.console.error(`mdl: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);

  const documents = followDocuments(connection, {
    opened: () => filesChanged(),
    changed: (uri) => {
      project.moduleChanged(uri);
      publisher.schedule();
    },
    saved: () => filesChanged(),
    closed: (clientUri) => {
      connection.sendDiagnostics({ uri: clientUri, diagnostics: [] }).catch(report);
      filesChanged();
    },
  });
  const newProject = (): Project => {
    const [cwd] = folders;
    const cache = cacheFolder(process.env);
    const host = createNodeHost({ ...(cwd === undefined ? {} : { cwd }), ...(cache === undefined ? {} : { cache }) });
    return createProject(createOverlayHost(host, documents.bufferOf));
  };
  let project = newProject();
  const publisher = createPublisher(connection, documents, () => project, report);
  const filesChanged = (): void => {
    modules = undefined;
    project.filesChanged();
    publisher.schedule();
  };

  connection.onInitialize((params) => {
    client = params.capabilities;
    folders = foldersOf(params);
    project = newProject();
    return { capabilities: serverCapabilities, serverInfo: { name: 'mdl' } };
  });
  connection.onInitialized(() => {
    if (client.workspace?.workspaceFolders === true) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = removed.map(({ uri }) => filePath(uri));
        folders = [...folders.filter((folder) => !gone.includes(folder)), ...added.flatMap(({ uri }) => filePath(uri) ?? [])];
        filesChanged();
      });
    }
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration !== true) return;
    const options = { watchers: [{ globPattern: watchedFiles }] };
    connection.client.register(DidChangeWatchedFilesNotification.type, options).catch(report);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    // A host remembers the names of packages.
    if (changes.some(({ uri }) => uri.endsWith('/package.json'))) project = newProject();
    filesChanged();
  });
  connection.onShutdown(() => publisher.stop());

  answerRequests({
    connection,
    documents,
    project: () => project,
    client: () => client,
    workspace: () => [...new Set([...(modules ??= listModules(folders)), ...documents.uris()])],
    report,
  });
}

/** Messages name files relative to the first. */
function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? [rootUri ?? ''];
  return uris.flatMap((uri) => filePath(uri) ?? []);
}
