/** Numbers beside a tensor: constants of its dtype, where that has them. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Place } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import { constantRange } from '../../ops/range.ts';
import { intDim } from '../../types/dim.ts';
import { dtypes, hasConstants, holds, leastAboveZero, vanishes, type DType } from '../../types/dtype.ts';
import { dtypesOf } from '../../types/element-type.ts';
import { showTensor } from '../../types/show.ts';
import type { ElementType, TensorType } from '../../types/type.ts';
import { isAssumed } from '../types/assumed-dtype.ts';
import type { Env } from '../env.ts';
import { text } from '../source-text.ts';
import type { Argument } from './call.ts';
import { wrapFix } from './operand-fixes.ts';
import { reportInBody } from './report-in-body.ts';
import { isStatic, numberOf, type TensorValue, type Value } from './values.ts';

/** Numbers as a constant of a dtype. Undefined for what is no tensor; `misfit` for a number that the dtype does not have, which is reported. */
export function toTensor({ value, expr }: Argument, dtype: ElementType | undefined, env: Env, beside?: Argument): TensorValue | 'misfit' | undefined {
  if (value.kind === 'tensor') return value;
  const numbers = numbersOf(value);
  if (numbers === undefined || dtype === undefined) return undefined;
  // NaN stands for any number that a caller may give.
  const isAny = value.kind === 'number' && value.assumed === true && Number.isNaN(value.value);
  for (const number of isAssumed(dtype) || isAny ? [] : numbers) {
    const misfit = dtypesOf(dtype).find((member) => !holds(member, number));
    if (misfit === undefined) continue;
    const args = { value: number, dtype: misfit, isWritten: hasConstants(misfit), family: typeof dtype === 'string' ? undefined : dtype.family };
    // What is too large to be read is told of by the parser.
    if (expr.kind === 'NumberLit' && !Number.isFinite(number)) return 'misfit';
    const place = besidePlace(number, beside, env);
    reportInBody((location, where) => partCodes.report('constant-misfit', args, location, where), expr.span, place, env);
    return 'misfit';
  }
  const lost = typeof dtype === 'string' && !isAny ? numbers.find((number) => vanishes(dtype, number)) : undefined;
  if (lost !== undefined) {
    const place = besidePlace(lost, beside, env, [`The least number above 0 that ${dtype as string} has is ${leastAboveZero[dtype as DType]!.toPrecision(3)}. What guards a division or a logarithm by less than that guards nothing; compute in a wider dtype, \`onnx.Cast(…, to: f32)\`, or take a larger number.`]);
    reportInBody((location, where) => partCodes.report('constant-vanishes', { value: lost, dtype: dtype as string }, location, where), expr.span, place, env);
    return 'misfit';
  }
  const shape = { axes: value.kind === 'list' ? [{ size: intDim(numbers.length) }] : [] };
  const assumed = value.kind === 'number' && value.assumed;
  const facts = assumed || isAssumed(dtype) ? [] : constantRange(numbers, dtype);
  const type: TensorType = { kind: 'tensor', dtype, shape, facts, evidence: 'proved' };
  return env.deep === undefined ? { kind: 'tensor', type } : { kind: 'tensor', type, ref: env.deep.sink.constant(numbers, type) };
}

/** The tensor whose dtype a number is to have, and that it is cast to what has the number: a fraction beside whole numbers, what vanishes beside halves, 300 beside bytes. */
function besidePlace(number: number, beside: Argument | undefined, env: Env, notes: readonly string[] = ['A number becomes a tensor of the dtype of the one beside it.']): Place {
  if (beside?.value.kind !== 'tensor' || env.deep !== undefined || env.inferring !== undefined) return { notes };
  const { type } = beside.value;
  const isWhole = typeof type.dtype === 'string' && ['int', 'uint'].includes(dtypes[type.dtype].class);
  const isVanishing = typeof type.dtype === 'string' && vanishes(type.dtype, number) && !vanishes('f32', number);
  const isFraction = isWhole && Number.isFinite(number) && !Number.isInteger(number);
  // Floats of 8 bits and fewer; nothing is cast from complex numbers.
  const isUnwritten = typeof type.dtype === 'string' && !hasConstants(type.dtype) && dtypes[type.dtype].class === 'float';
  const to = isVanishing || isFraction || isUnwritten ? 'f32' : isWhole && Number.isInteger(number) && holds('i64', number) ? 'i64' : undefined;
  return {
    notes,
    related: [{ location: at(env.scope.module, beside.expr.span), text: `this is ${showTensor(type)}` }],
    fixes: to === undefined ? [] : [wrapFix(`cast \`${text(beside.expr, env)}\` to ${to}`, beside.expr, ['onnx.Cast(', `, to: ${to})`], env)],
  };
}

/** The numbers that a constant is made of; undefined for other values. */
function numbersOf(value: Value): readonly number[] | undefined {
  if (value.kind === 'list') return value.values.length === 0 ? undefined : value.values;
  const number = isStatic(value) ? numberOf(value) : undefined;
  return number === undefined ? undefined : [number];
}
