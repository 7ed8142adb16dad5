/** The promises of a contract that can be tested on data. The first element or row that breaks one is named. */
import type { ManifestEnds, ManifestFact } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { CarriedDType } from '../../types/dtype.ts';
import { fromHalf, toHalf } from '../../types/half.ts';
import { elements, rowOf, type TensorData } from './elements.ts';
import { MdlRuntimeError, raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';
import { hasFact, type Target } from './target.ts';
import { indexOf } from './tensor-input.ts';

type Along = Extract<ManifestFact, { readonly axis: number }>;

/** The rounding of one operation, relative to its result. */
const epsilon: Partial<Record<CarriedDType, number>> = { f16: 2 ** -11, f32: 2 ** -24, f64: 2 ** -53 };

/** Elements as the numbers that they stand for, and the sizes of their axes. */
type Values = Omit<RawTensor, 'dtype'>;

/** Tests one promise. Raises where it is broken. */
type Test = (values: Values) => void;

/** Tests the promises of a target on what is given for it; raises for the first that is broken. */
export type FactCheck = (tensor: RawTensor) => void;

/** @param vocabularySize bounds the ids of a field with a `tokenizer` fact, where that is known */
export function createFactCheck(target: Target, vocabularySize?: () => number | undefined): FactCheck {
  const tests = testsOf(target, vocabularySize);
  return (tensor) => {
    if (tensor.dtype === 'string' || tests.length === 0) return;
    const values = tensor.dtype === 'f16' ? { dims: tensor.dims, data: Float32Array.from(tensor.data as Uint16Array, fromHalf) } : tensor;
    for (const test of tests) test(values);
  };
}

/** A clause on the first fact that does not hold of an output, of which float16 comes as the numbers that it stands for; undefined where all do. */
export function brokenFact(target: Target, values: Values): string | undefined {
  if (elements[target.dtype].array === undefined) return undefined;
  try {
    for (const test of testsOf(target)) test(values);
    return undefined;
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    return error.finding.message.replace(/\.$/, '');
  }
}

const testsOf = (target: Target, vocabularySize: () => number | undefined = () => undefined): readonly Test[] =>
  target.spec.facts.flatMap((fact) => testOf(fact, target, vocabularySize) ?? []);

function testOf(fact: ManifestFact, target: Target, vocabularySize: () => number | undefined): Test | undefined {
  if (holdsOfDType(fact, target.dtype)) return undefined;
  switch (fact.kind) {
    case 'range': {
      if (fact.rows) return testOfRows(target, fact.rows);
      const [least, most] = endsOf(fact, target.dtype);
      return testOfEnds(target, () => [least, most], () => `values from ${fact.low} to ${fact.high}`);
    }
    case 'mask':
      return testOfElements(target, 'a mask of 0 and 1', (v) => v === 0 || v === 1);
    case 'prefix_mask':
      return (values) => checkPrefixMask(values, target);
    case 'integer':
      return testOfElements(target, 'whole numbers', Number.isInteger);
    case 'finite':
      return testOfElements(target, 'finite numbers', Number.isFinite);
    case 'tokenizer': {
      const ends = () => {
        const size = vocabularySize();
        return size === undefined ? ([-Infinity, Infinity] as const) : ([0, size - 1] as const);
      };
      return testOfEnds(target, ends, () => `ids of the tokenizer \`${fact.id.slice(fact.id.lastIndexOf('#') + 1)}\`, from 0 to ${ends()[1]}`);
    }
    case 'norm':
      return (values) => checkLines(values, target, fact, (line) => Math.sqrt(line.reduce((sum, v) => sum + v * v, 0)));
    case 'sum':
      return (values) => checkLines(values, target, fact, (line) => line.reduce((sum, v) => sum + v, 0));
    case 'one_hot':
      return (values) => checkOneHot(values, target);
    case 'nonzero':
      return (values) => checkNonzero(values, target);
    case 'space':
    case 'attribute':
      // Known to the producer alone.
      return undefined;
  }
}

/** Whether whatever the dtype can hold keeps it, as the bytes of a picture keep a range from 0 to 255: there is nothing to test then. */
function holdsOfDType(fact: ManifestFact, dtype: CarriedDType): boolean {
  const { whole } = rowOf(dtype);
  if (whole === undefined) return false;
  if (fact.kind === 'integer' || fact.kind === 'finite') return true;
  if (fact.kind !== 'range' || fact.rows) return false;
  const [least, most] = endsOf(fact, dtype);
  return least <= whole[0] && most >= whole[1];
}

/** An end such as 0.1 stands for what the dtype has in its place. */
const roundedTo: Partial<Record<CarriedDType, (value: number) => number>> = { f32: Math.fround, f16: (value) => fromHalf(toHalf(value)) };

function endsOf({ low, high }: ManifestEnds, dtype: CarriedDType): readonly [least: number, most: number] {
  const rounded = roundedTo[dtype] ?? ((value: number) => value);
  return [low === '-inf' ? -Infinity : rounded(low), high === 'inf' ? Infinity : rounded(high)];
}

/** Each index of an axis with the range of its own. */
function testOfRows(target: Target, rows: { readonly axis: number; readonly ends: readonly ManifestEnds[] }): Test {
  const ends = rows.ends.map((each) => endsOf(each, target.dtype));
  return ({ data, dims }) => {
    const axis = axisOf(rows.axis, dims);
    if (axis === undefined) return;
    const stride = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
    const values = numbersOf(data);
    for (let i = 0; i < values.length; i++) {
      const [least, most] = ends[Math.floor(i / stride) % dims[axis]!] ?? [-Infinity, Infinity];
      const value = values[i]!;
      if (value >= least && value <= most) continue;
      const promise = rows.ends.map(({ low, high }, at) => `${low} to ${high} at ${at}`).join(', ');
      refuseElement({ data, dims }, target, `values along ${target.spec.dims[axis]?.label ?? `axis ${rows.axis}`} from ${promise}`, i);
    }
  };
}

/** An axis counted from the end or the start, from the start; undefined outside the tensor. */
function axisOf(axis: number, dims: readonly number[]): number | undefined {
  const place = axis < 0 ? axis + dims.length : axis;
  return place < 0 || place >= dims.length ? undefined : place;
}

const numbersOf = (data: TensorData): ArrayLike<number | bigint> => data as ArrayLike<number | bigint>;

/** By a loop of its own, since ranges of pictures are what is tested most. */
function testOfEnds(target: Target, ends: () => readonly [least: number, most: number], promise: () => string): Test {
  return ({ data, dims }) => {
    const values = numbersOf(data);
    const [least, most] = ends();
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!(value >= least && value <= most)) refuseElement({ data, dims }, target, promise(), i);
    }
  };
}

function testOfElements(target: Target, promise: string, holds: (value: number) => boolean): Test {
  return ({ data, dims }) => {
    const values = numbersOf(data);
    for (let i = 0; i < values.length; i++) if (!holds(Number(values[i]))) refuseElement({ data, dims }, target, promise, i);
  };
}

function refuseElement({ data, dims }: Values, target: Target, promise: string, at: number): never {
  refuse(target, promise, `${data[at]} at [${indexOf(at, dims).join(', ')}]`);
}

/** The lines of a tensor along an axis, in the order of their indices. Lines of an empty axis are lines, too. */
function* linesOf({ data, dims }: Values, axis: number): Generator<{ readonly at: number; readonly line: Float64Array }> {
  const size = dims[axis]!;
  const stride = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const count = dims.slice(0, axis).reduce((product, dim) => product * dim, stride);
  const values = numbersOf(data);
  const line = new Float64Array(size);
  for (let at = 0; at < count; at++) {
    const start = Math.floor(at / stride) * stride * size + (at % stride);
    for (let k = 0; k < size; k++) line[k] = Number(values[start + k * stride]);
    yield { at, line };
  }
}

function checkLines(
  tensor: Values,
  target: Target,
  fact: Along,
  measure: (line: Float64Array) => number,
): void {
  const axis = axisOf(fact.axis, tensor.dims);
  if (axis === undefined) return;
  const rounding = tensor.dims[axis]! * (epsilon[target.dtype] ?? 0) * Math.abs(fact.value);
  // Rows of zeros have no length that could be 1, unless there are none.
  const exemptZero = fact.kind === 'norm' && !hasFact(target.spec, 'nonzero');
  const promise = `a ${fact.kind} of ${fact.value} +- ${fact.tolerance} along axis ${fact.axis}`;
  for (const { at, line } of linesOf(tensor, axis)) {
    const found = measure(line);
    if (Math.abs(found - fact.value) <= fact.tolerance + rounding) continue;
    if (exemptZero && line.every((v) => v === 0)) continue;
    refuse(target, promise, `${Number(found.toPrecision(6))}${rowAt(tensor, at, axis)}`);
  }
}

function checkOneHot(tensor: Values, target: Target): void {
  for (const { at, line } of linesOf(tensor, tensor.dims.length - 1)) {
    const ones = line.filter((v) => v === 1).length;
    if (ones === 1 && line.every((v) => v === 0 || v === 1)) continue;
    refuse(
      target,
      'exactly one 1 among zeros in each row',
      `${ones} ones${rowAt(tensor, at, tensor.dims.length - 1)}`,
    );
  }
}

function checkPrefixMask(tensor: Values, target: Target): void {
  for (const { at, line } of linesOf(tensor, tensor.dims.length - 1)) {
    const ones = line.findIndex((v) => v !== 1);
    const odd = ones === -1 ? -1 : line.findIndex((v, i) => i >= ones && v !== 0);
    if (odd === -1) continue;
    const found = line[odd] === 1 ? `1 behind ${line[ones]}` : String(line[odd]);
    refuse(target, 'ones and then zeros in each row', `${found}${rowAt(tensor, at, tensor.dims.length - 1)}, at ${odd}`);
  }
}

function checkNonzero(tensor: Values, target: Target): void {
  for (const { at, line } of linesOf(tensor, tensor.dims.length - 1)) {
    if (line.some((v) => v !== 0)) continue;
    refuse(target, 'no row of zeros', `${line.length === 0 ? 'no elements' : 'only zeros'}${rowAt(tensor, at, tensor.dims.length - 1)}`);
  }
}

/** ` in row [3]`: where a line lies, without the axis that it runs along. */
function rowAt({ dims }: Values, at: number, axis: number): string {
  const others = dims.filter((_, i) => i !== axis);
  return others.length === 0 ? '' : ` in row [${indexOf(at, others).join(', ')}]`;
}

function refuse(target: Target, expected: string, found: string): never {
  raise(runtimeCodes.finding('input-value', { ...target, expected, found }));
}
