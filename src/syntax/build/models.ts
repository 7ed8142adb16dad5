import type { CstNode } from 'chevrotain';
import type { BudgetClause, BudgetEntry, Expr, ModelDecl, ModelInput, ModelMember, ModelOutput, NextMember, StateMember } from '../ast.ts';
import * as t from '../tokens.ts';
import { buildName, buildString, checkEquals, docOf, nodeOf, nodesOf, spanOf, tokenOf, type Builder } from './cst.ts';
import { buildComparison, buildExpression } from './expressions.ts';
import { buildLet, inOrder } from './parts.ts';
import { buildType } from './types.ts';

/** What members with a name begin with. */
const headOf = (b: Builder, cst: CstNode) => {
  const span = spanOf(cst, 0);
  return { span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end) };
};

/** The expression behind a `=` that has to be there. */
function boundValue(b: Builder, cst: CstNode): Expr {
  checkEquals(b, tokenOf(cst, t.Bind), '=');
  return buildExpression(b, nodeOf(cst, 'expression'), spanOf(cst, 0).end);
}

const typeOf = (b: Builder, cst: CstNode) => buildType(b, nodeOf(cst, 'type'), spanOf(cst, 0).end);

const buildInput = (b: Builder, cst: CstNode): ModelInput => ({ kind: 'ModelInput', ...headOf(b, cst), type: typeOf(b, cst) });

const buildState = (b: Builder, cst: CstNode): StateMember => ({
  kind: 'StateMember', ...headOf(b, cst), type: typeOf(b, cst), init: boundValue(b, cst),
});

const buildNext = (b: Builder, cst: CstNode): NextMember => ({ kind: 'NextMember', ...headOf(b, cst), value: boundValue(b, cst) });

function buildOutput(b: Builder, cst: CstNode): ModelOutput {
  const claim = tokenOf(cst, t.Colon) === undefined ? {} : { type: typeOf(b, cst) };
  return { kind: 'ModelOutput', ...headOf(b, cst), ...claim, value: boundValue(b, cst) };
}

function buildBudgetEntry(b: Builder, cst: CstNode, at: number): BudgetEntry {
  const span = spanOf(cst, at);
  const device = tokenOf(cst, t.On) === undefined ? {} : { device: buildString(tokenOf(cst, t.StringLiteral), span.end) };
  return { kind: 'BudgetEntry', span, limit: buildComparison(b, nodeOf(cst, 'comparison'), span.start), ...device };
}

function buildBudget(b: Builder, cst: CstNode): BudgetClause {
  const span = spanOf(cst, 0);
  return { kind: 'BudgetClause', span, entries: nodesOf(cst, 'budgetEntry').map((entry) => buildBudgetEntry(b, entry, span.end)) };
}

const builders: Readonly<Record<string, (b: Builder, cst: CstNode) => ModelMember>> = {
  modelInput: buildInput, state: buildState, letStatement: buildLet, modelOutput: buildOutput, next: buildNext, budget: buildBudget,
};

export function buildModel(b: Builder, cst: CstNode): ModelDecl {
  const members = Object.entries(builders).flatMap(([rule, build]) => nodesOf(cst, rule).map((node) => build(b, node)));
  const span = spanOf(cst, 0);
  return { kind: 'ModelDecl', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.start), members: inOrder(members) };
}
