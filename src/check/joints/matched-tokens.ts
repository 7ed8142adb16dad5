/**
 * Scores of each token of one text with each of another, as late interaction and attention have them, folded over all tokens of one of both: its mask is left
 * out. Zeros at padding would not do, so what is told is scores that nothing was done to.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { intsAt, numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { axisFromEnd } from '../../ops/shapes.ts';
import type { Expr } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { equalDims } from '../../types/dim.ts';
import { text } from '../source-text.ts';
import type { Env } from '../env.ts';
import type { Argument } from '../expressions/call.ts';
import { encodedOf, leftOutNote, operatorOf } from './mask-use.ts';
import { isMended, named, operandsOf } from './masked-folds.ts';
import { letsOf, onlyMaskOf, type Lets } from './masks.ts';

/** What a fold over tokens is told of, and whether it chooses among them. */
const folds: Readonly<Record<string, { readonly chooses: boolean }>> = {
  ArgMax: { chooses: true }, LogSoftmax: { chooses: true }, ReduceMax: { chooses: true }, ReduceMean: { chooses: false }, ReduceSum: { chooses: false }, Softmax: { chooses: true },
};
export const foldsMatches: ReadonlySet<string> = new Set(Object.keys(folds));

export function judgeMatched(operator: Operator, operand: Argument | undefined, attributes: AttributeValues, span: Span, env: Env): void {
  if (operand?.value.kind !== 'tensor') return;
  const { shape } = operand.value.type;
  const lets = letsOf(env);
  const axes = axesFromEnd(operator.attributes['axes'] === undefined ? [numberAt(attributes, 'axis')] : intsAt(attributes, 'axes'), shape);
  const pair = matchedOf(operand.expr, lets);
  const side = axes?.length !== 1 ? undefined : axes[0] === -1 ? pair?.[1] : axes[0] === -2 ? pair?.[0] : undefined;
  const found = side && encodedOf(bare(side, lets), lets, env);
  const mask = found && onlyMaskOf(found.input, env);
  const tokens = mask?.type.shape.axes.at(-1);
  if (mask === undefined || tokens === undefined || !equalDims(axisFromEnd(shape, axes![0]!).size, tokens.size)) return;
  const own = { input: found!.input, field: mask.field };
  if (operator.name === 'Softmax' && isMended(operator.name, own, span, lets, env)) return;
  const written = `${own.input}.${own.field}`;
  const scores = text(operand.expr, env);
  const masked = `onnx.Where(onnx.Expand(onnx.Unsqueeze(onnx.Equal(${written}, 1), axes: [${axes![0] === -1 ? '-2' : '-1'}]), like: ${scores}), ${scores}, -10000)`;
  env.report(
    jointCodes.report('mask-left-out', { what: `\`onnx.${operator.name}\` goes over all tokens of \`${own.input}\`, padding and all`, mask: written }, at(env.scope.module, span), {
      label: 'padding counts here',
      related: [{ location: at(env.scope.module, side!.span), text: `one for each token of \`${own.input}\`` }],
      notes: [leftOutNote, ...(folds[operator.name]!.chooses ? [`Give padding a score that nothing else has before: \`${masked}\`.`] : [])],
    }),
  );
}

/** The two factors of a product of matrices that an expression is, or a number's share of one. */
function matchedOf(expr: Expr, lets: Lets): readonly [Expr, Expr] | undefined {
  const value = named(expr, lets);
  for (const [sign, operator] of [['*', 'Mul'], ['/', 'Div']] as const) {
    const [a, b] = operandsOf(value, sign, operator);
    if (a !== undefined && b !== undefined) return named(b, lets).kind === 'NumberLit' ? matchedOf(a, lets) : sign === '*' && named(a, lets).kind === 'NumberLit' ? matchedOf(b, lets) : undefined;
  }
  const [call, piped] = value.kind === 'PipeExpr' ? [value.stage, [value.value]] : [value, []];
  if (call.kind !== 'CallExpr' || operatorOf(call) !== 'MatMul') return undefined;
  const [a, b] = [...piped, ...call.args.map((arg) => arg.value)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

/** What leaves one vector for each token, at whichever place its numbers stand then. */
const layingOut: ReadonlySet<string> = new Set(['Cast', 'CastLike', 'Identity', 'LpNormalization', 'Transpose']);

/** The vectors of tokens that an expression scales to one length, or turns. */
function bare(expr: Expr, lets: Lets): Expr {
  const value = named(expr, lets);
  const [call, inner] = value.kind === 'PipeExpr' ? [value.stage, value.value] : value.kind === 'CallExpr' ? [value, value.args[0]?.value] : [];
  const callee = call?.kind === 'CallExpr' ? call.callee : call;
  const isUnit = callee?.kind === 'NameExpr' && callee.name.text === 'l2_normalize';
  return inner !== undefined && (isUnit || (call?.kind === 'CallExpr' && layingOut.has(operatorOf(call) ?? ''))) ? bare(inner, lets) : value;
}
