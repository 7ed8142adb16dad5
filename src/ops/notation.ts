/** Arithmetic written down as ONNX nodes: what gradients, losses and optimisers are put together from, at any opset from 9 on. */
import type { DType } from '../types/dtype.ts';
import { int, ints, type Emitter } from './operator.ts';
import { emitReduce, meanAxesSince } from './written-out.ts';

/** A value, or a number of the notation's dtype. */
export type Operand = string | number;

export interface Notation {
  add(a: Operand, b: Operand): string;
  sub(a: Operand, b: Operand): string;
  mul(a: Operand, b: Operand): string;
  div(a: Operand, b: Operand): string;
  max(a: Operand, b: Operand): string;
  pow(a: Operand, b: Operand): string;
  neg(a: string): string;
  exp(a: string): string;
  log(a: string): string;
  sqrt(a: string): string;
  square(a: string): string;
  /** `a` where the condition holds, `b` elsewhere. */
  where(condition: string, a: Operand, b: Operand): string;
  greater(a: Operand, b: Operand): string;
  /** Axes count from the start; reduced ones stay, of size 1. */
  sum(a: string, axes: readonly number[]): string;
  mean(a: string, axes: readonly number[]): string;
  logSumExp(a: string, axes: readonly number[]): string;
  /** The mean of all elements: a scalar. */
  meanOfAll(a: string): string;
  reshape(a: string, dims: readonly number[]): string;
  expand(a: string, dims: readonly number[]): string;
  transpose(a: string, order: readonly number[]): string;
  matmul(a: string, b: string): string;
  /** a b of matrices, each perhaps turned. */
  product(a: string, b: string, turned?: { readonly a?: boolean; readonly b?: boolean }): string;
}

export function notation(to: Emitter, dtype: DType): Notation {
  const value = (operand: Operand): string => (typeof operand === 'number' ? to.scalar(dtype, operand) : operand);
  const binary = (op: string) => (a: Operand, b: Operand): string => to.node(op, [value(a), value(b)]);
  const unary = (op: string) => (a: string): string => to.node(op, [a]);
  return {
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    max: binary('Max'),
    pow: binary('Pow'),
    greater: binary('Greater'),
    neg: unary('Neg'),
    exp: unary('Exp'),
    log: unary('Log'),
    sqrt: unary('Sqrt'),
    square: (a) => to.node('Mul', [a, a]),
    where: (condition, a, b) => to.node('Where', [condition, value(a), value(b)]),
    sum: (a, axes) => (axes.length === 0 ? a : emitReduce('ReduceSum', a, axes, true, 13, to)),
    mean: (a, axes) => (axes.length === 0 ? a : emitReduce('ReduceMean', a, axes, true, meanAxesSince, to)),
    logSumExp: (a, axes) => emitReduce('ReduceLogSumExp', a, axes, true, 18, to),
    meanOfAll: (a) => to.node('ReduceMean', [a], { keepdims: int(0) }),
    reshape: (a, dims) => to.node('Reshape', [a, to.ints(dims)]),
    expand: (a, dims) => to.node('Expand', [a, to.ints(dims)]),
    transpose: (a, order) => (order.every((axis, i) => axis === i) ? a : to.node('Transpose', [a], { perm: ints(order) })),
    matmul: binary('MatMul'),
    product: (a, b, turned = {}) => to.node('Gemm', [a, b], { transA: int(Number(turned.a ?? false)), transB: int(Number(turned.b ?? false)) }),
  };
}
