/** Numbers with units: `20ms`, `5%`, `2MB`. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { at } from '../../text/source.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { ToolScope } from './scope.ts';

/** What a measure is counted in: seconds, bytes, parts of 1, things; a `number` is none of these. */
export type Unit = 'time' | 'bytes' | 'share' | 'count' | 'number';

interface UnitRow {
  readonly of: Unit;
  /** How many of the base unit it is. */
  readonly factor: number;
}

/** By the words of the syntax. The base units are the second, the byte and 1. */
const units: Readonly<Record<string, UnitRow>> = {
  '%': { of: 'share', factor: 0.01 },
  us: { of: 'time', factor: 1e-6 },
  ms: { of: 'time', factor: 1e-3 },
  s: { of: 'time', factor: 1 },
  min: { of: 'time', factor: 60 },
  h: { of: 'time', factor: 3600 },
  B: { of: 'bytes', factor: 1 },
  kB: { of: 'bytes', factor: 1e3 },
  KB: { of: 'bytes', factor: 1e3 },
  MB: { of: 'bytes', factor: 1e6 },
  GB: { of: 'bytes', factor: 1e9 },
  KiB: { of: 'bytes', factor: 2 ** 10 },
  MiB: { of: 'bytes', factor: 2 ** 20 },
  GiB: { of: 'bytes', factor: 2 ** 30 },
};

const unitWords: Readonly<Record<Unit, string>> = { time: 'a time', bytes: 'a number of bytes', share: 'a share', count: 'a count', number: 'a plain number' };
export const unitsOf = (unit: Unit): readonly string[] => Object.keys(units).filter((name) => units[name]!.of === unit);

export interface Quantity {
  readonly unit: Unit;
  /** In the base unit. */
  readonly value: number;
}

/** A number with or without a unit; undefined for anything else. A plain number is a `number`. */
export function quantityOf(expr: Expr): Quantity | undefined {
  switch (expr.kind) {
    case 'NumberLit':
      return { unit: 'number', value: expr.value };
    case 'QuantityLit': {
      const row = Object.hasOwn(units, expr.unit) ? units[expr.unit] : undefined;
      // The syntax has told of a unit that it does not know.
      return row && { unit: row.of, value: expr.value * row.factor };
    }
    case 'UnaryExpr': {
      const operand = quantityOf(expr.operand);
      return operand && { ...operand, value: -operand.value };
    }
    default:
      return undefined;
  }
}

/** Whether a bound's unit is the measure's; plain numbers are counts, shares and numbers. What is wrong is reported. */
export function checkUnit(measure: string, wanted: Unit, allowed: readonly Unit[], found: Quantity, expr: Expr, scope: ToolScope): boolean {
  if (found.unit === wanted || allowed.includes(found.unit)) return true;
  const plain = found.unit === 'number';
  if (plain && (wanted === 'count' || wanted === 'share')) return true;
  const known = [wanted, ...allowed].flatMap(unitsOf);
  const location = at(scope.module, expr.span);
  const { end } = expr.span;
  const apart = apartUnit(scope.module.source.text.slice(end), known);
  const likely = apart?.trim() ?? { time: 'ms', bytes: 'MB', share: '%' }[wanted as string];
  const behind = at(scope.module, { start: end, end: end + (apart?.length ?? 0) });
  scope.report(
    toolCodes.report('wrong-unit', { measure, wanted: unitWords[wanted], found: unitWords[found.unit] }, location, {
      label: plain ? 'in which unit?' : '',
      notes: wanted === 'count' || known.length === 0 ? [`Write a number without a unit${known.length === 0 ? '' : ', `1e9`, or a share in `%` of what its backbones have by themselves'}.`] : [known.length === 1 ? `Its unit is ${known[0]}.` : `Its units are ${known.join(', ')}.`],
      fixes: plain && likely !== undefined ? [{ title: `write \`${likely}\` behind it`, edits: [{ location: behind, text: likely }] }] : [],
    }),
  );
  return false;
}

/** A share as it is written, without the digits that a product of floating-point numbers adds. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(12))}%`;

/** Says that a share of 1 or more is one that lacks its `%`. */
export function percentMissing(measure: string, value: number, expr: Expr, scope: ToolScope): void {
  const end = at(scope.module, { start: expr.span.end, end: expr.span.end });
  scope.report(
    toolCodes.report('wrong-unit', { measure, wanted: unitWords.share, found: `${value}, which is ${percent(value)}` }, at(scope.module, expr.span), {
      label: 'is there a `%` missing?',
      notes: ['A share is written with `%`, or as a part of 1: `5%` is `0.05`.'],
      fixes: value > 100 ? [] : [{ title: 'write `%` behind it', edits: [{ location: end, text: '%' }] }],
    }),
  );
}

/** A unit that stands apart from its number, with what is between: ` ms` of `20 ms`. */
const apartUnit = (rest: string, known: readonly string[]): string | undefined => {
  const word = /^[ \t]+([A-Za-z%]+)/.exec(rest);
  return word !== null && known.includes(word[1]!) ? word[0] : undefined;
};
