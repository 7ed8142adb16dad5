/**
 * What a body is given at a call, as a text: two calls with the same text get the same facts out of it. Names of sizes
 * that belong to the caller are numbered, for a body cannot tell `batch` of one caller from `rows` of another; they are
 * numbered in the order of their keys, by which sums and products are sorted. Everything else of a value counts: but where
 * facts were declared only if somebody may be told, and not what a program calls its tensors. What a signature's own names stand
 * for follows from all that.
 */
import type { Dim, DimSymbol } from '../../types/dim.ts';
import type { Bound } from './arguments.ts';

/** A key while it is written: texts, each with the symbol behind it, whose number is not known before the last one is found. */
interface Draft {
  readonly before: string[];
  readonly symbols: DimSymbol[];
  text: string;
}

/** What bodies are followed for. Only of mixtures is somebody told where a fact comes from. */
export type Purpose = 'facts' | 'facts and mixtures' | 'parameters' | 'nodes';

export interface CallKey {
  readonly text: string;
  /** The sizes that belong to the caller, in the order of their numbers. */
  readonly sizes: readonly DimSymbol[];
}

export function callKey(purpose: Purpose, { tensors, statics }: Bound): CallKey {
  const draft: Draft = { before: [], symbols: [], text: purpose };
  const places = purpose === 'facts and mixtures';
  for (const [{ name }, { value }] of tensors) {
    draft.text += `|${name}:`;
    writeValue(value, places, draft);
  }
  for (const [{ name }, value] of statics) {
    draft.text += `|${name}=`;
    writeValue(value, places, draft);
  }
  return numbered(draft);
}

function numbered({ before, symbols, text }: Draft): CallKey {
  if (symbols.length === 0) return { text, sizes: [] };
  const byKey = new Map(symbols.map((symbol) => [symbol.key, symbol]));
  const keys = [...byKey.keys()].sort();
  let whole = '';
  for (const [i, { key, least, most }] of symbols.entries()) whole += `${before[i]}#${keys.indexOf(key)}<${least ?? ''}:${most ?? ''}>`;
  return { text: whole + text, sizes: keys.map((key) => byKey.get(key)!) };
}

function writeValue(value: unknown, places: boolean, draft: Draft): void {
  if (typeof value === 'string') draft.text += JSON.stringify(value);
  // JSON knows neither -0 nor infinities.
  else if (typeof value === 'number') draft.text += Object.is(value, -0) ? '-0' : String(value);
  else if (typeof value !== 'object' || value === null) draft.text += String(value);
  else if (Array.isArray(value)) writeAll(value, places, draft);
  else if ('terms' in value) writeDim(value as Dim, draft);
  else {
    draft.text += '{';
    if (value instanceof Map) for (const [key, inner] of value) writeEntry(key, inner, places, draft);
    // Types and facts have no properties but their own.
    else for (const key in value) writeEntry(key, (value as Record<string, unknown>)[key], places, draft);
    draft.text += '}';
  }
}

function writeAll(values: readonly unknown[], places: boolean, draft: Draft): void {
  draft.text += '[';
  for (const value of values) {
    writeValue(value, places, draft);
    draft.text += ',';
  }
  draft.text += ']';
}

function writeEntry(key: string, value: unknown, places: boolean, draft: Draft): void {
  if ((key === 'location' && !places) || key === 'ref' || key === 'refs') return;
  draft.text += `${key}:`;
  writeValue(value, places, draft);
  draft.text += ',';
}

function writeDim({ terms }: Dim, draft: Draft): void {
  draft.text += '(';
  for (const { coefficient, symbols } of terms) {
    draft.text += String(coefficient);
    for (const symbol of symbols) writeSymbol(symbol, draft);
    draft.text += '+';
  }
  draft.text += ')';
}

/** Only a caller's own names are like any others; a size of a file may be met again in the body. */
function writeSymbol(symbol: DimSymbol, draft: Draft): void {
  draft.text += '*';
  if (symbol.atom !== undefined) {
    draft.text += symbol.atom.op;
    writeAll(symbol.atom.args, false, draft);
  } else if (symbol.kind === 'rigid') {
    draft.before.push(draft.text);
    draft.symbols.push(symbol);
    draft.text = '';
  } else draft.text += `${symbol.kind}${JSON.stringify(symbol.key)}${symbol.least}${symbol.most}`;
}
