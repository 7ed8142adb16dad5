/**
 * Which operators leave the rows of a batch apart: row i of what they make depends on row i of what they take, and on nothing
 * else of the batch. A rule may say no where yes would be right; the other way round is a bug. An operator without a rule is
 * taken to mix rows. That a result still has the batch as its first axis is tested by its shape, not by the rules.
 */
import type { Node } from '../../ir/graph.ts';
import { constantOf } from '../../types/dim.ts';
import type { Known } from './known.ts';
import type { RowNumbers } from './row-numbers.ts';
import type { RowPlace } from './row-places.ts';
import { numberOf } from './scalar.ts';

/**
 * What a tensor has to do with the batch. free: nothing. sizes: its elements depend on how many rows there are. rows: its first axis is
 * that of the rows (or has a whole number of places for each), and they are apart. placed: so they are along another axis, or with others between them (row-places.ts).
 * numbers: it says where rows lie in the batch (row-numbers.ts). No rule below takes the last two.
 */
export type RowState = 'free' | 'sizes' | 'rows' | 'placed' | 'numbers';

export interface RowInput {
  readonly state: RowState;
  readonly known: Known;
  readonly numbers?: RowNumbers | undefined;
  /** Where the rows lie; of `placed`. */
  readonly place?: RowPlace | undefined;
  /** Of a list of sizes: which are the same however many rows there are. */
  readonly alike?: readonly boolean[] | undefined;
}

export interface RowCall {
  readonly node: Node;
  readonly opset: number;
  /** Undefined where an optional input is left out. At least one has rows. */
  readonly inputs: readonly (RowInput | undefined)[];
  /** The rank of the first result. */
  readonly rank: number | undefined;
}

/** Why rows are not apart: a clause; undefined where they are. */
export type RowRule = (call: RowCall) => string | undefined;

const mixes = 'it works along the first axis';
const unknownAxis = 'the axis that it works along is not known';

const int = ({ node }: RowCall, name: string, otherwise: number): number => {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'int' ? Number(attribute.value) : otherwise;
};
export const rankAt = ({ inputs }: RowCall, i: number): number | undefined => inputs[i]?.known.dims?.length;
const valuesAt = ({ inputs }: RowCall, i: number): readonly number[] | undefined => {
  const values = inputs[i]?.known.values?.map((value) => numberOf(value));
  return values?.every((value) => value !== undefined) === true ? (values as number[]) : undefined;
};
export const intsOf = (call: RowCall, name: string, i: number): readonly number[] | undefined => {
  const attribute = call.node.attributes.get(name);
  return attribute?.type === 'ints' ? attribute.value.map(Number) : valuesAt(call, i);
};
const isRows = (input: RowInput | undefined): boolean => input?.state === 'rows';

/** All but the first `data` inputs must not depend on rows; `shapes` among them may depend on how many there are. */
function restIsFree({ inputs }: RowCall, data: number, shapes: readonly number[] = []): string | undefined {
  const wrong = inputs.findIndex((input, i) => i >= data && input !== undefined && (input.state === 'rows' || (input.state === 'sizes' && !shapes.includes(i))));
  return wrong < 0 ? undefined : `its input ${wrong + 1} depends on the batch`;
}

/** Whether an axis is another than the first. */
function apart(axis: number | undefined, rank: number | undefined): string | undefined {
  if (axis === undefined || (axis < 0 && rank === undefined)) return unknownAxis;
  return axis === 0 || axis + (rank ?? 0) === 0 ? mixes : undefined;
}

function allApart(axes: readonly number[] | undefined, rank: number | undefined): string | undefined {
  if (axes === undefined) return unknownAxis;
  return axes.map((axis) => apart(axis, rank)).find((why) => why !== undefined);
}

/** Element by element with broadcasting: rows meet rows, and what has none is the same for each. */
const pointwise: RowRule = ({ inputs, rank }) => {
  for (const input of inputs) {
    if (input === undefined) continue;
    const own = input.known.dims;
    if (input.state === 'sizes') return 'it computes with the number of rows';
    if (own === undefined || rank === undefined) return 'the rank of one of its inputs is not known';
    if (input.state === 'rows' && own.length !== rank) return 'the rows of one of its inputs meet another axis';
    if (input.state === 'free' && own.length === rank && constantOf(own[0]!) !== 1) return 'one of its inputs has something of its own for each row';
  }
  return undefined;
};

/** The first input has the rows, and the first axis is the batch by the operator's own definition. */
const batched: RowRule = (call) => (isRows(call.inputs[0]) ? restIsFree(call, 1) : 'its first input has no rows');

/** The same, with inputs that only say of what shape the result is to be. */
const shaped =
  (...shapes: number[]): RowRule =>
  (call) =>
    isRows(call.inputs[0]) ? restIsFree(call, 1, shapes) : 'its first input has no rows';

/** Along an axis of the attribute `axis`. */
const along =
  (otherwise: number | ((opset: number) => number), rule: RowRule = batched): RowRule =>
  (call) =>
    rule(call) ?? apart(int(call, 'axis', typeof otherwise === 'number' ? otherwise : otherwise(call.opset)), rankAt(call, 0));

/** Along axes of an attribute or an input; without them along all. */
const alongAll =
  (at = 1): RowRule =>
  (call) =>
    batched(call) ?? (call.node.attributes.has('axes') || call.inputs[at] !== undefined ? allApart(intsOf(call, 'axes', at), rankAt(call, 0)) : mixes);

const everyRows: RowRule = ({ inputs }) => (inputs.every((input) => input === undefined || isRows(input)) ? undefined : 'not all of its inputs have rows');

const matmul: RowRule = (call) => {
  const [a, b] = call.inputs;
  const [left, right] = [rankAt(call, 0), rankAt(call, 1)];
  if (left === undefined || right === undefined) return 'the rank of one of its inputs is not known';
  const rest = restIsFree(call, 2);
  if (rest !== undefined) return rest;
  const wide = Math.max(left, right);
  const single = (input: RowInput | undefined, rank: number): boolean => input?.state === 'free' && (rank < wide || rank <= 2 || constantOf(input.known.dims![0]!) === 1);
  if (isRows(a) && isRows(b)) return left === right && left >= 3 ? undefined : 'it multiplies rows with rows';
  if (isRows(a)) return left >= 2 && left >= right && (right <= 2 ? single(b, right) : left >= 3 && single(b, right)) ? undefined : 'it multiplies along the rows';
  return right >= 3 && right >= left && single(a, left) ? undefined : 'it multiplies along the rows';
};

const gemm: RowRule = (call) => {
  const [a, b, c] = call.inputs;
  if (!isRows(a) || int(call, 'transA', 0) !== 0 || b?.state !== 'free') return 'it multiplies along the rows';
  return c === undefined ? undefined : pointwise({ ...call, inputs: [a, c], rank: 2 });
};

const gather: RowRule = (call) => {
  const [data, indices] = call.inputs;
  const axis = int(call, 'axis', 0);
  if (isRows(data)) return restIsFree(call, 1) ?? apart(axis, rankAt(call, 0));
  if (data?.state !== 'free' || !isRows(indices)) return 'it computes with the number of rows';
  return axis === 0 ? undefined : 'it looks up rows along another axis';
};

const gatherNd: RowRule = (call) => {
  const [data, indices] = call.inputs;
  const own = int(call, 'batch_dims', 0);
  if (own > 0) return isRows(data) && isRows(indices) ? undefined : 'not all of its inputs have rows';
  return data?.state === 'free' && isRows(indices) && (rankAt(call, 1) ?? 0) >= 2 ? undefined : 'it looks up rows of the batch';
};

const slice: RowRule = (call) => {
  const rest = restIsFree(call, 1);
  if (rest !== undefined || !isRows(call.inputs[0])) return rest ?? 'its first input has no rows';
  return call.opset < 10 || call.inputs[3] !== undefined ? allApart(intsOf(call, 'axes', 3), rankAt(call, 0)) : mixes;
};

const transpose: RowRule = (call) => {
  const perm = call.node.attributes.get('perm');
  if (perm?.type !== 'ints') return rankAt(call, 0) === 1 ? undefined : 'it moves the first axis';
  return Number(perm.value[0] ?? 0) === 0 ? undefined : 'it moves the first axis';
};

const tile: RowRule = (call) => {
  const repeats = valuesAt(call, 1);
  return batched(call) ?? (repeats?.[0] === 1 ? undefined : 'it repeats rows');
};

const pad: RowRule = (call) => {
  const attribute = call.node.attributes.get('pads');
  const rank = rankAt(call, 0);
  const pads = attribute?.type === 'ints' ? attribute.value.map(Number) : call.inputs[1]?.known.values?.map((value) => numberOf(value));
  const rest = restIsFree(call, 1);
  if (rest !== undefined || !isRows(call.inputs[0])) return rest ?? 'its first input has no rows';
  if (call.inputs[3] !== undefined) return allApart(valuesAt(call, 3), rank);
  return rank !== undefined && pads?.length === 2 * rank && pads[0] === 0 && pads[rank] === 0 ? undefined : 'it pads the first axis, or may';
};

/** Queries, keys and values of a row meet one another alone; a mask of four axes has rows, or is the same for each. */
const attention: RowRule = (call) => {
  const [query, key, value, mask, ...kept] = call.inputs;
  if (![query, key, value].every(isRows) || !kept.every((input) => input === undefined || isRows(input))) return 'not all that it takes has rows';
  return mask === undefined ? undefined : pointwise({ ...call, inputs: [mask], rank: 4 });
};

/** With positions, the tables are looked up; without, they are those of each row. */
const rotaryEmbedding: RowRule = (call) => {
  const [x, cosines, sines, positions] = call.inputs;
  const tables = [cosines, sines];
  const fits = positions === undefined ? tables.every(isRows) : isRows(positions) && tables.every((table) => table?.state === 'free');
  return isRows(x) && fits ? undefined : 'not all that it takes has rows';
};

const axisInput: RowRule = (call) => {
  const [axis] = valuesAt(call, 1) ?? [];
  return batched(call) ?? apart(axis, rankAt(call, 0));
};

const oneHot: RowRule = (call) => {
  const rank = rankAt(call, 0);
  return batched(call) ?? apart(int(call, 'axis', -1), rank === undefined ? undefined : rank + 1);
};

const trilu: RowRule = (call) => batched(call) ?? ((rankAt(call, 0) ?? 0) >= 3 ? undefined : mixes);

/** The first letter of each operand with rows is that of the result, and no other operand has it. */
const einsum: RowRule = (call) => {
  const attribute = call.node.attributes.get('equation');
  const [left, right] = attribute?.type === 'string' ? attribute.value.replace(/\s/g, '').split('->') : [];
  const letter = right?.[0];
  const terms = left?.split(',') ?? [];
  if (letter === undefined || !/^[A-Za-z]$/.test(letter) || terms.length !== call.inputs.length) return 'its equation does not say which axis the rows are';
  const fine = call.inputs.every((input, i) => (isRows(input) ? terms[i]![0] === letter && !terms[i]!.slice(1).includes(letter) : input?.state === 'free' && !terms[i]!.includes(letter)));
  return fine && !right!.slice(1).includes(letter) ? undefined : 'it sums along the rows';
};

const batchNormalization: RowRule = (call) => (call.opset >= 7 && int(call, 'training_mode', 0) === 0 ? batched(call) : 'it takes the mean of the batch');
const dropout: RowRule = (call) => (call.inputs[2] === undefined ? batched(call) : 'it may be in training, and draw at random');
/** Between points that lie on those of the input other points count, too, with a weight of 0, which NaN outweighs: pictures alone have their rows left out of that. */
const resize: RowRule = (call) => {
  const mode = call.node.attributes.get('mode');
  const coordinates = call.node.attributes.get('coordinate_transformation_mode');
  if (coordinates?.type === 'string' && coordinates.value === 'tf_crop_and_resize') return 'it crops by a box';
  if ((call.rank ?? 0) < 4 && mode?.type === 'string' && mode.value !== 'nearest') return 'it blends along the first axis, or may';
  return shaped(1, 2, 3)(call);
};
/** One scale for all, or one for each place of another axis. */
const quantized: RowRule = (call) => batched(call) ?? ((rankAt(call, 1) ?? 1) === 0 ? undefined : apart(int(call, 'axis', 1), rankAt(call, 0)));
const integerProduct: RowRule = (call) => {
  const zeros = [2, 3].every((i) => call.inputs[i] === undefined || call.inputs[i].state === 'free');
  return zeros ? matmul({ ...call, inputs: call.inputs.slice(0, 2) }) : 'its zero points depend on the batch';
};
const quantizedProduct: RowRule = (call) => {
  const others = call.inputs.every((input, i) => i === 0 || input === undefined || input.state === 'free');
  return others && rankAt(call, 1) === 0 ? matmul({ ...call, inputs: [call.inputs[0], call.inputs[3]] }) : 'one of its scales depends on the batch, or may';
};

const named = (names: string, rule: RowRule): Record<string, RowRule> => Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** Element by element, with broadcasting. */
export const pointwiseOperators =
  'Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu ' +
  'Add And BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Clip Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow PRelu Sub Sum Where Xor';

const onnx: Readonly<Record<string, RowRule>> = {
  ...named(pointwiseOperators, pointwise),
  ...named('AveragePool Conv ConvInteger ConvTranspose DepthToSpace GlobalAveragePool GlobalLpPool GlobalMaxPool GroupNormalization InstanceNormalization LRN LpPool QLinearConv SpaceToDepth', batched),
  ...named('ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare', alongAll()),
  ...named('Squeeze Unsqueeze', (call) => batched(call) ?? (call.node.attributes.has('axes') || call.inputs[1] !== undefined ? allApart(intsOf(call, 'axes', 1), call.node.op === 'Squeeze' ? rankAt(call, 0) : call.rank) : mixes)),
  ...named('Softmax LogSoftmax Hardmax', along((opset) => (opset >= 13 ? -1 : 1))),
  ...named('ArgMax ArgMin', along(0)),
  ...named('LayerNormalization SimplifiedLayerNormalization RMSNormalization LpNormalization TopK', along(-1)),
  Expand: (call) => shaped(1)(call) ?? (call.rank !== undefined && call.rank === rankAt(call, 0) ? undefined : 'the rows move to another axis'),
  Reshape: shaped(1),
  ...named('DequantizeLinear QuantizeLinear', quantized),
  MeanVarianceNormalization: (call) => batched(call) ?? allApart(intsOf(call, 'axes', 1) ?? [0], rankAt(call, 0)),
  Flatten: (call) => batched(call) ?? (int(call, 'axis', 1) >= 1 ? undefined : mixes),
  BatchNormalization: batchNormalization,
  Attention: attention,
  Concat: along(0, everyRows),
  CumSum: axisInput,
  Dropout: dropout,
  Einsum: einsum,
  Gather: gather,
  GatherElements: along(0, everyRows),
  GatherND: gatherNd,
  Gemm: gemm,
  MatMul: matmul,
  MatMulInteger: integerProduct,
  // Its indices count through the whole batch.
  MaxPool: (call) => batched(call) ?? (call.node.outputs.length > 1 ? 'its indices count through the whole batch' : undefined),
  OneHot: oneHot,
  Pad: pad,
  QLinearMatMul: quantizedProduct,
  Resize: resize,
  RotaryEmbedding: rotaryEmbedding,
  ScatterElements: along(0, everyRows),
  Slice: slice,
  Split: along(0, shaped(1)),
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
};

const microsoft: Readonly<Record<string, RowRule>> = {
  ...named('BiasGelu FastGelu Gelu QuickGelu', pointwise),
};

const domains: Readonly<Record<string, Readonly<Record<string, RowRule>>>> = { '': onnx, 'com.microsoft': microsoft };

/** Undefined for operators that mix rows, or may. */
export function rowRuleOf({ domain, op }: Pick<Node, 'domain' | 'op'>): RowRule | undefined {
  const rules = Object.hasOwn(domains, domain) ? domains[domain]! : {};
  return Object.hasOwn(rules, op) ? rules[op] : undefined;
}

/** What there are rules for. */
export const operatorsThatKeepRows: readonly string[] = Object.entries(domains).flatMap(([domain, rules]) => Object.keys(rules).map((op) => (domain === '' ? op : `${domain}.${op}`)));
