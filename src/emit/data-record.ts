/** What an ONNX file says of the files in which weights of it lie. */
import { dataKey } from '../bundle/data-files.ts';
import type { ManifestFile } from '../bundle/manifest.ts';
import { metadataPrefix } from '../onnx/index.ts';
import { modelField } from '../onnx/schema.ts';
import { record, type Piece } from '../onnx/write/pieces.ts';
import { encodeEntry } from '../onnx/write/proto.ts';

/** A line of metadata with their digests, under the file's seal; nothing where all weights lie inside. */
export const dataRecord = (files: readonly ManifestFile[]): readonly Piece[] =>
  files.length === 0 ? [] : record(modelField.metadataProps, [encodeEntry(`${metadataPrefix}${dataKey}`, JSON.stringify(files))]);
