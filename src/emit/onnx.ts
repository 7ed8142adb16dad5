/** The ONNX artefacts of a program. */
import { succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { Program } from '../ir/program.ts';
import { composeProgram, type Composed, type ComposeMeta, type OnnxFile, type OpenFile, type Piece, type Storage } from '../onnx/index.ts';

export { materialize, readPieces } from '../onnx/index.ts';

/** A file to be written into the bundle. */
export interface OnnxArtefact {
  /** Relative to the bundle. */
  readonly path: string;
  readonly pieces: readonly Piece[];
  readonly byteLength: number;
  /** The file's names for the program's values. */
  readonly names: ReadonlyMap<string, string>;
  /** A file of weights that belongs to it, to be written along. */
  readonly beside?: { readonly path: string; readonly pieces: readonly Piece[] };
  /** URIs of the files in which some of its weights stay. */
  readonly referred: ReadonlySet<string>;
}

export interface EmitOptions {
  /** Relative to the bundle. */
  readonly path?: string;
  /** The paths at which linked files are found from the artefact; undefined: their weights are copied. */
  readonly pathOf?: (uri: string) => string | undefined;
  readonly weights?: 'f16';
  readonly share?: boolean;
}

/**
 * All of a program in one ONNX file, or in two where one would be larger than ONNX allows: then the weights lie in a file
 * beside it. `files` holds each linked file under its URI, as it was read.
 */
export function emitOnnx(
  program: Program,
  files: ReadonlyMap<string, OnnxFile>,
  meta: ComposeMeta,
  open: OpenFile,
  { path = 'model.onnx', pathOf, weights: precision, share = true }: EmitOptions = {},
): Outcome<OnnxArtefact> {
  const compose = (storage: Storage) => composeProgram(program, files, meta, open, { storage, share, ...(precision === undefined ? {} : { weights: precision }) });
  const inside = compose(pathOf === undefined ? { kind: 'inside' } : { kind: 'linked', pathOf });
  if (inside.ok) return succeed(artefact(path, inside.value));
  if (inside.finding.code !== 'onnx-too-large') return inside;
  const weights = `${path}.data`;
  const composed = compose({ kind: 'beside', path: weights });
  if (!composed.ok) return composed;
  return succeed({ ...artefact(path, composed.value), beside: { path: weights, pieces: composed.value.beside } });
}

const artefact = (path: string, { pieces, byteLength, names, referred }: Composed): OnnxArtefact => ({
  path,
  pieces,
  byteLength,
  names,
  referred,
});
