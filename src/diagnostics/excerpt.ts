/** An excerpt of a source text: the lines that matter, each marked place underlined, its label beside or below. */
import { lineText, positionAt, type Position, type SourceText, type Span } from '../text/source.ts';
import { layOut, sliceColumns, widthOf, wrap, type Layout } from './columns.ts';
import type { Paint } from './paint.ts';

/** A place to be marked: the primary one with `^`, others with `-`. */
export interface Mark {
  readonly span: Span;
  readonly label: string;
  readonly primary: boolean;
}

export interface ExcerptOptions {
  readonly paint: Paint;
  /** Columns of the line numbers, the same for all excerpts of a diagnostic. */
  readonly gutter: number;
  /** Columns of the terminal. */
  readonly width: number;
}

interface PlacedMark extends Mark {
  readonly start: Position;
  readonly end: Position;
}

/** A marked line as it stands in the window of the terminal that is left for it. */
interface View {
  readonly text: string;
  readonly column: (character: number) => number;
  readonly available: number;
}

/** Zero-based numbers of the lines that an excerpt shows. */
export function excerptLines(source: SourceText, marks: readonly Mark[]): number[] {
  const lines = new Set<number>();
  for (const mark of marks.map((m) => place(source, m))) for (const line of linesOf(source, mark)) lines.add(line);
  const sorted = [...lines].sort((a, b) => a - b);
  // A single line left out would take as much room as its replacement.
  return sorted.flatMap((line, i) => (sorted[i + 1] === line + 2 ? [line, line + 1] : [line]));
}

/** The rows of an excerpt, gutter included, without the row of its file. */
export function renderExcerpt(source: SourceText, marks: readonly Mark[], options: ExcerptOptions): string[] {
  const placed = marks.map((mark) => place(source, mark));
  const long = placed.find(isLong);
  // One rail beside the text has room for one long mark; another is shown by its first line.
  const short = placed.filter((mark) => mark !== long).map((mark) => (isLong(mark) ? firstLineOf(source, mark) : mark));
  const rows: string[] = [];
  let previous: number | undefined;
  for (const line of excerptLines(source, marks)) {
    if (previous !== undefined && line > previous + 1) rows.push(options.paint.gutter('...'));
    rows.push(...lineRows(source, line, short, long, options));
    previous = line;
  }
  return rows;
}

/** The gutter of a row: a line number or nothing, and the bar. */
export function gutterOf(options: ExcerptOptions, line?: number, bar = '|'): string {
  const number = line === undefined ? '' : String(line + 1);
  return options.paint.gutter(`${number.padStart(options.gutter)} ${bar}`);
}

function place(source: SourceText, mark: Mark): PlacedMark {
  const start = positionAt(source, mark.span.start);
  const end = positionAt(source, Math.max(mark.span.start, mark.span.end));
  // A span that ends behind a line end belongs to the line that it ends.
  const behind = end.character === 0 && end.line > start.line;
  return { ...mark, start, end: behind ? endOfLine(source, end.line - 1) : end };
}

const isLong = (mark: PlacedMark): boolean => mark.end.line > mark.start.line;

const endOfLine = (source: SourceText, line: number): Position => ({ line, character: lineText(source, line).length });

const firstLineOf = (source: SourceText, mark: PlacedMark): PlacedMark => ({
  ...mark,
  end: endOfLine(source, mark.start.line),
});

function linesOf(source: SourceText, mark: PlacedMark): number[] {
  const count = mark.end.line - mark.start.line + 1;
  if (count > 6) return [0, 1, 2, count - 2, count - 1].map((i) => mark.start.line + i);
  const lines = Array.from({ length: count }, (_, i) => mark.start.line + i);
  const isBlank = (line: number): boolean => lineText(source, line).trim() === '';
  // A mark on an empty line, as at the end of a file, says little without the line before it.
  const before = mark.start.line - 1;
  return isBlank(mark.start.line) && before >= 0 && !isBlank(before) ? [before, ...lines] : lines;
}

function lineRows(
  source: SourceText,
  line: number,
  short: readonly PlacedMark[],
  long: PlacedMark | undefined,
  options: ExcerptOptions,
): string[] {
  const here = short.filter((mark) => mark.start.line === line);
  const view = viewOf(source, line, [...here, ...(long?.start.line === line ? [long] : [])], long, options);
  const paintLong = long?.primary ? options.paint.primary : options.paint.related;
  const opensHere = long !== undefined && long.start.line === line;
  const slashed = opensHere && lineText(source, line).slice(0, long.start.character).trim() === '';
  const inside = long !== undefined && line > long.start.line && line <= long.end.line;
  const rail = (sign: string): string => (long === undefined ? '' : paintLong(sign.padEnd(2)));

  const rows = [`${gutterOf(options, line)} ${rail(slashed ? '/' : inside ? '|' : '')}${view.text}`];
  const below = slashed || inside ? '|' : '';
  for (const row of markRows(here, view, options)) rows.push(`${gutterOf(options)} ${rail(below)}${row}`);
  if (opensHere && !slashed) {
    const column = view.column(long.start.character);
    rows.push(`${gutterOf(options)} ${paintLong(` ${'_'.repeat(column + 1)}${signOf(long)}`)}`);
  }
  if (long !== undefined && line === long.end.line) {
    const column = Math.max(0, view.column(long.end.character) - 1);
    const text = long.label === '' ? '' : ` ${long.label}`;
    rows.push(`${gutterOf(options)} ${paintLong(`|${'_'.repeat(column + 1)}${signOf(long)}${text}`)}`);
  }
  return rows.map((row) => row.trimEnd());
}

/** Of a longer line, as machines write them, only the characters around the mark are laid out: each of its marks would cost all of it. */
const longestLine = 1024;

/** The part of a line that fits, chosen so that its marks are seen. */
function viewOf(
  source: SourceText,
  line: number,
  marks: readonly PlacedMark[],
  long: PlacedMark | undefined,
  options: ExcerptOptions,
): View {
  const whole = lineText(source, line);
  const focus = (marks.find((mark) => mark.primary) ?? marks[0])?.start.character ?? 0;
  const first = whole.length <= longestLine ? 0 : Math.max(0, Math.min(focus - longestLine / 2, whole.length - longestLine));
  const layout = layOut(whole.slice(first, first + longestLine));
  const columnAt = (character: number): number => layout.columns[Math.max(0, Math.min(character - first, layout.columns.length - 1))]!;
  const available = Math.max(20, options.width - options.gutter - 3 - (long === undefined ? 0 : 2));
  const from = marks.length === 0 ? 0 : firstColumn(layout, columnAt(focus), available);
  const total = layout.columns.at(-1)!;
  const to = Math.min(total, from + available);
  const [isCutBefore, isCutBehind] = [from > 0 || first > 0, to < total || first + longestLine < whole.length];
  const cutText = sliceColumns(layout.shown, isCutBefore ? from + 1 : 0, isCutBehind ? to - 1 : to);
  const text = `${isCutBefore ? '…' : ''}${cutText}${isCutBehind ? '…' : ''}`;
  const column = (character: number): number => Math.max(0, Math.min(columnAt(character) - from, isCutBehind ? available - 1 : available));
  return { text, column, available };
}

function firstColumn(layout: Layout, start: number, available: number): number {
  const total = layout.columns.at(-1)!;
  if (total <= available) return 0;
  // A third of the window before the mark shows what it stands in.
  return Math.max(0, Math.min(start - Math.floor(available / 3), total - available));
}

const signOf = (mark: Mark): string => (mark.primary ? '^' : '-');

interface Underline {
  readonly mark: PlacedMark;
  readonly from: number;
  readonly to: number;
}

/** The row of underlines, the last label beside it where it fits, and a row for each label below. */
function markRows(marks: readonly PlacedMark[], view: View, options: ExcerptOptions): string[] {
  if (marks.length === 0) return [];
  const underlines = marks
    .map((mark): Underline => {
      const from = Math.min(view.column(mark.start.character), view.available - 1);
      return { mark, from, to: Math.max(from + 1, view.column(mark.end.character)) };
    })
    // Right to left; of two at one place the primary one is drawn last, over the other.
    .sort((a, b) => b.from - a.from || Number(a.mark.primary) - Number(b.mark.primary));
  const labelled = underlines.filter((u) => u.mark.label !== '');
  const beside = labelled.find((u) => fitsBeside(u, underlines, view));
  const below = labelled.filter((u) => u !== beside);
  const first = drawUnderlines(underlines, options.paint);
  const rows = [beside === undefined ? first : `${first} ${styleOf(beside.mark, options.paint)(beside.mark.label)}`];
  if (below.length > 0) rows.push(drawBars(below, options.paint));
  below.forEach((u, i) => rows.push(...labelRows(u, below.slice(i + 1), view, options.paint)));
  return rows;
}

function fitsBeside(underline: Underline, all: readonly Underline[], view: View): boolean {
  const last = all.every((other) => other === underline || other.to <= underline.to);
  return last && underline.to + 1 + widthOf(underline.mark.label) <= view.available;
}

const styleOf = (mark: Mark, paint: Paint): ((text: string) => string) => (mark.primary ? paint.primary : paint.related);

function drawUnderlines(underlines: readonly Underline[], paint: Paint): string {
  const cells: (Mark | undefined)[] = [];
  const relatedFirst = [...underlines].sort((a, b) => Number(a.mark.primary) - Number(b.mark.primary));
  for (const { mark, from, to } of relatedFirst) for (let i = from; i < to; i++) cells[i] = mark;
  return drawCells(cells, paint, signOf);
}

function drawBars(underlines: readonly Underline[], paint: Paint): string {
  const cells: (Mark | undefined)[] = [];
  for (const { mark, from } of underlines) cells[from] = mark;
  return drawCells(cells, paint, () => '|');
}

function drawCells(cells: readonly (Mark | undefined)[], paint: Paint, sign: (mark: Mark) => string): string {
  return Array.from(cells, (mark) => (mark === undefined ? ' ' : styleOf(mark, paint)(sign(mark)))).join('');
}

/** A label below its underline, with the bars of those that follow further below on the left. */
function labelRows(underline: Underline, left: readonly Underline[], view: View, paint: Paint): string[] {
  const others = left.filter((other) => other.from < underline.from);
  const room = Math.max(24, view.available - underline.from);
  return wrap(underline.mark.label, room).map((text) => {
    const bars = drawBars(others, paint);
    const barsWidth = others.length === 0 ? 0 : Math.max(...others.map((other) => other.from)) + 1;
    return `${bars}${' '.repeat(underline.from - barsWidth)}${styleOf(underline.mark, paint)(text)}`;
  });
}
