/** What every feature is given: a compilation, and what it was made from. */
import type { Compilation, Compiler } from '../compile.ts';
import type { Host } from '../host/host.ts';
import type { ModuleScope } from '../names/modules.ts';
import { offsetAt, positionAt, type Location, type Position, type SourceText, type Span } from '../text/source.ts';
import type { Place, Range } from './answers.ts';

export interface View {
  readonly compilation: Compilation;
  /** The headers of foreign files. */
  readonly files: Compiler['files'];
  readonly host: Host;
}

export function rangeOf(source: SourceText, span: Span): Range {
  return { start: positionAt(source, span.start), end: positionAt(source, span.end) };
}

const fileStart: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** A location as an editor wants it; in a file that is no module it is the file's start. */
export function placeOf({ uri, span }: Location, { compilation }: View): Place {
  const source = compilation.sources.get(uri);
  return { uri, range: source === undefined ? fileStart : rangeOf(source, span) };
}

/** A module of the compilation and the offset of a position in it. */
export function pointAt(view: View, uri: string, position: Position): { readonly scope: ModuleScope; readonly offset: number } | undefined {
  const scope = view.compilation.scopes.get(uri);
  return scope && { scope, offset: offsetAt(scope.source, position) };
}
