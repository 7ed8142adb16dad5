/** Diagnostics as data, for other programs. Fields are only ever added to this form. */
import { positionAt, type Location, type Position, type SourceText } from '../text/source.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';

/** Zero-based, `character` and `offset` in UTF-16 code units, as editors count. */
export interface JsonPosition extends Position {
  readonly offset: number;
}

export interface JsonPlace {
  /** As the terminal shows it: relative to the working directory where it lies below it. */
  readonly file: string;
  readonly uri: string;
  /** Half open; null where the file is not a text, or could not be read. */
  readonly range: { readonly start: JsonPosition; readonly end: JsonPosition } | null;
}

export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** What is to be seen at the range; may be empty. */
  readonly label: string;
  readonly related: readonly (JsonPlace & { readonly message: string })[];
  readonly notes: readonly string[];
  readonly fixes: readonly {
    readonly title: string;
    /** It makes the error go without mending what is wrong: nobody should apply it unseen. */
    readonly doubtful?: true;
    readonly edits: readonly (JsonPlace & { readonly newText: string })[];
  }[];
}

export interface JsonOptions {
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly display: (uri: string) => string;
}

export function diagnosticToJson(diagnostic: Diagnostic, options: JsonOptions): JsonDiagnostic {
  const { code, severity, message, label, notes } = diagnostic;
  return {
    code,
    severity,
    message,
    ...placeToJson(diagnostic.location, options),
    label,
    related: diagnostic.related.map(({ location, text }) => ({ ...placeToJson(location, options), message: text })),
    notes,
    fixes: diagnostic.fixes.map((fix) => ({
      title: fix.title,
      ...(fix.doubtful === true && { doubtful: true as const }),
      edits: fix.edits.map(({ location, text }) => ({ ...placeToJson(location, options), newText: text })),
    })),
  };
}

function placeToJson({ uri, span }: Location, { sources, display }: JsonOptions): JsonPlace {
  const source = sources.get(uri);
  const at = (offset: number): JsonPosition => ({ ...positionAt(source!, offset), offset });
  return { file: display(uri), uri, range: source === undefined ? null : { start: at(span.start), end: at(span.end) } };
}
