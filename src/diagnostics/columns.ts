/** Texts as a terminal shows them: columns instead of UTF-16 code units, and nothing that moves the cursor. */
import { eastAsianWidth } from 'get-east-asian-width';

const tab = '    ';
// Control characters, and the marks that reorder text, would let a source file draw over what we say about it.
const harmful = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const zeroWidth = /^[\p{Mark}\u200b-\u200d\u2060]$/u;

/** A line laid out: what is printed, and the column of each of its UTF-16 code units and of its end. */
export interface Layout {
  readonly shown: string;
  readonly columns: readonly number[];
}

/** Lays out one line: tabs become four spaces, harmful characters the replacement character. */
export function layOut(line: string): Layout {
  const columns: number[] = [];
  let shown = '';
  let column = 0;
  for (const character of line) {
    const text = visible(character);
    for (let i = 0; i < character.length; i++) columns.push(column);
    shown += text;
    column += text === tab ? tab.length : characterWidth(text);
  }
  columns.push(column);
  return { shown, columns };
}

/** Text on one line without anything that the terminal would obey. */
export const harmless = (text: string): string => layOut(text.replace(/[\t\r\n]+/g, ' ')).shown;

/** Columns that a text takes. */
export const widthOf = (text: string): number => layOut(text).columns.at(-1)!;

/** The part of a shown line between two columns; a wide character cut in half becomes a space. */
export function sliceColumns(shown: string, from: number, to: number): string {
  let column = 0;
  let slice = '';
  for (const character of shown) {
    const width = characterWidth(character);
    const whole = column >= from && column + width <= to;
    const half = !whole && column + width > from && column < to;
    if (whole) slice += character;
    else if (half) slice += ' ';
    column += width;
  }
  return slice;
}

/** Breaks a text at spaces into lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of harmless(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function visible(character: string): string {
  if (character === '\t') return tab;
  return harmful.test(character) ? '\ufffd' : character;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  return zeroWidth.test(character) ? 0 : eastAsianWidth(code);
}
