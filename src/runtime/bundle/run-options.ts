/** The options of runs, read from whatever an app gives. */
import { isRecord } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { describeInput } from '../inputs/describe.ts';
import { raise } from '../errors.ts';
import { isRowsOfRun, mostRows } from './load-options.ts';
import { checkOptionNames } from './option-names.ts';
import type { ManyOptions, RunOptions, StreamOptions } from '../types.ts';

const maxAhead = 1024;

export function readStreamOptions(options: StreamOptions): StreamOptions & { readonly ahead: number } {
  checkOptionNames('stream', options, ['outputs', 'signal', 'key', 'flags', 'ahead', 'state']);
  const { ahead = 1, state, ...others } = options;
  if (!(Number.isInteger(ahead) && ahead >= 1 && ahead <= maxAhead)) {
    const finding = { option: 'ahead', expected: `a whole number from 1 to ${maxAhead}`, found: describeInput(ahead) };
    raise(runtimeCodes.finding('runtime-options', finding));
  }
  return { ...readRunOptions(others), ahead, ...(state === undefined ? {} : { state }) };
}

export function readManyOptions(options: ManyOptions): ManyOptions {
  checkOptionNames('runMany', options, ['outputs', 'signal', 'key', 'flags', 'rows']);
  const { rows, ...others } = options;
  if (rows !== undefined && !isRowsOfRun(rows, 1)) raise(runtimeCodes.finding('runtime-options', { option: 'rows', expected: `a whole number from 1 to ${mostRows}`, found: describeInput(rows) }));
  return { ...readRunOptions(others), ...(rows === undefined ? {} : { rows }) };
}

const isKey = (key: unknown): boolean => typeof key === 'string' || (isRecord(key) && Object.values(key).every((value) => typeof value === 'string'));

/** Checks and copies the options, which are read again when the run is under way. */
export function readRunOptions(options: RunOptions): RunOptions {
  const wrong = (option: string, expected: string, found: unknown) =>
    raise(runtimeCodes.finding('runtime-options', { option, expected, found: describeInput(found) }));
  checkOptionNames('run', options, ['outputs', 'signal', 'key', 'flags']);
  const { outputs, signal, key, flags } = options;
  const names = Array.isArray(outputs) ? Array.from<unknown>(outputs) : undefined;
  const isList = names !== undefined && names.length > 0 && names.every((name) => typeof name === 'string');
  if (outputs !== undefined && !isList) wrong('outputs', 'a list of names of outputs', outputs);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrong('signal', 'an AbortSignal', signal);
  if (key !== undefined && !isKey(key)) wrong('key', 'a text, or texts by their names', key);
  if (flags !== undefined && !(Array.isArray(flags) && flags.every((flag) => typeof flag === 'string'))) wrong('flags', 'a list of texts', flags);
  return { ...(isList ? { outputs: names } : {}), ...(signal === undefined ? {} : { signal }), ...(key === undefined ? {} : { key: typeof key === 'object' ? { ...key } : key }), ...(flags === undefined ? {} : { flags: [...flags] }) };
}
