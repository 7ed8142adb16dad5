/** Matrix products. */
import { notation, type Notation } from '../notation.ts';
import { countOf, floatAt, intAt, unbroadcast, type GradientRule, type GradientRules } from './rule.ts';

const lastTwoTurned = (value: string, rank: number, { transpose }: Notation): string =>
  transpose(value, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);

/** A vector is a matrix of one row on the left, and of one column on the right. */
const asMatrix = (dims: readonly number[], side: number): readonly number[] => (dims.length > 1 ? dims : side === 0 ? [1, dims[0]!] : [dims[0]!, 1]);

/** Of c = a b: by a it is g b', by b it is a' g. */
const matMul: GradientRule = (call, input) => {
  const n = notation(call.to, call.dtype);
  const values = call.node.inputs.slice(0, 2);
  const given = values.map((value) => call.dims(value));
  const dims = given.map(asMatrix);
  const [a, b] = values.map((value, side) => (given[side]!.length > 1 ? value : n.reshape(value, dims[side]!)));
  const batch = batchOf(dims[0]!, dims[1]!);
  const whole = [...batch, dims[0]!.at(-2)!, dims[1]!.at(-1)!];
  const g = given.every((size) => size.length > 1) ? call.gradient : n.reshape(call.gradient, whole);
  const back = input === 0 ? byLeft(g, b!, dims, whole, n) : byRight(g, a!, dims, whole, n);
  return given[input]!.length > 1 ? back : n.reshape(back, given[input]!);
};

/** What the axes before the matrices are broadcast to. */
function batchOf(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length) - 2;
  return Array.from({ length: rank }, (_, i) => Math.max(a.at(i - rank - 2) ?? 1, b.at(i - rank - 2) ?? 1));
}

function byLeft(g: string, b: string, [a, right]: readonly (readonly number[])[], whole: readonly number[], n: Notation): string {
  if (whole.length === 2) return n.product(g, b, { b: true });
  const back = n.matmul(g, lastTwoTurned(b, right!.length, n));
  return unbroadcast(back, [...whole.slice(0, -1), right!.at(-2)!], a!, n);
}

function byRight(g: string, a: string, [left, b]: readonly (readonly number[])[], whole: readonly number[], n: Notation): string {
  if (whole.length === 2) return n.product(a, g, { a: true });
  // One matrix for all rows: they are rows of one product.
  if (b!.length === 2) {
    const rows = (dims: readonly number[]): readonly number[] => [countOf(dims.slice(0, -1)), dims.at(-1)!];
    return n.product(n.reshape(a, rows(left!)), n.reshape(g, rows(whole)), { a: true });
  }
  const back = n.matmul(lastTwoTurned(a, left!.length, n), g);
  return unbroadcast(back, [...whole.slice(0, -2), left!.at(-1)!, whole.at(-1)!], b!, n);
}

/** Of alpha A B + beta C, where A and B may be turned before. */
const gemm: GradientRule = (call, input) => {
  const n = notation(call.to, call.dtype);
  const [a, b, c] = call.node.inputs as [string, string, string?];
  const [isATurned, isBTurned] = [intAt(call, 'transA', 0) === 1, intAt(call, 'transB', 0) === 1];
  const times = (value: string, factor: number): string => (factor === 1 ? value : n.mul(value, factor));
  if (input === 2) return times(unbroadcast(call.gradient, call.dims(call.node.outputs[0]!), call.dims(c!), n), floatAt(call, 'beta', 1));
  const g = call.gradient;
  const back = input === 0 ? (isATurned ? n.product(b, g, { a: isBTurned, b: true }) : n.product(g, b, { b: !isBTurned })) : isBTurned ? n.product(g, a, { a: true, b: isATurned }) : n.product(a, g, { a: !isATurned });
  return times(back, floatAt(call, 'alpha', 1));
};

export const productRules: GradientRules = { MatMul: matMul, Gemm: gemm };
