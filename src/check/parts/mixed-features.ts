/** What a body does to the features of vectors beside cuts and lists of them: it turns, adds up, multiplies, shifts or sorts them. */
import type { Expr } from '../../syntax/ast.ts';
import { showDim } from '../../types/dim.ts';
import { cutOf, listOf, numberIn, operationOf, resolved, type Body, type Moved, type Operation, type Places } from './kept-body.ts';
import { tensorsOf, type Signature } from './signature.ts';

/** Whether an axis is the last one of the vectors: counted from the end, or from the start of a result whose axes are known. */
export function isLast(axis: Expr | undefined, { signature }: Body): boolean {
  const number = numberIn(axis);
  const { result } = signature;
  return number === -1 || (number !== undefined && result.kind === 'tensor' && result.shape.rest === undefined && number === result.shape.axes.length - 1);
}

/** Vectors that are split into rows, turned, and made vectors again. */
export function turned(expr: Expr, body: Body): Moved | undefined {
  const operation = operationOf(expr);
  if (operation?.name !== 'Reshape') return undefined;
  const turns: number[][] = [];
  const inner = turnsBelow(operation.operands[0], body, turns);
  const [perm] = turns;
  const split = listOf(inner?.named('shape') ?? inner?.operands[1]);
  if (inner?.name !== 'Reshape' || turns.length !== 1 || perm === undefined || split === undefined || split.length !== perm.length) return undefined;
  // Axes of one element may stand anywhere.
  const order = perm.filter((axis) => numberIn(split[axis]) !== 1);
  const isLastMoved = order.at(-1) !== Math.max(...order);
  return isLastMoved ? { span: operation.span, how: 'splits the vectors, turns what comes of it, and joins it in another order' } : undefined;
}

/** The operation below transpositions, whose orders of axes are noted. */
function turnsBelow(expr: Expr | undefined, body: Body, turns: number[][]): Operation | undefined {
  const operation = expr && operationOf(resolved(expr, body));
  if (operation?.name !== 'Transpose') return operation;
  turns.push((listOf(operation.named('perm')) ?? []).map((axis) => numberIn(axis) ?? -1));
  return turnsBelow(operation.operands[0], body, turns);
}

/** Vectors with something let in before them, of which not as many features were left out at the start. */
export function shifted(expr: Expr, body: Body & Places): Moved | undefined {
  const operation = operationOf(expr);
  const pads = operation?.name === 'Pad' ? (listOf(operation.named('pads') ?? operation.operands[1]) ?? []).map(numberIn) : [];
  const [padded] = operation?.operands ?? [];
  const before = pads[pads.length / 2 - 1];
  if (operation === undefined || padded === undefined || before === undefined) return undefined;
  const from = cutOf(padded, body)?.start ?? (saysSpace(padded, body) ? '0' : undefined);
  return from === undefined || from === String(before) ? undefined : { span: operation.span, how: `puts the features from ${from} on in the places from ${before} on` };
}

/** Features by the order of their values, as far as only numbers are added to them, or multiplied. A threshold that is read off them moves none. */
export function sorted(expr: Expr, body: Body): Moved | undefined {
  const named = resolved(expr, body);
  if (named.kind === 'UnaryExpr') return sorted(named.operand, body);
  if (named.kind === 'BinaryExpr') return numberIn(named.right) !== undefined ? sorted(named.left, body) : numberIn(named.left) !== undefined ? sorted(named.right, body) : undefined;
  const operation = named.kind === 'FieldExpr' && named.field.text === 'values' ? operationOf(resolved(named.object, body)) : undefined;
  const [vectors] = operation?.operands ?? [];
  const axis = operation?.named('axis');
  if (operation?.name !== 'TopK' || vectors === undefined || !saysSpace(vectors, body) || !(axis === undefined || isLast(axis, body))) return undefined;
  return { span: operation.span, how: 'sorts the features by their values' };
}

/** A product with a matrix that is an input of its own, or a running sum: each feature becomes one of several. */
export function mixed(expr: Expr, body: Body): Moved | undefined {
  const operation = operationOf(expr);
  const [first, second] = operation?.operands ?? [];
  if (operation === undefined || first === undefined || !saysSpace(first, body)) return undefined;
  if (operation.name === 'CumSum' && isLast(operation.named('axis') ?? second, body)) return { span: operation.span, how: 'adds each feature to those behind it' };
  const matrix = operation.name === 'MatMul' && second !== undefined ? inputOf(second, body) : undefined;
  const [width, last] = [lastSize(matrix), lastSize(body.signature.result)];
  // A vector for each of the features is no weighting of rows.
  return matrix !== undefined && !hasSpace(matrix) && width !== undefined && width === last ? { span: operation.span, how: 'makes each feature a mixture of all' } : undefined;
}

/** The type of an input that an expression names. */
function inputOf(expr: Expr, body: Body): Signature['result'] | undefined {
  const named = resolved(expr, body);
  return named.kind === 'NameExpr' ? body.signature.tensors.find(({ name }) => name === named.name.text)?.type : undefined;
}

const hasSpace = (type: Signature['result']): boolean => tensorsOf(type).some(({ facts }) => facts.some(({ kind }) => kind === 'space'));

const lastSize = (type: Signature['result'] | undefined): string | undefined => {
  const axis = type?.kind === 'tensor' ? type.shape.axes.at(-1) : undefined;
  return axis && showDim(axis.size);
};

/** Whether an expression is an input in a space, or operators of arithmetic on it; without inputs that say a space it is the first. */
function saysSpace(expr: Expr, body: Body): boolean {
  const named = resolved(expr, body);
  if (named.kind === 'UnaryExpr') return saysSpace(named.operand, body);
  if (named.kind === 'BinaryExpr') return saysSpace(named.left, body) || saysSpace(named.right, body);
  const type = inputOf(named, body);
  const { tensors } = body.signature;
  return type !== undefined && (hasSpace(type) || (!tensors.some((other) => hasSpace(other.type)) && type === tensors[0]?.type));
}
