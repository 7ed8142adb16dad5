/** Whole numbers that wrap around without a word: 0 - 1 of u8 is 255. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import type { Expr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { at, type Span } from '../../text/source.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import type { Ends } from '../../types/fact.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { letsOf } from '../joints/masks.ts';
import type { Argument } from './call.ts';
import { wrapFix } from './operand-fixes.ts';
import { quotientOf } from './whole-quotients.ts';

type Rule = (a: Ends, b: Ends) => Ends;

const products: Rule = (a, b) => {
  const all = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return { low: Math.min(...all), high: Math.max(...all) };
};
/** What a result lies in, by what its operands lie in. */
export const arithmetic: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Add', (a, b) => ({ low: a.low + b.low, high: a.high + b.high })],
  ['Sub', (a, b) => ({ low: a.low - b.high, high: a.high - b.low })],
  ['Mul', products],
]);

/** Of these few numbers a sum is soon too many; of wider ones nobody means all. */
const fewBits = 8;

/** What holds all results of the narrow ones; undefined of the widest. */
const wider: Partial<Readonly<Record<DType, DType>>> = { u8: 'i32', i8: 'i32', u16: 'i32', u32: 'i64' };

/** Warns of a difference that may be below 0 in a dtype without a sign, and of sums and products of bytes beyond what a byte holds. */
export function warnOfWrapping(operator: Operator, operands: readonly Argument[], types: readonly TensorType[], span: Span, env: Env): void {
  const rule = arithmetic.get(operator.name);
  const dtype = types[0]?.dtype;
  if (rule === undefined || types.length !== 2 || typeof dtype !== 'string' || types[1]!.dtype !== dtype) return;
  const { class: kind, bits } = dtypes[dtype];
  const judged = operator.name === 'Sub' ? kind === 'uint' : (kind === 'uint' || kind === 'int') && bits === fewBits;
  if (!judged) return;
  const result = rule(rangeOf(types[0]!), rangeOf(types[1]!));
  const [low, high] = kind === 'uint' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  if (result.low >= low && result.high <= high) return;
  const holds = wider[dtype];
  // A division of whole numbers would lose what the cast was for.
  const isFraction = holds !== undefined && isDivided(span, env);
  const to = isFraction ? 'f32' : holds;
  const below = result.low < low;
  const args = { operator: operator.name, dtype, found: showBound(below ? result.low : result.high), bound: below ? low : high, isBelow: below };
  env.report(partCodes.report('wraps-around', args, at(env.scope.module, span), {
    notes: [`${below ? `${low} - 1 of ${dtype} is ${high}` : `${high} + 1 of ${dtype} is ${low}`}, on every runtime and without a word.${to === undefined ? '' : ` Compute in ${isFraction ? 'f32, for the division that follows' : `${to}, or in f32`}, or say by \`where range\` what the values lie in.`}`],
    fixes: to === undefined ? [] : isPromised(dtype, span, env) && !isFraction ? cutFix(operands, { from: dtype, to, low, high }, span, env) : castFix(operands, to, env),
  }));
}

/** Whether what stands here is divided afterwards, where it stands or by a name. */
function isDivided({ start, end }: Span, env: Env): boolean {
  const lets = letsOf(env);
  const named = (expr: Expr): Expr => (expr.kind === 'NameExpr' ? (lets.get(expr.name.text) ?? expr) : expr);
  let isFound = false;
  visit(env.symbol.declaration, {
    enter: (node) => {
      const left = node.kind === 'BinaryExpr' || node.kind === 'CallExpr' || node.kind === 'PipeExpr' ? quotientOf(node, lets)?.left : undefined;
      const { span } = left === undefined ? {} : named(left);
      isFound ||= span !== undefined && span.start <= start && end <= span.end;
    },
  });
  return isFound;
}

function castFix(operands: readonly Argument[], to: DType, env: Env): Fix[] {
  const tensors = operands.filter(({ value }) => value.kind === 'tensor');
  const edits = tensors.flatMap(({ expr }) => wrapFix('', expr, ['onnx.Cast(', `, to: ${to})`], env).edits);
  const isPlain = tensors.every(({ expr }) => expr.kind === 'NameExpr' || expr.kind === 'FieldExpr' || expr.kind === 'CallExpr');
  return isPlain && tensors.length > 0 ? [{ title: `compute in ${to}`, edits, doubtful: true }] : [];
}

/** Whether the result type of a part, or the type of an output, says that what stands here is of this element type. */
function isPromised(dtype: DType, span: Span, { symbol: { declaration } }: Env): boolean {
  const ends = declaration.kind === 'PartDecl' ? [{ type: declaration.result, value: declaration.body?.result }] : declaration.kind === 'ModelDecl' ? declaration.members.flatMap((member) => (member.kind === 'ModelOutput' ? [member] : [])) : [];
  return ends.some(({ type, value }) => value?.span.start === span.start && value.span.end === span.end && type?.base.kind === 'TensorTypeExpr' && type.base.dtype.text === dtype);
}

interface Narrowed extends Ends {
  readonly from: DType;
  readonly to: DType;
}

/** What is computed in a wider dtype goes back into its own with what that does not hold cut off. */
function cutFix(operands: readonly Argument[], { from, to, low, high }: Narrowed, span: Span, env: Env): Fix[] {
  const [inside] = castFix(operands, to, env);
  if (inside === undefined) return [];
  const { module } = env.scope;
  const edits = inside.edits.toSorted((a, b) => b.location.span.start - a.location.span.start || b.location.span.end - a.location.span.end);
  const computed = edits.reduce((text, edit) => text.slice(0, edit.location.span.start - span.start) + edit.text + text.slice(edit.location.span.end - span.start), writtenAt({ span }, module));
  return [{ title: `compute in ${to}, and cut off what ${from} does not hold`, edits: [replaceAt(span, `onnx.Cast(onnx.Clip(${computed}, ${low}, ${high}), to: ${from})`, module)], doubtful: true }];
}
