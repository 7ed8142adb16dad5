/** What a stream of runs carries: how it begins, and what of it fits a run. */
import type { Manifest, ManifestState } from '../../bundle/manifest.ts';
import { isRecord, printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { toHalf } from '../../types/half.ts';
import { describeInput } from './describe.ts';
import { rowOf, type TensorData } from './elements.ts';
import { raise } from '../errors.ts';
import { createFactCheck } from './facts.ts';
import type { RawTensor } from '../session.ts';
import { toOutput } from '../bundle/outputs.ts';
import { checkSizes, shapesOf, showType, sizesIn, type GivenShape } from './sizes.ts';
import { didYouMean } from '../suggest.ts';
import { targetOf } from './target.ts';
import { readTensorInput } from './tensor-input.ts';
import type { TensorOutput } from '../types.ts';

/** States by name; what is absent begins anew. */
export type Carried = ReadonlyMap<string, RawTensor>;

/** More elements than this are not made out of nothing. */
const maxElements = 2 ** 30;

/** The states' feeds by ONNX name, beside those of the inputs: as carried, or as they begin at the inputs' sizes. */
export function stateFeeds(manifest: Manifest, feeds: ReadonlyMap<string, RawTensor>, carried: Carried): ReadonlyMap<string, RawTensor> {
  const { states = [] } = manifest;
  const given = states.length === 0 ? [] : shapesOf(manifest.inputs, feeds);
  const before = states.flatMap((state) => (carried.has(state.name) ? [shapeOf(state, carried.get(state.name)!)] : []));
  // Inputs of other sizes than those that the state was made with are told by the state's name.
  checkSizes([...given, ...before], []);
  return new Map(states.map((state) => [state.tensor.onnx, carried.get(state.name) ?? beginning(state, [...given, ...before])]));
}

const fieldOf = ({ name }: ManifestState): string => `state ${name}`;

const shapeOf = (state: ManifestState, tensor: RawTensor): GivenShape => ({ target: { field: fieldOf(state), contract: undefined, spec: state.tensor }, tensor });

function beginning(state: ManifestState, given: readonly GivenShape[]): RawTensor {
  const { dtype } = targetOf(fieldOf(state), undefined, state.tensor);
  const dims = sizesIn(state.tensor, given);
  const count = dims?.reduce((product, size) => product * size, 1);
  const { array } = rowOf(dtype);
  if (dims === undefined || count === undefined || count > maxElements || array === undefined) {
    const found = dims === undefined ? 'sizes that no input says' : `${count} elements`;
    raise(runtimeCodes.finding('input-shape', { field: fieldOf(state), contract: undefined, expected: showType(state.tensor), found }));
  }
  const numbers = typeof state.init === 'number' ? [state.init] : state.init;
  const values = numbers.map((init) => (dtype === 'f16' ? toHalf(init) : dtype === 'i64' || dtype === 'u64' ? BigInt(init) : init));
  // One of the two by the row's kind of array, which the compiler does not know.
  const data = new array(count) as unknown as { fill(value: number | bigint): TensorData; [index: number]: number | bigint };
  if (values.length > 1) for (let i = 0; i < count; i++) data[i] = values[i % values.length]!;
  return { dtype, data: values.length > 1 ? (data as unknown as TensorData) : data.fill(values[0] ?? 0), dims };
}

/** The states that a run has made, by name. */
export const carriedFrom = ({ states = [] }: Manifest, results: ReadonlyMap<string, RawTensor>): Carried => new Map(states.map(({ name, next }) => [name, results.get(next)!]));

/** Copies for the app, which may keep and change them. */
export const showStates = ({ states = [] }: Manifest, carried: Carried): Readonly<Record<string, TensorOutput>> =>
  Object.fromEntries(states.flatMap(({ name, tensor }) => {
    const raw = carried.get(name);
    return raw === undefined ? [] : [[name, toOutput(tensor, { ...raw, data: raw.data.slice() as TensorData })]];
  }));

/** Reads what an app gives to go on from: some or all of the states, as a stream has shown them. */
export function readStates({ states = [], model }: Manifest, value: unknown): Carried {
  const known = states.map(({ name }) => name);
  if (!isRecord(value)) raise(runtimeCodes.finding('input-kind', { field: 'state', expected: `a record { ${known.join(', ')} }`, found: describeInput(value) }));
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) raise(runtimeCodes.finding('input-unknown', { of: `The state of ${model}`, field: printable(unknown, 40), known }, didYouMean(unknown, known)));
  return new Map(states.flatMap((state): [string, RawTensor][] => {
    if (!Object.hasOwn(value, state.name)) return [];
    const target = targetOf(fieldOf(state), undefined, state.tensor);
    const tensor = readTensorInput(halfBits(value[state.name], target.dtype), target);
    createFactCheck(target)(tensor);
    return [[state.name, { ...tensor, data: tensor.data.slice() as TensorData }]];
  }));
}

/** f16 is shown as the numbers that it holds, and taken as its bits. */
function halfBits(value: unknown, dtype: string): unknown {
  if (dtype !== 'f16' || !isRecord(value) || !(value['data'] instanceof Float32Array)) return value;
  return { ...value, data: Uint16Array.from(value['data'], toHalf) };
}
