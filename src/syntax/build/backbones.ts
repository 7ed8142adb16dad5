import type { CstNode } from 'chevrotain';
import type {
  BackboneDecl, BackboneInput, BackboneMember, BackboneOutput, CardClause, ReplaceMember, SourceClause, TapMember,
} from '../ast.ts';
import * as t from '../tokens.ts';
import { buildName, buildString, checkEquals, docOf, nodeOf, nodesOf, spanOf, tokenOf, tokensOf, type Builder } from './cst.ts';
import { buildExpression } from './expressions.ts';
import { buildFileNames, buildWeights, inOrder, valueOf } from './parts.ts';
import { buildType } from './types.ts';
import { versionOf } from './versions.ts';

function buildSource(cst: CstNode): SourceClause {
  const span = spanOf(cst, 0);
  return { kind: 'SourceClause', span, path: buildString(tokenOf(cst, t.StringLiteral), span.end) };
}

function buildBackboneInput(b: Builder, cst: CstNode): BackboneInput {
  const span = spanOf(cst, 0);
  const names = nodeOf(cst, 'fileNames');
  return {
    kind: 'BackboneInput', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    type: buildType(b, nodeOf(cst, 'type'), span.end), ...valueOf(b, cst, 'default'),
    ...(names === undefined ? {} : { from: buildFileNames(names, span.end) }),
  };
}

/** An output or a tap. */
function buildBackboneOutput(b: Builder, cst: CstNode): BackboneOutput | TapMember {
  const span = spanOf(cst, 0);
  const string = tokenOf(cst, t.StringLiteral);
  return {
    kind: tokenOf(cst, t.Tap) === undefined ? 'BackboneOutput' : 'TapMember', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    type: buildType(b, nodeOf(cst, 'type'), span.end), ...(string ? { from: buildString(string, span.end) } : {}),
  };
}

function buildReplace(b: Builder, cst: CstNode): ReplaceMember {
  const span = spanOf(cst, 0);
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  return {
    kind: 'ReplaceMember', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    value: buildExpression(b, nodeOf(cst, 'expression'), span.end),
  };
}

function buildCard(cst: CstNode): CardClause {
  const span = spanOf(cst, 0);
  const values = tokensOf(cst, t.StringLiteral);
  const entries = tokensOf(cst, t.Identifier).map((token, i) => {
    const name = buildName(token, span.end);
    const value = buildString(values[i], name.span.end);
    const end = Math.max(name.span.end, value.span.end);
    return { kind: 'CardEntry' as const, span: { start: name.span.start, end }, name, value };
  });
  return { kind: 'CardClause', span, entries };
}

export function buildBackbone(b: Builder, cst: CstNode): BackboneDecl {
  const span = spanOf(cst, 0);
  const [name, base] = tokensOf(cst, t.Identifier);
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  const weights = nodeOf(cst, 'weights');
  const members = inOrder<BackboneMember>([
    ...nodesOf(cst, 'source').map(buildSource),
    ...nodesOf(cst, 'backboneInput').map((node) => buildBackboneInput(b, node)),
    ...nodesOf(cst, 'backboneOutput').map((node) => buildBackboneOutput(b, node)),
    ...nodesOf(cst, 'replace').map((node) => buildReplace(b, node)),
    ...nodesOf(cst, 'card').map(buildCard),
  ]);
  return {
    kind: 'BackboneDecl', span, ...docOf(b, cst), name: buildName(name, span.end), ...versionOf(b, cst),
    ...(tokenOf(cst, t.Bind) === undefined ? {} : { base: buildName(base, span.end) }),
    ...(weights === undefined ? {} : { weights: buildWeights(weights) }), members,
  };
}
