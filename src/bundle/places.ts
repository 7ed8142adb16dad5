/** Where the joints of a composition lie in an ONNX file: a line of its metadata, for whoever audits it without the source. */
import type { ManifestTensor } from './manifest.ts';

/** A tensor of the file, with all that joints demand of it. */
export interface PlacedTensor extends ManifestTensor {
  /** Indices of those joints in the record's list. */
  readonly joints: readonly number[];
}

export interface FilePlaces {
  readonly tensors: readonly PlacedTensor[];
  /** How many more tensors these joints have: of one that lies in very many places, only the first are kept. */
  readonly left?: number;
}

export const placesKey = 'places';
