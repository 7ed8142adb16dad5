/** `mdl lsp`: the language server, until the editor ends it. */
import { flag, type Call } from '../command.ts';
import { exit } from '../exit.ts';

export async function command(call: Call): Promise<number> {
  if (!flag(call, 'stdio') && call.io.stdin.isTTY === true) {
    call.io.stderr.write('mdl lsp speaks the Language Server Protocol with an editor, which starts it as: mdl lsp --stdio\n');
    return exit.usage;
  }
  const { startServer } = await import('../../lsp/server.ts');
  startServer();
  // The open connection keeps the process alive; the server ends it with its own exit code.
  return exit.fine;
}
