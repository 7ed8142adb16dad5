/** Starts the language server of the workspace, or the one on the PATH, and connects it to the editor. */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { workspace, type ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind, type ServerOptions } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  if (workspace.isTrusted) await start();
  else context.subscriptions.push(workspace.onDidGrantWorkspaceTrust(() => void start()));
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(): Promise<void> {
  client = new LanguageClient('mdl', 'MDL', serverOptions(), { documentSelector: [{ language: 'mdl' }] });
  await client.start();
}

function serverOptions(): ServerOptions {
  const command = workspace.getConfiguration('mdl').get<string>('server.command');
  if (command) return commandLine(command);
  const module = workspace.workspaceFolders
    ?.map(({ uri }) => path.join(uri.fsPath, 'node_modules/mdl-lang/dist/js/cli.cjs'))
    .find((file) => existsSync(file));
  // The editor's own Node runs it; the transport adds `--stdio`.
  if (module !== undefined) return { module, args: ['lsp'], transport: TransportKind.stdio };
  return commandLine('mdl');
}

/** On Windows npm's commands are batch files, which only a shell starts. */
const commandLine = (command: string): ServerOptions => ({
  command,
  args: ['lsp', '--stdio'],
  options: { shell: process.platform === 'win32' },
});
