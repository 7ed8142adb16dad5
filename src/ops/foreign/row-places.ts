/**
 * Rows that lie elsewhere than along the first axis, as recurrent layers and attention by torch.nn want them: which axis it is, and how, through the operators
 * that stand there. A rule may know nothing where there is something to know; the other way round is a bug.
 */
import { constantOf, equalDims, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import { exactQuotient } from '../../types/dim-quotient.ts';
import type { Known } from './known.ts';
import type { RowSizes } from './row-numbers.ts';
import { intsOf, pointwiseOperators, rankAt, type RowCall, type RowInput } from './rows.ts';

/**
 * The axis has outer * rows * inner places, and place (o * rows + b) * inner + i of it is what place o * inner + i is where row b is alone. All other
 * sizes are the same however many rows there are.
 */
export interface RowPlace {
  readonly axis: number;
  readonly outer: Dim;
  readonly inner: Dim;
}

interface Placed extends RowCall {
  /** Where the rows of each input lie; undefined of those without. */
  readonly places: readonly (RowPlace | undefined)[];
  readonly output: Known;
  /** Which result it is. */
  readonly at: number;
  readonly sizes: RowSizes;
}

type Rule = (call: Placed) => RowPlace | undefined;

const one = intDim(1);
const placesOn = ({ outer, inner }: RowPlace, { rows }: RowSizes): Dim => multiplyDims(multiplyDims(outer, rows), inner);
const product = (dims: readonly Dim[]): Dim => dims.reduce(multiplyDims, one);
const isAlike = (a: RowPlace, b: RowPlace): boolean => a.axis === b.axis && equalDims(a.outer, b.outer) && equalDims(a.inner, b.inner);

/** The rows of the first axis are a place, too. */
function placeIn(input: RowInput | undefined, sizes: RowSizes): RowPlace | undefined {
  const first = input?.known.dims?.[0];
  const inner = input?.state === 'rows' && first !== undefined ? sizes.placesOf(first) : undefined;
  return input?.state === 'placed' ? input.place : inner && { axis: 0, outer: one, inner };
}

const isFree = (input: RowInput | undefined): boolean => input === undefined || input.state === 'free';
/** All but these inputs have nothing to do with the batch. */
const othersAreFree = ({ inputs }: Placed, ...data: readonly number[]): boolean => inputs.every((input, i) => data.includes(i) || isFree(input));

/** An axis counted from the end or the start, from the start. */
const fromStart = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
const intOf = ({ node }: Placed, name: string, otherwise: number): number => {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'int' ? Number(attribute.value) : otherwise;
};

/** Where an input's axis lies in a result of the rank, to which it is broadcast. */
const broadcastTo = (place: RowPlace, own: number, rank: number): RowPlace => ({ ...place, axis: place.axis + rank - own });

/** All that have rows have them in one place of the result, and what has none is the same for each. */
function meeting({ inputs, places }: Placed, rank: number): RowPlace | undefined {
  const found = inputs.flatMap((input, i) => (places[i] === undefined ? [] : [broadcastTo(places[i], input!.known.dims!.length, rank)]));
  const [place] = found;
  if (place === undefined || !found.every((each) => isAlike(each, place))) return undefined;
  return inputs.every((input, i) => input === undefined || places[i] !== undefined || isSameForEach(input, place.axis, rank)) ? place : undefined;
}

function isSameForEach({ state, known: { dims } }: RowInput, axis: number, rank: number): boolean {
  const own = dims && axis - (rank - dims.length);
  return state === 'free' && own !== undefined && (own < 0 || constantOf(dims![own]!) === 1);
}

const pointwise: Rule = (call) => (call.rank === undefined ? undefined : meeting(call, call.rank));

/** Elements keep their order: which row one belongs to follows from how many elements a row has behind one another. */
const reshaped: Rule = ({ inputs: [x, ...shapes], places: [place], output: { dims }, sizes }) => {
  if (place === undefined || dims === undefined || shapes.some((shape) => shape !== undefined && shape.state !== 'free' && shape.state !== 'sizes')) return undefined;
  const [axis = -1, ...unlike] = dims.flatMap((dim, i) => (sizes.isAlike(dim) ? [] : [i]));
  if (unlike.length > 0) return undefined;
  const inRow = multiplyDims(place.inner, product(x!.known.dims!.slice(place.axis + 1)));
  const inner = axis < 0 ? undefined : exactQuotient(inRow, product(dims.slice(axis + 1)));
  const outer = inner && exactQuotient(dims[axis]!, multiplyDims(sizes.rows, inner));
  return outer && inner && { axis, outer, inner };
};

const transposed: Rule = ({ node, places: [place], rank }) => {
  const perm = node.attributes.get('perm');
  if (place === undefined || rank === undefined) return undefined;
  const axis = perm?.type === 'ints' ? perm.value.map(Number).indexOf(place.axis) : rank - 1 - place.axis;
  return axis < 0 ? undefined : { ...place, axis };
};

/** Matrices of rows, rows of a matrix, or columns of one; never what is summed over. */
const multiplied: Rule = (call) => {
  const { inputs: [a, b], places: [left, right], rank } = call;
  const [ranks, others] = [[a, b].map((input) => input?.known.dims?.length ?? 0), othersAreFree(call, 0, 1)];
  if (rank === undefined || !others || ranks.some((own) => own < 2)) return undefined;
  const isMatrix = (place: RowPlace | undefined, own: number): boolean => place !== undefined && place.axis < own - 2;
  if (isMatrix(left, ranks[0]!) || isMatrix(right, ranks[1]!)) {
    const matrices = (left === undefined || isMatrix(left, ranks[0]!)) && (right === undefined || isMatrix(right, ranks[1]!));
    return matrices ? meeting({ ...call, inputs: [a, b] }, rank) : undefined;
  }
  if (left?.axis === ranks[0]! - 2 && isFree(b)) return { ...left, axis: rank - 2 };
  return right?.axis === ranks[1]! - 1 && isFree(a) ? { ...right, axis: rank - 1 } : undefined;
};

const gemm: Rule = (call) => {
  const { inputs: [, b, c], places: [place] } = call;
  if (place?.axis !== 0 || intOf(call, 'transA', 0) !== 0 || !isFree(b)) return undefined;
  return c === undefined || isSameForEach(c, 0, 2) ? place : undefined;
};

/** The first input has the rows, and what is done along one of its axes is not done along theirs. */
const along =
  (otherwise: (call: Placed) => number, fits: (axis: number, own: number) => boolean): Rule =>
  (call) => {
    const [place, rank] = [call.places[0], rankAt(call, 0)];
    if (place === undefined || rank === undefined || !othersAreFree(call, 0)) return undefined;
    return fits(fromStart(intOf(call, 'axis', otherwise(call)), rank), place.axis) ? place : undefined;
  };
const another = (axis: number, own: number): boolean => axis !== own;
const behind = (axis: number, own: number): boolean => axis > own;

const softmax: Rule = (call) => (call.opset >= 13 ? along(() => -1, another) : along(() => 1, behind))(call);

const reduced: Rule = (call) => {
  const [place, rank, axes] = [call.places[0], rankAt(call, 0), intsOf(call, 'axes', 1)];
  if (place === undefined || rank === undefined || axes === undefined || axes.length === 0 || !othersAreFree(call, 0)) return undefined;
  return withoutAxes(call, place, axes.map((axis) => fromStart(axis, rank)));
};

const best: Rule = (call) => {
  const [place, rank] = [call.places[0], rankAt(call, 0)];
  return place === undefined || rank === undefined ? undefined : withoutAxes(call, place, [fromStart(intOf(call, 'axis', 0), rank)]);
};

function withoutAxes(call: Placed, place: RowPlace, axes: readonly number[]): RowPlace | undefined {
  if (axes.includes(place.axis)) return undefined;
  return { ...place, axis: place.axis - (intOf(call, 'keepdims', 1) === 0 ? axes.filter((axis) => axis < place.axis).length : 0) };
}

const joined: Rule = (call) => {
  const { inputs, places: [place, ...others] } = call;
  const rank = rankAt(call, 0);
  if (place === undefined || rank === undefined || !inputs.every((input) => input?.known.dims?.length === rank)) return undefined;
  const areThere = others.every((other) => other !== undefined && isAlike(other, place));
  return areThere && fromStart(intOf(call, 'axis', 0), rank) !== place.axis ? place : undefined;
};

const sliced: Rule = (call) => {
  const [place, rank, axes] = [call.places[0], rankAt(call, 0), call.opset < 10 ? intsOf(call, 'axes', -1) : intsOf(call, 'axes', 3)];
  if (place === undefined || rank === undefined || axes === undefined || !othersAreFree(call, 0)) return undefined;
  return axes.every((axis) => fromStart(axis, rank) !== place.axis) ? place : undefined;
};

const gathered: Rule = (call) => {
  const [place, rank, indices] = [call.places[0], rankAt(call, 0), rankAt(call, 1)];
  if (place === undefined || rank === undefined || indices === undefined || !othersAreFree(call, 0)) return undefined;
  const axis = fromStart(intOf(call, 'axis', 0), rank);
  return axis === place.axis ? undefined : { ...place, axis: axis < place.axis ? place.axis + indices - 1 : place.axis };
};

const expanded: Rule = ({ inputs: [x, shape], places: [place], rank }) =>
  place === undefined || rank === undefined || (shape?.state !== 'free' && shape?.state !== 'sizes') ? undefined : broadcastTo(place, x!.known.dims!.length, rank);

/** Where each input of a recurrent layer has its batch, and each result. Those that are not named are weights. */
const recurrentAxes = { inputs: new Map([[0, 1], [4, 0], [5, 1], [6, 1]]), outputs: [2, 1, 1] } as const;

const recurrent: Rule = (call) => {
  const { inputs, places, at } = call;
  const [x] = places;
  if (x === undefined || intOf(call, 'layout', 0) !== 0) return undefined;
  const fits = inputs.every((input, i) => {
    const axis = recurrentAxes.inputs.get(i);
    if (input === undefined || axis === undefined) return isFree(input);
    const place = places[i];
    return place !== undefined && isAlike(place, { ...x, axis });
  });
  return fits ? { ...x, axis: recurrentAxes.outputs[at]! } : undefined;
};

const named = (names: string, rule: Rule): Record<string, Rule> => Object.fromEntries(names.split(' ').map((name) => [name, rule]));

const rules: Readonly<Record<string, Rule>> = {
  ...named(pointwiseOperators, pointwise),
  ...named('Flatten Reshape Squeeze Unsqueeze', reshaped),
  ...named('GRU LSTM RNN', recurrent),
  ...named('LogSoftmax Softmax', softmax),
  ...named('ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare', reduced),
  ...named('ArgMax ArgMin', best),
  Concat: joined,
  Expand: expanded,
  Gather: gathered,
  Gemm: gemm,
  LayerNormalization: along(() => -1, behind),
  MatMul: multiplied,
  Slice: sliced,
  Split: along(() => 0, another),
  Transpose: transposed,
};

/** Where the rows of a result lie; undefined where no rule says, or its sizes are not known to be those of that. */
export function placeOf(call: RowCall, output: Known, at: number, sizes: RowSizes): RowPlace | undefined {
  const { domain, op } = call.node;
  const { dims } = output;
  if (domain !== '' || !Object.hasOwn(rules, op) || dims === undefined || call.inputs.some((input) => input?.state === 'numbers')) return undefined;
  const places = call.inputs.map((input) => placeIn(input, sizes));
  if (call.inputs.some((input, i) => (input?.state === 'rows' || input?.state === 'placed') && places[i] === undefined)) return undefined;
  const place = rules[op]!({ ...call, rank: dims.length, places, output, at, sizes });
  if (place === undefined || !sizes.isAlike(place.outer) || !sizes.isAlike(place.inner) || dims[place.axis] === undefined) return undefined;
  const readsSizes = call.inputs.some((input) => input?.state === 'sizes');
  const others = dims.filter((_, axis) => axis !== place.axis);
  return equalDims(dims[place.axis]!, placesOn(place, sizes)) && (!readsSizes || others.every(sizes.isAlike)) ? place : undefined;
}

/** The only axis that says how many rows there are, of what is filled or repeated to that size. */
export function filledPlace({ dims = [] }: Known, sizes: RowSizes): RowPlace | undefined {
  const [axis, ...others] = dims.flatMap((dim, i) => (sizes.isAlike(dim) ? [] : [i]));
  const inner = axis === undefined || others.length > 0 ? undefined : sizes.placesOf(dims[axis]!);
  return inner && { axis: axis!, outer: one, inner };
}

export const isFirst = ({ axis, outer }: RowPlace): boolean => axis === 0 && equalDims(outer, one);
