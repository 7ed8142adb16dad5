/** The guards of a model whose answers are the runtime's: `on violation reject` ends the run, `on violation report` is told. */
import type { Manifest, ManifestGuard } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';

/** What a guard found in one run. */
export interface GuardViolation {
  readonly guard: ManifestGuard;
  /** How many elements break the demand; of a demand on whole rows, such as a norm, how many of those. */
  readonly count: number;
  /** In which places of the first axis they lie; empty where the tensor has none. */
  readonly rows: readonly number[];
  /** Of a demand on sizes: those that are otherwise, and the number of axes where that is. */
  readonly sizes?: readonly SizeViolation[];
}

export interface SizeViolation {
  /** From the left; undefined for the number of axes. */
  readonly axis: number | undefined;
  readonly found: number;
  readonly expected: number;
}

/** What a reporting guard has found since the model was loaded. */
export interface GuardTally {
  readonly guard: ManifestGuard;
  /** Runs that broke the demand. */
  readonly runs: number;
  readonly rows: number;
  readonly count: number;
}

export interface Guards {
  /** These outputs, and the tensors to be asked for beside them. */
  withTensors(outputs: readonly string[]): readonly string[];
  /** What breaks a demand, in the order of the graph. */
  find(results: ReadonlyMap<string, RawTensor>): readonly GuardViolation[];
  /** Raises for the first guard that rejects; tells the app of the others. What the app throws then ends the run, too. */
  answer(found: readonly GuardViolation[]): void;
  readonly tallies: readonly GuardTally[];
}

type Watched = ManifestGuard & { readonly tensor: string };

export function createGuards({ guards = [] }: Manifest, onViolation: ((violation: GuardViolation) => void) | undefined): Guards {
  const watched = guards.filter((guard): guard is Watched => guard.tensor !== undefined && (guard.action === 'reject' || guard.action === 'report'));
  const tallies = new Map(watched.filter(({ action }) => action === 'report').map((guard): [Watched, GuardTally] => [guard, { guard, runs: 0, rows: 0, count: 0 }]));
  return {
    withTensors: (outputs) => (watched.length === 0 ? outputs : [...outputs, ...watched.filter((guard) => guard.outputs.some((name) => outputs.includes(name))).map(({ tensor }) => tensor)]),
    find: (results) => watched.flatMap((guard) => (results.has(guard.tensor) ? (violationOf(guard, results.get(guard.tensor)!) ?? []) : [])),
    answer: (found) => {
      const rejected = found.find(({ guard }) => guard.action === 'reject');
      if (rejected !== undefined) reject(rejected);
      for (const violation of found) {
        const guard = violation.guard as Watched;
        const { runs, rows, count } = tallies.get(guard)!;
        tallies.set(guard, { guard, runs: runs + 1, rows: rows + violation.rows.length, count: count + violation.count });
        onViolation?.(violation);
      }
    },
    get tallies() {
      return [...tallies.values()];
    },
  };
}

/** Whether a guard whose tensor one of these is finds fault. */
export const findsFault = ({ guards = [] }: Manifest, results: ReadonlyMap<string, RawTensor>): boolean =>
  guards.some((guard) => guard.tensor !== undefined && results.has(guard.tensor) && violationOf(guard, results.get(guard.tensor)!) !== undefined);

/** Undefined where nothing breaks the demand. */
function violationOf(guard: ManifestGuard, { data, dims }: RawTensor): GuardViolation | undefined {
  const counts = Array.from(data as ArrayLike<number>);
  if (guard.axes !== undefined) return sizeViolation(guard, guard.axes, counts);
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (count === 0) return undefined;
  return { guard, count, rows: dims.length === 0 ? [] : counts.flatMap((each, row) => (each > 0 ? [row] : [])) };
}

/** The sizes as they are, and then as they should be; where there are other axes, of those alone. */
function sizeViolation(guard: ManifestGuard, axes: readonly number[], numbers: readonly number[]): GuardViolation | undefined {
  const half = numbers.length >> 1;
  const sizes = Array.from({ length: half }, (_, i): SizeViolation => ({ axis: axes[i], found: numbers[i]!, expected: numbers[half + i]! })).filter(({ found, expected }) => found !== expected);
  if (sizes.length === 0) return undefined;
  const rank = sizes.find(({ axis }) => axis === undefined);
  return { guard, count: sizes.length, rows: [], sizes: rank === undefined ? sizes : [rank] };
}

const showSize = ({ axis, found, expected }: SizeViolation): string => (axis === undefined ? `it has ${found} axes, not ${expected}` : `axis ${axis} has ${found}, not ${expected}`);

function reject(violation: GuardViolation): never {
  const { guard, rows, sizes } = violation;
  const { to, contract, what } = guard;
  const notes = [`${guard.at}: \`${guard.from}\`, on violation reject.`];
  raise(runtimeCodes.finding('guard-rejected', { to, contract, what, where: sizes === undefined ? showRows(rows, guard.rows) : `: ${sizes.map(showSize).join(', ')}` }, notes), violation);
}

/** `odds.mdl:9:19: odds.p: range [0, 1] does not hold in rows 0 and 4 of batch`, for logs. */
export const describeViolation = ({ guard: { at, to, what, rows: axis }, rows }: GuardViolation): string => `${at}: \`${to}\`: ${what} does not hold${showRows(rows, axis)}`;

const shownRows = 5;

/** ` in rows 0, 4 and 7 of batch`; nothing where there are no rows. */
function showRows(rows: readonly number[], axis: string | undefined): string {
  if (rows.length === 0) return '';
  const shown = rows.slice(0, shownRows).map(String);
  const more = rows.length > shownRows ? [`${rows.length - shownRows} more`] : [];
  const [last, ...others] = [...shown, ...more].toReversed();
  const list = others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
  return ` in row${rows.length === 1 ? '' : 's'} ${list}${axis === undefined ? '' : ` of \`${axis}\``}`;
}
