/** `budget { latency.p99 <= 20ms on "cpu"  bytes <= 5% }` of a model. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { BudgetEntry, Comparison, ModelDecl, StringLit } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import type { Checker } from '../context.ts';
import type { Report } from '../types/type-scope.ts';
import { removeClause, replaceAt } from '../edits.ts';
import { boundOf, directionOf, reportBound } from './bounds.ts';
import { dottedName, lookupRow } from './measures.ts';
import type { CheckedBudget, CheckedLimit } from './model.ts';
import { reportIncomplete, single, toolScope, type ToolScope } from './scope.ts';
import { costs, devices, type CostRow } from './tables.ts';

export function checkBudget(symbol: Symbol<ModelDecl>, checker: Checker, report: Report): CheckedBudget | undefined {
  const clauses = symbol.declaration.members.filter((member) => member.kind === 'BudgetClause');
  if (clauses.length === 0) return undefined;
  const scope = toolScope(symbol.declaration, `model ${symbol.name}`, symbol.module, checker, report);
  single(clauses, 'budget', scope);
  if (clauses[0]!.entries.length === 0) reportIncomplete('a budget without a bound', ['Write what it bounds: `bytes <= 5%`.'], scope);
  const limits = clauses[0]!.entries.flatMap((entry) => checkLimit(entry, scope) ?? []);
  reportTwice(limits, scope);
  return { kind: 'budget', model: symbol, uri: symbol.module.uri, limits };
}

function checkLimit({ limit, device, span }: BudgetEntry, scope: ToolScope): CheckedLimit | undefined {
  const name = dottedName(limit.left);
  if (name === undefined) {
    if (limit.left.kind !== 'MissingExpr') scope.report(toolCodes.report('tool-value', { found: 'no cost', needs: `a budget bounds ${Object.keys(costs).map((c) => `\`${c}\``).join(', ')}` }, at(scope.module, limit.left.span)));
    return undefined;
  }
  const row = lookupRow<CostRow>(costs, 'cost', name, limit.left, scope);
  if (row === undefined) return undefined;
  const on = checkDevice(name, row, limit, device, scope);
  const op = directionOf(name, row.better ?? 'lower', limit, scope);
  // A time has no share: nobody has measured that of the backbone alone.
  const bound = boundOf(name, row.unit, row.unit === 'time' || row.better === 'higher' ? [] : ['share'], limit.right, scope);
  if (op === undefined || bound === undefined || on === 'unknown') return undefined;
  // Of what is counted there may be none; what is measured takes something.
  if (bound.value < 0 || (bound.value === 0 && (row.onDevice || op === '<'))) {
    reportBound(`\`${name}\` is ${row.onDevice ? 'always above 0' : 'never below 0'}, so that no model keeps to this`, limit, [], scope);
    return undefined;
  }
  return { metric: name, op, bound: { kind: bound.unit === 'share' ? 'share' : 'absolute', value: bound.value }, device: on, location: at(scope.module, span) };
}

/** The device that a bound is for; `unknown` where it is none, or where no device matters: both are reported. */
function checkDevice(name: string, row: CostRow, limit: Comparison, device: StringLit | undefined, scope: ToolScope): string | undefined {
  if (device === undefined) return undefined;
  const location = at(scope.module, device.span);
  if (!row.onDevice) {
    scope.report(toolCodes.report('tool-value', { found: 'a device', needs: `\`${name}\` is the same on every one` }, location, {
      label: 'leave it out',
      fixes: [{ title: 'leave out the device', edits: [replaceAt({ start: limit.span.end, end: device.span.end }, '', scope.module)] }],
    }));
    return 'unknown';
  }
  if (devices.includes(device.value)) return device.value;
  const near = suggest(device.value, devices);
  scope.report(nameCodes.report('unknown-name', { name: device.value, what: 'device' }, location, { ...mistyped(near && `"${near}"`, location, 'unknown'), notes: near ? [] : [`MDL knows ${devices.map((d) => `"${d}"`).join(', ')}.`] }));
  return 'unknown';
}

function reportTwice(limits: readonly CheckedLimit[], scope: ToolScope): void {
  limits.forEach((limit, i) => {
    const first = limits.slice(0, i).find((l) => l.metric === limit.metric && l.device === limit.device && l.bound.kind === limit.bound.kind);
    if (first === undefined) return;
    const what = `bound for \`${limit.metric}\``;
    scope.report(toolCodes.report('tool-repeated', { what, tool: `\`${scope.tool}\`` }, limit.location, { label: 'said again here', related: [{ location: first.location, text: 'first here' }], fixes: [removeClause('leave out the second', limit.location, scope.module)] }));
  });
}
