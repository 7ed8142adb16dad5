/** Whole numbers where fractions were meant, and rows compared with their neighbours: it runs, and most of what was there is gone. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../names/modules.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import { axisFromEnd } from '../../ops/shapes.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { Span } from '../../text/source.ts';
import { bareSymbol, constantOf } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import { implying } from '../../types/implies.ts';
import { showBound } from '../../types/show.ts';
import type { ElementType, TensorType, Type } from '../../types/type.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { letsOf } from '../joints/masks.ts';
import { operatorOf } from '../joints/mask-use.ts';
import type { Argument } from './call.ts';
import { tell } from './normalised-twice.ts';
import type { TensorValue } from './values.ts';

/** Judges what a body writes, by what it has for all its callers. */
export function judgeLost(operator: Operator, args: readonly Argument[], type: Type, attributes: AttributeValues, span: Span, env: Env): void {
  const types = args.flatMap(({ value }) => (value.kind === 'tensor' ? [value.type] : []));
  if (type.kind !== 'tensor' || types.length === 0) return;
  if (operator.name === 'Cast') judgeCast(args[0]!, types[0]!, type, span, env);
  if (overRows.has(operator.name)) judgeOverBatch(operator, types[0]!, attributes, span, env);
}

const classOf = (dtype: ElementType): string | undefined => (typeof dtype === 'string' ? dtypes[dtype].class : undefined);
const isWhole = (dtype: ElementType): boolean => classOf(dtype) === 'int' || classOf(dtype) === 'uint';

// ---------------------------------------------------------------- casts

function judgeCast(x: Argument, from: TensorType, to: TensorType, span: Span, env: Env): void {
  const quotient = classOf(to.dtype) === 'float' && isWhole(from.dtype) ? quotientOf(x.expr, env) : undefined;
  if (quotient !== undefined) {
    reportQuotient(quotient, to, span, env);
    return;
  }
  if (classOf(from.dtype) !== 'float' || !isWhole(to.dtype)) return;
  const { low, high } = rangeOf(from);
  if (low <= -1 || high > 1 || low === high || implying(from, { kind: 'integer' }) !== undefined) return;
  const written = writtenAt(x.expr, env.scope.module);
  env.report(
    jointCodes.report('fraction-lost', { what: `a cast to ${String(to.dtype)} of what lies in [${showBound(low)}, ${showBound(high)}]`, leaves: high === 1 ? '0 of all but 1 itself' : '0 of it all' }, at(env.scope.module, span), {
      label: 'cuts the fraction off',
      notes: ['A cast does not round. What is to be 1 from one half on is a comparison.'],
      fixes: low < 0 ? [] : [edit(span, `onnx.Cast(onnx.Greater(${written}, 0.5), to: ${String(to.dtype)})`, env)],
    }),
  );
}

interface Quotient {
  readonly left: Expr;
  readonly right: Expr;
  readonly span: Span;
}

/** The division that an expression is, by itself or by a `let`. */
function quotientOf(expr: Expr, env: Env): Quotient | undefined {
  if (expr.kind === 'NameExpr') {
    const named = letsOf(env).get(expr.name.text);
    return named !== undefined && named.span.end <= expr.span.start ? quotientOf(named, env) : undefined;
  }
  if (expr.kind === 'BinaryExpr') return expr.op === '/' ? expr : undefined;
  const [left, right] = expr.kind === 'CallExpr' && operatorOf(expr) === 'Div' ? expr.args.map(({ value }) => value) : [];
  return left === undefined || right === undefined ? undefined : { left, right, span: expr.span };
}

function reportQuotient({ left, right, span: place }: Quotient, { dtype }: TensorType, span: Span, env: Env): void {
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
