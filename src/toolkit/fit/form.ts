/**
 * What a part makes of its input once its weights are known, found out by trying: the part is run on random rows with random
 * weights, and its answers are compared with those of the forms that closed forms can fill.
 */
import { fittedFile, type AffineMap, type Features, type FittedAdapter, type Kernels, type WeightTensor } from '../../align/index.ts';
import type { OwnedParameter, OwnedWeights } from '../../check/model.ts';
import type { LoweredTerms, NamedValue, WatchedCall } from '../../check/tools/lower.ts';
import { createRandom } from '../../data/random.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { cutProgram } from '../../ir/passes/cut.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Session } from '../../runtime/session.ts';
import type { Location } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import { showTensor } from '../../types/show.ts';
import { oneVector } from '../data/features.ts';
import { refuse } from '../errors.ts';
import { initialWeights } from './initial-weights.ts';
import { turned } from './kept-weights.ts';
import type { Workbench } from '../workbench.ts';

/** What may follow the affine map: row by row, in place. */
export const tails = {
  nothing: () => {},
  'unit length': (row: Float64Array) => scale(row, 1 / (Math.hypot(...row) || 1)),
  softmax: (row: Float64Array) => {
    const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
    row.forEach((value, i) => (row[i] = Math.exp(value - top)));
    scale(row, 1 / row.reduce((sum, value) => sum + value, 0));
  },
  sigmoid: (row: Float64Array) => row.forEach((value, i) => (row[i] = 1 / (1 + Math.exp(-value)))),
} as const satisfies Record<string, (row: Float64Array) => void>;
export type Tail = keyof typeof tails;

function scale(row: Float64Array, factor: number): void {
  row.forEach((value, i) => (row[i] = value * factor));
}

/** The tensors of the part's weights file that make it do what the adapter does; undefined where its parameters are others. */
export type PlaceWeights = (adapter: FittedAdapter & { readonly map?: AffineMap }) => readonly WeightTensor[] | undefined;

export interface Form {
  readonly tail: Tail;
  readonly place: PlaceWeights;
  /** Whether the map can move: a part that is a call of the library's has what its method gives. */
  readonly hasBias: boolean;
  /** Parameters beside those of the map, which add nothing as they begin: what a gradient may learn on top of it. */
  readonly rest: readonly OwnedParameter[];
}

export interface FormRequest {
  readonly lowered: LoweredTerms;
  readonly call: WatchedCall;
  readonly part: Symbol;
  readonly parameters: readonly OwnedParameter[];
  readonly location: Location;
  readonly seed: number;
}

/** The part between its input and its answer, with its weights as inputs. */
export interface OpenedPart {
  run(x: Features, weights: ReadonlyMap<string, WeightTensor>): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function openPart({ lowered, call, part, parameters }: FormRequest, bench: Workbench): Promise<OpenedPart> {
  const [input] = call.inputs;
  const weightName = (path: string): string => `${part.name}/${path}`;
  const inputs = [{ name: 'x', value: input!.value }, ...parameters.map(({ path }) => ({ name: weightName(path), value: weightName(path) }))];
  const program = cutProgram(lowered.model.program, inputs, [{ name: 'y', value: call.result!.value }]);
  const session: Session = await bench.openProgram(program);
  return {
    async run(x, weights) {
      const dims = rankOf(input!) === 1 ? [x.rows] : [x.rows, x.columns];
      const feeds = new Map([['x', { dtype: 'f32' as const, data: x.data, dims }], ...parameters.map(({ path }) => [weightName(path), tensorOf(weights.get(path)!)] as const)]);
      return (await session.run(feeds, ['y'])).get('y')!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

const tensorOf = ({ data, dims }: WeightTensor) => ({ dtype: 'f32' as const, data, dims });
const rankOf = ({ type }: NamedValue): number => type.shape.axes.length;

// ---------------------------------------------------------------- which form

/** What to do with a part that has none of the forms. */
export const byGradient = 'Any other part is learned by gradient: `method adam(lr: 1e-3)`, or `auto`.';

/** The form of the part; refuses a part that is none of them, saying what it should be. */
export async function formOf(request: FormRequest, opened: OpenedPart, kernels: Kernels): Promise<Form> {
  const { parameters, location, part, call, seed } = request;
  const odd = parameters.find(({ dtype }) => dtype !== 'f32');
  if (odd !== undefined) refuse(toolkitCodes.finding('fit-form', { name: part.name, why: `its parameter \`${odd.path}\` is ${odd.dtype}, and weights are fitted as f32` }), location);
  const { type } = call.inputs[0]!;
  if (rankOf(call.inputs[0]!) > 2) refuse(toolkitCodes.finding('fit-form', { name: part.name, why: `it takes ${showTensor(type)}, and closed forms map vectors` }, [oneVector]), location);
  const columns = constantOf(type.shape.axes.at(-1)!.size);
  for (const { place, map, hasBias, rest } of columns === undefined ? [] : [...placements(parameters, columns, seed), ...withoutBias(parameters, columns), ...temperatures(parameters, columns)]) {
    // What a branch adds is learned towards vectors: behind anything else the whole part is learned by gradient.
    for (const tail of rest.length > 0 ? (['nothing'] as const) : (Object.keys(tails) as Tail[])) if (await agrees(place, tail, map, opened, kernels)) return { tail, place, hasBias, rest };
  }
  const named = byNames(parameters);
  if (named !== undefined) return { tail: 'nothing', place: named, hasBias: true, rest: [] };
  const notes = ['It should be `x w + b` of its one input: `{ x |> linear(out: 64) }`, with nothing behind it, `l2_normalize`, `softmax` or `sigmoid`.', byGradient];
  return refuse(toolkitCodes.finding('fit-form', { name: part.name, why: 'it is no affine map of its input' }, notes), location, { related: [{ location: { uri: part.module.uri, span: part.declaration.name.span }, text: 'this part' }] });
}

const sizeIs = (dims: readonly number[], ...wanted: readonly number[]): boolean => dims.length === wanted.length && dims.every((dim, i) => dim === wanted[i]);

/** A way to put a map into parameters, and a map to try it with. */
interface Placement extends Pick<Form, 'place' | 'hasBias' | 'rest'> {
  readonly map: AffineMap;
}

/** Ways to put a matrix and a bias into two of the parameters, where there are no others, or others that begin at nothing. */
function placements(parameters: readonly OwnedParameter[], columns: number, seed: number): readonly Placement[] {
  const ofRank = (rank: number): readonly OwnedParameter[] => parameters.filter(({ dims }) => dims.length === rank);
  return ofRank(2).flatMap((w) =>
    ofRank(1).flatMap((b) => {
      const rest = parameters.filter((parameter) => parameter !== w && parameter !== b);
      if (rest.length > 0 && !rest.some(beginsAtNothing)) return [];
      const [out = 0] = b.dims;
      const begun = rest.map((parameter) => ({ name: parameter.path, dims: parameter.dims, data: initialWeights(parameter, seed) }));
      const normals = randomNormals();
      const map = { w: { rows: columns, columns: out, data: normals(columns * out, 1 / Math.sqrt(columns)) }, b: normals(out, 1) };
      const placed = (isTurned: boolean): Placement => ({ map, hasBias: true, rest, place: (adapter) => placeMap(adapter.map, w, b, isTurned)?.concat(begun) });
      return [...(sizeIs(w.dims, columns, out) ? [placed(false)] : []), ...(sizeIs(w.dims, out, columns) ? [placed(true)] : [])];
    }),
  );
}

/** A matrix of zeros, behind which all that comes before it is nothing. */
const beginsAtNothing = ({ dims, init }: OwnedParameter): boolean => dims.length === 2 && init?.kind === 'constant' && init.value === 0;

/** Ways to put a matrix into the one parameter that there is: `project`, and `orthogonal`, which only a rotation becomes. */
function withoutBias(parameters: readonly OwnedParameter[], columns: number): readonly Placement[] {
  const [w, ...others] = parameters;
  if (w === undefined || others.length > 0 || w.dims.length !== 2) return [];
  const isRotation = /(^|\.)orthogonal\.w$/.test(w.path);
  return [false, true].flatMap((isTurned): Placement[] => {
    const [rows, out] = (isTurned ? w.dims.toReversed() : w.dims) as [number, number];
    const map = { w: { rows: columns, columns: out, data: randomNormals()(columns * out, 1 / Math.sqrt(columns)) }, b: new Float64Array(out) };
    const place: PlaceWeights = ({ map: found, method }) => (found !== undefined && (!isRotation || method === '' || rotations.includes(method)) && found.b.every((value) => value === 0) ? placeMap(found, w, undefined, isTurned) : undefined);
    return rows === columns ? [{ map, hasBias: false, rest: [], place }] : [];
  });
}

const rotations: readonly string[] = ['orthogonal', 'scaled-orthogonal'];

function placeMap(map: AffineMap | undefined, w: OwnedParameter, b: OwnedParameter | undefined, isTurned: boolean): WeightTensor[] | undefined {
  const [columns, out] = (isTurned ? w.dims.toReversed() : w.dims) as [number, number];
  if (map === undefined || map.w.rows !== columns || map.w.columns !== out) return undefined;
  const data = new Float32Array(map.w.data.length);
  for (let i = 0; i < columns; i++) for (let j = 0; j < out; j++) data[isTurned ? j * columns + i : i * out + j] = map.w.data[i * out + j]!;
  return [{ name: w.path, dims: w.dims, data }, ...(b === undefined ? [] : [{ name: b.path, dims: b.dims, data: Float32Array.from(map.b) }])];
}

/** A single number by which all are divided, or multiplied. */
function temperatures(parameters: readonly OwnedParameter[], columns: number): Placement[] {
  const [only, ...others] = parameters;
  if (only === undefined || others.length > 0 || only.dims.some((dim) => dim !== 1)) return [];
  const scaled = (factor: number): AffineMap => ({ w: { rows: columns, columns, data: Float64Array.from({ length: columns * columns }, (_, at) => (at % (columns + 1) === 0 ? factor : 0)) }, b: new Float64Array(columns) });
  const put = (of: (factor: number) => number): PlaceWeights => ({ map }) => {
    const factor = map?.w.data[0];
    const isScale = map !== undefined && map.w.rows === columns && map.w.data.every((value, at) => value === (at % (columns + 1) === 0 ? factor : 0)) && map.b.every((value) => value === 0);
    return isScale ? [{ name: only.path, dims: only.dims, data: Float32Array.of(of(factor!)) }] : undefined;
  };
  const placed = (of: (factor: number) => number): Placement => ({ place: put(of), map: scaled(0.7), hasBias: true, rest: [] });
  return [placed((factor) => 1 / factor), placed((factor) => factor)];
}

/** A call of a part of the library has parameters of the names that its adapters give them. */
function byNames(parameters: readonly OwnedParameter[]): PlaceWeights | undefined {
  if (parameters.length < 2) return undefined;
  return ({ tensors }) => {
    const placed = parameters.map(({ path, dims }) => {
      const tensor = tensors.find(({ name }) => path === name || path.endsWith(`.${name}`));
      return tensor !== undefined && sizeIs(tensor.dims, ...dims) ? { ...tensor, name: path } : undefined;
    });
    return tensors.length === parameters.length && placed.every((tensor) => tensor !== undefined) ? placed : undefined;
  };
}

// ---------------------------------------------------------------- comparison

const triedRows = 16;

/** The same at every call. */
function randomNormals(): (count: number, size: number) => Float64Array {
  const random = createRandom(7);
  return (count, size) => Float64Array.from({ length: count }, () => size * random.normal());
}

async function agrees(place: PlaceWeights, tail: Tail, map: AffineMap, opened: OpenedPart, kernels: Kernels): Promise<boolean> {
  const columns = map.w.rows;
  const x = { rows: triedRows, columns, data: Float32Array.from(randomNormals()(triedRows * columns, 1)) };
  const predict = (k: Kernels, rows: Features): Promise<Features> => k.affine(rows, { ...map.w, data: Float32Array.from(map.w.data) }, Float32Array.from(map.b));
  const adapter = { method: '', part: { module: 'std/adapters', name: '', arguments: {} }, tensors: [], settings: {}, map, predict } as const;
  return (await gap(adapter, place(adapter)!, tail, x, opened, kernels)) < tolerance;
}

/** Of the largest answer: single precision over some thousand terms in any order. */
const tolerance = 1e-4;

/** How far the part, with these weights, is from what the adapter says; relative to the largest answer. */
export async function gap(adapter: FittedAdapter, weights: readonly WeightTensor[], tail: Tail, x: Features, opened: OpenedPart, kernels: Kernels): Promise<number> {
  const found = await opened.run(x, new Map(weights.map((tensor) => [tensor.name, tensor])));
  const expected = withTail(await adapter.predict(kernels, x), tail);
  if (found.length !== expected.data.length) return Infinity;
  let [most, largest] = [0, 0];
  for (const [i, value] of expected.data.entries()) {
    most = Math.max(most, Math.abs(value - found[i]!));
    largest = Math.max(largest, Math.abs(value));
  }
  return largest === 0 ? most : most / largest;
}

export const isSame = (difference: number): boolean => difference < tolerance;

export function withTail({ rows, columns, data }: Features, tail: Tail): Features {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    const row = Float64Array.from(data.subarray(i * columns, (i + 1) * columns));
    tails[tail](row);
    result.set(row, i * columns);
  }
  return { rows, columns, data: result };
}

/** The file that the part's weights are read from: tensors under their keys, turned where the declaration says so. */
export function weightsFile(weights: readonly WeightTensor[], { parameters, classes }: OwnedWeights, record: object): Uint8Array {
  const tensors = weights.map((tensor): WeightTensor => {
    const { key, transposed } = parameters.find(({ path }) => path === tensor.name)!;
    return transposed ? { name: key, dims: tensor.dims.toReversed(), data: turned(tensor.data, tensor.dims) } : { ...tensor, name: key };
  });
  return fittedFile(tensors, record, classes);
}
