/** ONNX files: reading their skeletons, and composing them by linking. The only room that knows protobuf. */
export type { Layout, Names, OnnxFile } from './file.ts';
export { readModel } from './read.ts';
export type { Piece } from './pieces.ts';
export { materialize, readPieces } from './copy-pieces.ts';
export { metadataPrefix, readMetadata } from './metadata-lines.ts';
export { sealOf, sealRecord, type Seal, type SealDigest } from './seal.ts';
export type { Storage } from './storage.ts';
export { composeProgram, type ComposeMeta, type ComposeOptions, type Composed, type OpenFile } from './write.ts';
