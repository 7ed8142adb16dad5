/** Facts that pass through operators: along moved axes, through arithmetic with constants, and the flags. */
import { constantOf } from '../../../types/dim.ts';
import { dtypes, type DType } from '../../../types/dtype.ts';
import { between, type Interval } from '../ranges/interval.ts';
import { foldsSome } from '../ranges/reductions.ts';
import { dimsAt, dtypeAt, has, intOf, intsIn, numbersAt, type RuleCall } from '../rule.ts';
import { ballWith, meanBall, type BallOperator } from './balls.ts';
import { isFloat, type FactCall, type FactRule } from './fact-rule.ts';
import { movedAxes, pickedIndices, reducedAxis, type MovedAxis } from './moved-axes.ts';
import { isMask, lengthOf, type Line, type ValueFacts } from './value-facts.ts';

type Along = Partial<Pick<ValueFacts, 'rows' | 'ball' | 'lines' | 'prefix' | 'rising'>>;

const followed = (facts: ValueFacts, given: FactCall, map: MovedAxis): Along => {
  const to = (axis: number): number | undefined => map(axis, given.call, given.output);
  const rowsTo = facts.rows && to(facts.rows.axis);
  const ballTo = facts.ball && to(facts.ball.axis);
  const [prefix, rising] = [facts.prefix, facts.rising].map((axis) => (axis === undefined ? undefined : (to(axis) ?? cutAxis(axis, given.call))));
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(rising === undefined ? {} : { rising }),
    ...(rowsTo === undefined ? {} : { rows: { ...facts.rows!, axis: rowsTo } }),
    ...(ballTo === undefined ? {} : { ball: { ...facts.ball!, axis: ballTo } }),
    lines: facts.lines.flatMap((line) => {
      const axis = to(line.axis);
      return axis === undefined ? [] : [{ ...line, axis }];
    }),
  };
};

/** The axis of which a piece was cut out: what its elements have in their order, those of the piece have. */
function cutAxis(axis: number, call: RuleCall): number | undefined {
  const steps = call.node.op === 'Slice' ? (has(call, 4) ? numbersAt(call, 4) : []) : undefined;
  return steps?.every((step) => step > 0) ? axis : undefined;
}

/** Elements in another place, or fewer of them. */
const moved =
  (map: MovedAxis): FactRule =>
  (given) => {
    const facts = given.factsAt(0);
    const picked = facts.rows && pickedIndices(given.call, facts.rows.axis);
    const { rows } = facts;
    return {
      ...flagsOf([facts]),
      ...followed(facts, given, map),
      ...(picked && rows ? { rows: { axis: rows.axis, low: Float64Array.from(picked, (i) => rows.low[i]!), high: Float64Array.from(picked, (i) => rows.high[i]!) } } : {}),
    };
  };

const flagsOf = (all: readonly ValueFacts[]): Partial<ValueFacts> => ({
  ...(all.every(({ integer }) => integer) ? { integer: true as const } : {}),
  ...(all.every(({ finite }) => finite) ? { finite: true as const } : {}),
});

/** Ends of one tensor after another along an axis that the parts' rows have; of other axes what all of them say. */
const concat: FactRule = (given) => {
  const { call } = given;
  const parts = call.inputs.flatMap((tensor, i) => (tensor === undefined ? [] : [given.factsAt(i)]));
  const rank = given.output.dims?.length;
  const axis = rank === undefined ? undefined : (intOf(call, 'axis', 1) % rank + rank) % rank - rank;
  const lines = parts[0]?.lines.filter((line) => line.axis !== axis && parts.every((part) => part.lines.some((other) => isWithin(other, line)))) ?? [];
  return { ...flagsOf(parts), lines, ...joinedRows(parts, axis, call) };
};

const isWithin = (a: Line, b: Line): boolean => a.kind === b.kind && a.axis === b.axis && a.low >= b.low && a.high <= b.high && (a.exempt ?? 0) <= (b.exempt ?? 0) && (a.absolute ?? Infinity) <= (b.absolute ?? Infinity);

function joinedRows(parts: readonly ValueFacts[], axis: number | undefined, call: RuleCall): Along {
  if (axis === undefined || !parts.some(({ rows }) => rows?.axis === axis)) return {};
  const [low, high]: [number[], number[]] = [[], []];
  for (const [i, { range, rows }] of parts.entries()) {
    const dim = dimsAt(call, i)?.at(axis);
    const size = dim && constantOf(dim);
    if (size === undefined || low.length + size > 8192) return {};
    for (let k = 0; k < size; k++) {
      low.push(rows?.axis === axis ? rows.low[k]! : range.low);
      high.push(rows?.axis === axis ? rows.high[k]! : range.high);
    }
  }
  return { rows: { axis, low: Float64Array.from(low), high: Float64Array.from(high) } };
}

const where: FactRule = ({ factsAt }) => flagsOf([factsAt(1), factsAt(2)]);

/** With constants a ball stays one; whole numbers make whole numbers. */
const arithmetic =
  (op: BallOperator): FactRule =>
  (given) => {
    const [first, second] = given.isStored(0) ? [1, 0] : [0, 1];
    const one = given.factsAt(first);
    // A constant has no ball, and need not be read for what it cannot add.
    if (one.ball === undefined && !one.integer && given.isStored(second)) return {};
    const other = given.factsAt(second);
    const integer = op !== 'Div' && one.integer && other.integer ? { integer: true as const } : {};
    const [ball, constantAt] = one.ball ? ([one.ball, second] as const) : ([other.ball, first] as const);
    if (ball === undefined || !isFloat(given.output.dtype)) return integer;
    const isFirst = constantAt === 1;
    const constant = given.numbersAt(constantAt);
    const dim = given.output.dims?.at(ball.axis);
    const next = constant && ballWith(op, ball, constant, isFirst, dim && constantOf(dim), given.output.dtype);
    const size = next === undefined ? undefined : lengthOf(next);
    // Broadcasting must not have made the vectors longer than they were.
    const isWhole = next !== undefined && (size === undefined || dim === undefined || constantOf(dim) === size);
    return { ...integer, ...(isWhole ? { ball: next } : {}) };
  };

const integers: FactRule = ({ call, factsAt }) => (call.inputs.every((_, i) => !has(call, i) || factsAt(i).integer) ? { integer: true } : {});

const whole: FactRule = () => ({ integer: true });

const cast: FactRule = (given) => {
  const facts = given.factsAt(0);
  const to = given.output.dtype;
  // A NaN, or what does not fit, becomes whatever the machine makes of it.
  const { rising, prefix } = followed(facts, given, (axis) => axis);
  const ordered = { ...(rising === undefined ? {} : { rising }), ...(prefix === undefined ? {} : { prefix }) };
  if (!isFloat(to)) return facts.finite && to !== undefined && holdsAll(to, facts.range) ? { ...(isMask(facts) || facts.integer ? ordered : {}), range: between(Math.trunc(facts.range.low) + 0, Math.trunc(facts.range.high) + 0) } : to === 'bool' && isMask(facts) ? ordered : {};
  const isWider = dtypeAt(given.call, 0) === to || to === 'f64' || (to === 'f32' && dtypeAt(given.call, 0) !== 'f64');
  return { ...(facts.integer ? { integer: true as const } : {}), ...ordered, ...(isWider ? followed(facts, given, (axis) => axis) : {}) };
};

function holdsAll(dtype: DType, { low, high }: Interval): boolean {
  const row = dtypes[dtype];
  if (row.class !== 'int' && row.class !== 'uint') return false;
  const least = row.class === 'int' ? -(2 ** (row.bits - 1)) : 0;
  return low > least - 1 && high < least + 2 ** row.bits;
}

/** The mean over some axes: of vectors along others, it lies in the ball that holds them all. */
const mean: FactRule = (given) => {
  const { ball } = given.factsAt(0);
  const axis = ball && (given.call.node.op === 'GlobalAveragePool' ? globalAxis(ball.axis, given.call) : reducedAxis(ball.axis, given.call, given.output));
  if (ball === undefined || axis === undefined) return {};
  return { ball: meanBall(ball, axis, foldedCount(given.call), given.output.dtype) };
};

const globalAxis = (axis: number, call: RuleCall): number | undefined => (axis === 1 - (dimsAt(call, 0)?.length ?? 0) ? axis : undefined);

function foldedCount(call: RuleCall): number | undefined {
  const dims = dimsAt(call, 0);
  const axes = intsIn(call, 'axes', 1);
  if (dims === undefined || axes === undefined || axes === 'unknown') return undefined;
  const n = axes.reduce((all, axis) => all * ((dims.at(axis) && constantOf(dims.at(axis)!)) ?? NaN), 1);
  return Number.isFinite(n) ? n : undefined;
}

export const propagationFacts: Readonly<Record<string, FactRule>> = {
  ...Object.fromEntries(Object.entries(movedAxes).map(([op, map]) => [op, moved(map)])),
  ...Object.fromEntries((['Add', 'Sub', 'Mul', 'Div'] as const).map((op) => [op, arithmetic(op)])),
  ...Object.fromEntries(['Neg', 'Abs', 'Relu', 'Max', 'Min', 'Sum', 'Clip', 'ReduceMax', 'ReduceMin', 'MaxPool', 'GlobalMaxPool'].map((op) => [op, integers])),
  ...Object.fromEntries(['Floor', 'Ceil', 'Round', 'Sign'].map((op) => [op, whole])),
  ReduceMean: mean,
  GlobalAveragePool: mean,
  Concat: concat,
  Where: where,
  Cast: cast,
};

/** Operators whose result is finite where their operands are, and their result is bounded: what overflows has no
 * bounds. */
const total = new Set([
  'Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum', 'Neg', 'Abs', 'Relu', 'LeakyRelu', 'Clip', 'Exp', 'Log', 'Floor', 'Ceil', 'Round', 'Cast', 'ReduceMax', 'ReduceMin',
  'ReduceSum', 'ReduceMean', 'MaxPool', 'GlobalMaxPool', 'GlobalAveragePool', 'MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'LogSoftmax', 'Sigmoid', 'HardSigmoid', 'Tanh', 'Erf', 'Softplus', 'Sin', 'Cos', 'Softmax',
]);

/** Those among them whose result is no larger than an operand, so that none overflows. */
const neverLarger = new Set(['Neg', 'Abs', 'Relu', 'Max', 'Min', 'Floor', 'Ceil', 'Round']);

/** Those that make something else of nothing: infinities, or NaN. */
const needSome = new Set(['ReduceMax', 'ReduceMin', 'ReduceMean', 'GlobalMaxPool', 'GlobalAveragePool']);

/** Whether no operand lets a NaN or an infinity through, and the result does not overflow; `isBounded` says whether it has bounds. */
export const isTotal = ({ call, factsAt }: Pick<FactCall, 'call' | 'factsAt'>, isBounded: boolean): boolean =>
  total.has(call.node.op) && (!needSome.has(call.node.op) || foldsSome(call)) && (isBounded || neverLarger.has(call.node.op)) && call.inputs.every((_, i) => !has(call, i) || factsAt(i).finite === true);
