import type { CstNode } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type {
  Block, Expr, Let, ModelDecl, ModelMember, NameMap, NameMapEntry, Param, ParamStatement, PartDecl, Role, WeightsClause,
} from '../ast.ts';
import * as t from '../tokens.ts';
import {
  buildName, buildString, docOf, nodeOf, nodesOf, spanOf, tokenOf, tokensOf, type Builder,
} from './cst.ts';
import { buildExpression, missingExpr } from './expressions.ts';
import { buildParamType, buildType, checkEquals, versionOf } from './types.ts';

/** Members of several rules, in the order of the text. */
export const inOrder = <T extends { readonly span: { readonly start: number } }>(members: readonly T[]): readonly T[] =>
  members.toSorted((a, b) => a.span.start - b.span.start);

function buildParam(b: Builder, cst: CstNode): Param {
  const span = spanOf(cst, 0);
  const bind = tokenOf(cst, t.Bind);
  checkEquals(b, bind, '=');
  const value: { default?: Expr } = bind === undefined ? {} : { default: buildExpression(b, nodeOf(cst, 'expression'), span.end) };
  return { kind: 'Param', span, name: buildName(tokenOf(cst, t.Identifier), span.start), type: buildParamType(b, cst, span.end), ...value };
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

function buildWeights(cst: CstNode): WeightsClause {
  const span = spanOf(cst, 0);
  const map = nodeOf(cst, 'nameMap');
  return {
    kind: 'WeightsClause', span, path: buildString(tokenOf(cst, t.StringLiteral), span.end),
    ...(map === undefined ? {} : { map: buildNameMap(map, span.end) }),
  };
}

function buildLet(b: Builder, cst: CstNode): Let {
  const span = spanOf(cst, 0);
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  return {
    kind: 'Let', span, name: buildName(tokenOf(cst, t.Identifier), span.end),
    value: buildExpression(b, nodeOf(cst, 'expression'), span.end),
  };
}

function buildParamStatement(b: Builder, cst: CstNode): ParamStatement {
  const span = spanOf(cst, 0);
  return {
    kind: 'ParamStatement', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    type: buildType(b, nodeOf(cst, 'type'), span.end),
  };
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
    b.diagnostics.push(syntaxCodes.report('missing-value', undefined, { uri: b.source.uri, span: end }));
  }
  return { kind: 'Block', span, statements, result: buildExpression(b, value, Math.max(span.start, span.end - 1)) };
}

const roleOf = (cst: CstNode): Role => (tokenOf(cst, t.Adapter) ? 'adapter' : tokenOf(cst, t.Head) ? 'head' : 'part');

/** Reports the clauses that are repeated or out of their order; the `where` in its place is part of the result type. */
function checkClauses(b: Builder, cst: CstNode): void {
  const clauses = (rule: string, rank: number) => nodesOf(cst, rule).map((node) => ({ rank, span: spanOf(node, 0) }));
  let highest = 0;
  for (const { rank, span } of inOrder([...clauses('facts', 0), ...clauses('keeps', 1), ...clauses('weights', 2)])) {
    const [clause] = b.source.text.slice(span.start, span.end).split(/\s/, 1);
    if (rank <= highest) {
      b.diagnostics.push(syntaxCodes.report('misplaced-clause', { clause: clause! }, { uri: b.source.uri, span }));
    }
    highest = Math.max(highest, rank);
  }
}

export function buildPart(b: Builder, cst: CstNode): PartDecl {
  const span = spanOf(cst, 0);
  const keeps = nodeOf(cst, 'keeps');
  const kept = keeps === undefined ? [] : nodesOf(keeps, 'kept');
  const weights = nodeOf(cst, 'weights');
  checkClauses(b, cst);
  return {
    kind: 'PartDecl', span, ...docOf(b, cst), role: roleOf(cst), name: buildName(tokenOf(cst, t.Identifier), span.start),
    ...versionOf(b, cst),
    params: buildParams(b, cst),
    result: buildType(b, nodeOf(cst, 'type'), span.end),
    keeps: kept.map((word) =>
      buildName(tokenOf(word, t.Space) ?? tokenOf(word, t.Tokenizer) ?? tokenOf(word, t.Identifier), spanOf(word, span.end).start),
    ),
    ...(weights === undefined ? {} : { weights: buildWeights(weights) }),
    body: buildBlock(b, nodeOf(cst, 'block'), span.end),
  };
}

function buildModelMember(b: Builder, cst: CstNode, kind: 'ModelInput' | 'ModelOutput'): ModelMember {
  const span = spanOf(cst, 0);
  const type = nodeOf(cst, 'type');
  const head = { span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end) };
  if (kind === 'ModelInput') return { kind, ...head, type: buildType(b, type, span.end) };
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  const claim = tokenOf(cst, t.Colon) === undefined ? {} : { type: buildType(b, type, span.end) };
  return { kind, ...head, ...claim, value: buildExpression(b, nodeOf(cst, 'expression'), span.end) };
}

export function buildModel(b: Builder, cst: CstNode): ModelDecl {
  const span = spanOf(cst, 0);
  const members = inOrder<ModelMember>([
    ...nodesOf(cst, 'modelInput').map((node) => buildModelMember(b, node, 'ModelInput')),
    ...nodesOf(cst, 'letStatement').map((node) => buildLet(b, node)),
    ...nodesOf(cst, 'modelOutput').map((node) => buildModelMember(b, node, 'ModelOutput')),
  ]);
  return { kind: 'ModelDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.start), members };
}
