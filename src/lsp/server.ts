/** The language server: the connection, and nothing else. */
import { Console } from 'node:console';
import process from 'node:process';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './serve.ts';

/**
 * Serves one client over standard input and output until it says `exit` or goes away. Exits with 0 after a
 * `shutdown`, with 1 without one.
 */
export function startServer(): void {
  // Standard output belongs to the protocol.
  globalThis.console = new Console(process.stderr, process.stderr);
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  serve(connection);
  connection.listen();
}
