/**
 * What a body is given at a call, as a text: two calls with the same text get the same facts out of it. Names of sizes
 * that belong to the caller are numbered, for a body cannot tell `batch` of one caller from `rows` of another; they are
 * numbered in the order of their keys, by which sums and products are sorted. Everything else of a value counts: but where
 * facts were declared only if somebody may be told, and not what a program calls its tensors. What a signature's own names stand
 * for follows from all that.
 */
import type { Dim, DimSymbol } from '../../types/dim.ts';
import type { Bound } from './arguments.ts';

/** Texts, and symbols whose numbers are not known before the last one is found. */
type Piece = string | DimSymbol;

/** What bodies are followed for. Only of mixtures is somebody told where a fact comes from. */
export type Purpose = 'facts' | 'facts and mixtures' | 'parameters' | 'nodes';

export interface CallKey {
  readonly text: string;
  /** The sizes that belong to the caller, in the order of their numbers. */
  readonly sizes: readonly DimSymbol[];
}

export function callKey(purpose: Purpose, { tensors, statics }: Bound): CallKey {
  const pieces: Piece[] = [];
  const places = purpose === 'facts and mixtures';
  for (const [{ name }, { value }] of tensors) {
    pieces.push('|', name, ':');
    writeValue(value, places, pieces);
  }
  for (const [{ name }, value] of statics) {
    pieces.push('|', name, '=');
    writeValue(value, places, pieces);
  }
  return join(purpose, pieces);
}

function join(purpose: Purpose, pieces: readonly Piece[]): CallKey {
  const symbols = new Map<string, DimSymbol>();
  for (const piece of pieces) if (typeof piece !== 'string') symbols.set(piece.key, piece);
  const keys = [...symbols.keys()].sort();
  const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : `#${keys.indexOf(piece.key)}<${piece.least ?? ''}:${piece.most ?? ''}>`));
  return { text: purpose + texts.join(''), sizes: keys.map((key) => symbols.get(key)!) };
}

function writeValue(value: unknown, places: boolean, pieces: Piece[]): void {
  if (typeof value === 'string') pieces.push(JSON.stringify(value));
  // JSON knows neither -0 nor infinities.
  else if (typeof value === 'number') pieces.push(Object.is(value, -0) ? '-0' : String(value));
  else if (typeof value !== 'object' || value === null) pieces.push(String(value));
  else if (Array.isArray(value)) writeAll(value, places, pieces);
  else if ('terms' in value) writeDim(value as Dim, pieces);
  else {
    pieces.push('{');
    if (value instanceof Map) for (const [key, inner] of value) writeEntry(key, inner, places, pieces);
    // Types and facts have no properties but their own.
    else for (const key in value) writeEntry(key, (value as Record<string, unknown>)[key], places, pieces);
    pieces.push('}');
  }
}

function writeAll(values: readonly unknown[], places: boolean, pieces: Piece[]): void {
  pieces.push('[');
  for (const value of values) {
    writeValue(value, places, pieces);
    pieces.push(',');
  }
  pieces.push(']');
}

function writeEntry(key: string, value: unknown, places: boolean, pieces: Piece[]): void {
  if ((key === 'location' && !places) || key === 'ref' || key === 'refs') return;
  pieces.push(key, ':');
  writeValue(value, places, pieces);
  pieces.push(',');
}

function writeDim({ terms }: Dim, pieces: Piece[]): void {
  pieces.push('(');
  for (const { coefficient, symbols } of terms) {
    pieces.push(String(coefficient));
    for (const symbol of symbols) writeSymbol(symbol, pieces);
    pieces.push('+');
  }
  pieces.push(')');
}

/** Only a caller's own names are like any others; a size of a file may be met again in the body. */
function writeSymbol(symbol: DimSymbol, pieces: Piece[]): void {
  if (symbol.atom !== undefined) {
    pieces.push('*', symbol.atom.op);
    writeAll(symbol.atom.args, false, pieces);
  } else if (symbol.kind === 'rigid') pieces.push('*', symbol);
  else pieces.push('*', symbol.kind, JSON.stringify(symbol.key), String(symbol.least), String(symbol.most));
}
