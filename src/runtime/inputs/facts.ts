/** The promises of a contract that can be tested on data. The first element or row that breaks one is named. */
import type { ManifestEnds, ManifestFact } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { fromHalf, toHalf } from '../../types/half.ts';
import { elements, type CarriedDType, type TensorData } from './elements.ts';
import { MdlRuntimeError, raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';
import type { Target } from './target.ts';
import { indexOf } from './tensor-input.ts';

type Along = Extract<ManifestFact, { readonly axis: number }>;

/** The rounding of one operation, relative to its result. */
const epsilon: Partial<Record<CarriedDType, number>> = { f16: 2 ** -11, f32: 2 ** -24, f64: 2 ** -53 };

/** Tests the facts of a given tensor. `vocabularySize` bounds the ids of a field with a `tokenizer` fact. */
export function checkFacts(tensor: RawTensor, target: Target, vocabularySize: number | undefined): void {
  const { data } = tensor;
  if (tensor.dtype === 'string') return;
  const values = tensor.dtype === 'f16' ? Float32Array.from(data as Uint16Array, fromHalf) : data;
  const exemptZero = !target.spec.facts.some((fact) => fact.kind === 'nonzero');
  for (const fact of target.spec.facts)
    checkFact(fact, { ...tensor, data: values }, target, exemptZero, vocabularySize);
}

/** A clause on the first fact that does not hold of an output; undefined where all do. */
export function brokenFact(target: Target, { data, dims }: Omit<RawTensor, 'dtype'>): string | undefined {
  // float16 comes as the numbers that it stands for.
  const dtype = target.dtype === 'f16' ? 'f32' : target.dtype;
  if (elements[dtype].array === undefined) return undefined;
  try {
    checkFacts({ dtype, data, dims }, target, undefined);
    return undefined;
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    return error.finding.message.replace(/\.$/, '');
  }
}

function checkFact(
  fact: ManifestFact,
  tensor: RawTensor,
  target: Target,
  exemptZero: boolean,
  vocabularySize: number | undefined,
): void {
  switch (fact.kind) {
    case 'range': {
      if (fact.rows) return checkRows(tensor, target, fact.rows);
      return checkElements(tensor, target, `values from ${fact.low} to ${fact.high}`, within(fact, tensor.dtype));
    }
    case 'mask':
      return checkElements(tensor, target, 'a mask of 0 and 1', (v) => v === 0 || v === 1);
    case 'prefix_mask':
      return checkPrefixMask(tensor, target);
    case 'integer':
      return checkElements(tensor, target, 'whole numbers', Number.isInteger);
    case 'finite':
      return checkElements(tensor, target, 'finite numbers', Number.isFinite);
    case 'tokenizer':
      if (vocabularySize === undefined) return;
      return checkElements(
        tensor,
        target,
        `ids of ${fact.id}, from 0 to ${vocabularySize - 1}`,
        (v) => v >= 0 && v < vocabularySize,
      );
    case 'norm':
      return checkLines(tensor, target, fact, exemptZero, (line) => Math.sqrt(line.reduce((sum, v) => sum + v * v, 0)));
    case 'sum':
      return checkLines(tensor, target, fact, false, (line) => line.reduce((sum, v) => sum + v, 0));
    case 'one_hot':
      return checkOneHot(tensor, target);
    case 'nonzero':
      return checkNonzero(tensor, target);
    case 'space':
    case 'attribute':
      // Known to the producer alone.
      return;
  }
}

/** An end such as 0.1 stands for what the dtype has in its place. */
const roundedTo: Partial<Record<CarriedDType, (value: number) => number>> = { f32: Math.fround, f16: (value) => fromHalf(toHalf(value)) };

function within({ low, high }: ManifestEnds, dtype: CarriedDType): (value: number) => boolean {
  const rounded = roundedTo[dtype] ?? ((value: number) => value);
  const [least, most] = [low === '-inf' ? -Infinity : rounded(low), high === 'inf' ? Infinity : rounded(high)];
  return (value) => value >= least && value <= most;
}

/** Each index of an axis with the range of its own. */
function checkRows(tensor: RawTensor, target: Target, rows: { readonly axis: number; readonly ends: readonly ManifestEnds[] }): void {
  const axis = axisOf(rows.axis, tensor);
  if (axis === undefined) return;
  const label = target.spec.dims[axis]?.label ?? `axis ${rows.axis}`;
  const promise = rows.ends.map(({ low, high }, i) => `${low} to ${high} at ${i}`).join(', ');
  const tests = rows.ends.map((ends) => within(ends, tensor.dtype));
  const stride = tensor.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  checkElements(tensor, target, `values along ${label} from ${promise}`, (v, i) => tests[Math.floor(i / stride) % tensor.dims[axis]!]?.(v) ?? true);
}

/** An axis counted from the end or the start, from the start; undefined outside the tensor. */
function axisOf(axis: number, { dims }: RawTensor): number | undefined {
  const place = axis < 0 ? axis + dims.length : axis;
  return place < 0 || place >= dims.length ? undefined : place;
}

const numbersOf = (data: TensorData): ArrayLike<number | bigint> => data as ArrayLike<number | bigint>;

function checkElements(tensor: RawTensor, target: Target, promise: string, holds: (value: number, index: number) => boolean): void {
  const values = numbersOf(tensor.data);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // A bigint beyond 2^53 rounds to a number beyond it: no test here lies that far out.
    if (holds(Number(value), i)) continue;
    refuse(target, promise, `${value} at [${indexOf(i, tensor.dims).join(', ')}]`);
  }
}

/** The lines of a tensor along an axis, with the index of each line's first element. */
function* linesOf(tensor: RawTensor, axis: number): Generator<{ readonly start: number; readonly line: Float64Array }> {
  const size = tensor.dims[axis]!;
  const stride = tensor.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const values = numbersOf(tensor.data);
  const line = new Float64Array(size);
  for (let block = 0; block < values.length; block += stride * size) {
    for (let start = block; start < block + stride; start++) {
      for (let k = 0; k < size; k++) line[k] = Number(values[start + k * stride]);
      yield { start, line };
    }
  }
}

function checkLines(
  tensor: RawTensor,
  target: Target,
  fact: Along,
  exemptZero: boolean,
  measure: (line: Float64Array) => number,
): void {
  const axis = axisOf(fact.axis, tensor);
  if (axis === undefined) return;
  const rounding = tensor.dims[axis]! * (epsilon[tensor.dtype] ?? 0) * Math.abs(fact.value);
  const promise = `a ${fact.kind} of ${fact.value} +- ${fact.tolerance} along axis ${fact.axis}`;
  for (const { start, line } of linesOf(tensor, axis)) {
    const found = measure(line);
    if (Math.abs(found - fact.value) <= fact.tolerance + rounding) continue;
    if (exemptZero && line.every((v) => v === 0)) continue;
    refuse(target, promise, `${Number(found.toPrecision(6))}${rowAt(tensor, start, axis)}`);
  }
}

function checkOneHot(tensor: RawTensor, target: Target): void {
  for (const { start, line } of linesOf(tensor, tensor.dims.length - 1)) {
    const ones = line.filter((v) => v === 1).length;
    if (ones === 1 && line.every((v) => v === 0 || v === 1)) continue;
    refuse(
      target,
      'exactly one 1 among zeros in each row',
      `${ones} ones${rowAt(tensor, start, tensor.dims.length - 1)}`,
    );
  }
}

function checkPrefixMask(tensor: RawTensor, target: Target): void {
  for (const { start, line } of linesOf(tensor, tensor.dims.length - 1)) {
    const ones = line.findIndex((v) => v !== 1);
    const odd = ones === -1 ? -1 : line.findIndex((v, i) => i >= ones && v !== 0);
    if (odd === -1) continue;
    const found = line[odd] === 1 ? `1 behind ${line[ones]}` : String(line[odd]);
    refuse(target, 'ones and then zeros in each row', `${found}${rowAt(tensor, start, tensor.dims.length - 1)}, at ${odd}`);
  }
}

function checkNonzero(tensor: RawTensor, target: Target): void {
  for (const { start, line } of linesOf(tensor, tensor.dims.length - 1)) {
    if (line.some((v) => v !== 0)) continue;
    refuse(target, 'no row of zeros', `only zeros${rowAt(tensor, start, tensor.dims.length - 1)}`);
  }
}

/** ` in row [3]`: where a line lies, without the axis that it runs along. */
function rowAt(tensor: RawTensor, start: number, axis: number): string {
  const index = indexOf(start, tensor.dims).filter((_, i) => i !== axis);
  return index.length === 0 ? '' : ` in row [${index.join(', ')}]`;
}

function refuse(target: Target, expected: string, found: string): never {
  raise(runtimeCodes.finding('input-value', { ...target, expected, found }));
}
