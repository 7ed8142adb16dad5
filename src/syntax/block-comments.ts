/** Comments between `/*` and `*\/`, as other languages have them: they are left out, and reported once each. */
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceText, Span } from '../text/source.ts';

/** Strings and comments to the end of the line, in which a `/*` is text, and comments between signs. */
const pieces = /'[^'"\\\r\n]*'|"(?:[^"\\\r\n]|\\.)*"?|\/\/[^\r\n]*|\/\*[^]*?(?:\*\/|$)/g;

/** The spans of such comments; one that nobody closed goes to the end of the text. */
export function blockComments(text: string): readonly Span[] {
  if (!text.includes('/*')) return [];
  return [...text.matchAll(pieces)].flatMap(({ 0: { length }, index }) => (text.startsWith('/*', index) ? [{ start: index, end: index + length }] : []));
}

/** The text with blanks in their place; its lines stay. */
export function withoutBlocks(text: string, blocks: readonly Span[]): string {
  const kept = blocks.map(({ start, end }, i) => text.slice(blocks[i - 1]?.end ?? 0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' '));
  return kept.join('') + text.slice(blocks.at(-1)?.end ?? 0);
}

export function reportBlock({ uri, text }: SourceText, span: Span): Diagnostic {
  const whole = text.slice(span.start, span.end);
  const lines = whole.slice(2).replace(/\*\/$/, '').split(/\r?\n/).map((line) => line.trim().replace(/^\*+ ?/, ''));
  const filled = lines.filter((line, i) => line !== '' || (i > 0 && i < lines.length - 1));
  // Behind it on its line there may be text that is none.
  const isLast = /^[ \t]*(?:[\r\n]|$)/.test(text.slice(span.end));
  const indent = /[ \t]*$/.exec(text.slice(0, span.start))![0];
  const fixes = isLast ? [{ title: 'Write `//`', edits: [{ location: { uri, span }, text: filled.map((line) => `// ${line}`.trimEnd()).join(`\n${indent}`) }] }] : [];
  const open = { start: span.start, end: span.start + 2 };
  return syntaxCodes.report('other-notation', { what: 'A comment', wanted: '// …', found: '/* … */' }, { uri, span: open }, { fixes, notes: ['It goes to the end of its line.'] });
}
