/** Where the joints of a composition lie in an ONNX file: a line of its metadata, for whoever audits it without the source. */
import type { Evidence, ManifestSize, ManifestTensor } from './manifest.ts';

/** A comparison of sizes, in the names of the model's inputs, that a joint demands. */
export interface PlacedSize extends Omit<ManifestSize, 'by'> {
  /** proved: for all sizes; enforced: because of what each run tests of its inputs. */
  readonly evidence: Evidence;
}

/** A tensor of the file, with all that joints demand of it. */
export interface PlacedTensor extends ManifestTensor {
  /** Absent where there are none. */
  readonly sizes?: readonly PlacedSize[];
  /** Indices of those joints in the record's list. */
  readonly joints: readonly number[];
}

export interface FilePlaces {
  readonly tensors: readonly PlacedTensor[];
  /** How many more tensors these joints have: of one that lies in very many places, only the first are kept. */
  readonly left?: number;
}

export const placesKey = 'places';
