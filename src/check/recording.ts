/**
 * What checking one declaration found out, apart from what was found out of others on the way: it holds for as long as the
 * declaration is the same symbol. Played back it adds to the checker what a check would add, in the same order.
 */
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Host } from '../host/host.ts';
import type { Callable, Checker } from './context.ts';

/** What each list gained. */
type Gains = readonly (readonly unknown[])[];

export interface Recorded {
  /** In their order: gains, and declarations of the same module that were needed, whose own findings come there if they are not there yet. */
  readonly pieces: readonly (Gains | Symbol<Callable>)[];
  /** What each table says of the declaration. */
  readonly entries: readonly unknown[];
  /** Names of the module that it refers to. */
  readonly used: ReadonlySet<string>;
  /** Whether nothing was reported, here or of what was needed: a report may tell of names that the declaration does not mention. */
  readonly quiet: boolean;
}

/** A declaration that is being checked. */
export interface Recording {
  readonly symbol: Symbol;
  readonly pieces: (Gains | Symbol<Callable>)[];
  readonly needed: Set<Symbol>;
  /** How long each list was when the last piece ended. */
  marks: readonly number[];
}

/** The lists and tables that checking a module adds to, and that another module may read. */
export const listsOf = (checker: Checker): readonly unknown[][] => [checker.diagnostics, checker.foreign, checker.bound, checker.reads, checker.weights, checker.observed, checker.looked];
export const tablesOf = (checker: Checker): readonly Map<Symbol, unknown>[] => [checker.calls, checker.signatures, checker.bindings, checker.joints];

export const lengthsOf = (checker: Checker): readonly number[] => listsOf(checker).map((list) => list.length);
export const gainsSince = (lengths: readonly number[], checker: Checker): Gains => listsOf(checker).map((list, i) => list.slice(lengths[i]));
export const play = (gains: Gains, checker: Checker): void => listsOf(checker).forEach((list, i) => gains[i]!.forEach((gain) => list.push(gain)));

/** The states of the files among what was gained: the last of the lists. */
export const filesAmong = (gains: Gains): ReadonlyMap<string, string> => new Map(gains.at(-1) as Checker['looked']);

/** Notes that a declaration rests on what stands at a place, or on nothing standing there. */
export const noteLooked = (uri: string, { looked, host }: Checker): void => void looked.push([uri, stateOf(uri, host)]);

/** What tells one state of a file from another without reading it. */
export function stateOf(uri: string, host: Host): string {
  const stat = host.stat(uri);
  return stat === undefined ? 'absent' : `${stat.size} ${stat.mtimeMs}`;
}

/** Notes that the declaration that is being checked needs the signature of another one. */
export function noteNeeded(symbol: Symbol<Callable>, checker: Checker): void {
  const recording = checker.recordings.at(-1);
  if (recording === undefined || symbol.module !== recording.symbol.module || recording.needed.has(symbol)) return;
  recording.needed.add(symbol);
  closePiece(recording, checker);
  recording.pieces.push(symbol);
}

/** What has been found since the last piece is one. */
function closePiece(recording: Recording, checker: Checker): void {
  const lengths = lengthsOf(checker);
  if (lengths.some((length, i) => length > recording.marks[i]!)) recording.pieces.push(gainsSince(recording.marks, checker));
  recording.marks = lengths;
}

/** Checks a declaration by `check`, or plays back what is known of it; `need` is called for what it needs. */
export function checkOnce(symbol: Symbol, checker: Checker, need: (needed: Symbol<Callable>) => void, check: () => void): void {
  const outer = checker.recordings.at(-1);
  if (outer !== undefined) closePiece(outer, checker);
  const known = checker.recorded.get(symbol);
  if (known?.quiet) {
    for (const piece of known.pieces) {
      if ('declaration' in piece) need(piece);
      else play(piece, checker);
    }
    tablesOf(checker).forEach((table, i) => known.entries[i] !== undefined && table.set(symbol, known.entries[i]));
  } else checker.recorded.set(symbol, record(symbol, checker, check));
  // What was gained meanwhile is not the outer declaration's own.
  if (outer !== undefined) outer.marks = lengthsOf(checker);
}

function record(symbol: Symbol, checker: Checker, check: () => void): Recorded {
  const { module } = symbol;
  const recording: Recording = { symbol, pieces: [], needed: new Set(), marks: lengthsOf(checker) };
  const before = module.used;
  module.used = new Set();
  checker.recordings.push(recording);
  check();
  checker.recordings.pop();
  closePiece(recording, checker);
  const used = module.used;
  module.used = before;
  const gains = recording.pieces.filter((piece): piece is Gains => !('declaration' in piece));
  const silent = gains.every(([diagnostics]) => diagnostics!.length === 0);
  return {
    pieces: recording.pieces,
    entries: tablesOf(checker).map((table) => table.get(symbol)),
    used,
    quiet: silent && [...recording.needed].every((needed) => checker.recorded.get(needed)?.quiet),
  };
}

/** Counts what the declarations of a module refer to as used in it. */
export function gatherUsed(module: ModuleScope, symbols: readonly Symbol[], { recorded }: Checker): void {
  for (const symbol of symbols) for (const name of recorded.get(symbol)?.used ?? []) module.used.add(name);
}
