/** A fix as text: the lines that result from its edits, as one would type them. */
import { createSource, lineText, positionAt, type SourceText, type Span } from '../text/source.ts';
import type { Edit, Fix } from './diagnostic.ts';
import { layOut } from './columns.ts';
import { gutterOf, type ExcerptOptions } from './excerpt.ts';

const mostLines = 12;
/** No terminal shows longer lines, as machines write them, so that anybody sees what is new: the fix's title has to do. */
const longestText = 16_384;

/** Where an edit's text stands in the edited file. */
interface Placed {
  readonly start: number;
  readonly end: number;
  /** Whether nothing was replaced. */
  readonly inserted: boolean;
  /** The lines that it takes out of the text as it was, where it does only that. */
  readonly taken?: Span;
}

/** The text after the edits, and where each edit ended up. Edits that overlap an earlier one are left out. */
export function applyEdits(text: string, edits: readonly Edit[]): { readonly text: string; readonly placed: readonly Placed[] } {
  const sorted = [...edits].sort((a, b) => a.location.span.start - b.location.span.start);
  const placed: Placed[] = [];
  let result = '';
  let at = 0;
  for (const { location, text: insertion } of sorted) {
    const { start, end } = location.span;
    if (start < at || end < start || end > text.length) continue;
    result += text.slice(at, start);
    const taken = insertion === '' && end > start && isLineStart(text, start) && (isLineStart(text, end) || end === text.length) ? { taken: location.span } : {};
    placed.push({ start: result.length, end: result.length + insertion.length, inserted: start === end, ...taken });
    result += insertion;
    at = end;
  }
  return { text: result + text.slice(at), placed };
}

const isLineStart = (text: string, offset: number): boolean => offset === 0 || text[offset - 1] === '\n';

/** Some lines of a source, of which a preview is made: of a long source only those around the edits are looked at. */
interface Around extends ExcerptOptions {
  readonly first: number;
}

/** The lines that the edits touch, with those beside them, as a source of their own. */
function around(edits: readonly Edit[], source: SourceText): { readonly first: number; readonly part: SourceText; readonly edits: readonly Edit[] } {
  const spans = edits.map(({ location }) => location.span);
  const first = Math.max(0, positionAt(source, spans.reduce((least, { start }) => Math.min(least, start), source.text.length)).line - 1);
  const last = positionAt(source, spans.reduce((most, { end }) => Math.max(most, end), 0)).line + 1;
  const start = source.lineStarts[first]!;
  const end = source.lineStarts[last + 1] ?? source.text.length;
  const moved = edits.map(({ location: { uri, span }, text }) => ({ location: { uri, span: { start: span.start - start, end: span.end - start } }, text }));
  return { first, part: createSource(source.uri, source.text.slice(start, end)), edits: moved };
}

/** The rows below `help:` for the edits of one file: lines that go with `-`, new ones with `+`, in others what is new underlined. */
export function previewFix(fix: Fix, whole: SourceText, given: ExcerptOptions): string[] {
  const { first, part: source, edits } = around(fix.edits.filter((edit) => edit.location.uri === whole.uri), whole);
  if (source.text.length > longestText) return [];
  const options: Around = { ...given, first };
  const { text, placed } = applyEdits(source.text, edits);
  const edited = createSource(source.uri, text);
  const lines = changedLines(edited, placed.filter(({ taken }) => taken === undefined));
  const gone = placed.flatMap(({ start, taken }): Hunk[] => (taken === undefined ? [] : [{ line: positionAt(edited, start).line - 0.5, rows: takenRows(source, taken, options) }]));
  const changed = lines.slice(0, mostLines).map((line): Hunk => ({ line, rows: changedRows(edited, line, placed, options) }));
  const hunks = [...gone, ...changed].toSorted((a, b) => a.line - b.line);
  const rows = hunks.flatMap(({ line, rows: own }, i) => (i > 0 && line > hunks[i - 1]!.line + 1 ? [options.paint.gutter('...'), ...own] : own));
  return [gutterOf(options), ...rows, ...(lines.length > mostLines ? [options.paint.gutter('...')] : [])];
}

/** Rows that stand together, by the line of the edited text; what is taken out stood above the half one. */
interface Hunk {
  readonly line: number;
  readonly rows: readonly string[];
}

function changedRows(edited: SourceText, line: number, placed: readonly Placed[], options: Around): string[] {
  const isNew = placed.some((edit) => edit.inserted && coversLine(edit, edited, line));
  const row = `${gutterOf(options, line + options.first, isNew ? '+' : '|')} ${layOut(lineText(edited, line)).shown}`.trimEnd();
  return isNew ? [row] : [row, ...underline(edited, line, placed, options)];
}

function takenRows(source: SourceText, { start, end }: Span, options: Around): string[] {
  const [first, last] = [positionAt(source, start).line, positionAt(source, end - 1).line];
  const lines = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const rows = lines.slice(0, mostLines).map((line) => `${gutterOf(options, line + options.first, '-')} ${layOut(lineText(source, line)).shown}`.trimEnd());
  return lines.length > mostLines ? [...rows, options.paint.gutter('...')] : rows;
}

const coversLine = ({ start, end }: Placed, edited: SourceText, line: number): boolean => {
  const from = edited.lineStarts[line]!;
  return start <= from && from + lineText(edited, line).length <= end && end > start;
};

function changedLines(edited: SourceText, placed: readonly Placed[]): number[] {
  const lines = new Set<number>();
  for (const { start, end } of placed) {
    const first = positionAt(edited, start);
    // Text that begins by ending a line, as an insertion behind one does, leaves that line as it is.
    const from = /^\r?\n/.test(edited.text.slice(start, start + 2)) && end > start ? first.line + 1 : first.line;
    const last = positionAt(edited, end);
    const to = last.character === 0 && last.line > from ? last.line - 1 : last.line;
    for (let line = from; line <= to; line++) lines.add(line);
  }
  return [...lines].sort((a, b) => a - b);
}

function underline(edited: SourceText, line: number, placed: readonly Placed[], options: ExcerptOptions): string[] {
  const columns = layOut(lineText(edited, line)).columns;
  const columnOf = (offset: number): number => {
    const position = positionAt(edited, offset);
    if (position.line !== line) return position.line < line ? 0 : columns.at(-1)!;
    return columns[Math.min(position.character, columns.length - 1)]!;
  };
  const cells: string[] = [];
  for (const { start, end, inserted } of placed) {
    for (let i = columnOf(start); i < columnOf(end); i++) cells[i] = inserted ? '+' : '~';
  }
  if (cells.length === 0) return [];
  return [`${gutterOf(options)} ${options.paint.help(Array.from(cells, (cell) => cell ?? ' ').join(''))}`];
}
