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

/** Names the results as the model's source does. */
export function nameOutputs(
  ports: readonly ManifestPort[],
  results: ReadonlyMap<string, RawTensor>,
): Record<string, unknown> {
  const output = (spec: ManifestTensor) => toOutput(spec, results.get(spec.onnx)!);
  return Object.fromEntries(
    ports.map((port) => [
      port.name,
      port.tensor
        ? output(port.tensor)
        : nested(nestFields(Object.entries(port.fields ?? {})), output),
    ]),
  );
}

const nested = (fields: FieldTree<ManifestTensor>, output: (spec: ManifestTensor) => TensorOutput): Record<string, unknown> =>
  Object.fromEntries([...fields].map(([key, field]) => [key, 'leaf' in field ? output(field.leaf) : nested(field.fields, output)]));

/** A tensor as an app gets it. */
export function toOutput(spec: ManifestTensor, raw: RawTensor): TensorOutput {
  const data: TensorData = raw.dtype === 'f16' ? Float32Array.from(raw.data as Uint16Array, fromHalf) : raw.data;
  const labels = spec.dims.at(-1)?.classes;
  return { data, dims: raw.dims, ...(labels === undefined ? {} : { labels }) };
}
