/** `--range NAME=a,b`: between which numbers an input's elements lie. */
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import type { Interval } from '../../ir/infer/facts.ts';
import { refuse } from '../stop.ts';
import { mistypedName } from './mistyped-name.ts';

const number = String.raw`[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|inf)`;
const pattern = new RegExp(String.raw`^(.+)=(${number}),(${number})$`, 'i');

/** By the inputs' names. Ends the command where one cannot be read, or names no input. */
export function readRanges(options: readonly string[], inputs: readonly string[]): ReadonlyMap<string, Interval> {
  return new Map(
    options.map((option): [string, Interval] => {
      const [, name, low, high] = pattern.exec(option) ?? [];
      const [a, b] = [low, high].map((end) => Number(end?.toLowerCase().replace('inf', 'Infinity')));
      const expected = `NAME=LOW,HIGH, where NAME is one of ${inputs.map((input) => `\`${input}\``).join(', ')}`;
      if (name === undefined || !inputs.includes(name) || !(a! <= b!)) return refuse(cliCodes.finding('cli-option-value', { option: '--range', expected, found: option }, mistypedName(name, inputs)));
      return [name, { low: a!, high: b! }];
    }),
  );
}
