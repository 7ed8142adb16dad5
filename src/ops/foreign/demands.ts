/** What operators ask of their inputs' shapes: a node runs on none that does not meet it. */
import { areDifferent } from '../../types/dim-bounds.ts';
import { constantOf, intDim, type Dim } from '../../types/dim.ts';
import { rankOf } from './known.ts';
import { axesIn, axisIn, dimsAt, input, intOf, intsIn, intsOf, type RuleCall } from './rule.ts';

/** Whether it could run; true where that is not known. */
type Demand = (call: RuleCall) => boolean;

const hasRank = (call: RuleCall, i: number, rank: number): boolean => (rankOf(input(call, i)) ?? rank) === rank;
const areSame = (a: Dim | undefined, b: Dim | undefined): boolean => a === undefined || b === undefined || !areDifferent(a, b);

const all =
  (...demands: readonly Demand[]): Demand =>
  (call) =>
    demands.every((demand) => demand(call));

/** Inputs of these ranks, as far as they are there. */
const ranks =
  (wanted: Readonly<Record<number, number>>): Demand =>
  (call) =>
    Object.entries(wanted).every(([i, rank]) => hasRank(call, Number(i), rank));

/** The first input has the axis that an attribute names. */
const axis =
  (otherwise: number): Demand =>
  (call) => {
    const rank = rankOf(input(call, 0));
    return rank === undefined || axisIn(intOf(call, 'axis', otherwise), rank) !== undefined;
  };

/** It has all axes of a list, which is an attribute or an input. */
const axes =
  (at: number): Demand =>
  (call) => {
    const [rank, list] = [rankOf(input(call, 0)), intsIn(call, 'axes', at)];
    return rank === undefined || !Array.isArray(list) || axesIn(list as readonly number[], rank) !== undefined;
  };

/** Axes that go have size 1. */
const squeezed: Demand = (call) => {
  const [dims, list] = [dimsAt(call, 0), intsIn(call, 'axes', 1)];
  if (dims === undefined || !Array.isArray(list)) return true;
  return (list as readonly number[]).every((n) => areSame(dims[axisIn(n, dims.length) ?? -1], intDim(1)));
};

const broadcast: Demand = (call) => {
  const shapes = call.inputs.flatMap((tensor) => (tensor?.dims === undefined ? [] : [tensor.dims]));
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, i) => shapes.flatMap((dims) => constantOf(dims.at(-1 - i) ?? intDim(1)) ?? [])).every(
    (sizes) => new Set(sizes.filter((n) => n !== 1)).size <= 1,
  );
};

/** Ranks alike, and all sizes but those along the axis. */
const concatenated: Demand = (call) => {
  const shapes = call.inputs.flatMap((tensor) => (tensor?.dims === undefined ? [] : [tensor.dims]));
  const first = shapes[0];
  const at = first && axisIn(intOf(call, 'axis', 1), first.length);
  return first === undefined || (at !== undefined && shapes.every((dims) => dims.length === first.length && dims.every((dim, i) => i === at || areSame(dim, first[i]))));
};

/** [N, C, …] by weights [M, C/group, …] */
const convolved: Demand = (call) => {
  const [image, weights] = [dimsAt(call, 0), dimsAt(call, 1)];
  if (image === undefined || weights === undefined) return true;
  const channels = weights[1] && constantOf(weights[1]);
  return image.length === weights.length && (channels === undefined || areSame(image[1], intDim(channels * intOf(call, 'group', 1))));
};

const multiplied: Demand = (call) => {
  const [a, b] = [dimsAt(call, 0), dimsAt(call, 1)];
  return a === undefined || b === undefined || (a.length > 0 && b.length > 0 && areSame(a.at(-1), b.at(b.length === 1 ? -1 : -2)));
};

/** Sequence by weights [directions, gates, width] and [directions, gates, hidden]; first states of rank 3. */
const recurrent: Demand = all(ranks({ 0: 3, 1: 3, 2: 3, 5: 3, 6: 3 }), (call) => areSame(dimsAt(call, 0)?.[2], dimsAt(call, 1)?.[2]));

const permuted: Demand = (call) => {
  const rank = rankOf(input(call, 0));
  return rank === undefined || (intsOf(call, 'perm')?.length ?? rank) === rank;
};

const named = (demand: Demand, ...names: readonly string[]): Readonly<Record<string, Demand>> => Object.fromEntries(names.map((name) => [name, demand]));

const demands: Readonly<Record<string, Demand>> = {
  ...named(broadcast, 'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Where', 'Min', 'Max', 'Sum', 'Mean', 'Mod'),
  ...named(axis(-1), 'Softmax', 'LogSoftmax', 'LayerNormalization', 'ArgMax', 'ArgMin', 'TopK'),
  ...named(axis(0), 'Gather', 'Split', 'GatherElements', 'ScatterElements'),
  ...named(axes(1), 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSum', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'),
  ...named(recurrent, 'LSTM', 'GRU', 'RNN'),
  ...named(convolved, 'Conv'),
  Concat: concatenated,
  Gemm: ranks({ 0: 2, 1: 2 }),
  MatMul: multiplied,
  Slice: axes(3),
  Squeeze: all(axes(1), squeezed),
  Transpose: permuted,
};

/** Whether a node could run on inputs of these shapes at all; true where that is not known. */
export const couldRun: Demand = (call) => {
  const { domain, op } = call.node;
  return domain !== '' || !Object.hasOwn(demands, op) || demands[op]!(call);
};
