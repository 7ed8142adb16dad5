import type { CstNode } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { wholeLines } from '../../text/lines.ts';
import { weightsFileOf } from '../../text/paths.ts';
import type { Span } from '../../text/source.ts';
import type {
  Block, Expr, Let, NameMap, NameMapEntry, Param, ParamStatement, PartDecl, PartSource, Role, StringLit, WeightsClause,
} from '../ast.ts';
import * as t from '../tokens.ts';
import {
  buildName, buildString, checkEquals, docOf, emptySpanAt, isReal, join, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, writeAt, type Builder,
} from './cst.ts';
import { buildExpression, missingExpr } from './expressions.ts';
import { buildParamType, buildType } from './types.ts';
import { versionOf } from './versions.ts';

/** Members of several rules, in the order of the text. */
export const inOrder = <T extends { readonly span: { readonly start: number } }>(members: readonly T[]): readonly T[] =>
  members.toSorted((a, b) => a.span.start - b.span.start);

function buildParam(b: Builder, cst: CstNode): Param {
  const span = spanOf(cst, 0);
  const type = buildParamType(b, cst, span.end);
  return {
    kind: 'Param', span: join(span, type.span), ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.start), type, ...valueOf(b, cst, 'default'),
  };
}

/** The parameters of a declaration; none where it has no parentheses. */
export function buildParams(b: Builder, declaration: CstNode): readonly Param[] {
  const cst = nodeOf(declaration, 'params');
  return cst === undefined ? [] : nodesOf(cst, 'param').map((param) => buildParam(b, param));
}

function buildNameMapEntry(cst: CstNode, at: number): NameMapEntry {
  const span = spanOf(cst, at);
  return {
    kind: 'NameMapEntry', span,
    path: tokensOf(cst, t.Identifier).map((token) => buildName(token, span.start)),
    to: buildString(tokenOf(cst, t.StringLiteral), span.end),
    transposed: tokenOf(cst, t.Transposed) !== undefined,
  };
}

export function buildNameMap(cst: CstNode, at: number): NameMap {
  const span = spanOf(cst, at);
  return { kind: 'NameMap', span, entries: nodesOf(cst, 'nameMapEntry').map((entry) => buildNameMapEntry(entry, span.end)) };
}

/** The file's names behind `from` or `to`. */
export function buildFileNames(cst: CstNode, at: number): StringLit | NameMap {
  const map = nodeOf(cst, 'nameMap');
  return map === undefined ? buildString(tokenOf(cst, t.StringLiteral), at) : buildNameMap(map, at);
}

/** Names the file that is to be learned after the part. */
function fileFixes({ source }: Builder, part: CstNode, at: number): Fix[] {
  const name = tokenOf(part, t.Identifier);
  return isReal(name) ? [writeAt(source, 'Name the file', emptySpanAt(at), `weights "${weightsFileOf(name.image)}" `)] : [];
}

/** The `weights` clause, with the `= learned` that stands apart from it in the concrete tree. */
function weightsOf(b: Builder, part: CstNode): { readonly weights?: WeightsClause } {
  const cst = nodeOf(part, 'weights');
  const bind = tokenOf(part, t.Bind);
  checkEquals(b, bind, '=');
  if (cst === undefined) {
    // Of another word than `learned` the parser has told.
    if (isReal(bind) && isReal(tokenOf(part, t.Learned))) {
      b.diagnostics.push(syntaxCodes.report('learned-without-weights', undefined, { uri: b.source.uri, span: spanOfToken(bind) }, { fixes: fileFixes(b, part, bind.startOffset) }));
    }
    return {};
  }
  const weights = buildWeights(cst);
  const word = tokenOf(part, t.Learned);
  return { weights: { ...weights, span: isReal(word) ? join(weights.span, spanOfToken(word)) : weights.span, learned: bind !== undefined } };
}

/** `weights "./law.safetensors" from { … }`, for itself. */
export function buildWeights(cst: CstNode): WeightsClause {
  const span = spanOf(cst, 0);
  const map = nodeOf(cst, 'nameMap');
  return { kind: 'WeightsClause', span, path: buildString(tokenOf(cst, t.StringLiteral), span.end), ...(map === undefined ? {} : { map: buildNameMap(map, span.end) }), learned: false };
}

function buildPartSource(cst: CstNode): PartSource {
  const span = spanOf(cst, 0);
  const names = nodesOf(cst, 'fileNames').map((node) => buildFileNames(node, span.end));
  const hasFrom = tokenOf(cst, t.From) !== undefined;
  const from = hasFrom ? names[0] : undefined;
  const to = tokenOf(cst, t.To) === undefined ? undefined : names[hasFrom ? 1 : 0];
  return { kind: 'PartSource', span, path: buildString(tokenOf(cst, t.StringLiteral), span.end), ...(from && { from }), ...(to && { to }) };
}

export function buildLet(b: Builder, cst: CstNode): Let {
  const span = spanOf(cst, 0);
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  return {
    kind: 'Let', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    value: buildExpression(b, nodeOf(cst, 'expression'), span.end),
  };
}

function buildParamStatement(b: Builder, cst: CstNode): ParamStatement {
  const span = spanOf(cst, 0);
  return {
    kind: 'ParamStatement', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    type: buildType(b, nodeOf(cst, 'type'), span.end), ...valueOf(b, cst, 'init'),
  };
}

/** The expression behind `=`, as a property to spread. */
export function valueOf<K extends string>(b: Builder, cst: CstNode, key: K): { readonly [P in K]?: Expr } {
  const bind = tokenOf(cst, t.Bind);
  if (bind === undefined) return {};
  checkEquals(b, bind, '=');
  const value = buildExpression(b, nodeOf(cst, 'expression'), spanOf(cst, 0).end);
  return { [key]: value } as { readonly [P in K]?: Expr };
}

/** Ends a body with the last name that it gives a value. */
function valueFixes({ source: { uri, text } }: Builder, statements: readonly (Let | ParamStatement)[]): Fix[] {
  const last = statements.at(-1);
  if (last?.kind !== 'Let' || last.name.text === '') return [];
  const { start, end } = last.span;
  const blanks = wholeLines(text, last.span) === undefined ? ' ' : /(?:\r?\n|^)[ \t]*$/.exec(text.slice(0, start))![0];
  return [writeAt({ uri }, `End with \`${last.name.text}\``, emptySpanAt(end), `${blanks}${last.name.text}`)];
}

function buildBlock(b: Builder, cst: CstNode | undefined, at: number): Block {
  const span = spanOf(cst, at);
  if (cst === undefined) return { kind: 'Block', span, statements: [], result: missingExpr(at) };
  const statements = inOrder<Let | ParamStatement>([
    ...nodesOf(cst, 'letStatement').map((node) => buildLet(b, node)),
    ...nodesOf(cst, 'paramStatement').map((node) => buildParamStatement(b, node)),
  ]);
  const value = nodeOf(cst, 'expression');
  const closer = tokenOf(cst, t.RCurly);
  if (value === undefined && closer !== undefined && !cst.recoveredNode) {
    const end = { start: Math.max(span.start, span.end - 1), end: span.end };
    b.diagnostics.push(syntaxCodes.report('missing-value', undefined, { uri: b.source.uri, span: end }, { fixes: valueFixes(b, statements) }));
  }
  return { kind: 'Block', span, statements, result: buildExpression(b, value, Math.max(span.start, span.end - 1)) };
}

/** `where`, `keeps` and `weights` in their order. */
const weightsRank = 2;

const roleOf = (cst: CstNode): Role => (tokenOf(cst, t.Adapter) ? 'adapter' : tokenOf(cst, t.Head) ? 'head' : 'part');

interface Clause {
  readonly rank: number;
  readonly span: Span;
}

/** Makes one list of two clauses of a word that stand beside each other; a mode ends its list. */
function joinFixes({ source }: Builder, before: Clause | undefined, { rank, span }: Clause, word: string): Fix[] {
  if (before?.rank !== rank || rank === weightsRank || /\bviolation\b/.test(source.text.slice(before.span.start, before.span.end))) return [];
  return [writeAt(source, 'Make them one list', { start: before.span.end, end: span.start + word.length }, ',')];
}

/** Reports the clauses that are repeated or out of their order; the `where` in its place is part of the result type. */
function checkClauses(b: Builder, cst: CstNode): void {
  const clausesOf = (rule: string, rank: number): Clause[] => nodesOf(cst, rule).map((node) => ({ rank, span: spanOf(node, 0) }));
  const clauses = inOrder([...clausesOf('facts', 0), ...clausesOf('keeps', 1), ...clausesOf('weights', weightsRank)]);
  const written = ({ span }: Clause): string => b.source.text.slice(span.start, span.end);
  const sorted = clauses.toSorted((x, y) => x.rank - y.rank);
  const type = nodeOf(cst, 'type');
  const ownFacts = type === undefined || nodeOf(type, 'facts') !== undefined;
  const single = !ownFacts && new Set(clauses.map(({ rank }) => rank)).size === clauses.length;
  const edits = clauses.map((clause, i) => ({ location: { uri: b.source.uri, span: clause.span }, text: written(sorted[i]!) })).filter(({ text }, i) => text !== written(clauses[i]!));
  const fixes = single && edits.length > 0 ? [{ title: 'Put them in order', edits }] : [];
  const typeFacts = type && nodeOf(type, 'facts');
  const own = typeFacts === undefined ? [] : [{ rank: 0, span: spanOf(typeFacts, 0) }];
  let highest = 0;
  for (const [i, clause] of clauses.entries()) {
    const word = written(clause).split(/\s/, 1)[0]!;
    const place = { fixes: fixes.length > 0 ? fixes : joinFixes(b, [...own, ...clauses][i + own.length - 1], clause, word) };
    if (clause.rank <= highest) b.diagnostics.push(syntaxCodes.report('misplaced-clause', { clause: word }, { uri: b.source.uri, span: clause.span }, place));
    highest = Math.max(highest, clause.rank);
  }
}

export function buildPart(b: Builder, cst: CstNode): PartDecl {
  const span = spanOf(cst, 0);
  const keeps = nodeOf(cst, 'keeps');
  const kept = keeps === undefined ? [] : nodesOf(keeps, 'kept');
  const source = nodeOf(cst, 'partSource');
  const block = nodeOf(cst, 'block');
  const bodiless = source !== undefined || tokenOf(cst, t.Learned) !== undefined;
  checkClauses(b, cst);
  return {
    kind: 'PartDecl', span, ...docOf(b, cst), role: roleOf(cst), name: buildName(tokenOf(cst, t.Identifier), span.start),
    ...versionOf(b, cst),
    params: buildParams(b, cst),
    result: buildType(b, nodeOf(cst, 'type'), span.end),
    keeps: kept.map((word) =>
      buildName(tokenOf(word, t.Space) ?? tokenOf(word, t.Tokenizer) ?? tokenOf(word, t.Identifier), spanOf(word, span.end).start),
    ),
    ...weightsOf(b, cst),
    ...(source === undefined ? {} : { source: buildPartSource(source) }),
    // One that is missing for another reason is reported, and as good as there.
    ...(block === undefined && bodiless ? {} : { body: buildBlock(b, block, span.end) }),
  };
}
