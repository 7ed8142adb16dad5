/** From a session's results to the app's outputs. */
import type { Manifest, ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import { printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { nestFields, type FieldTree } from '../../types/fields.ts';
import { fromHalf } from '../../types/half.ts';
import { raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';
import { didYouMean } from '../suggest.ts';
import type { TensorData, TensorOutput } from '../types.ts';

/** The ports that a run is asked for, in the manifest's order. */
export function selectOutputs(manifest: Manifest, names: readonly string[] | undefined): readonly ManifestPort[] {
  if (names === undefined) return manifest.outputs;
  const known = manifest.outputs.map((port) => port.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    raise(
      runtimeCodes.finding(
        'output-unknown',
        { output: printable(String(unknown), 40), known },
        didYouMean(String(unknown), known),
      ),
    );
  }
  return manifest.outputs.filter((port) => names.includes(port.name));
}

/** The tensors of a port. */
export const tensorsOf = (port: ManifestPort): readonly ManifestTensor[] =>
  port.tensor ? [port.tensor] : Object.values(port.fields ?? {});

/** What an app is answered, by the names of the model's source. */
export type Answers = Readonly<Record<string, unknown>>;

/** Names results as the model's source does. */
export function createNaming(ports: readonly ManifestPort[]): (results: ReadonlyMap<string, RawTensor>) => Answers {
  const named = ports.map(({ name, tensor, fields = {} }) => [name, tensor === undefined ? { fields: nestFields(Object.entries(fields)) } : { leaf: tensor }] as const);
  return createRecords(named);
}

type Named = Iterable<readonly [name: string, value: { readonly leaf: ManifestTensor } | { readonly fields: FieldTree<ManifestTensor> }]>;

/** Records are made once for all runs, and filled in each. */
function createRecords(named: Named): (results: ReadonlyMap<string, RawTensor>) => Answers {
  const makers = Array.from(named, ([name, of]) => ({ name, make: 'leaf' in of ? (results: ReadonlyMap<string, RawTensor>) => toOutput(of.leaf, results.get(of.leaf.onnx)!) : createRecords(of.fields) }));
  const empty = Object.fromEntries(makers.map(({ name }) => [name, undefined]));
  return (results) => {
    // The copy has every name as its own, so that not even `__proto__` is more than a name.
    const record: Record<string, unknown> = { ...empty };
    for (const { name, make } of makers) record[name] = make(results);
    return record;
  };
}

/** A tensor as an app gets it. */
export function toOutput(spec: ManifestTensor, raw: RawTensor): TensorOutput {
  const data: TensorData = raw.dtype === 'f16' ? Float32Array.from(raw.data as Uint16Array, fromHalf) : raw.data;
  const labels = spec.dims.at(-1)?.classes;
  return labels === undefined ? { data, dims: raw.dims } : { data, dims: raw.dims, labels };
}
