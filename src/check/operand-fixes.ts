/** Operands of which one has to be repeated along an axis, or cast: nothing is, unless it is written. */
import type { Fix, Place } from '../diagnostics/diagnostic.ts';
import { at } from '../names/modules.ts';
import type { AttributeValue, Operator } from '../ops/operator.ts';
import { operators } from '../ops/table.ts';
import type { Expr } from '../syntax/ast.ts';
import { dtypes, type DType } from '../types/dtype.ts';
import type { TensorType } from '../types/type.ts';
import type { Argument } from './call.ts';
import type { Env } from './env.ts';
import { text } from './source-text.ts';

/** What is said, and offered, where two operands would meet if one were cast, or the smaller one repeated. A body that is followed for a call is not the caller's to mend. */
export function operandPlace(operator: Operator, args: readonly Argument[], types: readonly TensorType[], env: Env): Pick<Place, 'notes' | 'fixes'> {
  if (env.deep !== undefined || args.length !== 2 || args.some(({ value, name }) => value.kind !== 'tensor' || name !== undefined)) return {};
  const cast = castOf(types);
  const alike = cast === undefined ? types : types.with(cast.index, cast.type);
  if (cast !== undefined && operator.infer(alike, new Map()).ok) {
    const { expr } = args[cast.index]!;
    return { fixes: [wrapFix(`cast \`${text(expr, env)}\` to ${cast.to}`, expr, ['onnx.Cast(', `, to: ${cast.to})`], env)] };
  }
  for (const [small, large] of [[0, 1], [1, 0]] as const) {
    const [inner, outer] = [args[small]!.expr, args[large]!.expr];
    const axes = cast !== undefined && cast.index !== small ? undefined : axesToAdd(types[small]!, types[large]!).find((added) => meet(operator, alike, small, added));
    if (axes === undefined) continue;
    const [open, close] = cast === undefined ? ['', ''] : ['onnx.Cast(', `, to: ${cast.to})`];
    const before = `onnx.Expand(${axes.length === 0 ? '' : 'onnx.Unsqueeze('}${open}`;
    const after = `${close}${axes.length === 0 ? '' : `, axes: [${axes.join(', ')}])`}, like: ${text(outer, env)})`;
    const notes = [`Only single numbers and whole ends are repeated by themselves; the rest is written: \`${before}${text(inner, env)}${after}\`.`];
    // What is computed is not computed twice.
    if (outer.kind !== 'NameExpr' && outer.kind !== 'FieldExpr') return { notes };
    return { notes, fixes: [wrapFix(`repeat \`${text(inner, env)}\` to the shape of \`${text(outer, env)}\``, inner, [before, after], env)] };
  }
  return {};
}

/** Text before and behind an expression. */
function wrapFix(title: string, { span }: Expr, [before, after]: readonly [string, string], env: Env): Fix {
  const edit = (offset: number, inserted: string) => ({ location: at(env.scope.module, { start: offset, end: offset }), text: inserted });
  return { title, edits: [edit(span.start, before), edit(span.end, after)] };
}

/** By which cast two dtypes meet: integers and masks become floats, and the narrower float the wider one. */
function castOf([a, b]: readonly TensorType[]): { readonly index: 0 | 1; readonly to: DType; readonly type: TensorType } | undefined {
  if (typeof a?.dtype !== 'string' || typeof b?.dtype !== 'string' || a.dtype === b.dtype) return undefined;
  const width = (dtype: DType): number => (dtypes[dtype].class === 'float' ? 1000 : 0) + dtypes[dtype].bits;
  const [index, to] = width(a.dtype) < width(b.dtype) ? [0 as const, b.dtype] : [1 as const, a.dtype];
  const type = infer('Cast', [index === 0 ? a : b], new Map([['to', to]]));
  return type && { index, to, type };
}

/** Axes of one element that the smaller one may get at its end, the fewest first: `[batch]` beside `[batch, 8]` gets one. */
function axesToAdd(small: TensorType, large: TensorType): readonly (readonly number[])[] {
  const missing = large.shape.axes.length - small.shape.axes.length;
  if (small.shape.rest !== undefined || large.shape.rest !== undefined || missing < 0 || small.shape.axes.length === 0) return [];
  return Array.from({ length: missing + 1 }, (_, count) => Array.from({ length: count }, (_unused, i) => i - count));
}

/** Whether an operator takes its operands once one of them is repeated. */
function meet(operator: Operator, types: readonly TensorType[], small: 0 | 1, axes: readonly number[]): boolean {
  const large = types[1 - small]!;
  const wide = axes.length === 0 ? types[small]! : infer('Unsqueeze', [types[small]!], new Map([['axes', axes]]));
  const repeated = wide && infer('Expand', [wide, large], new Map());
  return repeated !== undefined && operator.infer(small === 0 ? [repeated, large] : [large, repeated], new Map()).ok;
}

function infer(name: string, inputs: readonly TensorType[], attributes: ReadonlyMap<string, AttributeValue>): TensorType | undefined {
  const inference = operators.get(name)!.infer(inputs, attributes);
  return inference.ok && inference.type.kind === 'tensor' ? inference.type : undefined;
}
