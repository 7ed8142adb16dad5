/**
 * Expected diagnostics, written into a fixture as comments below the line they are about:
 *
 *     e |> linear(out: 2)
 *       // ^^^^^^ shape-mismatch "384"
 *
 * The carets are the exact primary span, `"…"` (optional) is a part of the message. `|` in place of the carets is an
 * empty span. `<` before them moves them to the column at which the comment begins, for what stands further left
 * than carets can. `^^^...` is a span that begins at the carets and goes on below their line. Several such comments
 * may follow one line.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { lineText, positionAt, type SourceText, type Span } from '../text/source.ts';

export interface ExpectedDiagnostic {
  readonly code: string;
  /** A part of the message; "" where none is given. */
  readonly message: string;
  readonly span: Span;
  /** The span goes on below its first line; its end is not compared. */
  readonly open: boolean;
}

export interface Expectations {
  readonly source: SourceText;
  readonly diagnostics: readonly ExpectedDiagnostic[];
}

const marker = /^(\s*)\/\/( *)(<?)(\^+|\|)(\.\.\.)? +([a-z0-9]+(?:-[a-z0-9]+)*)(?: +"(.*)")?\s*$/;

/** Reads the marker comments of a fixture. */
export function expectedDiagnostics(source: SourceText): Expectations {
  const diagnostics: ExpectedDiagnostic[] = [];
  let subject = 0;
  for (let line = 0; line < source.lineStarts.length; line++) {
    const match = marker.exec(lineText(source, line));
    if (match === null) {
      subject = line;
      continue;
    }
    const [, indent, gap, left, carets, open, code, message] = match;
    const column = left === '<' ? indent!.length : indent!.length + 2 + gap!.length;
    const start = source.lineStarts[subject]! + column;
    const end = carets === '|' ? start : start + carets!.length;
    diagnostics.push({ code: code!, message: message ?? '', span: { start, end }, open: open !== undefined });
  }
  return { source, diagnostics };
}

function place(source: SourceText, span: Span): string {
  const start = positionAt(source, span.start);
  const end = positionAt(source, span.end);
  const from = `${start.line + 1}:${start.character + 1}`;
  if (span.start === span.end) return `${from} (empty)`;
  return start.line === end.line ? `${from}-${end.character + 1}` : `${from} to ${end.line + 1}:${end.character + 1}`;
}

function matches(source: SourceText, expected: ExpectedDiagnostic, actual: Diagnostic): boolean {
  const { span, uri } = actual.location;
  const end = expected.open ? span.end > expected.span.end : span.end === expected.span.end;
  return (
    uri === source.uri && expected.code === actual.code && span.start === expected.span.start && end &&
    actual.message.includes(expected.message)
  );
}

/**
 * What differs between the diagnostics that a fixture lists and those that were found, as text to print: "" where
 * they are the same. Every listed one must be found once, and nothing else may be found.
 */
export function compareDiagnostics({ source, diagnostics }: Expectations, actual: readonly Diagnostic[]): string {
  const rest = [...actual];
  const lines: string[] = [];
  for (const expected of diagnostics) {
    const at = rest.findIndex((diagnostic) => matches(source, expected, diagnostic));
    if (at >= 0) rest.splice(at, 1);
    else lines.push(`missing     ${place(source, expected.span)}${expected.open ? '...' : ''} ${expected.code} "${expected.message}"`);
  }
  for (const { location, code, message } of rest) {
    const where = location.uri === source.uri ? place(source, location.span) : location.uri;
    lines.push(`not listed  ${where} ${code} "${message}"`);
  }
  return lines.length === 0 ? '' : [source.uri, ...lines].join('\n  ');
}
