/** Operators that work element by element: how they are drawn, and what they may compute. */
import { find, type Scope, type Step, type TensorType } from './drawing.ts';
import { anyNumber, build, endsOf, hullOf, isFloat, nan, productOf, round, rounded, widen, type DType, type Ends, type Tensor } from './interval.ts';
import { sameSize } from './sizes.ts';

type Computed = (args: readonly Tensor[]) => Tensor;
export type Draw = (scope: Scope) => Step | undefined;

export const mapEnds = (x: Tensor, to: DType, operate: (ends: Ends) => Ends): Tensor => build(to, x.dims, (i) => operate(endsOf(x, i)));
export const isNaNs = ([low]: Ends): boolean => Number.isNaN(low);

/** One is the end of the other, or they are equal. */
export const fit = (a: TensorType, b: TensorType): boolean => {
  const [long, short] = a.dims.length >= b.dims.length ? [a.dims, b.dims] : [b.dims, a.dims];
  return short.every((size, i) => sameSize(size, long[long.length - short.length + i]!));
};

export function zip(tensors: readonly Tensor[], to: DType, operate: (ends: readonly Ends[]) => Ends): Tensor {
  const long = tensors.reduce((a, b) => (b.dims.length > a.dims.length ? b : a));
  return build(to, long.dims, (i) => operate(tensors.map((tensor) => endsOf(tensor, i % tensor.low.length))));
}

// ---------------------------------------------------------------- one operand

/**
 * Abramowitz and Stegun 7.1.5, the series, up to 2: its terms alternate, and further out cancel more digits than they
 * have. From there on 7.1.14, the continued fraction of the complement.
 */
export function erf(x: number): number {
  const distance = Math.abs(x);
  if (distance > 6) return Math.sign(x);
  if (distance > 2) {
    let fraction = distance;
    for (let n = 120; n > 0; n--) fraction = distance + n / 2 / fraction;
    return Math.sign(x) * (1 - Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI)));
  }
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

interface Unary {
  readonly of: (x: number) => number;
  /** Rounded once, or not at all; of the others how many units of the last place kernels may be off, and of which size at least. */
  readonly exact?: true;
  readonly scale?: number;
  /** Not over the whole line: the least value, and where. */
  readonly bottom?: readonly [at: number, value: number];
  readonly takes?: 'numbers';
  readonly text?: string;
}

/** How far the kernels' polynomials for exponentials and their kin may be off, in units of the last place: MLAS names 2 to 4; an expression of three of them has this. */
const polynomials = 32;
const gelu = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const unaries: Readonly<Record<string, Unary>> = {
  Identity: { of: (x) => x, exact: true, takes: 'numbers' },
  Neg: { of: (x) => -x, exact: true, takes: 'numbers' },
  Abs: { of: Math.abs, exact: true, bottom: [0, 0], takes: 'numbers' },
  Relu: { of: (x) => (Number.isNaN(x) ? x : Math.max(x, 0)), exact: true },
  Ceil: { of: Math.ceil, exact: true },
  Floor: { of: Math.floor, exact: true },
  Sqrt: { of: Math.sqrt, exact: true },
  Tanh: { of: Math.tanh, scale: 1 },
  Sigmoid: { of: sigmoid, scale: 1 },
  Erf: { of: erf, scale: 1 },
  Exp: { of: Math.exp },
  Softplus: { of: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), scale: 1 },
  Gelu: { of: gelu, scale: 1, bottom: [-0.7517915, -0.169971] },
  Swish: { of: (x) => (x < -700 ? 0 : x * sigmoid(x)), scale: 1, bottom: [-1.2784645, -0.2784645] },
  HardSigmoid: { of: (x) => Math.max(0, Math.min(1, x * 0.25 + 0.5)), scale: 1, text: 'alpha: 0.25, beta: 0.5' },
  LeakyRelu: { of: (x) => (x >= 0 ? x : x * 0.125), scale: 0, text: 'alpha: 0.125' },
  Softsign: { of: (x) => x / (1 + Math.abs(x)), scale: 1 },
};

function unaryEnds({ of, exact, scale = 0, bottom }: Unary, dtype: DType, [low, high]: Ends): Ends {
  if (Number.isNaN(low)) return nan;
  // Whole lines of reals, and what kernels make of infinities in polynomials.
  if (low === -Infinity && high === Infinity) return anyNumber;
  if (!exact && !Number.isFinite(low + high)) return anyNumber;
  const values = [of(low), of(high)];
  if (bottom !== undefined && low < bottom[0] && high > bottom[0]) values.push(bottom[1]);
  const ends = rounded(dtype, hullOf(values));
  return exact ? ends : widen(dtype, ends, polynomials, scale);
}

const drawUnary = (name: string): Draw => (scope) => {
  const row = unaries[name]!;
  const x = find(scope, ({ dtype }) => dtype === 'f32' || (row.takes === 'numbers' && dtype === 'i64'));
  if (x === undefined) return undefined;
  const more = row.text === undefined ? '' : `, ${row.text}`;
  return { type: x.type, args: [x], print: ([text]) => `onnx.${name}(${text}${more})`, compute: ([value]) => mapEnds(value!, value!.dtype, (ends) => unaryEnds(row, value!.dtype, ends)) };
};

// ---------------------------------------------------------------- two operands

export type Operate = (dtype: DType, a: Ends, b: Ends) => Ends;

const infix: Readonly<Record<string, Operate>> = {
  '+': (dtype, [a, b], [c, d]) => rounded(dtype, hullOf([a + c, b + d])),
  '-': (dtype, [a, b], [c, d]) => rounded(dtype, hullOf([a - d, b - c])),
  '*': (dtype, a, b) => rounded(dtype, productOf(a, b)),
  '/': (dtype, [a, b], [c, d]) => (Number.isNaN(a) || Number.isNaN(c) ? nan : c <= 0 && d >= 0 && c !== d ? anyNumber : rounded(dtype, hullOf([a / c, a / d, b / c, b / d]))),
};
const extremes: Readonly<Record<string, Operate>> = {
  // Kernels differ in what they make of NaN.
  Max: (_, a, b) => (isNaNs(a) || isNaNs(b) ? anyNumber : [Math.max(a[0], b[0]), Math.max(a[1], b[1])]),
  Min: (_, a, b) => (isNaNs(a) || isNaNs(b) ? anyNumber : [Math.min(a[0], b[0]), Math.min(a[1], b[1])]),
};

/** Where nothing is known, an end of infinity is no number to compute with. */
const guarded = (operate: Operate): Operate => (dtype, a, b) => {
  if (isNaNs(a) || isNaNs(b)) return operate(dtype, a, b);
  return [a, b].some(([low, high]) => low === -Infinity && high === Infinity) ? anyNumber : operate(dtype, a, b);
};

const numbers = ['0.5', '2', '-1', '0.1', '3', '-0.75', '1e-3', '4'];
const wholes = ['1', '2', '-1', '3', '0'];
const constant = (dtype: DType, values: readonly number[]): Tensor => {
  const rows = values.map((value) => round(dtype, value));
  return { dtype, dims: values.length === 1 ? [] : [values.length], low: Float64Array.from(rows), high: Float64Array.from(rows) };
};

const binary =
  (operate: Operate, print: (a: string, b: string) => string, takesZero = true): Draw =>
  (scope) => {
    const x = find(scope, ({ dtype }) => dtype === 'f32' || dtype === 'f64' || (takesZero && dtype === 'i64'));
    if (x === undefined) return undefined;
    const computed: Computed = ([a, b]) => zip([a!, b!], a!.dtype, ([p, q]) => guarded(operate)(a!.dtype, p!, q!));
    const other = scope.chance(0.6) ? find(scope, (type) => type.dtype === x.type.dtype && fit(type, x.type)) : undefined;
    if (other !== undefined) return { type: other.type.dims.length > x.type.dims.length ? other.type : x.type, args: [x, other], print: ([a, b]) => print(a!, b!), compute: computed };
    const width = x.type.dims.at(-1)?.[''];
    const isList = x.type.dtype === 'f32' && x.type.dims.length > 0 && Object.keys(x.type.dims.at(-1)!).join() === '' && width !== undefined && width > 1 && width < 7 && scope.chance(0.4);
    const texts = Array.from({ length: isList ? width : 1 }, () => scope.pick(x.type.dtype === 'i64' ? wholes : numbers));
    const literal = isList ? `[${texts.join(', ')}]` : texts[0]!;
    const value = constant(x.type.dtype, texts.map(Number));
    const first = scope.chance(0.3);
    return {
      type: x.type,
      args: [x],
      print: ([a]) => (first ? print(literal, a!) : print(a!, literal)),
      compute: ([a]) => (first ? computed([value, a!]) : computed([a!, value])),
    };
  };

// ---------------------------------------------------------------- truth values

type Truth = (a: Ends, b: Ends) => Ends;
const [no, yes, perhaps]: readonly Ends[] = [[0, 0], [1, 1], [0, 1]] as const;
const less: Truth = ([a, b], [c, d]) => (Number.isNaN(a) || Number.isNaN(c) ? no! : b < c ? yes! : a >= d ? no! : perhaps!);
const equal: Truth = ([a, b], [c, d]) => (Number.isNaN(a) || Number.isNaN(c) ? no! : a === b && c === d && a === c ? yes! : b < c || d < a ? no! : perhaps!);
const either: Truth = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
const unknownToo = (truth: Truth): Truth => (a, b) => ([a, b].some(([low, high]) => low === -Infinity && high === Infinity) ? perhaps! : truth(a, b));

const comparisons: Readonly<Record<string, Truth>> = {
  Less: less,
  Greater: (a, b) => less(b, a),
  Equal: equal,
  LessOrEqual: (a, b) => either(less(a, b), equal(a, b)),
  GreaterOrEqual: (a, b) => either(less(b, a), equal(a, b)),
};
/** At most and at least are the opposites of more and less, but of NaN. */
const orEqual = (name: string): Truth => (a, b) => {
  if (isNaNs(a) || isNaNs(b)) return no!;
  const [low, high] = name === 'LessOrEqual' ? less(b, a) : less(a, b);
  return [1 - high, 1 - low];
};

const comparison = (name: string): Draw => (scope) => {
  const x = find(scope, ({ dtype }) => dtype === 'f32' || dtype === 'i64');
  if (x === undefined) return undefined;
  const truth = unknownToo(name.endsWith('OrEqual') ? orEqual(name) : comparisons[name]!);
  const other = find(scope, (type) => type.dtype === x.type.dtype && fit(type, x.type));
  const literal = scope.pick(wholes);
  const number = constant(x.type.dtype, [Number(literal)]);
  const isNumber = other === undefined || scope.chance(0.5);
  const long = !isNumber && other.type.dims.length > x.type.dims.length ? other.type : x.type;
  return {
    type: { dtype: 'bool', dims: long.dims },
    args: isNumber ? [x] : [x, other],
    print: ([a, b]) => `onnx.${name}(${a}, ${b ?? literal})`,
    compute: ([a, b]) => zip([a!, b ?? number], 'bool', ([p, q]) => truth(p!, q!)),
  };
};

const isBool = ({ dtype }: TensorType): boolean => dtype === 'bool';
const logic = (name: 'And' | 'Or'): Draw => (scope) => {
  const x = find(scope, isBool);
  const y = x && find(scope, (type) => isBool(type) && fit(type, x.type));
  if (x === undefined || y === undefined) return undefined;
  const choose = name === 'And' ? Math.min : Math.max;
  return {
    type: y.type.dims.length > x.type.dims.length ? y.type : x.type,
    args: [x, y],
    print: ([a, b]) => `onnx.${name}(${a}, ${b})`,
    compute: ([a, b]) => zip([a!, b!], 'bool', ([p, q]) => [choose(p![0], q![0]), choose(p![1], q![1])]),
  };
};

const not: Draw = (scope) => {
  const x = find(scope, isBool);
  return x && { type: x.type, args: [x], print: ([a]) => `onnx.Not(${a})`, compute: ([a]) => mapEnds(a!, 'bool', ([low, high]) => [1 - high, 1 - low]) };
};

const longest = (...types: readonly TensorType[]): TensorType => types.reduce((a, b) => (b.dims.length > a.dims.length ? b : a));
const where: Draw = (scope) => {
  const c = find(scope, isBool);
  const a = c && find(scope, (type) => (type.dtype === 'f32' || type.dtype === 'i64') && fit(type, c.type));
  const b = a && find(scope, (type) => type.dtype === a.type.dtype && fit(type, a.type) && fit(type, c.type));
  if (c === undefined || a === undefined || b === undefined) return undefined;
  return {
    type: { dtype: a.type.dtype, dims: longest(c.type, a.type, b.type).dims },
    args: [c, a, b],
    print: ([x, y, z]) => `onnx.Where(${x}, ${y}, ${z})`,
    compute: ([x, y, z]) =>
      zip([x!, y!, z!], y!.dtype, ([p, q, r]) => (p![0] === 1 ? q! : p![1] === 0 ? r! : isNaNs(q!) || isNaNs(r!) ? anyNumber : [Math.min(q![0], r![0]), Math.max(q![1], r![1])])),
  };
};

// ---------------------------------------------------------------- ends and casts

const clipped = (x: Tensor, low: number, high: number): Tensor =>
  mapEnds(x, x.dtype, (ends) => (isNaNs(ends) ? anyNumber : [Math.min(Math.max(ends[0], low), high), Math.min(Math.max(ends[1], low), high)]));

const clip: Draw = (scope) => {
  const x = find(scope, ({ dtype }) => dtype === 'f32');
  const [low, high] = [scope.pick([-2, -0.5, 0]), scope.pick([0.25, 1, 3])];
  return x && { type: x.type, args: [x], print: ([a]) => `onnx.Clip(${a}, min: ${low}, max: ${high})`, compute: ([a]) => clipped(a!, low, high) };
};

/** A cast to whole numbers takes only what is known to fit. */
const cut: Draw = (scope) => {
  const x = find(scope, ({ dtype }) => dtype === 'f32');
  const high = scope.int(1, 5);
  return x && {
    type: { ...x.type, dtype: 'i64' },
    args: [x],
    print: ([a]) => `onnx.Cast(onnx.Clip(${a}, min: ${-high}, max: ${high}), to: i64)`,
    compute: ([a]) => mapEnds(clipped(a!, -high, high), 'i64', ([from, to]) => (from === -Infinity ? anyNumber : [Math.trunc(from), Math.trunc(to)])),
  };
};

const cast: Draw = (scope) => {
  const x = find(scope, ({ dtype }) => dtype !== 'f16');
  const to = scope.pick<DType>(x?.type.dtype === 'bool' ? ['f32', 'i64'] : ['f32', 'f32', 'f64']);
  if (x === undefined || x.type.dtype === to) return undefined;
  const rounds = (ends: Ends): Ends => (isFloat(to) && !isNaNs(ends) ? [round(to, ends[0]), round(to, ends[1])] : ends);
  return { type: { ...x.type, dtype: to }, args: [x], print: ([a]) => `onnx.Cast(${a}, to: ${to})`, compute: ([a]) => mapEnds(a!, to, rounds) };
};

const call = (name: string) => (a: string, b: string): string => `onnx.${name}(${a}, ${b})`;
export const elementwise: Readonly<Record<string, Draw>> = {
  ...Object.fromEntries(Object.keys(unaries).map((name) => [name, drawUnary(name)])),
  ...Object.fromEntries(Object.entries(infix).map(([sign, operate]) => [sign, binary(operate, (a, b) => `(${a} ${sign} ${b})`, sign !== '/')])),
  ...Object.fromEntries(Object.entries(extremes).map(([name, operate]) => [name, binary(operate, call(name))])),
  ...Object.fromEntries(Object.keys(comparisons).map((name) => [name, comparison(name)])),
  And: logic('And'),
  Or: logic('Or'),
  Not: not,
  Where: where,
  Clip: clip,
  'Cast to whole numbers': cut,
  Cast: cast,
};
