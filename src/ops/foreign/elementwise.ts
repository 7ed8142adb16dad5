/** Operators that work element by element, with broadcasting where they take several tensors. */
import { constantOf, type Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { broadcast, readBroadcast } from './broadcast.ts';
import { known, mostValues, type Known } from './known.ts';
import { alike, dimsAt, dtypeAt, dtypeOf, has, input, intOf, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';
import type { Binary, Scalar, Unary } from './scalar.ts';

type Maybe = Scalar | undefined;

/** The first input's dtype and shape, and nothing of its values. */
export const likeFirst: Rule = (call) => [known(dtypeAt(call, 0), dimsAt(call, 0))];

/** A result that the dtype can hold: what wraps around is not followed. */
const fit = (result: Maybe, dtype: DType): Maybe => {
  const number = value.numberOf(result);
  return number === undefined || dtype === 'f32' || dtype === 'f64' ? result : value.convert(result, dtype);
};

const unary =
  (f?: Unary): Rule =>
  (call) => {
    const { dtype, dims, values } = input(call, 0);
    if (f === undefined || values === undefined || dtype === undefined) return [known(dtype, dims)];
    return [{ dtype, dims, values: values.map((v) => (v === undefined ? undefined : fit(f(v, dtype), dtype))) }];
  };

/** Elements of the result, where it is small; undefined where none would be known. */
export function combine(inputs: readonly Known[], dims: readonly Dim[] | undefined, f: (elements: readonly Maybe[]) => Maybe): readonly Maybe[] | undefined {
  const sizes = dims?.map(constantOf);
  if (sizes === undefined || !sizes.every((n) => n !== undefined)) return undefined;
  const count = sizes.reduce((product, n) => product * n, 1);
  if (count > mostValues) return undefined;
  const readers = inputs.map((tensor) => readBroadcast(tensor, sizes) ?? (() => undefined));
  const values = Array.from({ length: count }, (_, i) => f(readers.map((read) => read(i))));
  return values.length === 0 || values.some((v) => v !== undefined) ? values : undefined;
}

/** Without `to` the result has the first input's dtype. */
function elementwise(call: RuleCall, f: ((elements: readonly Maybe[], dtype: DType) => Maybe) | undefined, to?: DType): readonly Known[] {
  // Before opset 7 the first input's shape was the result's, and an attribute said how the second one met it.
  const dims = call.node.domain === '' && call.opset < 7 ? dimsAt(call, 0) : broadcast(call.inputs.map((tensor) => tensor?.dims), call.size);
  const own = call.inputs.find((tensor) => tensor?.dtype !== undefined)?.dtype;
  const dtype = to ?? own;
  if (f === undefined || own === undefined || call.opset < 7) return [known(dtype, dims)];
  const inputs = call.inputs.map((tensor) => tensor ?? {});
  const values = combine(inputs, dims, (elements) => fit(f(elements, own), dtype!));
  return [{ dtype, dims, values }];
}

const binary =
  (f?: Binary, to?: DType): Rule =>
  (call) =>
    elementwise(call, f && (([a, b], dtype) => (a === undefined || b === undefined ? undefined : f(a, b, dtype))), to);

/** Of many inputs, two at a time. */
const variadic =
  (f?: Binary): Rule =>
  (call) =>
    elementwise(call, f && ((all, dtype) => all.slice(1).reduce((a, b) => (a === undefined || b === undefined ? undefined : f(a, b, dtype)), all[0])));

const truth = (f: (elements: readonly Maybe[]) => Maybe): Rule => (call) => elementwise(call, f, 'bool');

const flipped = (f: Binary): Binary => (a, b, dtype) => f(b, a, dtype);

const where: Rule = (call) => {
  const [condition, x, y] = [input(call, 0), input(call, 1), input(call, 2)];
  const dims = broadcast([condition.dims, x.dims, y.dims], call.size);
  const dtype = x.dtype ?? y.dtype;
  const values = combine([condition, x, y], dims, ([c, a, b]) => {
    const chosen = value.numberOf(c);
    if (chosen !== undefined) return chosen === 0 ? b : a;
    if (a !== undefined && b !== undefined && value.numberOf(value.equal(a, b, 'i64')) === 1) return a;
    return value.isDim(a) && value.isDim(b) ? value.choice(c, a, b) : undefined;
  });
  return [{ dtype, dims, values }];
};

const cast: Rule = (call) => {
  const { dims, values } = input(call, 0);
  const to = castTarget(call);
  return [{ dtype: to, dims, values: to && values?.map((v) => value.convert(v, to)) }];
};

/** Before opset 6 the attribute was a name. */
function castTarget(call: RuleCall): DType | undefined {
  const attribute = call.node.attributes.get('to');
  return attribute?.type === 'string' ? oldNames[attribute.value] : dtypeOf(call, 'to', undefined);
}
const oldNames: Readonly<Record<string, DType>> = {
  FLOAT: 'f32', DOUBLE: 'f64', FLOAT16: 'f16', INT8: 'i8', INT16: 'i16', INT32: 'i32', INT64: 'i64', UINT8: 'u8', UINT16: 'u16', UINT32: 'u32', UINT64: 'u64', BOOL: 'bool', STRING: 'string',
};

const castLike: Rule = (call) => {
  const { dims, values } = input(call, 0);
  const to = dtypeAt(call, 1);
  return [{ dtype: to, dims, values: to && values?.map((v) => value.convert(v, to)) }];
};

const clip: Rule = (call) => {
  const { dtype, dims, values } = input(call, 0);
  if (dtype === undefined || call.opset < 11 || values === undefined) return [known(dtype, dims)];
  const limit = (i: number): Maybe => input(call, i).values?.[0];
  const bounded = values.map((v) => {
    const above = has(call, 1) ? apply(value.greater, v, limit(1), dtype) : v;
    return has(call, 2) ? apply(value.smaller, above, limit(2), dtype) : above;
  });
  return [{ dtype, dims, values: bounded }];
};
const apply = (f: Binary, a: Maybe, b: Maybe, dtype: DType): Maybe => (a === undefined || b === undefined ? undefined : f(a, b, dtype));

const predicate: Rule = (call) => [known('bool', dimsAt(call, 0))];
const dropout: Rule = (call) => [input(call, 0), known(call.opset < 10 ? dtypeAt(call, 0) : 'bool', dimsAt(call, 0))];

/** The numbers of one tensor in another's shape: noise, ones on the diagonal. */
const likeShape: Rule = (call) => [known(dtypeOf(call, 'dtype', dtypeAt(call, 0)), dimsAt(call, 0))];

export const elementwiseRules: Rules = {
  ...alike(unary(), 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Celu', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Gelu', 'HardSigmoid', 'HardSwish'),
  ...alike(unary(), 'LeakyRelu', 'Log', 'Mish', 'Reciprocal', 'Selu', 'Shrink', 'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Swish', 'Tan', 'Tanh', 'ThresholdedRelu'),
  ...alike(unary(), 'Round'),
  Abs: unary(value.absolute),
  Ceil: unary(value.ceil),
  Floor: unary(value.floor),
  Identity: (call) => [input(call, 0)],
  Neg: unary(value.negate),
  Not: unary(value.not),
  Relu: unary((v, dtype) => value.greater(v, value.ofNumber(0), dtype)),
  Sign: unary(value.sign),
  Sqrt: unary(value.squareRoot),

  Add: binary(value.plus),
  Sub: binary(value.minus),
  Mul: binary(value.times),
  Div: binary(value.over),
  Mod: (call) => binary(value.remainder(intOf(call, 'fmod', 0) === 1))(call),
  Pow: (call) => [{ ...elementwise(call, ([a, b], dtype) => apply(value.power, a, b, dtype))[0]!, dtype: dtypeAt(call, 0) }],
  ...alike(binary(), 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'BitShift'),
  Equal: binary(value.equal, 'bool'),
  Less: binary(value.less, 'bool'),
  Greater: binary(flipped(value.less), 'bool'),
  LessOrEqual: binary(value.lessOrEqual, 'bool'),
  GreaterOrEqual: binary(flipped(value.lessOrEqual), 'bool'),
  And: truth(([a, b]) => value.and(a, b)),
  Or: truth(([a, b]) => value.or(a, b)),
  Xor: binary(value.xor, 'bool'),
  Max: variadic(value.greater),
  Min: variadic(value.smaller),
  Sum: variadic(value.plus),
  Mean: variadic(),
  // Only the slope should be stretched; ONNX Runtime stretches either.
  PRelu: binary(),
  Where: where,

  Cast: cast,
  CastLike: castLike,
  Clip: clip,
  Dropout: dropout,
  ...alike(predicate, 'IsNaN', 'IsInf'),
  ...alike(likeShape, 'Bernoulli', 'RandomNormalLike', 'RandomUniformLike'),
  ...alike(likeFirst, 'Trilu', 'CumSum', 'CumProd', 'Softmax', 'LogSoftmax', 'Hardmax', 'ReverseSequence'),
  EyeLike: likeShape,
  StringConcat: binary(undefined, 'string'),
  RegexFullMatch: predicate,
  BitCast: (call) => [known(dtypeOf(call, 'to', undefined), dimsAt(call, 0))],
};
