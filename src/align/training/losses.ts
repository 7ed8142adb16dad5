/**
 * Losses as nodes of a program, by the names that the language has for them. Each is one number, the mean over the rows of a
 * batch: `operands` are in the order of the language's inputs.
 */
import type { Operation } from '../../ir/program.ts';
import type { Emitter } from '../../ops/operator.ts';
import { notation, type Notation } from '../../ops/notation.ts';
import type { Features } from '../matrix.ts';

export interface LossOperand {
  readonly value: string;
  readonly rank: number;
}

export interface LossCall {
  readonly operands: readonly LossOperand[];
  readonly options: ReadonlyMap<string, number | boolean | string>;
  readonly to: Emitter;
  /** Of `clusters`: the centres, a row each, and how far a row is from the nearest one in the mean of its squares. */
  readonly clusters?: { readonly centres: Features; readonly spread: number } | undefined;
  /** The matrices that are learned. */
  readonly matrices: readonly { readonly value: string; readonly dims: readonly number[] }[];
  /** The operation that makes a value; undefined for an input. */
  readonly makerOf: (value: string) => Operation | undefined;
}

type Loss = (call: LossCall, written: Notation) => string;

const numberOf = ({ options }: LossCall, name: string): number => Number(options.get(name));
const last = ({ rank }: LossOperand): readonly number[] => [rank - 1];

/** Probabilities below this are taken to be it: an f32 that is rounded to 0 has no logarithm. */
const least = 1e-12;

/** The logarithm of probabilities; of a softmax it is computed from what went in, where nothing is rounded to 0. */
function logOf({ value }: LossOperand, { makerOf, to }: LossCall, { log, max }: Notation): string {
  const maker = makerOf(value);
  return maker?.op === 'Softmax' ? to.node('LogSoftmax', maker.inputs, Object.fromEntries(maker.attributes)) : log(max(value, least));
}

/** Rows of one length, by the Euclidean norm; rows of zeros stay so. */
const unit = ({ value, rank }: LossOperand, { to }: LossCall): string => to.node('LpNormalization', [value], { axis: { type: 'int', value: BigInt(rank - 1) }, p: { type: 'int', value: 2n } });

/** The sum along the last axis, and the mean over all others. */
const meanOfRows = (value: string, of: LossOperand, { sum, meanOfAll }: Notation): string => meanOfAll(sum(value, last(of)));

/** Σ y log p, against rows y that add up to 1, or to the weight of their class. */
const crossEntropy: Loss = (call, n) => {
  const [prediction, target] = call.operands as [LossOperand, LossOperand];
  return n.neg(meanOfRows(n.mul(target.value, logOf(prediction, call, n)), prediction, n));
};

/** Of each of several labels; of a sigmoid from what went in: softplus(s) - y s. */
const binaryCrossEntropy: Loss = (call, n) => {
  const [{ value }, target] = call.operands as [LossOperand, LossOperand];
  const maker = call.makerOf(value);
  if (maker?.op === 'Sigmoid') return n.meanOfAll(n.sub(call.to.node('Softplus', maker.inputs), n.mul(target.value, maker.inputs[0]!)));
  const yes = n.mul(target.value, n.log(n.max(value, least)));
  const no = n.mul(n.sub(1, target.value), n.log(n.max(n.sub(1, value), least)));
  return n.neg(n.meanOfAll(n.add(yes, no)));
};

const difference = ({ operands: [a, b] }: LossCall, { sub }: Notation): string => sub(a!.value, b!.value);

const huber: Loss = (call, n) => {
  const delta = numberOf(call, 'delta');
  const size = call.to.node('Abs', [difference(call, n)]);
  const beyond = n.mul(n.sub(size, delta / 2), delta);
  return n.meanOfAll(n.where(n.greater(size, delta), beyond, n.mul(n.square(size), 0.5)));
};

const cosine: Loss = (call, n) => {
  const [a, b] = call.operands as [LossOperand, LossOperand];
  return n.sub(1, meanOfRows(n.mul(unit(a, call), unit(b, call)), a, n));
};

/** Each row of x against all rows of y, of which the one of its place is right (van den Oord et al. 2018). */
const infoNce: Loss = (call, n) => {
  const [x, y] = call.operands.map((operand) => unit(operand, call)) as [string, string];
  const factor = 1 / numberOf(call, 'temperature');
  const all = n.logSumExp(n.mul(n.product(x, y, { b: true }), factor), [1]);
  return n.meanOfAll(n.sub(all, n.mul(n.sum(n.mul(x, y), [1]), factor)));
};

/** Σ t (log t - log s), of the teacher's answers t and the student's s. */
const kl: Loss = (call, n) => {
  const [student, teacher] = call.operands as [LossOperand, LossOperand];
  return meanOfRows(n.mul(teacher.value, n.sub(logOf(teacher, call, n), logOf(student, call, n))), student, n);
};

/**
 * Against the shares that a row's partner has in clusters of the target space: Σ q log p, where p is the softmax of the negative
 * squared distances to the centres, over the temperature. The row's own square is the same for all centres and is left out.
 */
const clusters: Loss = (call, n) => {
  const [x, shares] = call.operands as [LossOperand, LossOperand];
  const { centres, spread } = call.clusters!;
  const scale = 1 / (numberOf(call, 'temperature') * spread);
  const points = call.to.constant('f32', [...centres.data].map((value) => Math.fround(2 * scale * value)), [centres.rows, centres.columns]);
  const squares = Array.from({ length: centres.rows }, (_, i) => Math.fround(scale * centres.data.subarray(i * centres.columns, (i + 1) * centres.columns).reduce((sum, value) => sum + value * value, 0)));
  const logits = n.sub(n.product(x.value, points, { b: true }), call.to.constant('f32', squares, [centres.rows]));
  return n.neg(meanOfRows(n.mul(shares.value, call.to.node('LogSoftmax', [logits], { axis: { type: 'int', value: 1n } })), x, n));
};

/** ‖W'W - I‖² over the smaller side of each matrix: 0 where its columns, or its rows, are orthonormal. */
const orthogonality: Loss = ({ matrices, to }, n) => {
  const terms = matrices.map(({ value, dims: [rows = 0, columns = 0] }) => {
    const side = Math.min(rows, columns);
    const gram = n.product(value, value, rows < columns ? { b: true } : { a: true });
    const identity = to.constant('f32', Array.from({ length: side * side }, (_, at) => Number(at % (side + 1) === 0)), [side, side]);
    return n.mul(n.meanOfAll(n.square(n.sub(gram, identity))), side);
  });
  return terms.reduce((sum, term) => n.add(sum, term));
};

const losses: Readonly<Record<string, Loss>> = {
  cross_entropy: crossEntropy,
  binary_cross_entropy: binaryCrossEntropy,
  mse: (call, n) => n.meanOfAll(n.square(difference(call, n))),
  mae: (call, n) => n.meanOfAll(call.to.node('Abs', [difference(call, n)])),
  huber,
  cosine,
  info_nce: infoNce,
  kl,
  clusters,
  orthogonality,
};

/** Writes a loss; undefined where none has the name. */
export const emitLoss = (name: string, call: LossCall): string | undefined => (Object.hasOwn(losses, name) ? losses[name]!(call, notation(call.to, 'f32')) : undefined);
