/** Diagnostics as text: the message, the source with the places involved, the reasons, and what to type. */
import { positionAt, type Location, type SourceText } from '../text/source.ts';
import type { Diagnostic, Fix } from './diagnostic.ts';
import { harmless, wrap } from './columns.ts';
import { excerptLines, gutterOf, renderExcerpt, type ExcerptOptions, type Mark } from './excerpt.ts';
import { previewFix } from './fix-preview.ts';
import { paintOf } from './paint.ts';

export interface TerminalOptions {
  /** The texts by URI; a place in a file that is not among them is shown by its name alone. */
  readonly sources: ReadonlyMap<string, SourceText>;
  /** How a URI is shown to the user. */
  readonly display: (uri: string) => string;
  /** Columns; 100 where nobody says. */
  readonly width?: number;
  readonly color?: boolean;
}

/** Notes are read as prose: lines longer than this are not. */
const widestProse = 100;

/** One diagnostic, without a line end after it. */
export function renderDiagnostic(diagnostic: Diagnostic, options: TerminalOptions): string {
  const paint = paintOf(diagnostic.severity, options.color ?? false);
  const groups = groupByFile(diagnostic);
  const gutter = gutterWidth(diagnostic, groups, options);
  const excerpt: ExcerptOptions = { paint, gutter, width: options.width ?? 100 };
  const head = `${paint.primary(`${diagnostic.severity}[${diagnostic.code}]`)}${paint.message(`: ${harmless(diagnostic.message)}`)}`;
  const rows = [head];
  for (const [i, group] of groups.entries()) rows.push(...fileRows(group, i === 0, options, excerpt));
  const hasExcerpt = groups.some((group) => options.sources.has(group.uri));
  if (hasExcerpt && diagnostic.notes.length + diagnostic.fixes.length > 0) rows.push(gutterOf(excerpt));
  rows.push(...noteRows(diagnostic, excerpt));
  for (const fix of diagnostic.fixes) rows.push(...fixRows(fix, options, excerpt));
  return rows.join('\n');
}

/** Several diagnostics in order of their places, an empty line between them, and a line end at the end. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: TerminalOptions): string {
  return inOrder(diagnostics).map((d) => `${renderDiagnostic(d, options)}\n`).join('\n');
}

/** Files in the order in which they were first spoken of, places from top to bottom. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map((d) => d.location.uri))];
  const rank = (d: Diagnostic): number => files.indexOf(d.location.uri);
  return [...diagnostics].sort((a, b) => rank(a) - rank(b) || a.location.span.start - b.location.span.start);
}

interface FileGroup {
  readonly uri: string;
  /** The place that the file's row names. */
  readonly location: Location;
  readonly marks: readonly Mark[];
}

function groupByFile(diagnostic: Diagnostic): FileGroup[] {
  const label = harmless(diagnostic.label);
  const places = [
    { location: diagnostic.location, mark: { span: diagnostic.location.span, label, primary: true } },
    ...diagnostic.related.map(({ location, text }) => ({
      location,
      mark: { span: location.span, label: harmless(text), primary: false },
    })),
  ];
  const uris = [...new Set(places.map((p) => p.location.uri))];
  return uris.map((uri) => {
    const here = places.filter((p) => p.location.uri === uri);
    return { uri, location: here[0]!.location, marks: here.map((p) => p.mark) };
  });
}

function gutterWidth(diagnostic: Diagnostic, groups: readonly FileGroup[], options: TerminalOptions): number {
  const shown = groups.flatMap((group) => {
    const source = options.sources.get(group.uri);
    return source === undefined ? [] : excerptLines(source, group.marks);
  });
  const edited = diagnostic.fixes.flatMap((fix) =>
    fix.edits.map(({ location, text }) => {
      const source = options.sources.get(location.uri);
      return source === undefined ? 0 : positionAt(source, location.span.end).line + text.split('\n').length - 1;
    }),
  );
  return String(Math.max(0, ...shown, ...edited) + 1).length;
}

function fileRows(group: FileGroup, first: boolean, options: TerminalOptions, excerpt: ExcerptOptions): string[] {
  const source = options.sources.get(group.uri);
  const arrow = excerpt.paint.gutter(`${' '.repeat(excerpt.gutter)}${first ? '-->' : ':::'}`);
  const file = harmless(options.display(group.uri));
  if (source === undefined) {
    const labels = group.marks.map((mark) => mark.label).filter((label) => label !== '');
    return [`${arrow} ${file}`, ...labels.map((label) => `${gutterOf(excerpt)} ${label}`)];
  }
  const { line, character } = positionAt(source, group.location.span.start);
  const rows = renderExcerpt(source, group.marks, excerpt);
  return [`${arrow} ${file}:${line + 1}:${character + 1}`, gutterOf(excerpt), ...rows];
}

function noteRows(diagnostic: Diagnostic, { paint, gutter, width }: ExcerptOptions): string[] {
  const indent = ' '.repeat(gutter + 1);
  const room = Math.max(30, Math.min(width, widestProse) - indent.length - 2);
  return diagnostic.notes.flatMap((note) =>
    note.split('\n').flatMap((paragraph, p) =>
      wrap(paragraph, room).map((line, i) => {
        const sign = p === 0 && i === 0 ? paint.gutter('=') : ' ';
        return `${indent}${sign} ${line}`.trimEnd();
      }),
    ),
  );
}

function fixRows(fix: Fix, options: TerminalOptions, excerpt: ExcerptOptions): string[] {
  const title = `${excerpt.paint.help('help')}${excerpt.paint.message(`: ${harmless(fix.title)}`)}`;
  const uris = [...new Set(fix.edits.map((edit) => edit.location.uri))];
  const known = uris.flatMap((uri) => options.sources.get(uri) ?? []);
  return [
    title,
    ...known.flatMap((source) => {
      const arrow = excerpt.paint.gutter(`${' '.repeat(excerpt.gutter)}-->`);
      // The file goes without saying where a fix edits only one.
      const file = uris.length > 1 ? [`${arrow} ${harmless(options.display(source.uri))}`] : [];
      return [...file, ...previewFix(fix, source, excerpt)];
    }),
  ];
}
