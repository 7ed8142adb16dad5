import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceText, Span } from '../text/source.ts';
import { buildModule } from './build-ast.ts';
import { diagnose } from './errors.ts';
import { lex } from './lex.ts';
import { limits } from './limits.ts';
import type { Parsed } from './parsed.ts';
import { reportParameterFacts } from './parameter-facts.ts';
import { parseTokens } from './parser.ts';

export type { Parsed } from './parsed.ts';

/** Sorted by their place, as many as are of use to anybody; `stopped` where there are more that nobody looked for. */
function sortAndBound(found: readonly Diagnostic[], stopped: boolean): readonly Diagnostic[] {
  const sorted = found.toSorted((a, b) => a.location.span.start - b.location.span.start);
  const shown = sorted.slice(0, limits.errors);
  const next = sorted[limits.errors] ?? sorted.at(-1);
  if (next === undefined || (sorted.length === shown.length && !stopped)) return shown;
  return [...shown, syntaxCodes.report('too-many-errors', { limit: shown.length }, next.location)];
}

function reportStrayDoc(source: SourceText, span: Span): Diagnostic {
  const location = { uri: source.uri, span };
  const slashes = { uri: source.uri, span: { start: span.start, end: span.start + 3 } };
  return syntaxCodes.report('stray-doc-comment', undefined, location, { fixes: [{ title: 'Write `//`', edits: [{ location: slashes, text: '//' }] }] });
}

/** Reads a module. Total: any text gives a tree and all syntax errors that were found in it; it never throws. */
export function parse(source: SourceText): Parsed {
  const { comments, docs, strayDocs, truncated, diagnostics, ...lexed } = lex(source);
  const { cst, errors, tokens, misplaced } = parseTokens(lexed.tokens);
  const found: Diagnostic[] = [...diagnostics];
  const documented = new Set<number>();
  found.push(...misplaced.map((facts) => reportParameterFacts(source, facts)));
  const parameterFacts = new Map(misplaced.map(({ parameter, cst: facts }) => [parameter[0]!.startOffset, facts]));
  const value = buildModule({ source, docs, documented, parameterFacts, diagnostics: found }, cst);
  if (!truncated) {
    const refused = diagnostics.filter((d) => d.code === 'unexpected-character').map((d) => d.location.span.start);
    const trials = { left: errors.length > limits.triedErrors ? 0 : limits.triedTokens };
    found.push(...diagnose({ source, tokens, refused, trials }, errors));
  }
  // Where something else is wrong, what a comment was meant for may only be missing from the tree.
  if (found.length === 0) {
    const unused = [...docs].filter(([owner]) => !documented.has(owner)).map(([, doc]) => doc.span);
    found.push(...[...strayDocs, ...unused].map((span) => reportStrayDoc(source, span)));
  }
  return { value, comments, diagnostics: sortAndBound(found, cst === undefined && !truncated) };
}
