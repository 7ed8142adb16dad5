/** Whole lines of a text, as edits that take something out need them. */
import type { Span } from './source.ts';

/** The lines that a span fills, with their ends; undefined where it shares one. */
export function wholeLines(text: string, { start, end }: Span): Span | undefined {
  let begins = start;
  while (begins > 0 && (text[begins - 1] === ' ' || text[begins - 1] === '\t')) begins--;
  const rest = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(end))?.[0].length;
  return rest === undefined || (begins > 0 && !/[\r\n]/.test(text[begins - 1]!)) ? undefined : { start: begins, end: end + rest };
}

/** The same with the doc comment that stands above. */
export function documentedLines(text: string, span: Span): Span | undefined {
  const lines = wholeLines(text, span);
  if (lines === undefined) return undefined;
  let { start } = lines;
  for (let above = lineBefore(text, start); above !== undefined && /^[ \t]*\/\/\//.test(text.slice(above, start)); above = lineBefore(text, start)) start = above;
  return { start, end: lines.end };
}

/** Where the line begins that ends at the start of another; undefined before the first one. */
const lineBefore = (text: string, start: number): number | undefined => (start === 0 ? undefined : text.lastIndexOf('\n', start - 2) + 1);

/** What goes with one item of a list that signs part: the item, and the sign between it and its neighbour. */
export function listItem(items: readonly Span[], i: number): Span {
  const { start, end } = items[i]!;
  return i > 0 ? { start: items[i - 1]!.end, end } : { start, end: items[1]?.start ?? end };
}
