/** Which findings only follow from others, and are not told while those stand. */
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ModuleScope, Modules } from '../names/modules.ts';
import type { Span } from '../text/source.ts';

/** What is found because something is not there. Where a declaration could not be read whole, it may well be. */
const restOnAbsence: ReadonlySet<string> = new Set([
  'no-output', 'backbone-output', 'labels-empty', 'attribute-empty', 'missing-argument', 'missing-field', 'missing-version', 'unknown-name', 'tool-value', 'tool-incomplete',
]);

const isSyntax = ({ code }: Diagnostic): boolean => code in syntaxCodes.table;

/** The texts of the declarations that hold a syntax error, each up to the next one: reading may have given one up before its end. */
function unreadIn({ ast, source, uri }: ModuleScope, errors: readonly Diagnostic[]): Span[] {
  const starts = ast.declarations.map(({ span }) => span.start);
  const extents = starts.map((start, i) => ({ start, end: starts[i + 1] ?? source.text.length + 1 }));
  return extents.filter((extent) => errors.some(({ location }) => location.uri === uri && holds(extent, location.span)));
}

const holds = (extent: Span, { start }: Span): boolean => start >= extent.start && start < extent.end;

/** Whether an expression was cut off: reading stumbled at what stands behind it on its line, so it is not what was meant. */
function isCutOff({ location: { uri, span } }: Diagnostic, errors: readonly Diagnostic[], { scopes }: Modules): boolean {
  const text = scopes.get(uri)?.source.text ?? '';
  return errors.some(({ code, location }) => {
    const stumbled = code === 'unexpected-token' || code === 'unexpected-character';
    return stumbled && location.uri === uri && location.span.start >= span.end && /^[ \t]*$/.test(text.slice(span.end, location.span.start));
  });
}

/**
 * Without what rests on absence in a declaration that holds a syntax error, and, in a module with errors, without what is
 * unused: a mistyped name leaves the right one unused. Without what is said of expressions that were cut off.
 */
export function withoutConsequences(diagnostics: readonly Diagnostic[], modules: Modules): Diagnostic[] {
  const faulty = new Set([...modules.diagnostics, ...diagnostics].filter((d) => d.severity === 'error').map((d) => d.location.uri));
  const errors = modules.diagnostics.filter(isSyntax);
  const unread = new Map([...new Set(errors.map((d) => d.location.uri))].map((uri) => {
    const module = modules.scopes.get(uri);
    return [uri, module === undefined ? [] : unreadIn(module, errors)];
  }));
  const follows = ({ code, location: { uri, span } }: Diagnostic): boolean =>
    (code.startsWith('unused-') && faulty.has(uri)) || (restOnAbsence.has(code) && (unread.get(uri) ?? []).some((extent) => holds(extent, span)));
  return diagnostics.filter((d) => !follows(d) && !isCutOff(d, errors, modules));
}
