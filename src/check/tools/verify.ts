/** `verify NAME { swap … data … let … require … }`: whether a part may take another one's place. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { at } from '../../text/source.ts';
import type { Arg, Expr, RequireClause, VerifyDecl } from '../../syntax/ast.ts';
import { boundOf, canTell, directionOf, reportBound, type BoundKind } from './bounds.ts';
import { applyMeasure, lookupRow, namedCall, readOptions } from './measures.ts';
import { checkSpaces } from './measured-spaces.ts';
import type { Applied, CheckedRequirement, CheckedSwap, CheckedVerify } from './model.ts';
import { checkData, declareTool, nameLocation, reportIncomplete, reportUnusedLocals, type ToolScope } from './scope.ts';
import { checkSwap, reportTwice } from './swap.ts';
import { gateMetrics, metrics, rowOf, type GateRow, type MetricRow } from './tables.ts';
import { calledBy, evaluateTerm } from './terms.ts';
import { reachedFrom } from '../expressions/reached.ts';

export function checkVerify(declaration: VerifyDecl, scope: ToolScope): CheckedVerify | undefined {
  const { members } = declaration;
  const swapClauses = members.filter((m) => m.kind === 'SwapClause');
  const requireClauses = members.filter((m) => m.kind === 'RequireClause');
  const swaps = swapClauses.map((clause) => checkSwap(clause, scope));
  reportTwice(swapClauses, scope);
  const data = checkData(members.filter((m) => m.kind === 'DataClause'), scope);
  for (const member of members) if (member.kind === 'Let') declareTool(member.name, { kind: 'let', value: evaluateTerm(member.value, scope) }, scope);
  if (swapClauses.length === 0) reportIncomplete('no swap', ['Write `swap OLD with NEW in MODEL`.'], scope);
  if (!members.some((m) => m.kind === 'DataClause')) reportIncomplete('no data', ['Write `data d = "./test.jsonl"`, and take columns of it: `d.text`.'], scope);
  if (requireClauses.length === 0) reportIncomplete('nothing that it requires', ['Write `require accuracy(y, d.label) >= baseline - 2%`.'], scope);
  const checked = requireClauses.map((clause) => checkRequirement(clause, scope));
  const requirements = checked.map((requirement) => (requirement !== undefined && swaps.every((swap) => swap !== undefined) && !dependsOn(swaps as CheckedSwap[], requirement, scope) ? undefined : requirement));
  reportUnusedLocals(scope);
  const whole = [...swaps, ...requirements].every((item) => item !== undefined) && data.length > 0 && swaps.length > 0 && requirements.length > 0;
  if (!whole) return undefined;
  return { kind: 'verify', declaration, name: scope.symbol.name, uri: scope.module.uri, location: nameLocation(scope), data, swaps: swaps as CheckedSwap[], requirements: requirements as CheckedRequirement[] };
}

// ---------------------------------------------------------------- requirements

/** What does not depend on any swap is the same before and after, and would be kept whatever is put in. */
function dependsOn(swaps: readonly CheckedSwap[], { metric }: CheckedRequirement, scope: ToolScope): boolean {
  const { inputs, name, location } = metric;
  const called = [...inputs.values()].flatMap(calledBy);
  const reached = new Set(called.flatMap((symbol) => reachedFrom(symbol, scope.checker)));
  const standing = swaps.map((swap) => (swap.standing === 'part' ? swap.part : swap.replacement));
  if (inputs.size === 0 || swaps.length === 0 || standing.some((part) => reached.has(part))) return true;
  const names = standing.map((part) => `\`${part.name}\``).join(', ');
  const models = [...new Set(swaps.map(({ model }) => model))];
  scope.report(toolCodes.report('measure-inputs', { measure: name, why: `what it looks at does not depend on ${names}, and so is the same before the swap and after it` }, location, {
    related: models.map((model) => ({ location: at(model.module, model.declaration.name.span), text: 'the swap is in this model' })),
    notes: [`Look at what the model gives: \`let y = ${models[0]!.name}(d.COLUMN)\`, and then \`y.OUTPUT\`.`],
  }));
  return false;
}

function checkRequirement({ condition }: RequireClause, scope: ToolScope): CheckedRequirement | undefined {
  const { left, right } = condition;
  if (left.kind === 'MissingExpr' || right.kind === 'MissingExpr') return undefined;
  const call = namedCall(left);
  if (call === undefined) {
    reportBound('a requirement begins with a metric', condition, [`The metrics are ${[...Object.keys(metrics), ...Object.keys(gateMetrics)].map((n) => `\`${n}\``).join(', ')}.`], scope);
    return undefined;
  }
  const { name } = call;
  const gates: Readonly<Record<string, GateRow>> = gateMetrics;
  const measures: Readonly<Record<string, MetricRow>> = metrics;
  const measure = rowOf(measures, name);
  const row = measure ?? lookupRow(name.includes('.') ? gates : { ...gates, ...measures }, 'metric', name, call.callee, scope);
  const metric = measure ? applyMeasure(name, measure, call.args, left, scope) : row && gateMetric(name, call.args, condition, scope);
  if (metric !== undefined && !checkSpaces(metric, scope)) return undefined;
  const op = row && directionOf(name, row.better, condition, scope);
  const bound = row && checkBound(name, row, right, measure !== undefined, condition, scope);
  if (row !== undefined && op !== undefined && bound !== undefined && !tells(name, row, op, bound, right, condition, scope)) return undefined;
  return metric && op && bound ? { metric, op, bound, location: at(scope.module, condition.span) } : undefined;
}

/** Whether a swap can both pass a requirement and fail it. */
function tells(name: string, row: GateRow, op: CheckedRequirement['op'], bound: CheckedRequirement['bound'], right: Expr, condition: RequireClause['condition'], scope: ToolScope): boolean {
  const [kind, value]: [BoundKind, number] = bound.kind === 'value' ? ['value', bound.value] : ['margin', bound.offset];
  return canTell({ name, ...row, follows: { all: 'It would pass whatever is put in.', none: 'It would fail whatever is put in.' } }, kind, op, value, right.kind === 'BinaryExpr' ? right.right : right, condition, scope);
}

/** A metric of the gates, which has its inputs from the swap. */
function gateMetric(name: string, args: readonly Arg[], condition: RequireClause['condition'], scope: ToolScope): Applied | undefined {
  const options = readOptions(name, {}, args, scope);
  return options && { name, inputs: new Map(), options, location: at(scope.module, condition.left.span) };
}

/** A number, `baseline`, or `baseline` plus or minus a number. */
function checkBound(name: string, row: Pick<MetricRow, 'unit'>, expr: Expr, hasBaseline: boolean, condition: RequireClause['condition'], scope: ToolScope): CheckedRequirement['bound'] | undefined {
  const shift = expr.kind === 'BinaryExpr' && (expr.op === '+' || expr.op === '-') ? expr : undefined;
  const base = shift?.left ?? expr;
  if (base.kind !== 'NameExpr') {
    const bound = boundOf(name, row.unit, [], expr, scope);
    return bound && { kind: 'value', value: bound.value };
  }
  if (base.name.text !== 'baseline') {
    lookupRow({ baseline: true }, 'bound', base.name.text, base, scope);
    return undefined;
  }
  if (!hasBaseline) {
    reportBound(`\`${name}\` compares the two already, so that it has no baseline`, condition, ['Compare it with a number.'], scope);
    return undefined;
  }
  if (shift === undefined) return { kind: 'baseline', offset: 0 };
  const offset = boundOf(name, row.unit, [], shift.right, scope);
  return offset && { kind: 'baseline', offset: shift.op === '-' ? -offset.value : offset.value };
}
