/** `min(n, 512)` and `max(n, 1)` of sizes, in arguments as in types. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Expr } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { maxDim, minDim } from '../../types/dim-atoms.ts';
import { faultOf } from '../../types/dim.ts';
import type { Env } from '../env.ts';
import { text } from '../source-text.ts';
import type { Argument } from './call.ts';
import { describeValue, isStatic, sizeOf, unknownValue, type Value } from './values.ts';

const functions = { min: minDim, max: maxDim } as const;

const isFunction = (name: string): name is keyof typeof functions => Object.hasOwn(functions, name);

/** `min(2.5, n)`, of a number that is no size. */
function reportNumber(operator: keyof typeof functions, { value, expr }: Argument, env: Env): Value {
  const found = value.kind === 'number' && value.assumed ? 'a number that may be no whole one' : describeValue(value);
  env.report(partCodes.report('size-needed', { operator, found }, at(env.scope.module, expr.span), { notes: ['Sizes are whole numbers, `int` parameters, labels and the names of axes.'] }));
  return unknownValue;
}

/**
 * The size that a call of `min` or `max` stands for; undefined where it is none. A part of that name takes tensors, and what
 * is made of sizes alone is nothing that it could take; of plain numbers it may be scalars.
 */
export function sizeCall(callee: Expr, args: readonly Argument[], span: Span, env: Env): Value | undefined {
  if (callee.kind !== 'NameExpr' || !isFunction(callee.name.text) || args.length === 0 || args.some(({ name }) => name !== undefined)) return undefined;
  const { text: name } = callee.name;
  const isTaken = env.locals.has(name) || env.scope.module.names.has(name) || env.scope.module.unresolved.has(name);
  if (isTaken && !args.some(({ value }) => value.kind === 'size')) return undefined;
  const sizes = args.map(({ value }) => (isStatic(value) ? sizeOf(value) : undefined));
  const odd = args[sizes.indexOf(undefined)];
  if (odd !== undefined) return odd.value.kind === 'number' && args.some(({ value }) => value.kind === 'size') ? reportNumber(name, odd, env) : undefined;
  if (!sizes.every((size) => size !== undefined)) return undefined;
  const size = functions[name](...sizes);
  const fault = faultOf(size);
  if (fault === undefined || fault === 'negative') return { kind: 'size', size };
  env.report(partCodes.report('invalid-size', { size: `\`${text({ span }, env)}\``, fault }, at(env.scope.module, span)));
  return unknownValue;
}
