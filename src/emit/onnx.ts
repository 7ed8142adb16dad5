/** The ONNX artefact of a program. */
import { succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { Program } from '../ir/program.ts';
import { composeProgram, type ComposeMeta, type OnnxFile, type OpenFile, type Piece } from '../onnx/index.ts';

export { materialize, readPieces } from '../onnx/index.ts';

/** A file to be written into the bundle. */
export interface OnnxArtefact {
  /** Relative to the bundle. */
  readonly path: string;
  readonly pieces: readonly Piece[];
  readonly byteLength: number;
  /** The file's names for the program's values. */
  readonly names: ReadonlyMap<string, string>;
}

/** All of a program in one ONNX file. `files` holds each linked file under its URI, as it was read. */
export function emitOnnx(
  program: Program,
  files: ReadonlyMap<string, OnnxFile>,
  meta: ComposeMeta,
  open: OpenFile,
): Outcome<OnnxArtefact> {
  const composed = composeProgram(program, files, meta, open);
  return composed.ok ? succeed({ path: 'model.onnx', ...composed.value }) : composed;
}
