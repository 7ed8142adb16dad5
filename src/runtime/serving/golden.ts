/** Golden rows: inputs, and what is known to be answered to them. */
import type { Manifest, ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import type { GoldenRow } from '../../bundle/rollout.ts';
import { isRecord } from '../../data/json.ts';
import { readGoldenRows } from '../bundle/bundle-files.ts';
import { brokenFact } from '../inputs/facts.ts';
import type { OpenBundle } from '../bundle/open.ts';
import { toOutput } from '../bundle/outputs.ts';
import { fieldsOf, targetOf } from '../inputs/target.ts';
import { indexOf, readTensorInput } from '../inputs/tensor-input.ts';
import type { GoldenBatch, TensorOutput } from '../types.ts';

/** A batch, and what it is called in messages. */
export interface NamedBatch extends GoldenBatch {
  readonly name: string;
}

/** The rows that a bundle has on record of an arm, or of its own head, each as a batch of one. */
export async function readGoldenFiles({ store, manifest }: OpenBundle, arm?: string): Promise<readonly NamedBatch[]> {
  const batches: NamedBatch[] = [];
  for (const { path, tolerance, arm: of } of manifest.golden ?? []) {
    if (of !== arm) continue;
    const rows = await readGoldenRows(store, path);
    for (const [i, row] of rows.entries()) batches.push({ name: `row ${i + 1} of \`${path}\``, ...goldenBatch(manifest, row, tolerance) });
  }
  return batches;
}

/** A row as a batch of one. Of an input or output that counts examples, a row has no axis for that. */
export function goldenBatch({ inputs, outputs }: Pick<Manifest, 'inputs' | 'outputs'>, row: GoldenRow, tolerance: number | undefined): GoldenBatch {
  const ports = [...inputs, ...outputs];
  const batchOf = (values: GoldenRow['inputs']) =>
    Object.fromEntries(Object.entries(values).flatMap(([name, value]) => {
      const port = ports.find((each) => each.name === name);
      return port === undefined || value === null ? [] : [[name, asBatch(port, value)]];
    }));
  return { inputs: batchOf(row.inputs), outputs: batchOf(row.outputs), ...(tolerance === undefined ? {} : { tolerance }) };
}

function asBatch(port: ManifestPort, value: unknown): unknown {
  if (port.tokenizer !== undefined && typeof value === 'string') return value;
  const counts = (spec: ManifestTensor): boolean => typeof spec.dims[0]?.size === 'string';
  if (port.tensor) return counts(port.tensor) ? [value] : value;
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, port.fields?.[key] !== undefined && counts(port.fields[key]) ? [field] : field]));
}

/** How far an element may lie from what is expected, where nothing else is said. */
export const defaultTolerance = 1e-4;

/** Where an answer is not what is expected. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** Infinite where the two cannot be compared. */
  readonly distance: number;
}

type Answers = Readonly<Record<string, unknown>>;

/** The element that lies farthest beyond the batch's tolerance; undefined where none does. */
export function farthestFrom({ outputs, tolerance = defaultTolerance }: GoldenBatch, answers: Answers, ports: readonly ManifestPort[]): Difference | undefined {
  let farthest: Difference | undefined;
  for (const port of ports) {
    const expected = outputs[port.name];
    if (expected === undefined) continue;
    for (const [name, spec] of fieldsOf(port)) {
      const want = toOutput(spec, readTensorInput(memberOf(port, name, expected), targetOf(name, port.contract, spec)));
      const different = compare(name, want, tensorOf(port, name, answers), tolerance);
      if (different !== undefined && !(different.distance <= (farthest?.distance ?? 0))) farthest = different;
    }
  }
  return farthest;
}

/** A clause on the first promise of a port that an answer does not keep; undefined where it keeps all. */
export function brokenPromise(answers: Answers, ports: readonly ManifestPort[]): string | undefined {
  for (const port of ports)
    for (const [name, spec] of fieldsOf(port)) {
      const broken = brokenFact(targetOf(name, port.contract, spec), tensorOf(port, name, answers));
      if (broken !== undefined) return broken;
    }
  return undefined;
}

const memberOf = (port: ManifestPort, name: string, value: unknown): unknown => (port.tensor ? value : isRecord(value) ? value[name.slice(port.name.length + 1)] : undefined);
const tensorOf = (port: ManifestPort, name: string, answers: Answers): TensorOutput => memberOf(port, name, answers[port.name]) as TensorOutput;

/** As many digits as float32 has. */
const show = (value: string | number | bigint): string => (typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(7))) : String(value));

function compare(name: string, want: TensorOutput, found: TensorOutput, tolerance: number): Difference | undefined {
  if (want.dims.join() !== found.dims.join()) return { what: `the shape of \`${name}\``, expected: `[${want.dims.join(', ')}]`, found: `[${found.dims.join(', ')}]`, distance: Infinity };
  let [at, farthest] = [-1, tolerance];
  for (let i = 0; i < want.data.length; i++) {
    const [expected, given] = [want.data[i]!, found.data[i]!];
    // Equal texts, equal infinities; NaN is near nothing.
    if (expected === given) continue;
    const off = Math.abs(Number(expected) - Number(given));
    const distance = Number.isNaN(off) ? Infinity : off;
    if (distance > farthest) [at, farthest] = [i, distance];
  }
  if (at < 0) return undefined;
  return { what: `\`${name}\` at [${indexOf(at, want.dims).join(', ')}]`, expected: `${show(want.data[at]!)} ± ${tolerance}`, found: show(found.data[at]!), distance: farthest };
}
