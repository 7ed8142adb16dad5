/**
 * From the concrete to the abstract tree. Total: where the parser recovered, names are empty, values and types are
 * `Missing` nodes, and the error is reported already.
 */
import type { CstNode } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type {
  BackboneDecl, BackboneInput, BackboneMember, BackboneOutput, CardClause, ContractDecl, Declaration, Import, ImportName,
  LabelsDecl, Module, RecordBody, RecordField, SourceClause, SpaceDecl, TokenizerDecl,
} from './ast.ts';
import {
  buildName, buildString, docOf, nodeOf, nodesOf, spanOf, tokenOf, tokensOf, type Builder,
} from './build/cst.ts';
import { buildModel, buildNameMap, buildParams, buildPart, inOrder } from './build/parts.ts';
import { buildType, checkEquals, versionOf } from './build/types.ts';
import * as t from './tokens.ts';

function buildImportName(cst: CstNode, at: number): ImportName {
  const span = spanOf(cst, at);
  const [name, alias] = tokensOf(cst, t.Identifier);
  return {
    kind: 'ImportName', span, name: buildName(name, span.start),
    ...(alias === undefined ? {} : { alias: buildName(alias, span.end) }),
  };
}

function buildImport(cst: CstNode): Import {
  const span = spanOf(cst, 0);
  const names = nodesOf(cst, 'importName').map((name) => buildImportName(name, span.end));
  return { kind: 'Import', span, names, from: buildString(tokenOf(cst, t.StringLiteral), span.end) };
}

function buildSpace(b: Builder, cst: CstNode): SpaceDecl {
  const span = spanOf(cst, 0);
  return { kind: 'SpaceDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end), ...versionOf(b, cst) };
}

function buildTokenizer(b: Builder, cst: CstNode): TokenizerDecl {
  const span = spanOf(cst, 0);
  return {
    kind: 'TokenizerDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end), ...versionOf(b, cst),
    ...(tokenOf(cst, t.From) === undefined ? {} : { source: buildString(tokenOf(cst, t.StringLiteral), span.end) }),
  };
}

function buildLabels(b: Builder, cst: CstNode): LabelsDecl {
  const span = spanOf(cst, 0);
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  return {
    kind: 'LabelsDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    values: tokensOf(cst, t.StringLiteral).map((value) => buildString(value, span.end)),
  };
}

function buildRecordField(b: Builder, cst: CstNode): RecordField {
  const span = spanOf(cst, 0);
  return {
    kind: 'RecordField', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.start),
    type: buildType(b, nodeOf(cst, 'type'), span.end),
  };
}

function buildRecord(b: Builder, cst: CstNode): RecordBody {
  const fields = nodesOf(cst, 'recordField').map((field) => buildRecordField(b, field));
  return { kind: 'RecordBody', span: spanOf(cst, 0), fields };
}

function buildContract(b: Builder, cst: CstNode): ContractDecl {
  const span = spanOf(cst, 0);
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  const record = nodeOf(cst, 'record');
  return {
    kind: 'ContractDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    params: buildParams(b, cst),
    body: record === undefined ? buildType(b, nodeOf(cst, 'type'), span.end) : buildRecord(b, record),
  };
}

// ---------------------------------------------------------------- backbones

function buildSource(cst: CstNode): SourceClause {
  const span = spanOf(cst, 0);
  return { kind: 'SourceClause', span, path: buildString(tokenOf(cst, t.StringLiteral), span.end) };
}

function buildBackboneInput(b: Builder, cst: CstNode): BackboneInput {
  const span = spanOf(cst, 0);
  const map = nodeOf(cst, 'nameMap');
  const string = tokenOf(cst, t.StringLiteral);
  const from = map !== undefined ? { from: buildNameMap(map, span.end) } : string ? { from: buildString(string, span.end) } : {};
  return {
    kind: 'BackboneInput', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    type: buildType(b, nodeOf(cst, 'type'), span.end), ...from,
  };
}

function buildBackboneOutput(b: Builder, cst: CstNode): BackboneOutput {
  const span = spanOf(cst, 0);
  const string = tokenOf(cst, t.StringLiteral);
  return {
    kind: 'BackboneOutput', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    type: buildType(b, nodeOf(cst, 'type'), span.end), ...(string ? { from: buildString(string, span.end) } : {}),
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

function buildBackbone(b: Builder, cst: CstNode): BackboneDecl {
  const span = spanOf(cst, 0);
  const members = inOrder<BackboneMember>([
    ...nodesOf(cst, 'source').map(buildSource),
    ...nodesOf(cst, 'backboneInput').map((node) => buildBackboneInput(b, node)),
    ...nodesOf(cst, 'backboneOutput').map((node) => buildBackboneOutput(b, node)),
    ...nodesOf(cst, 'card').map(buildCard),
  ]);
  return {
    kind: 'BackboneDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end), ...versionOf(b, cst), members,
  };
}

// ---------------------------------------------------------------- modules

const builders: Readonly<Record<string, (b: Builder, cst: CstNode) => Declaration>> = {
  space: buildSpace, tokenizer: buildTokenizer, labels: buildLabels, contract: buildContract, backbone: buildBackbone,
  part: buildPart, model: buildModel,
};

/** A declaration, or undefined where recovery left nothing of it. */
function buildDeclaration(b: Builder, cst: CstNode): Declaration | undefined {
  const rule = Object.keys(cst.children).find((key) => key in builders);
  const node = rule === undefined ? undefined : nodeOf(cst, rule);
  return node && builders[rule!]!(b, node);
}

function checkImports(b: Builder, imports: readonly Import[], declarations: readonly Declaration[]): void {
  const first = declarations[0]?.span.start ?? Infinity;
  for (const { span } of imports) {
    if (span.start > first) b.diagnostics.push(syntaxCodes.report('misplaced-import', undefined, { uri: b.source.uri, span }));
  }
}

/** The tree of a module; an empty one where there is no concrete tree. */
export function buildModule(b: Builder, cst: CstNode | undefined): Module {
  const span = { start: 0, end: b.source.text.length };
  if (cst === undefined) return { kind: 'Module', span, imports: [], declarations: [] };
  const imports = nodesOf(cst, 'importClause').map(buildImport);
  const declarations = nodesOf(cst, 'declaration').flatMap((node) => buildDeclaration(b, node) ?? []);
  checkImports(b, imports, declarations);
  return { kind: 'Module', span, imports, declarations };
}
