/** Comparisons of a measure with what it must keep to: of `require`, of `budget` and of `rollback`. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { at } from '../../names/modules.ts';
import type { Comparison, ComparisonOperator, Expr } from '../../syntax/ast.ts';
import { checkUnit, quantityOf, type Quantity, type Unit } from './quantities.ts';
import type { ToolScope } from './scope.ts';

export type Direction = Exclude<ComparisonOperator, '=='>;

const mirrored: Readonly<Record<Direction, Direction>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Says that a bound can never say anything, with what would. */
export function reportBound(why: string, comparison: Comparison, notes: readonly string[], scope: ToolScope, right?: Direction): void {
  const fixes = right === undefined ? [] : operatorFix(comparison, right, scope);
  scope.report(toolCodes.report('bound-form', { why }, at(scope.module, comparison.span), { notes, fixes }));
}

/** The operator stands between its operands, with blanks around it. */
function operatorFix({ left, right, op }: Comparison, wanted: Direction, { module }: ToolScope) {
  const between = module.source.text.slice(left.span.end, right.span.start);
  const start = left.span.end + between.indexOf(op);
  return [{ title: `write \`${wanted}\``, edits: [{ location: at(module, { start, end: start + op.length }), text: wanted }] }];
}

/**
 * The operator as a bound; undefined where the comparison asks for the worse, or for one exact number. `better` is the way
 * in which the measure is good.
 */
export function directionOf(measure: string, better: 'higher' | 'lower', comparison: Comparison, scope: ToolScope): Direction | undefined {
  const { op } = comparison;
  const wanted: Direction = better === 'higher' ? '>=' : '<=';
  if (op !== '==' && (op[0] === wanted[0])) return op;
  const why = op === '==' ? `\`${measure}\` is measured, and is never exactly one number` : `\`${measure}\` is the better the ${better} it is, so that \`${op}\` would refuse what is good`;
  reportBound(why, comparison, [], scope, op === '==' ? wanted : mirrored[op]);
  return undefined;
}

/** A bound in the base unit of what is measured; undefined where it is none, which is reported. */
export function boundOf(measure: string, unit: Unit, allowed: readonly Unit[], expr: Expr, scope: ToolScope): Quantity | undefined {
  if (expr.kind === 'MissingExpr') return undefined;
  const quantity = quantityOf(expr);
  if (quantity === undefined) {
    scope.report(toolCodes.report('tool-value', { found: 'no number', needs: `\`${measure}\` is compared with one` }, at(scope.module, expr.span)));
    return undefined;
  }
  return checkUnit(measure, unit, allowed, quantity, expr, scope) ? quantity : undefined;
}
