/**
 * Masks that are multiplied where zeros do not make padding vanish, and masks that are added with the sign turned. A sum takes no notice of a zero; a
 * maximum, a mean and a softmax do: what comes out for a text depends on how many places of padding stand beside its tokens.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { flagAt, intsAt, numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { rangeOf } from '../../ops/range.ts';
import { axisFromEnd, fromEnd } from '../../ops/shapes.ts';
import type { Expr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { at, type Span } from '../../text/source.ts';
import { equalDims } from '../../types/dim.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import type { Argument } from '../expressions/call.ts';
import { membersOf } from '../expressions/declared-below.ts';
import { isOfLibrary, operatorOf, poolFix } from './mask-use.ts';
import { laidOut, letsOf, type Lets, type Mask } from './masks.ts';

/** How a zero at padding is taken, and what the library has instead. */
const folds: Readonly<Record<string, { readonly zeros: string; readonly pool: string; readonly from: string }>> = {
  ReduceMax: { zeros: 'takes the zeros at padding for values: what is below 0 at every token becomes 0', pool: 'max_pool', from: 'std/text' },
  ReduceMean: { zeros: 'divides by the number of all places, padding and all', pool: 'mean_pool', from: 'std/text' },
  Softmax: { zeros: 'gives weight to padding: a score of 0 is no small one', pool: 'among_tokens', from: 'std/heads' },
};
export const foldsTokens: ReadonlySet<string> = new Set(Object.keys(folds));

/** What is less by this much gets no weight in a softmax of scores. */
const leastOffset = 100;

export function judgeMaskedFold(operator: Operator, operand: Argument | undefined, attributes: AttributeValues, span: Span, env: Env): void {
  if (operand?.value.kind !== 'tensor') return;
  const lets = letsOf(env);
  const value = named(operand.expr, lets);
  const [first, second] = operandsOf(value, '*', 'Mul');
  const product = [[first, second], [second, first]].flatMap(([by, other]) => {
    const found = by && laidOut(by, lets, env);
    return found && other && isTokens(found.mask, env) ? [{ mask: found.mask, other }] : [];
  })[0];
  if (product !== undefined) judgeProduct(product, value, operator, { ...operand, type: operand.value.type }, attributes, span, lets, env);
  else if (operator.name === 'Softmax') judgeAdded(value, operand.value.type, attributes, lets, env);
}

function judgeProduct({ mask, other }: { readonly mask: Mask; readonly other: Expr }, product: Expr, operator: Operator, operand: Argument & { readonly type: TensorType }, attributes: AttributeValues, span: Span, lets: Lets, env: Env): void {
  const fold = folds[operator.name];
  const { type } = operand;
  const axes = operator.name === 'Softmax' ? [fromEnd(numberAt(attributes, 'axis'), type.shape)] : axesFromEnd(intsAt(attributes, 'axes'), type.shape);
  if (fold === undefined || axes?.length !== 1 || axes[0] === undefined || axes[0] !== tokensAxis(mask, type, env)) return;
  // What is nowhere below 0 has no smaller maximum than 0.
  if ((operator.name === 'ReduceMax' && rangeOf(type).low >= 0) || isMended(operator.name, mask, span, lets, env)) return;
  const text = `${mask.input}.${mask.field}`;
  const isLike = operator.name === 'Softmax' ? axes[0] === -1 && type.shape.axes.length === 2 : axes[0] === -2 && type.shape.axes.length === 3 && !flagAt(attributes, 'keepdims');
  const isWritten = operand.expr === product && operand.expr.span.start >= span.start;
  env.report(
    jointCodes.report('mask-left-out', { what: `\`onnx.${operator.name}\` ${fold.zeros}`, mask: text }, at(env.scope.module, span), {
      label: 'padding counts here',
      related: [{ location: at(env.scope.module, product.span), text: 'zeros at padding' }],
      notes: ['Texts of one batch are padded to one length, so that what comes out for a text depends on what stands beside it. A mask that is multiplied leaves padding out of sums alone.'],
      fixes: isLike ? poolFix(fold.pool, isWritten ? { ...operand, expr: other } : operand, text, span, env, fold.from) : [],
    }),
  );
}

/** Scores to which more is added at padding than at tokens. */
function judgeAdded(value: Expr, type: TensorType, attributes: AttributeValues, lets: Lets, env: Env): void {
  for (const [sign, operands] of [[1, operandsOf(value, '+', 'Add')], [-1, operandsOf(value, '-', 'Sub').slice(1)]] as const) {
    for (const operand of operands) {
      const added = lineOf(operand, lets, env);
      if (added?.mask === undefined || !isTokens(added.mask, env) || fromEnd(numberAt(attributes, 'axis'), type.shape) !== tokensAxis(added.mask, type, env)) continue;
      const more = -sign * added.slope;
      if (!(more >= leastOffset)) continue;
      const mask = `${added.mask.input}.${added.mask.field}`;
      env.report(
        jointCodes.report('mask-turned', { mask, more }, at(env.scope.module, operand.span), {
          label: sign === 1 ? 'added to the scores' : 'subtracted from the scores',
          notes: [`The softmax puts all weight on padding, as far as there is any. What is added is to be 0 where \`${mask}\` is 1, and far below 0 elsewhere: \`(onnx.Cast(${mask}, to: f32) - 1) * ${more}\`. \`among_tokens\` of \`std/heads\` does the whole of it.`],
        }),
      );
      return;
    }
  }
}

interface Line {
  readonly mask?: Mask;
  readonly slope: number;
  readonly start: number;
}

/** `start + slope * mask`, where an expression is that of numbers and one mask. */
function lineOf(expr: Expr, lets: Lets, env: Env): Line | undefined {
  if (expr.kind === 'NumberLit') return { slope: 0, start: expr.value };
  if (expr.kind === 'UnaryExpr') {
    const inner = lineOf(expr.operand, lets, env);
    return inner && combined('*', { slope: 0, start: -1 }, inner);
  }
  const found = laidOut(expr, lets, env);
  if (found !== undefined) return { mask: found.mask, slope: 1, start: 0 };
  if (expr.kind === 'NameExpr') {
    const value = named(expr, lets);
    return value === expr ? undefined : lineOf(value, lets, env);
  }
  if (expr.kind === 'PipeExpr' && isLayout(expr.stage)) return lineOf(expr.value, lets, env);
  if (isLayout(expr) && expr.kind === 'CallExpr') return expr.args[0] && lineOf(expr.args[0].value, lets, env);
  for (const [sign, operator] of [['+', 'Add'], ['-', 'Sub'], ['*', 'Mul']] as const) {
    const [a, b] = operandsOf(expr, sign, operator).map((operand) => lineOf(operand, lets, env));
    if (a !== undefined && b !== undefined && (a.mask === undefined || b.mask === undefined)) return combined(sign, a, b);
  }
  return undefined;
}

function combined(sign: '+' | '-' | '*', a: Line, b: Line): Line {
  const mask = a.mask ?? b.mask;
  const [slope, start] =
    sign === '*' ? [a.slope * b.start + b.slope * a.start, a.start * b.start] : sign === '+' ? [a.slope + b.slope, a.start + b.start] : [a.slope - b.slope, a.start - b.start];
  return { ...(mask && { mask }), slope, start };
}

const isLayout = (expr: Expr): boolean => expr.kind === 'CallExpr' && ['Cast', 'CastLike', 'Expand', 'Unsqueeze'].includes(operatorOf(expr) ?? '');

/** The operands of a sign, or of the operator that it stands for; none where the expression is another. */
export function operandsOf(expr: Expr, sign: string, operator: string): readonly Expr[] {
  if (expr.kind === 'BinaryExpr') return expr.op === sign ? [expr.left, expr.right] : [];
  const operands = expr.kind === 'CallExpr' && operatorOf(expr) === operator ? expr.args.map(({ value }) => value) : [];
  return operands.length === 2 ? operands : [];
}

/** What a name stands for. */
export function named(expr: Expr, lets: Lets): Expr {
  const value = expr.kind === 'NameExpr' ? lets.get(expr.name.text) : undefined;
  return value !== undefined && value.span.end <= expr.span.start ? named(value, lets) : expr;
}

const fieldType = ({ input, field }: Mask, { locals }: Env): TensorType | undefined => {
  const value = locals.get(input)?.value;
  return value?.kind === 'record' ? value.type.fields.get(field) : undefined;
};

/** Whether the library says of a mask that it is 1 where a token is; masks of one's own may mean anything. */
function isTokens(mask: Mask, env: Env): boolean {
  const type = fieldType(mask, env);
  return type !== undefined && isOfLibrary(type, env);
}

/** The one axis, from the end, that has the size of the mask's tokens; where several have it, nobody can say which is masked. */
function tokensAxis(mask: Mask, { shape }: TensorType, env: Env): number | undefined {
  const tokens = fieldType(mask, env)?.shape.axes.at(-1);
  const found = tokens === undefined ? [] : shape.axes.flatMap((_, i) => (equalDims(axisFromEnd(shape, i - shape.axes.length).size, tokens.size) ? [i - shape.axes.length] : []));
  return found.length === 1 ? found[0] : undefined;
}

/** Whether the body makes good for it: by dividing a mean by what the mask counts, or by taking the weights of padding out behind a softmax. */
export function isMended(operator: string, mask: Mask, span: Span, lets: Lets, env: Env): boolean {
  const { declaration } = env.symbol;
  const result = declaration.kind === 'PartDecl' ? declaration.body?.result : undefined;
  const isOfMask = (expr: Expr | undefined): boolean => {
    const own = expr && laidOut(expr, lets, env)?.mask;
    return own?.input === mask.input && own.field === mask.field;
  };
  let found = false;
  for (const root of [...membersOf(env), ...(result === undefined ? [] : [result])]) {
    visit(root, {
      enter: (node, parent) => {
        const name = node.kind === 'CallExpr' ? operatorOf(node) : undefined;
        const operands = node.kind === 'BinaryExpr' && node.op === '*' ? [node.left, node.right] : node.kind === 'CallExpr' ? node.args.map(({ value }) => value) : [];
        const piped = parent?.kind === 'PipeExpr' && parent.stage === node ? [parent.value] : [];
        if (operator === 'ReduceMean') found ||= (name === 'ReduceMean' || name === 'ReduceSum') && isOfMask([...piped, ...operands][0]);
        else if (operator === 'Softmax' && (node.kind === 'BinaryExpr' || name === 'Mul' || name === 'Where'))
          found ||= [...piped, ...operands].some((operand) => reaches(operand, span, lets)) && (name === 'Where' || operands.some(isOfMask));
      },
    });
  }
  return found;
}

/** Whether an expression contains what stands somewhere, itself or by the names in it. */
export function reaches(expr: Expr, span: Span, lets: Lets): boolean {
  let found = false;
  visit(expr, {
    enter: (node) => {
      const value = node.kind === 'NameExpr' ? lets.get(node.name.text) : undefined;
      found ||= (node.span.start <= span.start && node.span.end >= span.end) || (value !== undefined && value.span.end <= node.span.start && reaches(value, span, lets));
    },
  });
  return found;
}
