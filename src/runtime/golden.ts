/** Golden batches: inputs, and what a head is known to answer to them. */
import type { ManifestPort, ManifestTensor } from '../bundle/manifest.ts';
import { isRecord } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { readGoldenRows } from './bundle-files.ts';
import { raise } from './errors.ts';
import type { OpenBundle } from './open.ts';
import { toOutput } from './outputs.ts';
import { fieldsOf, targetOf } from './target.ts';
import { indexOf, readTensorInput } from './tensor-input.ts';
import type { GoldenBatch, TensorOutput } from './types.ts';

/** The rows that a bundle has on record, each as a batch of one. Of an input or output that counts examples, a row has no axis for that. */
export async function readGoldenFiles({ store, manifest }: OpenBundle): Promise<readonly GoldenBatch[]> {
  const ports = [...manifest.inputs, ...manifest.outputs];
  const batchOf = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(values).flatMap(([name, value]) => {
      const port = ports.find((each) => each.name === name);
      return port === undefined || value === null ? [] : [[name, asBatch(port, value)]];
    }));
  const batches: GoldenBatch[] = [];
  for (const { path, tolerance } of manifest.golden ?? []) {
    for (const { inputs, outputs } of await readGoldenRows(store, path))
      batches.push({ inputs: batchOf(inputs), outputs: batchOf(outputs), ...(tolerance === undefined ? {} : { tolerance }) });
  }
  return batches;
}

function asBatch(port: ManifestPort, value: unknown): unknown {
  if (port.tokenizer !== undefined && typeof value === 'string') return value;
  const counts = (spec: ManifestTensor): boolean => typeof spec.dims[0]?.size === 'string';
  if (port.tensor) return counts(port.tensor) ? [value] : value;
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, port.fields?.[key] !== undefined && counts(port.fields[key]) ? [field] : field]));
}

const defaultTolerance = 1e-4;

/** Raises where an answer lies farther from what is expected than the batch's tolerance. */
export function compareGolden(head: string, batch: number, golden: GoldenBatch, answers: Readonly<Record<string, unknown>>, ports: readonly ManifestPort[]): void {
  const fail = (what: string, expected: string, found: string): never =>
    raise(runtimeCodes.finding('golden-failed', { head, batch, what, expected, found }));
  const { tolerance = defaultTolerance } = golden;
  for (const port of ports) {
    const expected = golden.outputs[port.name];
    if (expected === undefined) continue;
    for (const [name, spec] of fieldsOf(port)) {
      const at = port.tensor ? (value: unknown) => value : (value: unknown) => (isRecord(value) ? value[name.slice(port.name.length + 1)] : undefined);
      const want = toOutput(spec, readTensorInput(at(expected), targetOf(name, port.contract, spec)));
      compare(name, want, at(answers[port.name]) as TensorOutput, tolerance, fail);
    }
  }
}

function compare(name: string, want: TensorOutput, found: TensorOutput, tolerance: number, fail: (what: string, expected: string, found: string) => never): void {
  if (want.dims.join() !== found.dims.join()) fail(`the shape of \`${name}\``, `[${want.dims.join(', ')}]`, `[${found.dims.join(', ')}]`);
  for (let i = 0; i < want.data.length; i++) {
    const [expected, given] = [want.data[i]!, found.data[i]!];
    // Equal texts, equal infinities; NaN is near nothing.
    if (expected === given || Math.abs(Number(expected) - Number(given)) <= tolerance) continue;
    fail(`\`${name}\` at [${indexOf(i, want.dims).join(', ')}]`, `${expected} +- ${tolerance}`, String(given));
  }
}
