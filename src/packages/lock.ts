/** `mdl.lock`: what every foreign file was, and which files each version of a space or tokenizer is bound to. */
import { parseJson } from '../data/json.ts';
import { absentOr, boolean, dictionary, integer, leaf, list, number, object, oneOf, showProblem, string, type Shape } from '../data/shape.ts';
import { lockCodes } from '../diagnostics/codes/lock.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';

export const lockVersion = 1;
export const lockName = 'mdl.lock';

export interface LockedFile {
  readonly bytes: number;
  /** Whole milliseconds since 1970. Where it and the size are as they were, the digest is believed. */
  readonly mtimeMs: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The path of each file that a version is bound to, and its SHA-256. */
export type Binding = ReadonlyMap<string, string>;

/** What `mdl verify` answered, and on what: a *measured* statement. */
export interface LockedVerdict {
  readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
  /** `2026-11-22` */
  readonly date: string;
  readonly rows: number;
  /** SHA-256 of what it rests on. */
  readonly fingerprint: string;
  /** The same, thing by thing: absent from what was written before there was such a list. */
  readonly grounds?: Readonly<Record<string, string>>;
  /** By the first word of each gate: `G2`. */
  readonly gates: Readonly<Record<string, LockedVerdict['verdict']>>;
  /** Limits of budgets that only a run can tell, as they are written: absent where there are none, and from what was written before they were kept. */
  readonly budgets?: Readonly<Record<string, LockedVerdict['verdict']>>;
}

/** Between what all rows lay. */
export type MeasuredBounds = readonly [low: number, high: number];

/** What a probe found of the vectors of a part: a *measured* statement. */
export interface LockedSpace {
  readonly columns: number;
  /** Whether every number was finite; the bounds are of those rows that were. */
  readonly finite: boolean;
  /** Of every element; of each row its Euclidean norm (rows of zeros left out), sum, mean and standard deviation. */
  readonly range: MeasuredBounds;
  readonly norm: MeasuredBounds;
  readonly sum: MeasuredBounds;
  readonly mean: MeasuredBounds;
  readonly std: MeasuredBounds;
}

export interface LockedProbe {
  /** `2026-11-22` */
  readonly date: string;
  readonly rows: number;
  /** SHA-256 of what computes the vectors. */
  readonly fingerprint: string;
  /** The same, thing by thing: absent from what was written before there was such a list. */
  readonly grounds?: Readonly<Record<string, string>>;
  /** By the names of the parts. */
  readonly spaces: Readonly<Record<string, LockedSpace>>;
}

/** Paths are relative to the lock file, with `/`. */
export interface Lock {
  readonly files: ReadonlyMap<string, LockedFile>;
  /** By `package#name@version`. A version that was once bound stays bound. */
  readonly spaces: ReadonlyMap<string, Binding>;
  readonly tokenizers: ReadonlyMap<string, Binding>;
  /** By `path#name` of the `verify`. */
  readonly verdicts: ReadonlyMap<string, LockedVerdict>;
  /** By `path#name` of the `probe`. */
  readonly probes: ReadonlyMap<string, LockedProbe>;
}

export const emptyLock: Lock = { files: new Map(), spaces: new Map(), tokenizers: new Map(), verdicts: new Map(), probes: new Map() };

/** How a lock file is written. */
interface LockJson {
  readonly lockVersion: number;
  readonly files: Readonly<Record<string, LockedFile>>;
  readonly spaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tokenizers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Absent where nothing was verified. */
  readonly verdicts?: Readonly<Record<string, LockedVerdict>>;
  /** Absent where nothing was probed. */
  readonly probes?: Readonly<Record<string, LockedProbe>>;
}

const sha256 = leaf('64 lower-case hexadecimal digits', (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v));
const count = integer(0, Number.MAX_SAFE_INTEGER);
const version = integer(1, Number.MAX_SAFE_INTEGER);
const bindings = dictionary(dictionary(sha256));
const verdict = oneOf('PASS', 'FAIL', 'INCONCLUSIVE');
const day = leaf('a day as 2026-11-22', (v) => typeof v === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(v));
const grounds = absentOr(dictionary(string));
const verdicts = dictionary(object<LockedVerdict>({ verdict, date: day, rows: count, fingerprint: sha256, grounds, gates: dictionary(verdict), budgets: absentOr(dictionary(verdict)) }));
const bounds: Shape = (value, path) => list(number, 2)(value, path) ?? ((value as unknown[]).length === 2 ? undefined : { path, expected: 'two numbers', found: 'others' });
const lockedSpace = object<LockedSpace>({ columns: count, finite: boolean, range: bounds, norm: bounds, sum: bounds, mean: bounds, std: bounds });
const probes = dictionary(object<LockedProbe>({ date: day, rows: count, fingerprint: sha256, grounds, spaces: dictionary(lockedSpace) }));
const lockShape: Shape = object<LockJson>({
  lockVersion: version,
  files: dictionary(object<LockedFile>({ bytes: count, mtimeMs: count, sha256 })),
  spaces: bindings,
  tokenizers: bindings,
  verdicts: absentOr(verdicts),
  probes: absentOr(probes),
});

const remedy = 'Its content can be made anew: delete it and run `mdl check`. What it knew of spaces and tokenizers is then lost.';

/** Reads a lock file's text, whatever it holds. */
export function readLock(text: string): Outcome<Lock> {
  if (/^<{7} /m.test(text)) {
    const notes = ['Take either side of the conflict whole, and run `mdl check`: it adds what is missing.'];
    return fail(lockCodes.finding('lock-invalid', { reason: 'it holds an unresolved merge conflict' }, notes));
  }
  // Two entries for one file would be read as the last here, and as the first elsewhere.
  const json = parseJson(text, { unique: true });
  if (!json.ok) return fail(lockCodes.finding('lock-invalid', { reason: json.reason }, [remedy]));
  const versionProblem = object<Pick<LockJson, 'lockVersion'>>({ lockVersion: version })(json.value, '');
  const found = versionProblem === undefined ? (json.value as LockJson).lockVersion : lockVersion;
  if (found !== lockVersion) {
    const notes = ['Use the version of MDL that wrote it, or delete it and run `mdl check`.'];
    return fail(lockCodes.finding('lock-version', { found, known: lockVersion }, notes));
  }
  const problem = lockShape(json.value, '');
  if (problem !== undefined) return fail(lockCodes.finding('lock-invalid', { reason: showProblem(problem) }, [remedy]));
  const { files, spaces, tokenizers, verdicts: judged = {}, probes: probed = {} } = json.value as LockJson;
  return succeed({ files: mapOf(files), spaces: bindingsOf(spaces), tokenizers: bindingsOf(tokenizers), verdicts: mapOf(judged), probes: mapOf(probed) });
}

/** A lock as text: the same lock is always the same text. */
export function printLock(lock: Lock): string {
  const json = {
    lockVersion,
    files: sortedObject(lock.files, ({ bytes, mtimeMs, sha256: digest }) => ({ bytes, mtimeMs, sha256: digest })),
    spaces: sortedObject(lock.spaces, (binding) => sortedObject(binding, (digest) => digest)),
    tokenizers: sortedObject(lock.tokenizers, (binding) => sortedObject(binding, (digest) => digest)),
    ...(lock.verdicts.size === 0 ? {} : { verdicts: sortedObject(lock.verdicts, (found) => found) }),
    ...(lock.probes.size === 0 ? {} : { probes: sortedObject(lock.probes, (found) => found) }),
  } satisfies LockJson;
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

const mapOf = <T>(record: Readonly<Record<string, T>>): ReadonlyMap<string, T> => new Map(Object.entries(record));
const bindingsOf = (json: LockJson['spaces']): ReadonlyMap<string, Binding> =>
  new Map(Object.entries(json).map(([key, files]) => [key, mapOf(files)]));

function sortedObject<T, U>(map: ReadonlyMap<string, T>, to: (value: T) => U): Record<string, U> {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, to(item)]));
}
