/** Formats a whole module, touching only the lines that change. */
import { formatText, type FormatOptions } from '../format/index.ts';
import { createSource, type SourceText } from '../text/source.ts';
import type { TextEdit } from './answers.ts';
import { rangeOf } from './view.ts';

/** Edits that format a text; none where it has syntax errors. */
export async function formatting(source: SourceText, options: FormatOptions = {}): Promise<TextEdit[]> {
  const formatted = await formatText(source.text, { endOfLine: 'auto', ...options });
  return formatted.ok ? minimalEdits(source, formatted.value) : [];
}

/** One replacement for each run of lines that differ. */
export function minimalEdits(source: SourceText, text: string): TextEdit[] {
  const before = linesOf(source);
  const after = linesOf(createSource('', text));
  const edits: TextEdit[] = [];
  let offset = 0;
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...commonLines(before, after), [before.length, after.length] as const]) {
    const removed = before.slice(i, nextI).join('');
    const added = after.slice(j, nextJ).join('');
    if (removed !== added) edits.push(replacement(source, offset, removed, added));
    offset += removed.length + (before[nextI]?.length ?? 0);
    [i, j] = [nextI + 1, nextJ + 1];
  }
  return edits;
}

/** What the two texts share at their ends stays. */
function replacement(source: SourceText, offset: number, removed: string, added: string): TextEdit {
  const most = Math.min(removed.length, added.length);
  let head = 0;
  while (head < most && removed[head] === added[head]) head++;
  if (splitsCharacter(removed, head) || splitsCharacter(added, head)) head--;
  let tail = 0;
  while (tail < most - head && removed.at(-1 - tail) === added.at(-1 - tail)) tail++;
  if (splitsCharacter(removed, removed.length - tail) || splitsCharacter(added, added.length - tail)) tail--;
  const span = { start: offset + head, end: offset + removed.length - tail };
  return { range: rangeOf(source, span), newText: added.slice(head, added.length - tail) };
}

/** A position inside CRLF or a surrogate pair is none that an editor knows. */
const splitsCharacter = (text: string, index: number): boolean =>
  /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(Math.max(0, index - 1), index + 1));

/** The lines of a text with their ends. */
const linesOf = ({ text, lineStarts }: SourceText): string[] =>
  lineStarts.map((start, i) => text.slice(start, lineStarts[i + 1] ?? text.length));

/** Lines up to which the table of the longest common subsequence is made; beyond, the middle is one change. */
const largestTable = 4_000_000;

/** Pairs of equal lines, ascending in both: the longest such list. */
function commonLines(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = longestCommon(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [
    ...Array.from({ length: start }, (_, i) => [i, i] as const),
    ...middle.map(([i, j]) => [start + i, start + j] as const),
    ...Array.from({ length: end }, (_, i) => [a.length - end + i, b.length - end + i] as const),
  ];
}

function longestCommon(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > largestTable) return [];
  const width = b.length + 1;
  /** `lengths[i * width + j]`: of the longest list in a from i and b from j on. */
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const longer = Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
      lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1]! + 1 : longer;
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}
