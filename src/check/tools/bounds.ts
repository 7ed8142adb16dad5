/** Comparisons of a measure with what it must keep to: of `require`, of `budget` and of `rollback`. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { at } from '../../text/source.ts';
import type { Comparison, ComparisonOperator, Expr } from '../../syntax/ast.ts';
import { checkUnit, percent, percentMissing, quantityOf, type Quantity, type Unit } from './quantities.ts';
import type { ToolScope } from './scope.ts';
import type { Interval } from './tables.ts';

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

/** What a bound is of: a measure, and where its values lie. */
export interface Bounded {
  readonly name: string;
  readonly unit: Unit;
  readonly lies: Interval;
  /** What comes of a bound that all values meet, and of one that none does. */
  readonly follows: Readonly<Record<'all' | 'none', string>>;
}

/** A bound as a number, or as a distance from the same measure of before. */
export type BoundKind = 'value' | 'margin';

/**
 * Whether some values meet a bound and others do not. One that all of them meet passes whatever is put in, and one that none
 * meets holds up whatever is: both are reported, and a share that lacks its `%` as that. `value` is what stands on the right of
 * `op`, of a margin with its sign.
 */
export function canTell({ name, unit, lies: [least, most], follows }: Bounded, kind: BoundKind, op: Direction, value: number, written: Expr, comparison: Comparison, scope: ToolScope): boolean {
  const width = most - least;
  const met = metBy(op, value, kind === 'value' ? [least, most] : [-width, width]);
  const quantity = quantityOf(written);
  // The shares that nothing bounds below have no margin that is too large; five hundred points without a `%` are none, either.
  const forgotten = unit === 'share' && quantity?.unit === 'number' && quantity.value >= 1 && (met !== 'some' || kind === 'margin');
  if (forgotten) percentMissing(name, quantity.value, written, scope);
  else if (met !== 'some') reportBound(`${placeOf(name, unit, [least, most], kind)}, so that ${met === 'all' ? 'everything meets this' : 'nothing can meet this'}`, comparison, [`${follows[met]} ${kind === 'margin' ? 'Write a smaller margin' : 'Write a bound that lies between'}${unit === 'share' ? `, in \`%\`` : ''}.`], scope);
  return !forgotten && met === 'some';
}

/** Of a margin that is met where the measure of before is the best or the worst there is, and only there, some are said to meet it. */
function metBy(op: Direction, value: number, [least, most]: Interval): 'all' | 'none' | 'some' {
  const [above, strict] = [op.startsWith('>'), op.length === 1];
  const [worst, best] = above ? [least, most] : [-most, -least];
  const asked = above ? value : -value;
  if (strict ? asked < worst : asked <= worst) return 'all';
  return (strict ? asked >= best : asked > best) ? 'none' : 'some';
}

function placeOf(name: string, unit: Unit, [least, most]: Interval, kind: BoundKind): string {
  const shown = (value: number): string => (unit === 'share' ? percent(value) : String(value));
  if (kind === 'margin') return `\`${name}\` before and after differ by at most ${shown(most - least)}`;
  if (most === Infinity) return `\`${name}\` is never below ${shown(least)}`;
  return least === -Infinity ? `\`${name}\` is never above ${shown(most)}` : `\`${name}\` lies from ${shown(least)} to ${shown(most)}`;
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
