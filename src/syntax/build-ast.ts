/**
 * From the concrete to the abstract tree. Total: where the parser recovered, names are empty, values and types are
 * `Missing` nodes, and the error is reported already.
 */
import type { CstNode } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Fix } from '../diagnostics/diagnostic.ts';
import { documentedLines, wholeLines } from '../text/lines.ts';
import type { Span } from '../text/source.ts';
import type {
  AttributeDecl, ContractDecl, Declaration, Import, ImportName, LabelsDecl, Module, RecordBody, RecordField, SpaceDecl, TokenizerDecl,
} from './ast.ts';
import { buildBackbone } from './build/backbones.ts';
import {
  buildName, buildString, checkEquals, docOf, emptySpanAt, nodeOf, nodesOf, spanOf, tokenOf, tokensOf, type Builder,
} from './build/cst.ts';
import { buildModel } from './build/models.ts';
import { buildParams, buildPart } from './build/parts.ts';
import { buildRollout, buildTool } from './build/tools.ts';
import { buildType } from './build/types.ts';
import { buildRanges, versionOf } from './build/versions.ts';
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
  return {
    kind: 'SpaceDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end), ...versionOf(b, cst),
    compatible: buildRanges(b, cst),
  };
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

function buildAttribute(b: Builder, cst: CstNode): AttributeDecl {
  const span = spanOf(cst, 0);
  const brace = tokenOf(cst, t.LCurly)?.startOffset ?? Infinity;
  const words = tokensOf(cst, t.Identifier);
  return {
    kind: 'AttributeDecl', span, ...docOf(b, cst), name: buildName(words.find((word) => !(word.startOffset > brace)), span.end),
    values: words.filter((word) => word.startOffset > brace).map((value) => buildName(value, span.end)),
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

// ---------------------------------------------------------------- modules

const builders: Readonly<Record<string, (b: Builder, cst: CstNode) => Declaration>> = {
  space: buildSpace, tokenizer: buildTokenizer, labels: buildLabels, attribute: buildAttribute, contract: buildContract,
  backbone: buildBackbone, part: buildPart, model: buildModel, tool: buildTool, rollout: buildRollout,
};

/** A declaration, or undefined where recovery left nothing of it. */
function buildDeclaration(b: Builder, cst: CstNode): Declaration | undefined {
  const rule = Object.keys(cst.children).find((key) => key in builders);
  const node = rule === undefined ? undefined : nodeOf(cst, rule);
  return node && builders[rule!]!(b, node);
}

function checkImports(b: Builder, imports: readonly Import[], declarations: readonly Declaration[]): void {
  const [first] = declarations;
  if (first === undefined) return;
  const early = imports.filter(({ span }) => span.start < first.span.start);
  for (const { span } of imports.slice(early.length)) {
    b.diagnostics.push(syntaxCodes.report('misplaced-import', undefined, { uri: b.source.uri, span }, { fixes: moveUp(b, span, early.at(-1), first) }));
  }
}

/** Puts an import below those at the top, or above the first declaration. */
function moveUp({ source: { uri, text } }: Builder, span: Span, last: Import | undefined, first: Declaration): Fix[] {
  const lines = wholeLines(text, span);
  if (lines === undefined) return [];
  const written = text.slice(span.start, span.end);
  const top = documentedLines(text, first.span)?.start ?? first.span.start;
  const [at, moved] = last === undefined ? [top, `${written}\n`] : [last.span.end, `\n${written}`];
  return [{ title: 'Move it to the top', edits: [{ location: { uri, span: emptySpanAt(at) }, text: moved }, { location: { uri, span: lines }, text: '' }] }];
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
