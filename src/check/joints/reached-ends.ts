/** Whether the range of a value is one that it fills: operators only bound what they make, but bytes divided by a number reach both ends. */
import { rangeOf } from '../../ops/range.ts';
import type { Expr } from '../../syntax/ast.ts';
import { dtypes } from '../../types/dtype.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { named } from './masked-folds.ts';
import { letsOf } from './masks.ts';

/** What moves numbers, casts them, or has a line with one number behind it. */
const keeping: ReadonlySet<string> = new Set(['Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Add', 'Sub', 'Mul', 'Div', 'Neg', 'nhwc_to_nchw', 'nchw_to_nhwc', 'to_rgb', 'to_bgr']);
const lines: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Whether a value is made of whole numbers of 8 or 16 bits by lines with numbers alone. */
export function reachesItsEnds(expr: Expr, env: Env): boolean {
  switch (expr.kind) {
    case 'BinaryExpr':
      return isNumber(expr.right) ? reachesItsEnds(expr.left, env) : isNumber(expr.left) && expr.op !== '/' && reachesItsEnds(expr.right, env);
    case 'UnaryExpr':
      return reachesItsEnds(expr.operand, env);
    case 'PipeExpr': {
      const [callee, args] = expr.stage.kind === 'CallExpr' ? [expr.stage.callee, expr.stage.args] : [expr.stage, []];
      return isKeeping(callee, args.map(({ value }) => value)) && reachesItsEnds(expr.value, env);
    }
    case 'CallExpr': {
      const [first, ...others] = expr.args;
      return first !== undefined && isKeeping(expr.callee, others.map(({ value }) => value)) && reachesItsEnds(first.value, env);
    }
    default: {
      const made = named(expr, letsOf(env));
      return made === expr ? isWholeOfFewBits(typeOf(expr, env)) : reachesItsEnds(made, env);
    }
  }
}

const isNumber = (expr: Expr): boolean => expr.kind === 'NumberLit' || (expr.kind === 'UnaryExpr' && isNumber(expr.operand));

function isKeeping(callee: Expr, others: readonly Expr[]): boolean {
  const name = callee.kind === 'NameExpr' ? callee.name.text : callee.kind === 'FieldExpr' && callee.object.kind === 'NameExpr' && callee.object.name.text === 'onnx' ? callee.field.text : '';
  return keeping.has(name) && (!lines.has(name) || others.every(isNumber));
}

function typeOf(expr: Expr, env: Env): TensorType | undefined {
  if (expr.kind === 'NameExpr') {
    const value = env.locals.get(expr.name.text)?.value;
    return value?.kind === 'tensor' ? value.type : undefined;
  }
  if (expr.kind !== 'FieldExpr' || expr.object.kind !== 'NameExpr') return undefined;
  const record = env.locals.get(expr.object.name.text)?.value;
  return record?.kind === 'record' ? record.type.fields.get(expr.field.text) : undefined;
}

function isWholeOfFewBits(type: TensorType | undefined): boolean {
  if (typeof type?.dtype !== 'string') return false;
  const { class: kind, bits } = dtypes[type.dtype];
  const [all, known] = [rangeOf({ ...type, facts: [] }), rangeOf(type)];
  return (kind === 'int' || kind === 'uint') && bits <= 16 && all.low === known.low && all.high === known.high;
}
