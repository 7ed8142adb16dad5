/** Inputs drawn by a seed so that they satisfy a model's contracts: something to measure with where nobody gave rows. */
import { nestFields, type FieldTree } from '../../types/fields.ts';
import type { Manifest, ManifestEnds, ManifestFact, ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import { createRandom, type Random } from '../../data/random.ts';
import { namesInText, sizeOfText } from '../../runtime/inputs/size-text.ts';
import { holdsDemand } from '../../runtime/inputs/sizes.ts';
import { dtypes, type DType } from '../../types/dtype.ts';

type Inputs = Readonly<Record<string, unknown>>;
type Sizes = ReadonlyMap<string, number>;

export interface SampleOptions {
  readonly seed: number;
  readonly batches: number;
  /** How many ids a tokenizer has, by its key in the manifest. */
  readonly vocabularySize: (tokenizer: string) => number | undefined;
}

/** How often sizes are drawn before their comparisons are given up, and before large inputs are taken for needed. */
const mostTries = 2000;
const triesForSmall = 250;
/** Elements of all inputs together. */
const small = 2 ** 22;

/** Batches of inputs; undefined where no sizes were found that meet what the manifest demands of them. */
export function drawSample(manifest: Manifest, { seed, batches, vocabularySize }: SampleOptions): readonly Inputs[] | undefined {
  const random = createRandom(seed);
  const drawn: Inputs[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const sizes = drawSizes(manifest, random);
    if (sizes === undefined) return undefined;
    const ids = (port: ManifestPort): number => (port.tokenizer === undefined ? undefined : vocabularySize(port.tokenizer)) ?? 2;
    drawn.push(Object.fromEntries(manifest.inputs.map((port) => [port.name, drawPort(port, { sizes, random, ids: ids(port) })])));
  }
  return drawn;
}

/** Small sizes first, larger ones where those do not do. */
function drawSizes({ inputs, sizes: demands = [] }: Manifest, random: Random): Sizes | undefined {
  const tensors = inputs.flatMap((port) => [...(port.tensor === undefined ? [] : [port.tensor]), ...Object.values(port.fields ?? {})]);
  const names = new Set([...tensors.flatMap(({ dims }) => dims.map(({ size }) => size)), ...demands.flatMap(({ left, right }) => [left, right])].flatMap(namesInText));
  for (let tries = 0; tries < mostTries; tries++) {
    const most = 8 * 2 ** Math.floor(tries / triesForSmall);
    const sizes = new Map([...names].map((name) => [name, 1 + random.integer(most)]));
    const sizeOf = (name: string): number | undefined => sizes.get(name);
    const shapes = tensors.map(({ dims }) => dims.map(({ size }) => sizeOfText(size, sizeOf) ?? 0));
    if (shapes.some((dims) => dims.some((size) => size < 1))) continue;
    const elements = shapes.reduce((sum, dims) => sum + dims.reduce((product, size) => product * size, 1), 0);
    if (elements > small && tries < triesForSmall) continue;
    if (demands.every((demand) => holdsDemand(demand, sizeOf) !== false)) return sizes;
  }
  return undefined;
}

interface Drawing {
  readonly sizes: Sizes;
  readonly random: Random;
  /** Ids lie below. */
  readonly ids: number;
}

function drawPort({ tensor, fields = {} }: ManifestPort, drawing: Drawing): unknown {
  if (tensor !== undefined) return drawTensor(tensor, drawing);
  return drawFields(nestFields(Object.entries(fields)), drawing);
}

const drawFields = (fields: FieldTree<ManifestTensor>, drawing: Drawing): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...fields].map(([name, field]) => [name, 'leaf' in field ? drawTensor(field.leaf, drawing) : drawFields(field.fields, drawing)]));

function drawTensor(spec: ManifestTensor, drawing: Drawing): { readonly data: readonly unknown[]; readonly dims: readonly number[] } {
  const dims = spec.dims.map(({ size }) => sizeOfText(size, (name) => drawing.sizes.get(name))!);
  const values = drawValues(spec, dims, drawing);
  for (const fact of spec.facts) if (fact.kind === 'norm' || fact.kind === 'sum') settle(values, dims, fact);
  if (spec.dtype === 'string') return { data: values.map((value) => `text ${Math.round(value * 100)}`), dims };
  return { data: spec.dtype === 'bool' ? values.map((value) => value > 0) : values, dims };
}

function drawValues(spec: ManifestTensor, dims: readonly number[], { random, ids }: Drawing): number[] {
  const count = dims.reduce((product, size) => product * size, 1);
  const last = dims.at(-1) ?? 1;
  const find = <K extends ManifestFact['kind']>(kind: K) => spec.facts.find((fact): fact is Extract<typeof fact, { kind: K }> => fact.kind === kind);
  const all = (valueAt: (index: number) => number): number[] => Array.from({ length: count }, (_, index) => valueAt(index));
  if (find('tokenizer')) return all(() => random.integer(ids));
  if (find('mask') || find('prefix_mask') || find('one_hot')) {
    const ends = Array.from({ length: count / last }, () => random.integer(last));
    const isOn = find('one_hot') ? (at: number, end: number) => at === end : (at: number, end: number) => at <= end;
    return all((index) => (isOn(index % last, ends[Math.floor(index / last)]!) ? 1 : 0));
  }
  const range = find('range');
  const { class: kind } = dtypes[spec.dtype as DType];
  const isWhole = find('integer') !== undefined || kind === 'int' || kind === 'uint' || kind === 'bool';
  const endsAt = (index: number): ManifestEnds => (range?.rows === undefined ? (range ?? (isWhole ? { low: 0, high: 1 } : everything)) : rowEnds(range.rows, dims, index));
  return all((index) => drawBetween(endsAt(index), isWhole, random));
}

const everything: ManifestEnds = { low: '-inf', high: 'inf' };

function rowEnds({ axis, ends }: { readonly axis: number; readonly ends: readonly ManifestEnds[] }, dims: readonly number[], index: number): ManifestEnds {
  const place = axis < 0 ? axis + dims.length : axis;
  const stride = dims.slice(place + 1).reduce((product, size) => product * size, 1);
  return ends[Math.floor(index / stride) % dims[place]!] ?? everything;
}

/** Evenly between two ends; normal, and folded at the end that there is, where one is infinite. */
function drawBetween({ low, high }: ManifestEnds, isWhole: boolean, random: Random): number {
  const whole = (value: number): number => (isWhole ? Math.round(value) : value);
  if (low === '-inf') return high === 'inf' ? whole(random.normal()) : high - whole(Math.abs(random.normal()));
  if (high === 'inf') return low + whole(Math.abs(random.normal()));
  return isWhole ? low + random.integer(Math.floor(high) - low + 1) : low + random.uniform() * (high - low);
}

/** Scales each line along the fact's axis to the norm or the sum that it promises. */
function settle(values: number[], dims: readonly number[], { kind, axis, value }: { readonly kind: 'norm' | 'sum'; readonly axis: number; readonly value: number }): void {
  const place = axis < 0 ? axis + dims.length : axis;
  const size = dims[place] ?? 1;
  const stride = dims.slice(place + 1).reduce((product, each) => product * each, 1);
  for (let block = 0; block < values.length; block += stride * size)
    for (let start = block; start < block + stride; start++) {
      const line = Array.from({ length: size }, (_, k) => start + k * stride);
      const found = line.reduce((total, at) => total + (kind === 'norm' ? values[at]! ** 2 : values[at]!), 0);
      const factor = value / (kind === 'norm' ? Math.sqrt(found) : found);
      if (Number.isFinite(factor)) for (const at of line) values[at]! *= factor;
    }
}
