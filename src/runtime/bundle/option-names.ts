import { printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { describeInput } from '../inputs/describe.ts';
import { raise } from '../errors.ts';
import { didYouMean } from '../suggest.ts';

/** Refuses options that are no object, and a member that no option has. */
export function checkOptionNames(of: 'load' | 'run' | 'runMany' | 'start' | 'stream' | 'swap' | 'rollout' | 'rollback' | 'stages' | 'launch', options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    const finding = { option: 'options', expected: 'an object', found: describeInput(options) };
    raise(runtimeCodes.finding('runtime-options', finding));
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const found = `\`${printable(unknown, 40)}\`, which \`${of}\` does not know`;
  const finding = { option: 'options', expected: `an object of ${known.join(', ')}`, found };
  raise(runtimeCodes.finding('runtime-options', finding, didYouMean(unknown, known)));
}
