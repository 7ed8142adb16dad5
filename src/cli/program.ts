/** The command line as commander reads it, made from the table of commands. */
import { Command as Parser, InvalidArgumentError, Option } from 'commander';
import type { CommandRow, OptionRow, OptionValue } from './command.ts';
import { commands } from './commands.ts';
import type { Io } from './io.ts';
import { packageVersion } from './version.ts';

/** Parses the arguments and calls the command; the exit code is handed to `done`. Throws commander's errors. */
export function createProgram(io: Io, done: (code: number) => void, rows: readonly CommandRow[] = commands): Parser {
  const program = new Parser('mdl')
    .description('MDL composes pretrained models, proves that their joints fit, and runs the result.')
    .helpCommand(false)
    .helpOption('-h, --help', 'show help')
    .version(packageVersion(), '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput(outputOf(io))
    .addHelpText('after', `\n${examplesText(['mdl check', 'mdl build --out dist', 'mdl run dist/Reviews --text "good"'])}`)
    .addHelpText('after', '\n`mdl COMMAND --help` shows the options and examples of a command.');
  for (const row of rows) addCommand(program, row, io, done);
  return program;
}

function addCommand(program: Parser, row: CommandRow, io: Io, done: (code: number) => void): void {
  const parser = program.command(row.name).summary(row.summary).description(`${sentence(row.summary)}.`);
  if (row.argument !== undefined) parser.argument(row.argument.name, row.argument.summary);
  for (const more of row.more === undefined ? [] : [row.more].flat()) parser.argument(more.name, more.summary);
  for (const option of row.options) parser.addOption(optionOf(option));
  parser.addHelpText('after', `\n${examplesText(row.examples)}`);
  parser.action(async () => {
    const { command } = await row.load();
    done(await command({ args: parser.args, options: parser.opts<Record<string, OptionValue>>(), io }));
  });
}

function optionOf(row: OptionRow): Option {
  const option = new Option(row.letter === undefined ? row.flags : `-${row.letter}, ${row.flags}`, row.summary);
  if (row.value !== undefined) option.default(row.value);
  if (row.choices !== undefined) option.choices(row.choices);
  if (row.count === true) option.argParser(parseCount);
  if (row.repeatable === true) option.argParser((item: string, items: readonly string[] = []) => [...items, item]);
  return option;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}

/** Mistakes are thrown, and whoever called shows them as findings. */
const outputOf = (io: Io) => ({
  writeOut: (text: string) => void io.stdout.write(text),
  writeErr: (text: string) => void io.stderr.write(text),
  outputError: () => undefined,
  getOutHelpWidth: () => io.stdout.columns ?? 100,
  getErrHelpWidth: () => io.stderr.columns ?? 100,
});

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const examplesText = (lines: readonly string[]): string => ['Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
