/** Operands of which one has to be repeated along an axis, or cast: nothing is, unless it is written. */
import type { Place } from '../diagnostics/diagnostic.ts';
import { at } from '../names/modules.ts';
import type { Operator } from '../ops/operator.ts';
import { operators } from '../ops/table.ts';
import { dtypes, type DType } from '../types/dtype.ts';
import type { TensorType } from '../types/type.ts';
import type { Argument } from './call.ts';
import type { Env } from './env.ts';
import { text } from './source-text.ts';

/** What is said, and offered, where two operands would meet if the smaller one were repeated. A body that is followed for a call is not the caller's to mend. */
export function operandPlace(operator: Operator, args: readonly Argument[], types: readonly TensorType[], env: Env): Pick<Place, 'notes' | 'fixes'> {
  if (env.deep !== undefined || args.length !== 2 || args.some(({ value, name }) => value.kind !== 'tensor' || name !== undefined)) return {};
  const cast = castPlace(args, types, env);
  if (cast !== undefined) return cast;
  for (const [small, large] of [[0, 1], [1, 0]] as const) {
    const [inner, outer] = [args[small]!.expr, args[large]!.expr];
    const axes = axesToAdd(types[small]!, types[large]!).find((added) => meet(operator, types, small, added));
    if (axes === undefined) continue;
    const before = axes.length === 0 ? 'onnx.Expand(' : 'onnx.Expand(onnx.Unsqueeze(';
    const after = `${axes.length === 0 ? '' : `, axes: [${axes.join(', ')}])`}, like: ${text(outer, env)})`;
    const notes = [`Only single numbers and whole ends are repeated by themselves; the rest is written: \`${before}${text(inner, env)}${after}\`.`];
    // What is computed is not computed twice.
    if (outer.kind !== 'NameExpr' && outer.kind !== 'FieldExpr') return { notes };
    const edit = (offset: number, inserted: string) => ({ location: at(env.scope.module, { start: offset, end: offset }), text: inserted });
    return { notes, fixes: [{ title: `repeat \`${text(inner, env)}\` to the shape of \`${text(outer, env)}\``, edits: [edit(inner.span.start, before), edit(inner.span.end, after)] }] };
  }
  return {};
}

/** Two dtypes meet by a cast: integers and masks become floats, and the narrower float the wider one. */
function castPlace(args: readonly Argument[], [a, b]: readonly TensorType[], env: Env): Pick<Place, 'notes' | 'fixes'> | undefined {
  if (typeof a?.dtype !== 'string' || typeof b?.dtype !== 'string' || a.dtype === b.dtype || a.dtype === 'string' || b.dtype === 'string') return undefined;
  const width = (dtype: DType): number => (dtypes[dtype].class === 'float' ? 1000 : 0) + dtypes[dtype].bits;
  const [narrow, to] = width(a.dtype) < width(b.dtype) ? [0, b.dtype] : [1, a.dtype];
  const { span } = args[narrow]!.expr;
  const edit = (offset: number, inserted: string) => ({ location: at(env.scope.module, { start: offset, end: offset }), text: inserted });
  return { fixes: [{ title: `cast \`${text(args[narrow]!.expr, env)}\` to ${to}`, edits: [edit(span.start, 'onnx.Cast('), edit(span.end, `, to: ${to})`)] }] };
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

function infer(name: string, inputs: readonly TensorType[], attributes: ReadonlyMap<string, readonly number[]>): TensorType | undefined {
  const inference = operators.get(name)!.infer(inputs, attributes);
  return inference.ok && inference.type.kind === 'tensor' ? inference.type : undefined;
}
