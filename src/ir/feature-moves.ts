/** What the operators of ONNX do to the places of features, at sizes that are known. A rule answers with undefined where it does not know. */
import type { Numbers } from '../ops/foreign/facts/fact-rule.ts';
import type { Node } from './graph.ts';

/** Of an element of which no feature's number is told apart: a constant, or what is made of all features. */
export const none = -1;
/** Of an element that is made of several features in a way that may be meant. */
const several = -2;

/** A tensor at small sizes. */
export interface Placed {
  readonly dims: readonly number[];
  /** Row by row: the feature that an element is made of, counted from 0; or `none`, or `several`. */
  readonly features: Int32Array;
  /** What has made one of several features of each of its elements; `features` are none then. */
  readonly spoilt?: MovedFeatures | undefined;
}

/** A node that makes features stand where others are expected. */
export interface MovedFeatures {
  readonly node: Node;
  /** `adds each feature to those behind it` */
  readonly how: string;
}

/** A node's inputs, as far as they are followed, what is known of small constants, and the sizes of its outputs. */
export interface PlaceCall {
  readonly node: Node;
  readonly inputs: readonly (Placed | undefined)[];
  readonly numbers: (input: number) => Numbers | undefined;
  readonly dims: readonly (readonly number[] | undefined)[];
}

type Rule = (call: PlaceCall) => readonly (Placed | undefined)[];

export const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);
export const stridesOf = (dims: readonly number[]): readonly number[] => dims.map((_, axis) => countOf(dims.slice(axis + 1)));
export const without = (dims: readonly number[]): Placed => ({ dims, features: new Int32Array(countOf(dims)).fill(none) });
export const hasFeatures = ({ features, spoilt }: Placed): boolean => spoilt !== undefined || features.some((feature) => feature !== none);

/** The rule of an operator; undefined of those that are not followed. */
export const placeRuleOf = ({ domain, op }: Node): Rule | undefined => (domain === '' ? rules.get(op) : undefined);

// ---------------------------------------------------------------- attributes

const intAt = ({ attributes }: Node, name: string, otherwise: number): number => {
  const found = attributes.get(name);
  return found?.type === 'int' ? Number(found.value) : otherwise;
};

/** A list that is an attribute in one opset and an input in another. */
function listOf({ node, numbers }: PlaceCall, name: string, input: number): readonly number[] | undefined {
  const found = node.attributes.get(name);
  if (found?.type === 'ints') return found.value.map(Number);
  const known = numbers(input);
  return known && [...known.data];
}

const axisIn = (axis: number, rank: number): number | undefined => (axis >= -rank && axis < rank ? (axis + rank) % rank : undefined);

// ---------------------------------------------------------------- movement

/** A tensor of these sizes, whose element at each place is the one of `x` that `from` says; below 0 it is of no feature. */
function picked(x: Placed, dims: readonly number[], from: (at: readonly number[]) => number): Placed {
  const features = new Int32Array(countOf(dims));
  const at = dims.map(() => 0);
  for (let i = 0; i < features.length; i++) {
    const place = from(at);
    features[i] = place < 0 ? none : x.features[place]!;
    for (let axis = dims.length - 1; axis >= 0 && ++at[axis]! === dims[axis]; axis--) at[axis] = 0;
  }
  return { dims, features, spoilt: x.spoilt };
}

const flat = (at: readonly number[], strides: readonly number[]): number => at.reduce((sum, place, axis) => sum + place * strides[axis]!, 0);

/** The same elements in their order, counted otherwise. */
const relaid: Rule = ({ inputs: [x], dims: [dims] }) => [x && dims && countOf(dims) === x.features.length ? { ...x, dims } : undefined];

const transposed: Rule = ({ node, inputs: [x], dims: [dims] }) => {
  const perm = node.attributes.get('perm');
  if (x === undefined || dims?.length !== x.dims.length) return [];
  const order = perm?.type === 'ints' ? perm.value.map(Number) : x.dims.map((_, axis) => x.dims.length - 1 - axis);
  const strides = stridesOf(x.dims);
  const turned = order.map((axis) => strides[axis]!);
  return order.every((axis, i) => x.dims[axis] === dims[i]) ? [picked(x, dims, (at) => flat(at, turned))] : [];
};

const sliced: Rule = (call) => {
  const { inputs: [x], dims: [dims] } = call;
  const [starts, steps] = [listOf(call, 'starts', 1), listOf(call, 'steps', 4)];
  const axes = (listOf(call, 'axes', 3) ?? starts?.map((_, i) => i))?.map((axis) => axisIn(axis, x?.dims.length ?? 0));
  if (x === undefined || dims?.length !== x.dims.length || starts === undefined || axes?.length !== starts.length || axes.includes(undefined) || (steps === undefined && (call.node.inputs[4] ?? '') !== '')) return [];
  const strides = stridesOf(x.dims);
  const first = x.dims.map((size, axis) => {
    const i = axes.indexOf(axis);
    const start = i < 0 ? 0 : starts[i]! < 0 ? starts[i]! + size : starts[i]!;
    return Math.max(0, Math.min(start, size - ((steps?.[i] ?? 1) < 0 ? 1 : 0)));
  });
  const by = x.dims.map((_, axis) => steps?.[axes.indexOf(axis)] ?? 1);
  return [picked(x, dims, (at) => flat(at.map((place, axis) => first[axis]! + place * by[axis]!), strides))];
};

const gathered: Rule = ({ node, inputs: [x], numbers, dims: [dims] }) => {
  const axis = x && axisIn(intAt(node, 'axis', 0), x.dims.length);
  const indices = numbers(1);
  if (x === undefined || axis === undefined || indices === undefined || dims === undefined) return [];
  const strides = stridesOf(x.dims);
  const [rank, within] = [indices.dims.length, stridesOf(indices.dims)];
  const from = (at: readonly number[]): number => {
    const index = indices.data[flat(at.slice(axis, axis + rank), within)]!;
    return flat([...at.slice(0, axis), index < 0 ? index + x.dims[axis]! : index, ...at.slice(axis + rank)], strides);
  };
  return dims.length === x.dims.length - 1 + rank ? [picked(x, dims, from)] : [];
};

const joined: Rule = ({ node, inputs, dims: [dims] }) => {
  const axis = dims && axisIn(intAt(node, 'axis', 0), dims.length);
  if (dims === undefined || axis === undefined || !inputs.every((input) => input?.dims.length === dims.length)) return [];
  const all = inputs as readonly Placed[];
  const owners = all.flatMap(({ dims: own }, i) => Array.from({ length: own[axis]! }, (_, place) => [i, place] as const));
  const strides = all.map((each) => stridesOf(each.dims));
  const features = new Int32Array(countOf(dims));
  const places = stridesOf(dims);
  for (let i = 0; i < features.length; i++) {
    const at = dims.map((size, a) => Math.floor(i / places[a]!) % size);
    const [owner, place] = owners[at[axis]!] ?? [];
    if (owner === undefined) return [];
    features[i] = all[owner]!.features[flat(at.map((each, a) => (a === axis ? place! : each)), strides[owner]!)]!;
  }
  return [{ dims, features, spoilt: all.find(({ spoilt }) => spoilt)?.spoilt }];
};

const split: Rule = ({ node, inputs: [x], dims }) => {
  const axis = x && axisIn(intAt(node, 'axis', 0), x.dims.length);
  if (x === undefined || axis === undefined) return [];
  const strides = stridesOf(x.dims);
  let start = 0;
  return dims.map((each) => {
    if (each?.length !== x.dims.length) return undefined;
    const from = start;
    start += each[axis]!;
    return picked(x, each, (at) => flat(at.map((place, a) => (a === axis ? place + from : place)), strides));
  });
};

/** Each element again and again. One that fills the whole last axis is a number for all features there. */
const repeated: Rule = ({ inputs: [x], dims: [dims] }) => {
  if (x === undefined || dims === undefined || dims.length < x.dims.length) return [];
  if (x.dims.at(-1) === 1 && dims.at(-1) !== 1) return [without(dims)];
  const strides = stridesOf(x.dims);
  const added = dims.length - x.dims.length;
  return [picked(x, dims, (at) => flat(x.dims.map((size, axis) => at[axis + added]! % size), strides))];
};

const padded: Rule = (call) => {
  const { node, inputs: [x], dims: [dims] } = call;
  const pads = listOf(call, 'pads', 1);
  const axes = node.inputs[3] ? call.numbers(3)?.data : x?.dims.map((_, axis) => axis);
  const mode = node.attributes.get('mode');
  if (x === undefined || dims?.length !== x.dims.length || axes === undefined || pads?.length !== 2 * axes.length || (mode?.type === 'string' && mode.value !== 'constant')) return [];
  const before = x.dims.map((_, axis) => pads[[...axes].findIndex((each) => axisIn(each, x.dims.length) === axis)] ?? 0);
  const strides = stridesOf(x.dims);
  const from = (at: readonly number[]): number => {
    const places = at.map((place, axis) => place - before[axis]!);
    return places.every((place, axis) => place >= 0 && place < x.dims[axis]!) ? flat(places, strides) : -1;
  };
  return [picked(x, dims, from)];
};

// ---------------------------------------------------------------- arithmetic

/** Features of two places under one of these make a number of both; under others one may be the weight of the other. */
const adding: ReadonlySet<string> = new Set(['Add', 'Sub', 'Sum', 'Mean', 'Max', 'Min']);

/** Each element of its own, or of those at its place. An operand that is repeated along an axis weighs the others, and moves none of their features. */
const pointwise = (taken: (inputs: PlaceCall['inputs']) => PlaceCall['inputs']): Rule => ({ node, inputs, dims: [dims] }) => {
  const operands = taken(inputs);
  if (dims === undefined || !operands.every((each) => each !== undefined)) return [];
  const whole = operands.filter((each) => hasFeatures(each) && countOf(each.dims) === countOf(dims));
  const spoilt = whole.find((each) => each.spoilt)?.spoilt;
  const kept = whole.filter((each) => each.spoilt === undefined);
  if (spoilt !== undefined && (kept.length === 0 || adding.has(node.op))) return [{ ...without(dims), spoilt }];
  // What is smaller says where nothing else does.
  const repeats = operands.filter((each) => hasFeatures(each) && each.spoilt === undefined && !whole.includes(each)).map((x) => repeated({ node, inputs: [x], dims: [dims], numbers: () => undefined })[0]);
  const features = new Int32Array(countOf(dims)).fill(none);
  for (const i of features.keys()) {
    for (const each of kept) features[i] = met(features[i]!, each.features[i]!);
    if (features[i] === none) for (const each of repeats) features[i] = met(features[i]!, each?.features[i] ?? none);
  }
  const isMixed = adding.has(node.op) && features.includes(several) && !kept.some((each) => each.features.includes(several));
  return [isMixed ? { ...without(dims), spoilt: { node, how: 'makes one of features of different places' } } : { dims, features }];
};

const met = (a: number, b: number): number => (a === none || a === b ? b : b === none ? a : several);

/** A number that tells no feature apart, of all of them or by a comparison. */
const apart: Rule = ({ dims }) => dims.map((each) => each && without(each));

const reduced: Rule = (call) => {
  const { node, inputs: [x], dims: [dims] } = call;
  if (x === undefined || dims === undefined) return [];
  const given = listOf(call, 'axes', 1);
  const axes = (given ?? x.dims.map((_, axis) => axis)).map((axis) => axisIn(axis, x.dims.length));
  if (axes.includes(undefined) || (given === undefined && (node.inputs[1] ?? '') !== '')) return [];
  const left = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  if (countOf(left) !== countOf(dims)) return [];
  const [strides, places] = [stridesOf(left), stridesOf(x.dims)];
  const held = Array.from({ length: countOf(dims) }, () => none);
  for (const [i, feature] of x.features.entries()) {
    const at = flat(x.dims.map((size, axis) => (axes.includes(axis) ? 0 : Math.floor(i / places[axis]!) % size)), strides);
    held[at] = met(held[at]!, feature);
  }
  const isLast = axes.includes(x.dims.length - 1);
  return [{ dims, features: Int32Array.from(held, (feature) => (feature === several ? none : feature)), ...(isLast ? {} : { spoilt: x.spoilt }) }];
};

/** Whether all elements along an axis are of one feature, for each place of the others. */
function isAlike(x: Placed, axis: number): boolean {
  const [stride, size] = [stridesOf(x.dims)[axis]!, x.dims[axis]!];
  return x.features.every((feature, i) => Math.floor(i / stride) % size === 0 || feature === x.features[i - stride]);
}

/** Along an axis of other things than features each of them stays where it is. */
const orderedAlong = (how: string, axisOf: (call: PlaceCall) => number | undefined): Rule => (call) => {
  const { node, inputs: [x], dims: [dims, ...others] } = call;
  const axis = x && axisIn(axisOf(call) ?? NaN, x.dims.length);
  if (x === undefined || dims?.length !== x.dims.length || axis === undefined) return [];
  if (x.spoilt === undefined && !isAlike(x, axis)) return [{ ...without(dims), spoilt: { node, how } }, ...others.map((each) => each && without(each))];
  const strides = stridesOf(x.dims);
  return [picked(x, dims, (at) => flat(at, strides)), ...others.map((each) => each && without(each))];
};

/** Weights of rows leave features where they are; of features they make mixtures. What two with features make is left open, but for likenesses of vectors. */
const multiplied: Rule = ({ node, inputs: [a, b], dims: [dims] }) => {
  if (a === undefined || b === undefined || dims === undefined || a.dims.length < 2 || b.dims.length < 2) return [];
  const [ofA, ofB] = [a.spoilt === undefined && hasFeatures(a), b.spoilt === undefined && hasFeatures(b)];
  if (ofA && !ofB && !isAlike(a, a.dims.length - 1)) return b.spoilt === undefined ? [{ ...without(dims), spoilt: { node, how: 'makes each feature a mixture of all' } }] : [];
  const isLikeness = ofA && ofB && isAlike(a, a.dims.length - 2) && isAlike(b, b.dims.length - 1);
  if (isLikeness) return [without(dims)];
  if (ofA || !ofB || !isAlike(b, b.dims.length - 2)) return [];
  const row = b.features.subarray(0, b.dims.at(-1));
  const isEveryRow = b.features.every((feature, i) => feature === row[i % row.length]);
  return isEveryRow ? [{ dims, features: Int32Array.from({ length: countOf(dims) }, (_, i) => row[i % row.length]!) }] : [];
};

// ---------------------------------------------------------------- table

const all = (inputs: PlaceCall['inputs']): PlaceCall['inputs'] => inputs;
const first = (inputs: PlaceCall['inputs']): PlaceCall['inputs'] => inputs.slice(0, 1);
const named = (names: string, rule: Rule): readonly (readonly [string, Rule])[] => names.split(' ').map((name) => [name, rule]);

const rules: ReadonlyMap<string, Rule> = new Map([
  ...named('Identity Cast CastLike Dropout Reshape Flatten Squeeze Unsqueeze', relaid),
  ...named('Expand Tile', repeated),
  ...named('Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Softmax LogSoftmax LpNormalization LayerNormalization RMSNormalization MeanVarianceNormalization', pointwise(first)),
  ...named('Add Sub Mul Div Pow Max Min Mean Sum Mod PRelu', pointwise(all)),
  ['Where', pointwise((inputs) => inputs.slice(1))],
  ...named('ArgMax ArgMin Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual NonZero Not Shape Size And Or Xor', apart),
  ...named('ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare', reduced),
  ['Transpose', transposed],
  ['Slice', sliced],
  ['Gather', gathered],
  ['Concat', joined],
  ['Split', split],
  ['Pad', padded],
  ['CumSum', orderedAlong('adds each feature to those behind it', ({ numbers }) => numbers(1)?.data[0])],
  ['TopK', orderedAlong('sorts the features by their values', ({ node }) => intAt(node, 'axis', -1))],
  ['MatMul', multiplied],
]);
