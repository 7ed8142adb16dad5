/** Divisions of whole numbers where fractions were meant: what is no greater than the divisor leaves 0 of nearly everything. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import type { Expr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { at, type Span } from '../../text/source.ts';
import { dtypes } from '../../types/dtype.ts';
import type { Ends } from '../../types/fact.ts';
import { showBound } from '../../types/show.ts';
import type { ElementType, TensorType } from '../../types/type.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { letsOf, type Lets } from '../joints/masks.ts';
import { operatorOf } from '../joints/mask-use.ts';
import type { Argument } from './call.ts';

const classOf = (dtype: ElementType): string | undefined => (typeof dtype === 'string' ? dtypes[dtype].class : undefined);
export const isFraction = (dtype: ElementType): boolean => classOf(dtype) === 'float';
export const isWhole = (dtype: ElementType): boolean => classOf(dtype) === 'int' || classOf(dtype) === 'uint';

/** A division that is written, by itself or by a `let`. */
export interface Quotient {
  readonly left: Expr;
  readonly right: Expr;
  readonly span: Span;
}

/** The division that an expression is; undefined of others. */
export function quotientOf(expr: Expr, lets: Lets): Quotient | undefined {
  if (expr.kind === 'NameExpr') {
    const named = lets.get(expr.name.text);
    return named !== undefined && named.span.end <= expr.span.start ? quotientOf(named, lets) : undefined;
  }
  if (expr.kind === 'BinaryExpr') return expr.op === '/' ? expr : undefined;
  const [left, right] = expr.kind === 'CallExpr' && operatorOf(expr) === 'Div' ? expr.args.map(({ value }) => value) : [];
  return left === undefined || right === undefined ? undefined : { left, right, span: expr.span };
}

// ---------------------------------------------------------------- cast afterwards

/** Warns of a division of whole numbers that is cast to fractions. Answers with whether it is one. */
export function judgeCastQuotient(x: Argument, from: TensorType, { dtype }: TensorType, span: Span, env: Env): boolean {
  const quotient = isFraction(dtype) && isWhole(from.dtype) ? quotientOf(x.expr, letsOf(env)) : undefined;
  if (quotient === undefined) return false;
  const { left, right, span: place } = quotient;
  const { module } = env.scope;
  const cast = (expr: Expr): string => (expr.kind === 'NumberLit' ? writtenAt(expr, module) : `onnx.Cast(${writtenAt(expr, module)}, to: ${String(dtype)})`);
  const isHere = place.start >= span.start && place.end <= span.end;
  env.report(
    jointCodes.report('fraction-lost', { what: 'a division of whole numbers that is cast afterwards', leaves: 'whole numbers: 3 / 4 is 0' }, at(module, span), {
      label: 'too late for the fraction',
      related: isHere ? [] : [{ location: at(module, place), text: 'divided here' }],
      notes: ['Cast what is divided, and divide then.'],
      fixes: isHere ? [edit(span, `${cast(left)} / ${cast(right)}`, env)] : [],
    }),
  );
  return true;
}

const edit = (span: Span, text: string, env: Env): Fix => ({ title: `write \`${text}\``, edits: [replaceAt(span, text, env.scope.module)] });

// ---------------------------------------------------------------- by what is no smaller

/** Warns of a division whose result can only be 0, or 1 of the greatest; and of a `/` of what has the same greatest value as its divisor, as a part has of a whole. */
export function judgeQuotient(operator: Operator, operands: readonly Argument[], types: readonly TensorType[], span: Span, env: Env): void {
  const [a, b] = types;
  if (operator.name !== 'Div' || a === undefined || b === undefined || operands.length !== 2 || !isWhole(a.dtype) || !isWhole(b.dtype)) return;
  const [from, by] = [rangeOf(a), rangeOf(b)];
  const results = fewResults(from, by);
  const isShare = results === undefined && isOfWhole(from, by, a.dtype) && env.scope.module.source.text.slice(span.start, span.end).startsWith('onnx.') === false;
  if ((results === undefined && !isShare) || isCastLater(span, env)) return;
  const { module } = env.scope;
  const dtype = String(a.dtype);
  const [left, right] = operands.map(({ expr, value }) => (value.kind === 'tensor' ? `onnx.Cast(${writtenAt(expr, module)}, to: f32)` : writtenAt(expr, module)));
  const equal = results === undefined ? undefined : greatestAlone(operands, from, by, dtype, env);
  const whole = `onnx.Div(${operands.map(({ expr }) => writtenAt(expr, module)).join(', ')})`;
  env.report(
    jointCodes.report('fraction-lost', { what: `a division of ${shown(from, dtype)} by ${shown(by, dtype)}`, leaves: results ?? 'whole numbers: 3 / 4 is 0' }, at(module, span), {
      label: 'of whole numbers',
      notes: [`Cast what is divided, and divide then. ${isShare ? `Where the whole quotient is meant, \`${whole}\` says so.` : meantOtherwise(equal, from)}`],
      fixes: [{ ...edit(span, `${left} / ${right}`, env), ...(isShare && { doubtful: true }) }, ...(equal === undefined ? [] : [{ ...edit(span, equal, env), doubtful: true as const }])],
    }),
  );
}

/** The comparison that gives what a division by the greatest value there can be gives: 1 of this value, 0 of all others. */
function greatestAlone([a, b]: readonly Argument[], from: Ends, by: Ends, dtype: string, env: Env): string | undefined {
  const isGreatest = b!.value.kind === 'number' && from.low >= 0 && by.low === from.high;
  return isGreatest ? `onnx.Cast(onnx.Equal(${writtenAt(a!.expr, env.scope.module)}, ${writtenAt(b!.expr, env.scope.module)}), to: ${dtype})` : undefined;
}

const meantOtherwise = (equal: string | undefined, { high }: Ends): string =>
  equal === undefined ? 'What is to be 1 from a number on is a comparison.' : `Where a mask of 0 and ${showBound(high)} is to be one of 0 and 1, the same numbers are \`${equal}\`.`;

/** Ends that nobody has said are those of the type. */
const shown = ({ low, high }: Ends, dtype: string): string => (low === high ? showBound(low) : high - low >= 2 ** 31 ? dtype : `${dtype} in [${showBound(low)}, ${showBound(high)}]`);

/** What can come out where no dividend is further from 0 than the divisor is; nobody divides by 0, and by 1 nothing changes. */
function fewResults({ low, high }: Ends, by: Ends): string | undefined {
  const least = Math.max(1, by.low);
  if (by.low < 0 || by.high <= 1 || Math.max(-low, high) > least) return undefined;
  const results = [...new Set([Math.trunc(low / least), 0, Math.trunc(high / least)])].toSorted((x, y) => x - y);
  return results.length === 1 ? '0 of it all' : `no more than ${results.slice(0, -1).join(', ')} and ${results.at(-1)}`;
}

/** Both were said to have the same greatest value. */
const isOfWhole = (from: Ends, by: Ends, dtype: ElementType): boolean =>
  from.low >= 0 && by.low >= 0 && from.high === by.high && from.high > 1 && from.low < from.high && by.low < by.high && typeof dtype === 'string' && from.high < 2 ** (dtypes[dtype].bits - (dtypes[dtype].class === 'int' ? 1 : 0)) - 1;

/** Whether what is here is told at a cast that follows. */
function isCastLater({ start, end }: Span, env: Env): boolean {
  const lets = letsOf(env);
  let isCast = false;
  visit(env.symbol.declaration, {
    enter: (node) => {
      const [call, value] = node.kind === 'PipeExpr' ? [node.stage, node.value] : [node, node.kind === 'CallExpr' ? node.args[0]?.value : undefined];
      if (call.kind !== 'CallExpr' || value === undefined || operatorOf(call) !== 'Cast') return;
      const to = call.args.find(({ name }) => name?.text === 'to')?.value;
      const { span } = quotientOf(value, lets) ?? {};
      isCast ||= span?.start === start && span.end === end && to?.kind === 'NameExpr' && /^b?f\d/.test(to.name.text);
    },
  });
  return isCast;
}
