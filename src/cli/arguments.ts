/** Reads a well-formed call straight from the table of commands: commander takes as long to load as a small check. */
import type { Call, CommandRow, OptionRow, OptionValue } from './command.ts';
import { commands } from './commands.ts';

export interface ReadCall extends Omit<Call, 'io'> {
  readonly row: CommandRow;
}

/** The call, as commander would read it; undefined for help, for mistakes and for rarer spellings: those are commander's. */
export function readCall([name, ...rest]: readonly string[]): ReadCall | undefined {
  const row = commands.find((command) => command.name === name);
  if (row === undefined) return undefined;
  const options = new Map<string, OptionValue>();
  for (const option of row.options) {
    // Beside the option itself, its negation says what is true of no call without either.
    const value = isNegated(option) ? row.options.some((other) => other !== option && keyOf(other) === keyOf(option)) ? undefined : true : option.value;
    if (value !== undefined) options.set(keyOf(option), value);
  }
  const args: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (!word.startsWith('-')) {
      args.push(word);
      continue;
    }
    const option = row.options.find(({ flags, letter }) => flags.split(' ')[0] === word || (letter !== undefined && `-${letter}` === word));
    if (option === undefined) return undefined;
    const value = takesValue(option) ? valueOf(option, rest[++i], options.get(keyOf(option))) : !isNegated(option);
    if (value === undefined) return undefined;
    options.set(keyOf(option), value);
  }
  return takesArguments(row, args.length) ? { row, args, options: Object.fromEntries(options) } : undefined;
}

const takesValue = ({ flags }: OptionRow): boolean => flags.includes('<');

/** `--no-history`: true without it, as commander has it. */
const isNegated = ({ flags }: OptionRow): boolean => flags.startsWith('--no-');

/** `out` of `--out <folder>`, `history` of `--no-history`; no option of ours has two words. */
const keyOf = ({ flags }: OptionRow): string => /^--(?:no-)?(\w+)/.exec(flags)![1]!;

function valueOf(option: OptionRow, word: string | undefined, before: OptionValue): OptionValue {
  if (word === undefined || word.startsWith('-')) return undefined;
  if (option.choices !== undefined && !option.choices.includes(word)) return undefined;
  if (option.count === true) return /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
  if (option.repeatable === true) return [...(Array.isArray(before) ? before : []), word];
  return word;
}

function takesArguments({ argument, more }: CommandRow, given: number): boolean {
  if (argument === undefined) return given === 0;
  const isOptional = argument.name.startsWith('[');
  if (given === 0) return isOptional;
  const others = more === undefined ? [] : [more].flat();
  const needed = others.filter(({ name }) => name.startsWith('<')).length + 1;
  const endless = [argument, ...others].some(({ name }) => name.includes('...'));
  return given >= needed && (endless || given <= others.length + 1);
}
