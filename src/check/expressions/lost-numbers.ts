/** Whole numbers where fractions were meant, and rows compared with their neighbours: it runs, and most of what was there is gone. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import { axisFromEnd } from '../../ops/shapes.ts';
import type { Expr } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { bareSymbol, constantOf } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import { implying } from '../../types/implies.ts';
import { showBound } from '../../types/show.ts';
import type { ElementType, TensorType, Type } from '../../types/type.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { colourIdentity, readingsOf } from '../joints/readings.ts';
import type { Argument } from './call.ts';
import { tell } from './normalised-twice.ts';
import type { TensorValue } from './values.ts';
import { isFraction, isWhole, judgeCastQuotient, judgeQuotient } from './whole-quotients.ts';

/** Judges what a body writes, by what it has for all its callers. */
export function judgeLost(operator: Operator, args: readonly Argument[], tensors: readonly TensorValue[], type: Type, attributes: AttributeValues, span: Span, env: Env): void {
  const types = tensors.map((tensor) => tensor.type);
  if (type.kind !== 'tensor' || types.length === 0) return;
  judgeQuotient(operator, args, types, span, env);
  if (operator.name === 'Cast') judgeCast(args[0]!, types[0]!, type, span, env);
  if (overRows.has(operator.name)) judgeOverBatch(operator, types[0]!, attributes, span, env);
}

// ---------------------------------------------------------------- casts

function judgeCast(x: Argument, from: TensorType, to: TensorType, span: Span, env: Env): void {
  if (judgeCastQuotient(x, from, to, span, env) || !isFraction(from.dtype) || !isWhole(to.dtype)) return;
  const { low, high } = rangeOf(from);
  if (low <= -1 || high > 1 || low === high || implying(from, { kind: 'integer' }) !== undefined) return;
  const isPicture = low >= 0 && holdsBytes(to.dtype) && looksLikePicture(x, from, to);
  env.report(
    jointCodes.report('fraction-lost', { what: `a cast to ${String(to.dtype)} of what lies in [${showBound(low)}, ${showBound(high)}]`, leaves: high === 1 ? '0 of all but 1 itself' : '0 of it all' }, at(env.scope.module, span), {
      label: 'cuts the fraction off',
      notes: [`A cast does not round. What is to be 1 from one half on is a comparison.${isPicture ? ' Bytes of a picture are 255 times as large; with a half added, the cast takes the nearest.' : ''}`],
      fixes: low < 0 ? [] : castFixes(x.expr, to, isPicture, span, env),
    }),
  );
}

/** Of a picture as bytes its numbers are meant as often as black and white. */
function castFixes(expr: Expr, { dtype }: TensorType, isPicture: boolean, span: Span, env: Env): Fix[] {
  const written = writtenAt(expr, env.scope.module);
  const comparison = edit(span, `onnx.Cast(onnx.Greater(${written}, 0.5), to: ${String(dtype)})`, env);
  if (!isPicture) return [comparison];
  const scaled = expr.kind === 'BinaryExpr' || expr.kind === 'PipeExpr' ? `(${written})` : written;
  return [edit(span, `onnx.Cast(${scaled} * 255 + 0.5, to: ${String(dtype)})`, env), comparison].map((fix) => ({ ...fix, doubtful: true }));
}

const holdsBytes = (dtype: ElementType): boolean => typeof dtype === 'string' && dtypes[dtype].bits + (dtypes[dtype].class === 'uint' ? 1 : 0) > 8;

/** What says an order of colours, or becomes bytes and has the axes of a picture. */
function looksLikePicture({ value }: Argument, { shape }: TensorType, { dtype }: TensorType): boolean {
  const readings = value.kind === 'tensor' ? readingsOf(value) : [];
  return readings.some(({ attribute }) => attribute.id === colourIdentity) || (dtype === 'u8' && shape.rest === undefined && (shape.axes.length === 3 || shape.axes.length === 4));
}

const edit = (span: Span, text: string, env: Env): Fix => ({ title: `write \`${text}\``, edits: [replaceAt(span, text, env.scope.module)] });

// ---------------------------------------------------------------- rows of a batch

/** What compares the numbers along an axis with one another. */
const overRows: ReadonlySet<string> = new Set(['ArgMax', 'ArgMin', 'LogSoftmax', 'LpNormalization', 'Softmax', 'TopK']);

/** What gives each number its share of all. */
const sharing: ReadonlySet<string> = new Set(['LogSoftmax', 'LpNormalization', 'Softmax']);

/** Of one number for each row: the shares go over the rows, whatever axis is written. A choice among rows may be meant, as of candidates. */
export function judgeOverRows(operator: Operator, x: TensorValue | undefined, span: Span, env: Env): void {
  if (!sharing.has(operator.name) || x === undefined) return;
  const { axes, rest } = x.type.shape;
  const [only] = axes;
  if (axes.length !== 1 || rest !== undefined || only === undefined) return;
  // A body is followed once for all names of a size.
  env.checker.unsettled++;
  if (bareSymbol(only.size)?.name !== 'batch') return;
  tell(
    jointCodes.report('over-batch', { operator: operator.name }, env.inferring?.sites[0] ?? at(env.scope.module, span), {
      label: 'one number for each row of `batch`',
      notes: ['What a row gets depends on the rows beside it, and a row by itself gets the same whatever it is. Where the rows are candidates for one answer, call their axis so: `f32[candidates]`. One score of yes or no takes the `sigmoid`.'],
    }),
    span,
    env,
  );
}

/** Along the batch, where the other axes count something else: classes, or features. */
function judgeOverBatch(operator: Operator, { shape }: TensorType, attributes: AttributeValues, span: Span, env: Env): void {
  const [first, ...others] = shape.axes;
  const axis = axesFromEnd([numberAt(attributes, 'axis')], shape)?.[0];
  if (first === undefined || others.length === 0 || shape.rest !== undefined || axis === undefined || axisFromEnd(shape, axis) !== first) return;
  if (bareSymbol(first.size)?.name !== 'batch' || others.some(({ size }) => constantOf(size) === undefined)) return;
  env.report(
    jointCodes.report('over-batch', { operator: operator.name }, at(env.scope.module, span), {
      label: 'along the first axis, `batch`',
      notes: ['What a row gets depends on the rows beside it, and a row by itself gets the same whatever it is. Classes and features stand along the last axis: `axis: -1`.'],
    }),
  );
}
