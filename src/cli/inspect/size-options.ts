/** `--size NAME=N`: how large an axis of the inputs is that the file only names. */
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import type { InferredTensor } from '../../ir/infer/index.ts';
import { symbolsOf } from '../../types/dim.ts';
import { refuse } from '../stop.ts';
import { mistypedName } from './mistyped-name.ts';

/** By the names of sizes. Ends the command where an option cannot be read, or names no size of the inputs. */
export function readSizes(options: readonly string[], inputs: readonly (InferredTensor | undefined)[]): ReadonlyMap<string, number> {
  const names = [...new Set(inputs.flatMap((input) => input?.dims?.flatMap(symbolsOf) ?? []).map((symbol) => symbol.name))];
  return new Map(
    options.map((option): [string, number] => {
      const [, name, digits] = /^(.+)=(\d{1,15})$/.exec(option) ?? [];
      const expected = names.length === 0 ? 'no size here, for all those of the inputs are known' : `NAME=NUMBER, where NAME is one of ${names.map((n) => `\`${n}\``).join(', ')}`;
      if (name === undefined || !names.includes(name) || Number(digits) < 1) return refuse(cliCodes.finding('cli-option-value', { option: '--size', expected, found: option }, mistypedName(name, names)));
      return [name, Number(digits)];
    }),
  );
}
