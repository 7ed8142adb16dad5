/** Where the weights of a composed file lie: in it, or by ONNX's external_data in files beside it. */
import type { TensorBytes } from '../../ir/graph.ts';
import { record, type Piece } from './pieces.ts';
import { encodeEntry, encodeExternalLocation } from './proto.ts';
import { tensorField } from '../schema.ts';

export type Storage =
  | { readonly kind: 'inside' }
  /** All larger weights in one file of this name. */
  | { readonly kind: 'beside'; readonly path: string }
  /** Weights of linked files stay where they are. A file's path from the composed one; undefined: taken inside. */
  | { readonly kind: 'linked'; readonly pathOf: (uri: string) => string | undefined };

/** Smaller tensors stay in the graph: shapes and axes have to be at hand there. */
const leastBytes = 1024;
/** So that a reader can map each tensor: pages are that large, or a multiple of it. */
const alignment = 4096;

export interface Stored {
  /** What stands in a tensor's record instead of its elements; undefined where they stay in it. */
  readonly refer: (bytes: TensorBytes | undefined) => Piece[] | undefined;
  /** The pieces of the file beside the composed one; none where there is no such file. */
  readonly beside: readonly Piece[];
  /** URIs of the files that are referred to. */
  readonly referred: ReadonlySet<string>;
}

export function storeWeights(storage: Storage): Stored {
  const beside: Piece[] = [];
  const referred = new Set<string>();
  let end = 0;
  const append = (bytes: TensorBytes): number => {
    const offset = Math.ceil(end / alignment) * alignment;
    if (offset > end) beside.push(new Uint8Array(offset - end));
    beside.push(bytes);
    end = offset + bytes.length;
    return offset;
  };
  const refer = (bytes: TensorBytes | undefined): Piece[] | undefined => {
    if (bytes === undefined || bytes.length < leastBytes) return undefined;
    if (storage.kind === 'beside') return externalFields(storage.path, append(bytes), bytes.length);
    if (storage.kind === 'inside' || bytes instanceof Uint8Array) return undefined;
    const path = storage.pathOf(bytes.uri);
    if (path === undefined) return undefined;
    referred.add(bytes.uri);
    return externalFields(path, bytes.offset, bytes.length);
  };
  return { refer, beside, referred };
}

/** The fields of a TensorProto whose elements are `length` bytes at `offset` of another file. */
function externalFields(location: string, offset: number, length: number): Piece[] {
  const entries = { location, offset: `${offset}`, length: `${length}` };
  return [
    ...Object.entries(entries).flatMap(([key, value]) => record(tensorField.externalData, [encodeEntry(key, value)])),
    encodeExternalLocation(),
  ];
}

/** What a tensor's record may say of its elements, all of which `refer` replaces. */
export const elementFields: ReadonlySet<number> = new Set([
  tensorField.rawData,
  tensorField.floatData,
  tensorField.int32Data,
  tensorField.int64Data,
  tensorField.doubleData,
  tensorField.uint64Data,
  tensorField.externalData,
  tensorField.dataLocation,
]);

