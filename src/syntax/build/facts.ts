import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { suggest } from '../../text/suggest.ts';
import type { Span } from '../../text/source.ts';
import type { BoundName, CompareFact, FactExpr, Name, NumberLit, RangeFact, RangeRow, TypeExpr, ViolationClause, ViolationMode } from '../ast.ts';
import * as t from '../tokens.ts';
import { buildName, checkEquals, isReal, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, wholeFixes, writeAt, type Builder } from './cst.ts';
import { buildRanges } from './versions.ts';

const writtenIn = (cst: CstNode): readonly string[] =>
  nodesOf(cst, 'bound').map((bound) => {
    const number = tokenOf(bound, t.NumberLiteral) ?? tokenOf(bound, t.Inf) ?? tokenOf(bound, t.Identifier);
    return `${tokenOf(bound, t.Minus) ? '-' : ''}${number?.image ?? ''}`;
  });

/** The names among numbers; where one cannot be, it is reported. */
function buildNames(bounds: readonly (CstNode | undefined)[]): BoundName[] {
  return bounds.flatMap((bound, index): BoundName[] => {
    const word = bound && tokenOf(bound, t.Identifier);
    if (bound === undefined || !isReal(word)) return [];
    return [{ kind: 'BoundName', span: spanOf(bound, word.startOffset), name: buildName(word, word.startOffset), negative: tokenOf(bound, t.Minus) !== undefined, index }];
  });
}

function buildBound(cst: CstNode | undefined): number {
  if (cst === undefined) return NaN;
  const number = tokenOf(cst, t.NumberLiteral);
  // A name stands for a number that is known later; `names` says where.
  if (isReal(tokenOf(cst, t.Identifier))) return 0;
  const size = isReal(number) ? Number(number.image) : tokenOf(cst, t.Inf) ? Infinity : NaN;
  return tokenOf(cst, t.Minus) && size !== 0 ? -size : size;
}

function buildAxis(b: Builder, cst: CstNode | undefined): number {
  const axis = buildBound(cst);
  if (cst === undefined || Number.isNaN(axis)) return axis;
  const number = tokenOf(cst, t.NumberLiteral);
  if (isReal(number) && /^\d+$/.test(number.image) && Number.isSafeInteger(axis)) return axis;
  const span = spanOf(cst, 0);
  const found = b.source.text.slice(span.start, span.end);
  b.diagnostics.push(syntaxCodes.report('expected-integer', { what: 'An axis', found }, { uri: b.source.uri, span }, { fixes: wholeFixes(b, found, span) }));
  return axis;
}

function buildNamedFact(b: Builder, cst: CstNode, at: number): FactExpr {
  const span = spanOf(cst, at);
  const name = buildName(tokenOf(cst, t.Identifier), span.start);
  const comparison = tokenOf(cst, t.Comparison);
  if (comparison !== undefined) return buildCompareFact(b, cst, comparison, name);
  if (tokenOf(cst, t.CallParen) === undefined) return { kind: 'FlagFact', span, name };
  checkEquals(b, tokenOf(cst, t.Compare), '==');
  const [axis, value, tolerance] = nodesOf(cst, 'bound');
  return {
    kind: 'ReductionFact', span, name, axis: buildAxis(b, axis), value: buildBound(value),
    ...(tokenOf(cst, t.PlusMinus) === undefined ? {} : { tolerance: buildBound(tolerance) }),
    written: writtenIn(cst),
    names: buildNames([undefined, value, tolerance]),
  };
}

/** `[0, 1]`; an end that the parser made up stays unknown. */
function buildRangeRow(cst: CstNode, at: number): RangeRow {
  const ends = nodesOf(cst, 'bound');
  return { kind: 'RangeRow', span: spanOf(cst, at), low: buildBound(ends[0]), high: buildBound(ends[1]), written: writtenIn(cst), names: buildNames(ends) };
}

function buildRangeFact(cst: CstNode, span: Span): RangeFact {
  const rows = nodesOf(cst, 'bounds').map((bounds) => buildRangeRow(bounds, span.end));
  // Nothing is known of rows that are not there.
  const [low, high] = rows.length === 0 ? [NaN, NaN] : [Math.min(...rows.map((row) => row.low)), Math.max(...rows.map((row) => row.high))];
  const label = tokenOf(cst, t.Identifier);
  if (label !== undefined) return { kind: 'RangeFact', span, axis: buildName(label, span.end), rows, low, high, written: [], names: [] };
  const { written = [], names = [] } = rows[0] ?? {};
  return { kind: 'RangeFact', span, low, high, written, names };
}

/** `h >= 32`; `<` and `>` are reported and read as if they had their `=`. */
function buildCompareFact(b: Builder, cst: CstNode, comparison: IToken, left: Name): CompareFact {
  const span = spanOf(cst, left.span.start);
  const compared = nodeOf(cst, 'compared');
  const word = compared && tokenOf(compared, t.Identifier);
  const minus = compared && tokenOf(compared, t.Minus);
  if (minus !== undefined && isReal(word)) {
    const location = { uri: b.source.uri, span: spanOfToken(word) };
    b.diagnostics.push(syntaxCodes.report('unexpected-token', { expected: 'a number', found: `\`${word.image}\`` }, location));
  }
  const right = isReal(word) ? buildName(word, span.end) : compared === undefined ? buildName(undefined, span.end) : buildSigned(compared, span.end);
  return { kind: 'CompareFact', span, left, op: factOperator(b, comparison), right };
}

function factOperator(b: Builder, token: IToken): CompareFact['op'] {
  if (token.image === '==' || token.image === '>=' || token.image === '<=') return token.image;
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const fixes = [{ title: `Write \`${token.image}=\``, edits: [{ location, text: `${token.image}=` }] }];
  b.diagnostics.push(syntaxCodes.report('invalid-comparison', { operator: token.image }, location, { fixes }));
  return token.image === '<' ? '<=' : '>=';
}

/** A number with its sign. */
function buildSigned(cst: CstNode, at: number): NumberLit {
  const value = buildBound(cst);
  const sign = tokenOf(cst, t.Minus) ? '-' : '';
  const number = tokenOf(cst, t.NumberLiteral) ?? tokenOf(cst, t.Inf);
  return { kind: 'NumberLit', span: spanOf(cst, at), value, text: `${sign}${number?.image ?? ''}` };
}

// ---------------------------------------------------------------- violations

const modes: ReadonlySet<string> = new Set<ViolationMode>(['reject', 'clamp', 'replace', 'report']);
const isMode = (word: string): word is ViolationMode => modes.has(word);

/** What others call the modes that need no value. */
const otherWords: Readonly<Record<string, ViolationMode>> = {
  raise: 'reject', throw: 'reject', error: 'reject', fail: 'reject', abort: 'reject', refuse: 'reject', stop: 'reject', assert: 'reject',
  clip: 'clamp', cut: 'clamp', limit: 'clamp', saturate: 'clamp', warn: 'report', warning: 'report', log: 'report', count: 'report',
};

/** The mode that a word stands for; an unknown one is reported and read as `reject`. */
function modeOf(b: Builder, token: IToken | undefined): ViolationMode {
  if (!isReal(token)) return 'reject';
  if (isMode(token.image)) return token.image;
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const meant = suggest(token.image, modes) ?? otherWords[token.image];
  const fixes = meant === undefined ? [] : [writeAt(b.source, `Write \`${meant}\``, location.span, meant)];
  b.diagnostics.push(syntaxCodes.report('unknown-mode', { found: token.image, meant }, location, { fixes }));
  return 'reject';
}

function reportWord(b: Builder, token: IToken, meant: string): void {
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const fixes = [{ title: `Write \`${meant}\``, edits: [{ location, text: meant }] }];
  b.diagnostics.push(syntaxCodes.report('misspelled-word', { found: token.image, meant }, location, { fixes }));
}

/** Flags that every whole number fulfils that lies in the range. */
const ofWholeNumbers: ReadonlySet<string> = new Set(['finite', 'integer', 'mask']);

/** A number that fulfils the facts: 0, else the end of the range that is nearest to it; none where more is demanded than one number can say. */
function replacement(facts: readonly FactExpr[]): number | undefined {
  const ranges = facts.filter((fact) => fact.kind === 'RangeFact');
  const flags = facts.filter((fact) => fact.kind === 'FlagFact');
  const beyond = facts.some(({ kind }) => kind === 'ReductionFact') || flags.some(({ name }) => !ofWholeNumbers.has(name.text));
  if (beyond || ranges.some(({ names }) => names.length > 0)) return undefined;
  const [low, high] = [Math.max(-Infinity, ...ranges.map((range) => range.low)), Math.min(Infinity, ...ranges.map((range) => range.high))];
  const nearest = Math.min(Math.max(0, low), high);
  return nearest >= low && Number.isFinite(nearest) && (flags.length === 0 || Number.isInteger(nearest)) ? nearest : undefined;
}

/** The value that `replace` lacks, or takes out that of another mode. */
function valueFixes({ source }: Builder, cst: CstNode, word: IToken, facts: readonly FactExpr[]): Fix[] {
  const { end } = spanOf(cst, 0);
  const behind = spanOfToken(word).end;
  if (word.image !== 'replace') return [writeAt(source, 'Leave out the value', { start: behind, end }, '')];
  const value = replacement(facts);
  return value === undefined ? [] : [writeAt(source, `Write \`replace(${value})\``, { start: behind, end: behind }, `(${value})`)];
}

function buildViolation(b: Builder, cst: CstNode, facts: readonly FactExpr[], at: number): ViolationClause {
  const span = spanOf(cst, at);
  const [violation, word] = tokensOf(cst, t.Identifier);
  if (isReal(violation) && violation.image !== 'violation') reportWord(b, violation, 'violation');
  const mode = modeOf(b, word);
  const bound = nodeOf(cst, 'bound');
  const named = bound && tokenOf(bound, t.Identifier);
  if (isReal(named)) b.diagnostics.push(syntaxCodes.report('unexpected-token', { expected: 'a number', found: `\`${named.image}\`` }, { uri: b.source.uri, span: spanOfToken(named) }));
  const known = isReal(word) && isMode(word.image);
  if (known && (mode === 'replace') !== (tokenOf(cst, t.CallParen) !== undefined)) {
    b.diagnostics.push(syntaxCodes.report('violation-value', { mode }, { uri: b.source.uri, span }, { fixes: valueFixes(b, cst, word, facts) }));
  }
  return { kind: 'ViolationClause', span, mode, ...(bound === undefined ? {} : { value: buildSigned(bound, span.end) }) };
}

// ---------------------------------------------------------------- facts

function buildFact(b: Builder, cst: CstNode, at: number): FactExpr {
  const span = spanOf(cst, at);
  const range = nodeOf(cst, 'rangeFact');
  if (range !== undefined) return buildRangeFact(range, span);
  const nominal = nodeOf(cst, 'nominalFact');
  if (nominal === undefined) return buildNamedFact(b, nodeOf(cst, 'namedFact') ?? cst, at);
  return {
    kind: 'NominalFact', span,
    nominal: tokenOf(nominal, t.Space) ? 'space' : 'tokenizer',
    name: buildName(tokenOf(nominal, t.Identifier), span.end),
    versions: buildRanges(b, nominal),
  };
}

type Facts = Pick<TypeExpr, 'facts' | 'violation'>;

/** The facts of a `where` clause and what happens where they do not hold. */
export function buildFacts(b: Builder, cst: CstNode | undefined, at: number): Facts {
  if (cst === undefined) return { facts: [] };
  const violation = nodeOf(cst, 'violation');
  const facts = nodesOf(cst, 'fact').map((fact) => buildFact(b, fact, at));
  return { facts, ...(violation === undefined ? {} : { violation: buildViolation(b, violation, facts, at) }) };
}
