/** From a session's results to the app's outputs, and what one reads off them. */
import type { Manifest, ManifestPort, ManifestTensor } from '../bundle/manifest.ts';
import { printable } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { fromHalf } from './elements.ts';
import { raise } from './errors.ts';
import type { RawTensor } from './ort.ts';
import { didYouMean } from './suggest.ts';
import type { TensorData, TensorOutput } from './types.ts';

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
        : Object.fromEntries(Object.entries(port.fields ?? {}).map(([key, spec]) => [key, output(spec)])),
    ]),
  );
}

function toOutput(spec: ManifestTensor, raw: RawTensor): TensorOutput {
  const data: TensorData = raw.dtype === 'f16' ? Float32Array.from(raw.data as Uint16Array, fromHalf) : raw.data;
  const labels = spec.dims.at(-1)?.classes;
  return { data, dims: raw.dims, ...(labels === undefined ? {} : { labels }) };
}

/** The class with the highest value of one row. */
export interface TopClass<L extends string = string> {
  readonly label: L;
  /** Of the label among the output's labels. */
  readonly index: number;
  /** The highest value: a probability where the head ends so. */
  readonly probability: number;
}

/** The top class of each row of an output whose last axis counts classes; the first of equals. */
export function topClass<L extends string>(output: TensorOutput<TensorData, L>): TopClass<L>[] {
  const { labels, data } = output;
  if (labels === undefined || labels.length === 0)
    raise(runtimeCodes.finding('output-not-classes', { reason: 'this output has no labels' }));
  const tops: TopClass<L>[] = [];
  for (let start = 0; start < data.length; start += labels.length) {
    let best = 0;
    for (let k = 0; k < labels.length; k++) {
      const value = Number(data[start + k]);
      if (Number.isNaN(value))
        raise(runtimeCodes.finding('output-not-classes', { reason: `row ${tops.length} holds NaN` }));
      if (value > Number(data[start + best])) best = k;
    }
    tops.push({ label: labels[best]!, index: best, probability: Number(data[start + best]) });
  }
  return tops;
}
