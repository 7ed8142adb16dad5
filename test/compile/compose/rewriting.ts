/** Programs as texts: written otherwise they mean the same, with one joint changed they are refused. */
import type { Random } from './drawing.ts';

/** Names of this generator that are no part of what a model promises, and that no weights file has as keys. */
const ownNames = /\b(?!f16\b|f32\b|f64\b)(?:[prvfx]\d+|[GR]p\d+|D?B\d+|[a-h]|(?:tap|in|out)\d+)\b/g;

const outsideQuotes = (text: string, change: (piece: string) => string): string => text.split(/("[^"]*")/).map((piece, i) => (i % 2 === 0 ? change(piece) : piece)).join('');

/** All names changed, and the declarations in the other order. */
export const rewritten = (text: string): string => outsideQuotes(text, (piece) => piece.replaceAll(ownNames, '$&_z')).split('\n\n').toReversed().join('\n\n');

const others: Readonly<Record<string, string>> = { f32: 'i64', f64: 'f32', i64: 'f32', i32: 'f32', bool: 'f32', u8: 'i64' };

/** A type of a signature, a field, a port of a network or a parameter, with another element type or one size that is a number another; undefined where there is none. */
export function broken(text: string, random: Random): { readonly text: string; readonly what: string } | undefined {
  const places = [...text.matchAll(/\b(f32|f64|i64|i32|bool|u8)\[([^\]]*)\]/g)].filter(({ index }) => /^(?:part|head|contract|.*from "|  param)/.test(lineAt(text, index)));
  if (places.length === 0) return undefined;
  const { 0: whole, 1: dtype = '', 2: list = '', index } = random.pick(places);
  const sizes = list.split(', ');
  const numbers = sizes.flatMap((n, i) => (/^\d+$/.test(n) ? [i] : []));
  const at = numbers.length === 0 || random.chance(0.3) ? undefined : random.pick(numbers);
  const made = at === undefined ? `${others[dtype]}[${list}]` : `${dtype}[${sizes.with(at, String(Number(sizes[at]) + 1)).join(', ')}]`;
  return { text: text.slice(0, index) + made + text.slice(index + whole.length), what: `${whole} as ${made} in ${lineAt(text, index)}` };
}

const lineAt = (text: string, index: number): string => text.slice(text.lastIndexOf('\n', index) + 1, text.indexOf('\n', index));
