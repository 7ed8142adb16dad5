/** One call of `mdl`, from arguments to exit code. Nothing is thrown. */
import { cliCodes } from '../diagnostics/codes/cli.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { readCall } from './arguments.ts';
import { describeBug } from './bug.ts';
import { commands } from './commands.ts';
import { exit } from './exit.ts';
import { printJson, styleOf, type Io } from './io.ts';
import { Stop } from './stop.ts';

/** Runs the command that the arguments (without node and script) call. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    const call = readCall(argv);
    if (call === undefined) return await runProgram(argv, io);
    const { command } = await call.row.load();
    return await command({ ...call, io });
  } catch (error) {
    return answer(error, argv, io);
  }
}

/** Help, mistakes and rarer spellings of a call. */
async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const { createProgram } = await import('./program.ts');
  let code: number = exit.fine;
  const program = createProgram(io, (done) => (code = done), commands, argv.includes('--json'));
  if (argv.length === 0) {
    program.outputHelp();
    return exit.usage;
  }
  await program.parseAsync([...argv], { from: 'user' });
  return code;
}

/** The exit code of whatever ended a command, said on stderr. */
async function answer(error: unknown, argv: readonly string[], io: Io): Promise<number> {
  if (error instanceof Stop) {
    await printFinding(error.finding, argv, io);
    return error.code;
  }
  // Commander has said what is wrong with the call already; help that was asked for is no error.
  const parsing = error as { readonly code?: unknown; readonly exitCode?: unknown };
  if (typeof parsing.code === 'string' && parsing.code.startsWith('commander.')) {
    if (parsing.exitCode === 0) return exit.fine;
    if (argv.includes('--json')) printJson(io, { ok: false, error: badCall((error as Error).message) });
    return exit.usage;
  }
  io.stderr.write(`${describeBug(error, io)}\n`);
  return exit.bug;
}

/** Commander's sentence and its suggestion as a finding of ours. */
function badCall(message: string) {
  const [sentence = '', ...notes] = message.replace(/^error: /, '').split('\n');
  const { code, severity } = cliCodes.finding('cli-bad-call', { sentence });
  return { code, severity, message: sentence, notes };
}

async function printFinding(finding: Finding, argv: readonly string[], io: Io): Promise<void> {
  if (argv.includes('--json')) {
    const { code, severity, message, notes } = finding;
    printJson(io, { ok: false, error: { code, severity, message, notes } });
    return;
  }
  const { renderFinding } = await import('./show/print-diagnostics.ts');
  io.stderr.write(`${renderFinding(finding, styleOf(io.stderr, io.env))}\n`);
}
