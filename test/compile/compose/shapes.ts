/** Operators that move elements, or make one of several along axes. */
import { find, type Scope, type Step } from './drawing.ts';
import { isNaNs, type Draw } from './elementwise.ts';
import { anyNumber, build, countOf, endsOf, hullOf, nan, productOf, rounded, sumOf, widen, type Ends, type Tensor } from './interval.ts';
import { addSizes, isWritable, multiplySizes, numberOf, productOfSizes, sameSize, showSize, size } from './sizes.ts';

const rank = (step: Step): number => step.type.dims.length;
const strides = (dims: readonly number[]): readonly number[] => dims.map((_, i) => countOf(dims.slice(i + 1)));
const placeOf = (index: number, dims: readonly number[]): number[] => {
  const by = strides(dims);
  return dims.map((n, i) => Math.floor(index / by[i]!) % n);
};
const indexOf = (place: readonly number[], dims: readonly number[]): number => {
  const by = strides(dims);
  return place.reduce((sum, at, i) => sum + at * by[i]!, 0);
};

/** The elements of `x` at other places. */
const moved = (x: Tensor, dims: readonly number[], from: (place: readonly number[]) => readonly number[]): Tensor =>
  build(x.dtype, dims, (i) => endsOf(x, indexOf(from(placeOf(i, dims)), x.dims)));

const reshapedTo = (x: Tensor, dims: readonly number[]): Tensor => ({ ...x, dims });

const shuffled = (scope: Scope, count: number): number[] => {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = scope.int(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
};

const transpose: Draw = (scope) => {
  const x = find(scope, ({ dims }) => dims.length > 1 && dims.length < 6);
  if (x === undefined) return undefined;
  const perm = shuffled(scope, rank(x));
  return {
    type: { ...x.type, dims: perm.map((axis) => x.type.dims[axis]!) },
    args: [x],
    print: ([a]) => `onnx.Transpose(${a}, perm: [${perm.join(', ')}])`,
    compute: ([a]) => moved(a!, perm.map((axis) => a!.dims[axis]!), (place) => perm.map((_, axis) => place[perm.indexOf(axis)]!)),
  };
};

const unsqueeze: Draw = (scope) => {
  const x = find(scope, ({ dims }) => dims.length < 4);
  if (x === undefined) return undefined;
  const axis = scope.int(-rank(x) - 1, rank(x));
  const at = axis < 0 ? axis + rank(x) + 1 : axis;
  return {
    type: { ...x.type, dims: x.type.dims.toSpliced(at, 0, size(1)) },
    args: [x],
    print: ([a]) => `onnx.Unsqueeze(${a}, axes: [${axis}])`,
    compute: ([a]) => reshapedTo(a!, a!.dims.toSpliced(at, 0, 1)),
  };
};

const squeeze: Draw = (scope) => {
  const x = find(scope, ({ dims }) => dims.some((n) => numberOf(n) === 1));
  if (x === undefined) return undefined;
  const at = x.type.dims.findIndex((n) => numberOf(n) === 1);
  const axis = scope.chance(0.5) ? at : at - rank(x);
  return {
    type: { ...x.type, dims: x.type.dims.toSpliced(at, 1) },
    args: [x],
    print: ([a]) => `onnx.Squeeze(${a}, axes: [${axis}])`,
    compute: ([a]) => reshapedTo(a!, a!.dims.toSpliced(at, 1)),
  };
};

const flatten: Draw = (scope) => {
  const x = find(scope, ({ dims, dtype }) => dims.length > 1 && dtype !== 'bool');
  if (x === undefined) return undefined;
  const at = scope.int(0, rank(x));
  return {
    type: { ...x.type, dims: [productOfSizes(x.type.dims.slice(0, at)), productOfSizes(x.type.dims.slice(at))] },
    args: [x],
    print: ([a]) => `onnx.Flatten(${a}, axis: ${at})`,
    compute: ([a]) => reshapedTo(a!, [countOf(a!.dims.slice(0, at)), countOf(a!.dims.slice(at))]),
  };
};

/** Neighbouring axes joined, or an axis of a number parted. At most one size of the result may be other than those of the input. */
const reshape: Draw = (scope) => {
  const x = find(scope, ({ dims }) => dims.length > 0 && dims.every((n) => isWritable(n) && numberOf(n) !== 0));
  if (x === undefined) return undefined;
  const at = scope.int(0, rank(x) - 1);
  const number = numberOf(x.type.dims[at]!);
  const isParted = number !== undefined && number % 2 === 0 && scope.chance(0.6);
  if (!isParted && at === rank(x) - 1) return undefined;
  const dims = isParted ? x.type.dims.toSpliced(at, 1, size(2), size(number / 2)) : x.type.dims.toSpliced(at, 2, multiplySizes(x.type.dims[at]!, x.type.dims[at + 1]!));
  return {
    type: { ...x.type, dims },
    args: [x],
    print: ([a]) => `onnx.Reshape(${a}, shape: [${dims.map(showSize).join(', ')}])`,
    compute: ([a]) => reshapedTo(a!, isParted ? a!.dims.toSpliced(at, 1, 2, a!.dims[at]! / 2) : a!.dims.toSpliced(at, 2, a!.dims[at]! * a!.dims[at + 1]!)),
  };
};

const expand: Draw = (scope) => {
  const like = find(scope, ({ dims }) => dims.length > 0);
  const x = like && find(scope, ({ dims }) => dims.length <= rank(like) && dims.every((n, i) => numberOf(n) === 1 || sameSize(n, like.type.dims[rank(like) - dims.length + i]!)));
  if (like === undefined || x === undefined) return undefined;
  return {
    type: { dtype: x.type.dtype, dims: like.type.dims },
    args: [x, like],
    print: ([a, b]) => `onnx.Expand(${a}, like: ${b})`,
    compute: ([a, b]) => moved(a!, b!.dims, (place) => a!.dims.map((n, i) => (n === 1 ? 0 : place[place.length - a!.dims.length + i]!))),
  };
};

const tile: Draw = (scope) => {
  const x = find(scope, ({ dims, dtype }) => dims.length > 0 && dtype !== 'bool');
  if (x === undefined) return undefined;
  const [at, times] = [scope.int(0, rank(x) - 1), scope.int(1, 3)];
  return {
    type: { ...x.type, dims: x.type.dims.with(at, multiplySizes(x.type.dims[at]!, size(times))) },
    args: [x],
    print: ([a]) => `onnx.Tile(${a}, axis: ${at - rank(x)}, times: ${times})`,
    compute: ([a]) => moved(a!, a!.dims.with(at, a!.dims[at]! * times), (place) => place.with(at, place[at]! % a!.dims[at]!)),
  };
};

const concat: Draw = (scope) => {
  const x = find(scope, ({ dims }) => dims.length > 0);
  if (x === undefined) return undefined;
  const at = scope.int(0, rank(x) - 1);
  const fits = (step: Step): boolean => step.type.dtype === x.type.dtype && rank(step) === rank(x) && step.type.dims.every((n, i) => i === at || sameSize(n, x.type.dims[i]!));
  const others = scope.steps.filter(fits);
  const all = [x, ...Array.from({ length: scope.int(1, 2) }, () => scope.pick(others))];
  const axis = scope.chance(0.5) ? at : at - rank(x);
  return {
    type: { ...x.type, dims: x.type.dims.with(at, all.map((step) => step.type.dims[at]!).reduce((a, b) => addSizes(a, b))) },
    args: all,
    print: (texts) => `onnx.Concat(${texts.join(', ')}, axis: ${axis})`,
    compute: (tensors) => concatenated(tensors, at),
  };
};

function concatenated(tensors: readonly Tensor[], at: number): Tensor {
  const dims = tensors[0]!.dims.with(at, tensors.reduce((sum, { dims: [...own] }) => sum + own[at]!, 0));
  return build(tensors[0]!.dtype, dims, (i) => {
    const place = placeOf(i, dims);
    let tensor = 0;
    while (place[at]! >= tensors[tensor]!.dims[at]!) place[at]! -= tensors[tensor++]!.dims[at]!;
    return endsOf(tensors[tensor]!, indexOf(place, tensors[tensor]!.dims));
  });
}

/** Of an axis of a number, as nothing else is known to be long enough; or to the end. */
const slice: Draw = (scope) => {
  const x = find(scope, ({ dims }) => dims.some((n) => (numberOf(n) ?? 0) > 1));
  if (x === undefined) return undefined;
  const at = x.type.dims.findIndex((n) => (numberOf(n) ?? 0) > 1);
  const whole = numberOf(x.type.dims[at]!)!;
  const start = scope.int(0, whole - 1);
  const end = scope.int(start + 1, whole);
  return {
    type: { ...x.type, dims: x.type.dims.with(at, size(end - start)) },
    args: [x],
    print: ([a]) => `onnx.Slice(${a}, axis: ${at}, start: ${start}, end: ${end})`,
    compute: ([a]) => moved(a!, a!.dims.with(at, end - start), (place) => place.with(at, place[at]! + start)),
  };
};

// ---------------------------------------------------------------- along axes

function folded(x: Tensor, axes: readonly number[], keepdims: boolean, fold: (terms: readonly Ends[]) => Ends, dtype = x.dtype): Tensor {
  const kept = x.dims.map((n, i) => (axes.includes(i) ? 1 : n));
  const groups: Ends[][] = Array.from({ length: countOf(kept) }, () => []);
  for (let i = 0; i < x.low.length; i++) groups[indexOf(placeOf(i, x.dims).map((at, axis) => (axes.includes(axis) ? 0 : at)), kept)]!.push(endsOf(x, i));
  const result = build(dtype, kept, (i) => fold(groups[i]!));
  return keepdims ? result : reshapedTo(result, x.dims.filter((_, i) => !axes.includes(i)));
}

const root = ([low, high]: Ends): Ends => (Number.isNaN(low) ? nan : [Math.sqrt(Math.max(low, 0)), Math.sqrt(high)]);
const magnitude = ([low, high]: Ends): Ends => (Number.isNaN(low) ? nan : low > 0 ? [low, high] : high < 0 ? [-high, -low] : [0, Math.max(-low, high)]);
const square = (dtype: Tensor['dtype'], ends: Ends): Ends => rounded(dtype, productOf(magnitude(ends), magnitude(ends)));
const norm2 = (dtype: Tensor['dtype'], terms: readonly Ends[]): Ends => widen(dtype, root(sumOf(dtype, terms.map((term) => square(dtype, term)))), 2);

const folds: Readonly<Record<string, (dtype: Tensor['dtype'], terms: readonly Ends[]) => Ends>> = {
  ReduceSum: sumOf,
  ReduceMean: (dtype, terms) => {
    const [low, high] = sumOf(dtype, terms);
    const mean: Ends = [low / terms.length, high / terms.length];
    // By a product with 1/n, where n is no power of two, it is one rounding more.
    return low === high ? widen(dtype, rounded(dtype, mean), Number.isInteger(Math.log2(terms.length)) ? 0 : 2) : widen(dtype, mean, 2);
  },
  ReduceL1: (dtype, terms) => sumOf(dtype, terms.map(magnitude)),
  ReduceL2: norm2,
  ReduceMax: (_, terms) => (terms.some(isNaNs) ? anyNumber : [Math.max(...terms.map(([low]) => low)), Math.max(...terms.map(([, high]) => high))]),
  ReduceMin: (_, terms) => (terms.some(isNaNs) ? anyNumber : [Math.min(...terms.map(([low]) => low)), Math.min(...terms.map(([, high]) => high))]),
};

const reduction = (name: string): Draw => (scope) => {
  const x = find(scope, ({ dims, dtype }) => dims.length > 0 && (dtype === 'f32' || (dtype === 'i64' && /Sum|Max|Min/.test(name))));
  if (x === undefined) return undefined;
  const axes = shuffled(scope, rank(x)).slice(0, scope.int(1, Math.min(2, rank(x))));
  const keepdims = scope.chance(0.5);
  const dims = x.type.dims.flatMap((n, i) => (axes.includes(i) ? (keepdims ? [size(1)] : []) : [n]));
  const written = axes.map((axis) => (scope.chance(0.5) ? axis - rank(x) : axis));
  return {
    type: { ...x.type, dims },
    args: [x],
    print: ([a]) => `onnx.${name}(${a}, axes: [${written.join(', ')}]${keepdims ? '' : ', keepdims: false'})`,
    compute: ([a]) => folded(a!, axes, keepdims, (terms) => folds[name]!(a!.dtype, terms)),
  };
};

/** The first of the greatest; where it is not certain which they are, any that may be. */
function greatestAt(terms: readonly Ends[]): Ends {
  if (terms.some(isNaNs)) return anyNumber;
  const most = Math.max(...terms.map(([low]) => low));
  const candidates = terms.flatMap(([, high], i) => (high >= most ? [i] : []));
  const certain = candidates.every((i) => terms[i]![0] === terms[i]![1]);
  return certain ? [candidates[0]!, candidates[0]!] : [candidates[0]!, candidates.at(-1)!];
}

const argMax: Draw = (scope) => {
  const x = find(scope, ({ dims, dtype }) => dims.length > 0 && dtype === 'f32');
  if (x === undefined) return undefined;
  const at = scope.int(0, rank(x) - 1);
  return {
    type: { dtype: 'i64', dims: x.type.dims.toSpliced(at, 1) },
    args: [x],
    print: ([a]) => `onnx.ArgMax(${a}, axis: ${at}, keepdims: false)`,
    compute: ([a]) => folded(a!, [at], false, greatestAt, 'i64'),
  };
};

// ---------------------------------------------------------------- rows

/** Each row along an axis, made anew. */
function rowsOf(x: Tensor, axis: number, make: (row: readonly Ends[]) => readonly Ends[]): Tensor {
  const rows = new Map<number, readonly Ends[]>();
  const length = x.dims[axis]!;
  return build(x.dtype, x.dims, (i) => {
    const place = placeOf(i, x.dims);
    const first = indexOf(place.with(axis, 0), x.dims);
    if (!rows.has(first)) rows.set(first, make(Array.from({ length }, (_, at) => endsOf(x, indexOf(place.with(axis, at), x.dims)))));
    return rows.get(first)![place[axis]!]!;
  });
}

/** exp(x - max) / sum: an exponential's argument is rounded, too, so it is off by as many units as the argument is large. */
function softmax(dtype: Tensor['dtype'], row: readonly Ends[]): readonly Ends[] {
  if (row.some(([low, high]) => !Number.isFinite(low + high))) return row.map(() => anyNumber);
  const spread = Math.max(...row.map(([, high]) => high)) - Math.min(...row.map(([low]) => low));
  const ulps = 32 + 4 * row.length + 2 * spread;
  return row.map(([low, high], i) => {
    const against = (own: number, end: 0 | 1): number => 1 / (1 + row.reduce((sum, other, j) => (i === j ? sum : sum + Math.exp(other[end] - own)), 0));
    return widen(dtype, [against(low, 1), against(high, 0)], ulps, 1e-30);
  });
}

const logSoftmax = (dtype: Tensor['dtype'], row: readonly Ends[]): readonly Ends[] => {
  if (row.some(([low, high]) => !Number.isFinite(low + high))) return row.map(() => anyNumber);
  const spread = Math.max(...row.map(([, high]) => high)) - Math.min(...row.map(([low]) => low));
  return row.map(([low, high], i) => {
    const against = (own: number, end: 0 | 1): number => -Math.log(1 + row.reduce((sum, other, j) => (i === j ? sum : sum + Math.exp(other[end] - own)), 0));
    return widen(dtype, [against(low, 1), against(high, 0)], 32 + 4 * row.length + 2 * spread, 1 + Math.max(...row.map(([a, b]) => Math.max(Math.abs(a), Math.abs(b)))));
  });
};

const normalized = (dtype: Tensor['dtype'], row: readonly Ends[]): readonly Ends[] => {
  if (row.some(isNaNs)) return row.map(() => anyNumber);
  const [low, high] = norm2(dtype, row);
  if (high === 0) return row.map(() => [0, 0]);
  // A square below the least number is lost.
  if (!(low > 1e-15) || high === Infinity) return row.map(() => anyNumber);
  return row.map(([a, b]) => widen(dtype, hullOf([a / low, a / high, b / low, b / high]), 4));
};

const alongAxis = (name: string, make: (dtype: Tensor['dtype'], row: readonly Ends[]) => readonly Ends[], anyAxis: boolean): Draw => (scope) => {
  const x = find(scope, ({ dims, dtype }) => dims.length > 0 && dtype === 'f32');
  if (x === undefined) return undefined;
  const axis = anyAxis ? scope.int(0, rank(x) - 1) : rank(x) - 1;
  return { type: x.type, args: [x], print: ([a]) => `onnx.${name}(${a}, axis: ${axis - rank(x)})`, compute: ([a]) => rowsOf(a!, axis, (row) => make(a!.dtype, row)) };
};

export const product = (dtype: Tensor['dtype'], a: readonly Ends[], b: readonly Ends[]): Ends => {
  const exact = a.every(([low, high]) => low === high) && b.every(([low, high]) => low === high);
  // Products of numbers of 24 bits are exact in 53; a kernel may round each of them, or none.
  return sumOf(dtype, a.map((left, i) => (exact ? productOf(left, b[i]!) : widen(dtype, productOf(left, b[i]!), 1))));
};

/** [..., m, k] by [k, n]. */
export function multiplied(a: Tensor, b: Tensor): Tensor {
  const [k, n] = [b.dims.at(-2)!, b.dims.at(-1)!];
  const dims = [...a.dims.slice(0, -1), n];
  const perMatrix = a.dims.length > 1 ? a.dims.at(-2)! * n : n;
  return build(a.dtype, dims, (i) => {
    const row = Math.floor(i / n);
    const offset = b.dims.length > 2 ? Math.floor(i / perMatrix) * k * n : 0;
    return product(a.dtype, Array.from({ length: k }, (_, j) => endsOf(a, row * k + j)), Array.from({ length: k }, (_, j) => endsOf(b, offset + j * n + (i % n))));
  });
}

const matmul: Draw = (scope) => {
  const x = find(scope, ({ dims, dtype }) => dtype === 'f32' && dims.length > 0);
  const y = x && find(scope, ({ dims, dtype }) => dtype === 'f32' && dims.length === 2 && sameSize(dims[0]!, x.type.dims.at(-1)!));
  if (x === undefined || y === undefined) return undefined;
  return { type: { ...x.type, dims: [...x.type.dims.slice(0, -1), y.type.dims[1]!] }, args: [x, y], print: ([a, b]) => `onnx.MatMul(${a}, ${b})`, compute: ([a, b]) => multiplied(a!, b!) };
};

export const shapes: Readonly<Record<string, Draw>> = {
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Flatten: flatten,
  Reshape: reshape,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Slice: slice,
  ...Object.fromEntries(Object.keys(folds).map((name) => [name, reduction(name)])),
  ArgMax: argMax,
  Softmax: alongAxis('Softmax', softmax, false),
  LogSoftmax: alongAxis('LogSoftmax', logSoftmax, false),
  LpNormalization: alongAxis('LpNormalization', normalized, true),
  MatMul: matmul,
};
