/** Characters that begin no token here and mean something elsewhere: single quotes, `#`, letters beyond ASCII. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceText, Span } from '../text/source.ts';
import { reportNotation } from './other-notation.ts';

const quoted = /'[^'"\\\r\n]*'/y;
const onlyLetters = /^\p{L}+$/u;
const wordCharacter = /[A-Za-z0-9_]/;

export interface MeantText {
  /** As long as the text that it stands for, so that every place is the same. */
  readonly text: string;
  /** The strings in single quotes, the quotes included. */
  readonly quoted: readonly Span[];
  /** The signs that begin comments elsewhere: `#`. */
  readonly hashes: readonly Span[];
}

/** A text with double quotes for single ones, `//` for the `#` of other languages, and `_` for the letters that names cannot have; `strays` begin no token. */
export function meantText(text: string, strays: readonly Span[]): MeantText {
  const pieces: string[] = [];
  const strings: Span[] = [];
  const hashes: Span[] = [];
  let end = 0;
  for (const stray of strays) {
    if (stray.start < end) continue;
    if (text[stray.start] === '#') {
      const signs = /^#+/.exec(text.slice(stray.start, stray.end))![0].length;
      hashes.push({ start: stray.start, end: stray.start + signs });
      const line = text.slice(stray.start).search(/[\r\n]|$/);
      pieces.push(text.slice(end, stray.start), line === 1 ? ' ' : `//${text.slice(stray.start + 2, stray.start + line)}`);
      end = stray.start + line;
      continue;
    }
    quoted.lastIndex = stray.start;
    const string = quoted.exec(text)?.[0];
    const word = onlyLetters.test(text.slice(stray.start, stray.end)) && (wordCharacter.test(text[stray.start - 1] ?? '') || wordCharacter.test(text[stray.end] ?? ''));
    if (string === undefined && !word) continue;
    pieces.push(text.slice(end, stray.start), string === undefined ? '_'.repeat(stray.end - stray.start) : `"${string.slice(1, -1)}"`);
    end = stray.start + (string?.length ?? stray.end - stray.start);
    if (string !== undefined) strings.push({ start: stray.start, end });
  }
  return { text: pieces.join('') + text.slice(end), quoted: strings, hashes };
}

/** What is said of a string in single quotes. */
export function reportQuoted(source: SourceText, span: Span): Diagnostic {
  const found = source.text.slice(span.start, span.end);
  return reportNotation(source, span, { what: 'A string', wanted: `"${found.slice(1, -1)}"`, found }, `"${found.slice(1, -1)}"`);
}
