/** The options of `load`, read from whatever an app gives. */
import { isRecord } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { BatchSettings } from '../session.ts';
import { describeInput } from '../inputs/describe.ts';
import type { Choice } from '../devices/device.ts';
import { raise } from '../errors.ts';
import { keptBy, type Kept } from '../serving/feature-cache.ts';
import { checkOptionNames } from './option-names.ts';
import type { LoadOptions } from '../types.ts';

const optimizations = ['disabled', 'basic', 'extended', 'all'] as const;

/** Runs that may wait for a worker. */
const defaultWaiting = 256;

/** Milliseconds for which a head that is loaded may hold up the serving thread; on the CPU there are others for what takes longer. */
export const defaultStall = 10;
export const defaultStallOfDevice = 250;

export interface Settings {
  readonly devices: readonly Choice[];
  readonly strict: boolean;
  readonly verify: boolean;
  readonly optimization: (typeof optimizations)[number];
  readonly threads: number | undefined;
  readonly cache: Kept | undefined;
  readonly workers: number;
  readonly waiting: number;
  readonly batch: BatchSettings | undefined;
  readonly onViolation: LoadOptions['onViolation'];
  readonly onRun: LoadOptions['onRun'];
  readonly telemetry: boolean;
  readonly stall: number | undefined;
}

const names: readonly (keyof LoadOptions)[] = ['device', 'strict', 'verify', 'optimization', 'threads', 'workers', 'waiting', 'batch', 'cache', 'onViolation', 'onRun', 'telemetry', 'stall'];

/** Checks what JavaScript callers may get wrong, too. */
export function readLoadOptions(options: LoadOptions): Settings {
  checkOptionNames('load', options, names);
  const { device = 'auto', strict = false, verify = true, optimization = 'all', threads, workers = 0, waiting = defaultWaiting, batch, cache, onViolation, onRun, telemetry = true, stall } = options;
  if (typeof strict !== 'boolean') wrong('strict', 'true or false', strict);
  if (typeof verify !== 'boolean') wrong('verify', 'true or false', verify);
  if (!optimizations.includes(optimization))
    wrong('optimization', optimizations.map((o) => `"${o}"`).join(' or '), optimization);
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024))
    wrong('threads', 'a whole number from 1 to 1024', threads);
  if (!(Number.isInteger(workers) && workers >= 0 && workers <= 256)) wrong('workers', 'a whole number from 0 to 256', workers);
  if (!(Number.isInteger(waiting) && waiting >= 1)) wrong('waiting', 'a whole number from 1', waiting);
  if (onViolation !== undefined && typeof onViolation !== 'function') wrong('onViolation', 'a function', onViolation);
  if (onRun !== undefined && typeof onRun !== 'function') wrong('onRun', 'a function', onRun);
  if (typeof telemetry !== 'boolean') wrong('telemetry', 'true or false', telemetry);
  if (stall !== undefined && !(typeof stall === 'number' && stall >= 0)) wrong('stall', 'a number of milliseconds from 0', stall);
  const kept = keptBy(cache);
  if (cache !== undefined && kept === undefined) wrong('cache', 'what `createFeatureCache` gives', cache);
  // Threads within an operator, in each of several workers, would wait for each other.
  return { devices: readDevices(device), strict, verify, optimization, threads: threads ?? (workers > 0 ? 1 : undefined), workers, waiting, batch: readBatch(batch, waiting), cache: kept, onViolation, onRun, telemetry, stall };
}

const defaultDelay = 2;

/** Rows of one run at most, where nobody says otherwise. */
export const defaultRows = 32;
export const mostRows = 65_536;
export const isRowsOfRun = (rows: unknown, least: number): rows is number => typeof rows === 'number' && Number.isInteger(rows) && rows >= least && rows <= mostRows;

function readBatch(batch: unknown, waiting: number): BatchSettings | undefined {
  if (batch === undefined) return undefined;
  if (!isRecord(batch)) return wrong('batch', '`{ rows, milliseconds }`', batch);
  const { rows, milliseconds = defaultDelay, ...others } = batch;
  const [other] = Object.keys(others);
  if (other !== undefined) wrong('batch', 'an object of rows, milliseconds', other);
  if (!isRowsOfRun(rows, 2)) return wrong('batch.rows', `a whole number from 2 to ${mostRows}`, rows);
  if (!(typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds <= 10_000)) return wrong('batch.milliseconds', 'a number from 0 to 10000', milliseconds);
  return { rows, milliseconds, waiting };
}

function wrong(option: string, expected: string, found: unknown): never {
  raise(runtimeCodes.finding('runtime-options', { option, expected, found: describeInput(found) }));
}

function readDevices(given: unknown): readonly Choice[] {
  const list: readonly unknown[] = Array.isArray(given) ? Array.from<unknown>(given) : [given];
  if (list.length === 0) wrong('device', 'the name of a device, or a list of them', given);
  return list.map(readDevice);
}

function readDevice(given: unknown): Choice {
  if (typeof given === 'string' && given !== '') return { name: given, options: {} };
  if (!isRecord(given)) return wrong('device', 'the name of a device, `{ name, options }`, or a list of these', given);
  const { name, options = {}, ...others } = given;
  const [other] = Object.keys(others);
  if (typeof name !== 'string' || name === '') wrong('device.name', 'the name of a device', name);
  if (!isRecord(options)) wrong('device.options', "an object of the provider's own options", options);
  if (other !== undefined) wrong('device', 'an object of name, options', other);
  return { name, options };
}
