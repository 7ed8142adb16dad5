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
  const program = createProgram(io, (done) => (code = done));
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
  // Help that was asked for is no error.
  const parsing = error as { readonly code?: unknown; readonly exitCode?: unknown };
  if (typeof parsing.code === 'string' && parsing.code.startsWith('commander.')) {
    if (parsing.exitCode === 0) return exit.fine;
    await printFinding(badCall((error as Error).message, argv), argv, io);
    return exit.usage;
  }
  io.stderr.write(`${describeBug(error, io)}\n`);
  return exit.bug;
}

/** Commander's sentence and its suggestion as a finding of ours, with a call of the same command that is right. */
function badCall(message: string, argv: readonly string[]): Finding {
  const [sentence = '', ...suggested] = message.replace(/^error: /, '').replace(/\.$/, '').split('\n');
  const row = commands.find(({ name }) => name === argv[0]);
  const advice = row === undefined ? 'All commands: mdl --help' : `Such as \`${row.examples[0]}\`; all that it takes: mdl ${row.name} --help`;
  return cliCodes.finding('cli-bad-call', { sentence }, [...suggested.map((note) => note.replace(/^\((.*)\)$/, '$1')), advice]);
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
