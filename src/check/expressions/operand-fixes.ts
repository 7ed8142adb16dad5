/** Operands of which one has to be repeated along an axis, or cast: nothing is, unless it is written. */
import type { Fix, Place } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { AttributeValue, Operator } from '../../ops/operator.ts';
import { operators } from '../../ops/table.ts';
import type { Expr } from '../../syntax/ast.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import { showShape } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Argument } from './call.ts';
import type { Env } from '../env.ts';

/** What is said, and offered, where two operands would meet if one were cast, or the smaller one repeated. A body that is followed for a call is not the caller's to mend. */
export function operandPlace(operator: Operator, args: readonly Argument[], types: readonly TensorType[], env: Env): Pick<Place, 'notes' | 'fixes'> {
  if (env.deep !== undefined || args.length !== 2 || args.some(({ value, name }) => value.kind !== 'tensor' || name !== undefined)) return {};
  const product = productPlace(operator, args, types, env);
  if (product !== undefined) return product;
  const cast = castOf(types);
  const alike = cast === undefined ? types : types.with(cast.index, cast.type);
  if (cast !== undefined && operator.infer(alike, new Map()).ok) {
    const { expr } = args[cast.index]!;
    return { fixes: [wrapFix(`cast \`${written(expr, env)}\` to ${cast.to}`, expr, ['onnx.Cast(', `, to: ${cast.to})`], env)] };
  }
  for (const [small, large] of [[0, 1], [1, 0]] as const) {
    const [inner, outer] = [args[small]!.expr, args[large]!.expr];
    const axes = cast !== undefined && cast.index !== small ? undefined : axesToAdd(types[small]!, types[large]!).find((added) => meet(operator, alike, small, added));
    if (axes === undefined) continue;
    const [open, close] = cast === undefined ? ['', ''] : ['onnx.Cast(', `, to: ${cast.to})`];
    const before = `onnx.Expand(${axes.length === 0 ? '' : 'onnx.Unsqueeze('}${open}`;
    const after = `${close}${axes.length === 0 ? '' : `, axes: [${axes.join(', ')}])`}, like: ${written(outer, env)})`;
    const notes = [`Only single numbers and whole ends are repeated by themselves; the rest is written: \`${before}${written(inner, env)}${after}\`.`];
    // What is computed is not computed twice.
    if (outer.kind !== 'NameExpr' && outer.kind !== 'FieldExpr') return { notes };
    return { notes, fixes: [wrapFix(`repeat \`${written(inner, env)}\` to the shape of \`${written(outer, env)}\``, inner, [before, after], env)] };
  }
  return { notes: dtypeNotes(operator, args, types, env) ?? joinNotes(args, types, env) };
}

/** What stands in the place of arithmetic with truth values, and with texts; undefined of numbers. */
function dtypeNotes(operator: Operator, args: readonly Argument[], types: readonly TensorType[], env: Env): readonly string[] | undefined {
  const dtype = types.find((type) => type.dtype === 'bool' || type.dtype === 'string')?.dtype;
  if (dtype === undefined) return undefined;
  const [a, b] = args.map(({ expr }) => written(expr, env));
  if (dtype === 'string') return ['Texts are read by a tokenizer before the model; what it makes of them are numbers, and these are compared and computed with.'];
  return operator.name === 'Equal' ? [] : [`Truth values are put together by \`onnx.And(${a}, ${b})\`, \`onnx.Or(${a}, ${b})\` and \`onnx.Xor(${a}, ${b})\`; as numbers, 0 and 1, they are \`onnx.Cast(${a}, to: f32)\`.`];
}

/** Vectors of two kinds for the same rows cannot be taken element by element, but one may stand behind the other. */
function joinNotes(args: readonly Argument[], types: readonly TensorType[], env: Env): readonly string[] {
  if (showShape(types[0]!.shape) === showShape(types[1]!.shape) || !operators.get('Concat')!.infer(types, new Map([['axis', -1]])).ok) return [];
  const [a, b] = args.map(({ expr }) => written(expr, env));
  return [`\`${a}\` and \`${b}\` have other features in their last axes. What is to read both takes one behind the other: \`onnx.Concat(${a}, ${b}, axis: -1)\`.`];
}

/** A matrix that lies the other way round, and `*` between what only a product of matrices takes. */
function productPlace(operator: Operator, args: readonly Argument[], types: readonly TensorType[], env: Env): Pick<Place, 'notes' | 'fixes'> | undefined {
  const matMul = operators.get('MatMul')!;
  const [a, b] = args.map(({ expr }) => expr) as [Expr, Expr];
  const rank = types[1]!.shape.axes.length;
  if (operator === matMul && rank >= 2 && types[1]!.shape.rest === undefined) {
    const perm = [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
    const turned = infer('Transpose', [types[1]!], new Map([['perm', perm]]));
    if (turned === undefined || !matMul.infer([types[0]!, turned], new Map()).ok) return undefined;
    return {
      notes: ['A product takes the last axis of the one with the axis before the last of the other; PyTorch stores linear layers as [out, in].'],
      fixes: [wrapFix(`turn \`${written(b, env)}\``, b, ['onnx.Transpose(', `, perm: [${perm.join(', ')}])`], env)],
    };
  }
  const infix = /^\s*\*\s*$/.test(env.scope.module.source.text.slice(a.span.end, b.span.start));
  if (operator.name !== 'Mul' || !infix || !matMul.infer(types, new Map()).ok) return undefined;
  const whole = at(env.scope.module, { start: a.span.start, end: b.span.end });
  const product = `onnx.MatMul(${written(a, env)}, ${written(b, env)})`;
  return { notes: [`\`*\` multiplies element by element; a product of matrices is \`${product}\`.`], fixes: [{ title: `write \`${product}\``, edits: [{ location: whole, text: product }] }] };
}

/** What is written for an expression, whole: it goes into edits. */
const written = ({ span }: Expr, env: Env): string => env.scope.module.source.text.slice(span.start, span.end);

/** Text before and behind an expression. */
export function wrapFix(title: string, { span }: Expr, [before, after]: readonly [string, string], env: Env): Fix {
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
