/** Vectors of examples: tensors of a model, computed once and kept by what the model computes and what the example is. */
import path from 'node:path';
import type { Features } from '../../align/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import { withOutputs, type LoweredTerms, type NamedValue } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { MdlRuntimeError, type Model, type TensorOutput } from '../../runtime/index.ts';
import type { Location } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import type { Fact } from '../../types/fact.ts';
import { showTensor } from '../../types/show.ts';
import type { Axis } from '../../types/type.ts';
import { columnOf, inputsOf, numberRowsOf, rowKey, type Tables } from './columns.ts';
import { keptWhole, requireMemory } from '../memory.ts';
import { rowsInMemory, wholeOf, type FeatureRows } from './feature-rows.ts';
import { ToolError, refuse } from '../errors.ts';
import { memoryCache, openFeatureCache, type FeatureCache } from './feature-cache.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Workbench } from '../workbench.ts';

/** Rows of a run where all inputs have fixed sizes. Always as many, so that a row's features do not depend on which others are new. */
const runRows = 64;

export interface FeatureRequest {
  readonly lowered: LoweredTerms;
  /** Of what is `pooled` there may be more axes than two: the mean over all but one is taken. */
  readonly outputs: readonly (NamedValue & { readonly pooled?: boolean })[];
  readonly tables: Tables;
  readonly rows: number;
  /** For progress: `the pairs of Back`. */
  readonly words: string;
  readonly location: Location;
}

/** The features of every output, in the order of the outputs, in memory. */
export async function featuresOf(request: FeatureRequest, bench: Workbench): Promise<readonly Features[]> {
  const { rows, words, location } = request;
  const columns = request.outputs.reduce((sum, { type }) => sum + (type.shape.axes.length === 1 ? 1 : (constantOf(type.shape.axes.at(-1)!.size) ?? 0)), 0);
  requireMemory({ what: words, rows, columns, times: wholeTimes, notes: ['What is measured here looks at all rows at once. Some thousand at random tell as much: take fewer.'] }, bench.memory, location);
  return (await featureRowsOf(request, bench)).map(wholeOf);
}

/** Of what is measured on all rows: as they are, about their mean, and some of them. */
const wholeTimes = 3;

/** The same; what stands in the data as it is is read as it is asked for. */
export async function featureRowsOf(request: FeatureRequest, bench: Workbench): Promise<readonly FeatureRows[]> {
  const found = request.outputs.map((output) => givenRows(output, request));
  const outputs = request.outputs.filter((_, i) => found[i] === undefined);
  const made = outputs.length === 0 ? [] : await madeRows({ ...request, outputs }, bench);
  return found.map((given, i) => given ?? made[outputs.indexOf(request.outputs[i]!)]!);
}

/** The vectors of a column that no operator and no test stands before; undefined where one does. */
function givenRows({ value, type }: FeatureRequest['outputs'][number], { lowered, tables }: FeatureRequest): FeatureRows | undefined {
  const input = lowered.model.program.inputs.find((port) => port.value === value);
  const term = input && lowered.columns.get(input.name);
  const column = term && columnOf(term, tables);
  const [, width, ...more] = type.shape.axes;
  if (term === undefined || column?.kind !== 'array' || column.dtype !== 'f32' || type.dtype !== 'f32' || column.dims.length !== 1) return undefined;
  if (width === undefined || more.length > 0 || type.shape.rest !== undefined || constantOf(width.size) !== column.dims[0] || !type.facts.every(({ kind }) => isNominal(kind))) return undefined;
  return numberRowsOf(term, tables);
}

/** Facts that no run tests. */
const isNominal = (kind: Fact['kind']): boolean => kind === 'space' || kind === 'attribute';

/** An input, or another output, may have the name of one: a number tells them apart. */
async function madeRows(request: FeatureRequest, bench: Workbench): Promise<readonly FeatureRows[]> {
  const { lowered, rows, words, location } = request;
  const outputs = request.outputs.map((output, i) => ({ ...output, name: `${output.name}'${i}` }));
  const stores = outputs.map((output) => openStore(output, request, bench));
  const missing = missingRows(stores, rows);
  if (bench.cache === undefined) requireMemory({ what: words, rows, columns: outputs.reduce((sum, { type }) => sum + (constantOf(type.shape.axes.at(-1)!.size) ?? 1), 0), times: 2, notes: ['Without a folder for the cache what encoders give has to lie in memory.'] }, bench.memory, location);
  for (const group of missing) await compute(withOutputs(lowered.model, group.of.map((i) => outputs[i]!)), group, stores, request, bench);
  return stores.map((store) => rowsIn(store, rows, keptWhole(bench.memory)));
}

interface Missing {
  /** Which outputs these rows have no vectors of. */
  readonly of: readonly number[];
  readonly rows: readonly number[];
}

/** Rows by the outputs that they lack: of what is kept nothing is computed again beside an output that is new. */
function missingRows(stores: readonly Store[], rows: number): readonly Missing[] {
  const found = new Map<string, { of: readonly number[]; rows: number[] }>();
  for (let row = 0; row < rows; row++) {
    const of = stores.flatMap(({ cache, key }, i) => (cache.has(key(row)) ? [] : [i]));
    if (of.length === 0) continue;
    const group = found.get(of.join()) ?? { of, rows: [] };
    group.rows.push(row);
    found.set(of.join(), group);
  }
  return [...found.values()];
}

interface Store {
  /** The axis of the numbers that make a vector; over all axes between it and the rows the mean is taken. */
  readonly axis: number;
  readonly cache: FeatureCache;
  /** The digest of an example, by its row. */
  key(row: number): Buffer;
}

/** Read at once where they are few, as they are asked for otherwise: then their file stays open. */
function rowsIn({ cache, key }: Store, rows: number, most: number): FeatureRows {
  const columns = cache.width()!;
  const pick = (from: ArrayLike<number>): Float32Array => cache.read(Array.from(from, key));
  const read = (from: number, to: number): Features => ({ rows: to - from, columns, data: cache.read(Array.from({ length: to - from }, (_, i) => key(from + i))) });
  if (4 * rows * columns > most) return { rows, columns, read, pick };
  const whole = rowsInMemory(read(0, rows));
  cache.close();
  return whole;
}

/** What is learned from, or probed, is a matrix of examples. */
export const oneVector = 'Pool or reshape it to `f32[batch, d]`, a row for each example: by `mean_pool` of "std/text" for tokens, or `onnx.Reshape(x, shape: [batch, 8])`.';

/** A value without a name, as the program calls it (`app.mdl:3:5/Reshape'0`), in words. */
export function spoken(name: string): string {
  const [, file, line, operator] = /^(.+):(\d+):\d+\/([\w.]+)'\d+$/.exec(name) ?? [];
  return operator === undefined ? `\`${name}\`` : `\`${operator}\` in line ${line} of ${file}`;
}

function openStore(output: FeatureRequest['outputs'][number], { lowered, tables, rows, location }: FeatureRequest, { host, cache }: Workbench): Store {
  const { type } = output;
  const { axes } = type.shape;
  if (type.shape.rest !== undefined || axes.length < 1 || axes.length > (output.pooled === true ? 4 : 2) || !['f32', 'f64', 'f16'].includes(String(type.dtype)))
    refuse(toolkitCodes.finding('features-shape', { of: spoken(output.name), found: showTensor(type) }, [oneVector]), location);
  const model = withOutputs(lowered.model, [output]);
  const columns = model.inputs.map((port) => columnOf(lowered.columns.get(port.name)!, tables));
  const digestOf = (uri: string): string => {
    const digest = host.sha256(uri);
    return digest.ok ? digest.value : refuse(digest.finding, location);
  };
  const axis = vectorAxis(axes);
  const fingerprint = fingerprintOf(model, digestOf);
  const keys = Buffer.alloc(32 * rows);
  for (let row = 0; row < rows; row++) rowKey(columns, row).copy(keys, 32 * row);
  return {
    axis,
    cache: cache === undefined ? memoryCache() : openFeatureCache(path.join(cache, 'features'), axes.length > 2 ? `${fingerprint}-mean-${axis}` : fingerprint),
    key: (row) => keys.subarray(32 * row, 32 * (row + 1)),
  };
}

/** Of [batch, tokens, d] the last one; of pictures that labelled `C`, or the first after the rows, as ONNX has them. */
function vectorAxis(axes: readonly Axis[]): number {
  if (axes.length <= 3) return axes.length - 1;
  const labelled = axes.findIndex(({ label }) => label === 'C');
  return labelled > 0 ? labelled : 1;
}

async function compute(checked: CheckedModel, { of, rows: missing }: Missing, stores: readonly Store[], request: FeatureRequest, bench: Workbench): Promise<void> {
  const { lowered, tables, words, location } = request;
  const model = await bench.open(checked);
  try {
    const size = hasFixedSizes(checked) ? runRows : 1;
    for (let from = 0; from < missing.length; from += size) {
      bench.progress.update(words, from, missing.length);
      const batch = missing.slice(from, from + size);
      const rows = Array.from({ length: size }, (_, i) => batch[Math.min(i, batch.length - 1)]!);
      const outputs = await runOn(model, await inputsOf(model, lowered.columns, tables, rows), request, () => oddRow(model, rows, request));
      for (const [o, i] of of.entries()) {
        const [store, { name }] = [stores[i]!, checked.outputs[o]!];
        const vectors = rowsOf(pooled(outputs[name]!, store.axis), size, name, location);
        const width = store.cache.width() ?? vectors[0]!.length;
        if (vectors[0]!.length !== width) refuse(toolkitCodes.finding('features-shape', { of: spoken(request.outputs[i]!.name), found: `${width} numbers for one example and ${vectors[0]!.length} for another` }, [oneVector]), location);
        store.cache.add(batch.map((row, r) => [store.key(row), vectors[r]!] as const));
      }
    }
  } finally {
    bench.progress.clear();
    await model.close();
  }
}

/** Texts of different lengths are run one by one: padding would let each see how long the others are, in its last digits. */
const hasFixedSizes = ({ inputs }: CheckedModel): boolean =>
  inputs.every(({ type }) => type.kind === 'tensor' && type.shape.axes.slice(1).every((axis) => constantOf(axis.size) !== undefined));

/** A run; what it refuses of the data is told at the column. */
export async function runOn(model: Model, inputs: Record<string, unknown>, { lowered, location }: Pick<FeatureRequest, 'lowered' | 'location'>, notes: () => Promise<readonly string[]> = async () => []): Promise<Readonly<Record<string, TensorOutput>>> {
  try {
    return await model.run(inputs);
  } catch (error) {
    if (!(error instanceof MdlRuntimeError) || error instanceof ToolError) throw error;
    const port = model.inputs.find(({ name }) => error.message.includes(`\`${name}`));
    return refuse({ ...error.finding, notes: [...error.finding.notes, ...(await notes())] }, (port && lowered.columns.get(port.name)?.location) ?? location);
  }
}

/** Where the first row stands that is refused when it runs alone; places in a refusal are those of the batch. */
async function oddRow(model: Model, rows: readonly number[], { lowered, tables }: FeatureRequest): Promise<readonly string[]> {
  const names = [...new Set([...lowered.columns.values()].map(({ data }) => tables.get(data)!.name))];
  for (const row of new Set(rows)) {
    try {
      await model.run(await inputsOf(model, lowered.columns, tables, rows.map(() => row)));
    } catch (error) {
      if (error instanceof MdlRuntimeError) return [`It is row ${row + 1} of ${names.join(', ')}.`];
      throw error;
    }
  }
  return [];
}

/** One vector for each row: the mean over all other axes. */
function pooled(output: TensorOutput, axis: number): TensorOutput {
  const { dims, data } = output;
  if (dims.length <= 2) return output;
  const size = (of: readonly number[]): number => of.reduce((product, dim) => product * dim, 1);
  const [rows, columns] = [dims[0]!, dims[axis]!];
  const [outer, inner] = [size(dims.slice(1, axis)), size(dims.slice(axis + 1))];
  const sums = new Float64Array(rows * columns);
  const elements = data as Float32Array;
  for (let at = 0; at < elements.length; at++) {
    const column = Math.floor(at / inner) % columns;
    sums[Math.floor(at / (inner * columns * outer)) * columns + column]! += elements[at]!;
  }
  return { ...output, dims: [rows, columns], data: Float32Array.from(sums, (sum) => sum / (outer * inner)) };
}

function rowsOf({ data, dims }: TensorOutput, rows: number, of: string, location: Location): readonly Float32Array[] {
  const [found, width = 1, ...more] = dims;
  if (found !== rows || more.length > 0) refuse(toolkitCodes.finding('features-shape', { of: spoken(of), found: `[${dims.join(', ')}] for ${rows} examples` }, [oneVector]), location);
  return Array.from({ length: rows }, (_, i) => Float32Array.from((data as Float32Array).subarray(i * width, (i + 1) * width)));
}
