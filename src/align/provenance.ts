/** Where fitted weights come from, in the metadata of their file. */
import { canonicalJson } from '../data/splits.ts';
import { writeSafetensors } from '../data/safetensors-write.ts';
import type { FittedAdapter, WeightTensor } from './adapters/adapter.ts';

export interface Provenance {
  /** Encoders and data by what they are called, as SHA-256: `{ "minilm.onnx": "ab…" }`. */
  readonly encoders: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly seed: number;
  /** Cross-validated R², and whatever else was measured. */
  readonly scores: Readonly<Record<string, number>>;
  /** Of the programs that made it. No time: the same inputs give the same bytes. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * The weights as safetensors. `path` is where the part stands in the adapter that owns the weights: the part's name, if it
 * is called once and no `let` names it.
 */
export function adapterFile(adapter: FittedAdapter, provenance: Provenance, path = adapter.part.name): Uint8Array {
  const { method, part, settings, tensors } = adapter;
  const named = tensors.map((tensor) => ({ ...tensor, name: path === '' ? tensor.name : `${path}.${tensor.name}` }));
  return fittedFile(named, { method, part, settings, ...provenance });
}

/**
 * Tensors by their keys in the file; the record of where they come from stands in the metadata under `mdl.fit`, and under `classes`
 * the labels that a head was trained with, in their order.
 */
export const fittedFile = (tensors: readonly WeightTensor[], record: object, classes?: readonly string[]): Uint8Array =>
  writeSafetensors(
    tensors.map(({ name, dims, data }) => ({ name, dtype: 'f32' as const, dims, bytes: littleEndian(data) })),
    { 'mdl.fit': canonicalJson(record), ...(classes === undefined ? {} : { classes: JSON.stringify(classes) }) },
  );

function littleEndian(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of data.entries()) view.setFloat32(4 * i, value, true);
  return bytes;
}
