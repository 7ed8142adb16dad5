/** A half-open range of UTF-16 code units, `start` included, `end` not. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span in a named file. A foreign binary file is located by the empty span at its start. */
export interface Location {
  readonly uri: string;
  readonly span: Span;
}

export const at = (file: { readonly uri: string }, span: Span): Location => ({ uri: file.uri, span });

/** Zero-based line and column, the column in UTF-16 code units, as editors count. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A source text with the offsets at which its lines begin. */
export interface SourceText {
  readonly uri: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
}

export const emptySpan: Span = { start: 0, end: 0 };

export function createSource(uri: string, text: string): SourceText {
  const lineStarts = [0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    // CRLF is one line end; a lone CR is one, too.
    if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) lineStarts.push(i + 1);
  }
  return { uri, text, lineStarts };
}

/** The position of an offset; offsets outside the text are clamped to its ends. */
export function positionAt(source: SourceText, offset: number): Position {
  const clamped = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source.lineStarts[middle]! <= clamped) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: clamped - source.lineStarts[low]! };
}

/** The offset of a position; a column past the line's end is clamped to it. */
export function offsetAt(source: SourceText, position: Position): number {
  const line = Math.max(0, Math.min(position.line, source.lineStarts.length - 1));
  const start = source.lineStarts[line]!;
  const next = source.lineStarts[line + 1] ?? source.text.length + 1;
  return Math.max(start, Math.min(start + position.character, next - 1));
}

/** The text of a zero-based line without its line end. */
export function lineText(source: SourceText, line: number): string {
  const start = source.lineStarts[line] ?? source.text.length;
  const end = source.lineStarts[line + 1] ?? source.text.length;
  return source.text.slice(start, end).replace(/[\r\n]+$/, '');
}

export function contains(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
