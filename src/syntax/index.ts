import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import type { Module } from './ast.ts';
import { buildModule } from './build-ast.ts';
import { diagnose } from './errors.ts';
import { lex, type SourceComment } from './lex.ts';
import { limits } from './limits.ts';
import { parseTokens } from './parser.ts';

export interface Parsed extends Result<Module> {
  /** All `//` and `///` lines, in the order of the text. */
  readonly comments: readonly SourceComment[];
}

/** Sorted by their place, as many as are of use to anybody; `stopped` where there are more that nobody looked for. */
function sortAndBound(found: readonly Diagnostic[], stopped: boolean): readonly Diagnostic[] {
  const sorted = found.toSorted((a, b) => a.location.span.start - b.location.span.start);
  const shown = sorted.slice(0, limits.errors);
  const next = sorted[limits.errors] ?? sorted.at(-1);
  if (next === undefined || (sorted.length === shown.length && !stopped)) return shown;
  return [...shown, syntaxCodes.report('too-many-errors', { limit: shown.length }, next.location)];
}

/** Reads a module. Total: any text gives a tree and all syntax errors that were found in it; it never throws. */
export function parse(source: SourceText): Parsed {
  const { tokens, comments, docs, truncated, diagnostics } = lex(source);
  const { cst, errors } = parseTokens(tokens);
  const found: Diagnostic[] = [...diagnostics];
  const value = buildModule({ source, docs, diagnostics: found }, cst);
  if (!truncated) {
    const refused = diagnostics.filter((d) => d.code === 'unexpected-character').map((d) => d.location.span.start);
    found.push(...diagnose({ source, tokens, refused }, errors));
  }
  return { value, comments, diagnostics: sortAndBound(found, cst === undefined && !truncated) };
}
