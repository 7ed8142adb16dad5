/** ONNX files: reading their skeletons, and composing them by linking. The only room that knows protobuf. */
export type { Layout, Names, OnnxFile } from './read/file.ts';
export { readModel } from './read/read.ts';
export type { Piece } from './write/pieces.ts';
export { materialize, readPieces } from './write/copy-pieces.ts';
export { metadataPrefix, readMetadata } from './read/metadata-lines.ts';
export { sealOf, sealRecord, type Seal, type SealDigest } from './write/seal.ts';
export type { Storage } from './write/storage.ts';
export { composeProgram, type ComposeMeta, type ComposeOptions, type Composed, type OpenFile } from './write/write.ts';
