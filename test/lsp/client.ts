/** A small editor: what every client of the protocol does, over any transport. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import { createConnection, ProposedFeatures, type Diagnostic, type TextEdit } from 'vscode-languageserver/node';
import { serve } from '../../src/lsp/serve.ts';

export const root = path.resolve(import.meta.dirname, '../..');

export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Client {
  readonly rpc: MessageConnection;
  /** What was published last for each document. */
  readonly published: ReadonlyMap<string, Published>;
  /** Messages to the client's log. */
  readonly log: readonly string[];
  initialize(folder?: string, capabilities?: object): Promise<{ capabilities: Record<string, unknown> }>;
  open(uri: string, text: string): void;
  /** Replaces the whole text; answers its version. */
  change(uri: string, text: string): number;
  /** Done when it is written. */
  notify(method: string, params: object): Promise<void>;
  /** Asks about a document. */
  ask<T>(method: string, uri: string, params?: object): Promise<T>;
  /** Waits until something is published for a document that holds. */
  diagnostics(uri: string, holds?: (published: Published) => boolean): Promise<Published>;
}

function createClient(rpc: MessageConnection): Client {
  const published = new Map<string, Published>();
  const versions = new Map<string, number>();
  const log: string[] = [];
  const waiting = new Set<() => void>();
  rpc.onNotification('textDocument/publishDiagnostics', (params: Published) => {
    published.set(params.uri, params);
    for (const look of waiting) look();
  });
  rpc.onNotification('window/logMessage', (params: { message: string }) => void log.push(params.message));
  rpc.onRequest('client/registerCapability', () => null);
  rpc.listen();
  const notify = (method: string, params: object): Promise<void> => rpc.sendNotification(method, params);
  return {
    rpc,
    published,
    log,
    notify,
    initialize: async (folder, capabilities = {}) => {
      const result = await rpc.sendRequest<{ capabilities: Record<string, unknown> }>('initialize', { processId: null, rootUri: folder ?? null, capabilities });
      await notify('initialized', {});
      return result;
    },
    open: (uri, text) => {
      versions.set(uri, 1);
      void notify('textDocument/didOpen', { textDocument: { uri, languageId: 'mdl', version: 1, text } });
    },
    change: (uri, text) => {
      const version = versions.get(uri)! + 1;
      versions.set(uri, version);
      void notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] });
      return version;
    },
    ask: (method, uri, params = {}) => rpc.sendRequest(`textDocument/${method}`, { textDocument: { uri }, ...params }),
    diagnostics: (uri, holds = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = published.get(uri);
          if (found === undefined || !holds(found)) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** A client of a server in this process. */
export function connect(): Client {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const server = createConnection(ProposedFeatures.all, new StreamMessageReader(toServer), new StreamMessageWriter(toClient));
  serve(server);
  server.listen();
  return createClient(createMessageConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer)));
}

/** A client of `mdl lsp --stdio`, as it was built. */
export function launch(): { readonly client: Client; readonly child: ChildProcess; readonly exited: Promise<number | null> } {
  const child = spawn(process.execPath, [path.join(root, 'dist/js/cli.cjs'), 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const rpc = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  return { client: createClient(rpc), child, exited };
}

/** The text after edits that do not overlap. */
export function applied(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: TextEdit['range']['start']): number => lines.slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character;
  const spans = edits.map(({ range, newText }) => ({ start: offset(range.start), end: offset(range.end), newText }));
  return spans.sort((a, b) => b.start - a.start).reduce((result, { start, end, newText }) => result.slice(0, start) + newText + result.slice(end), text);
}

/** The position of the first `word`, `shift` on. */
export function positionOf(text: string, word: string, shift = 0) {
  const before = text.slice(0, text.indexOf(word) + shift).split('\n');
  return { line: before.length - 1, character: before.at(-1)!.length };
}
