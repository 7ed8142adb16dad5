/** The files that a manifest speaks of. */
export interface ManifestFile {
  /** Relative to the bundle for its own files, to the source for what it was built from. */
  readonly path: string;
  readonly bytes: number;
  /** Of the bytes; of a file that has parts, of their lines, each ended by a line feed. */
  readonly sha256: string;
  /** Of large files: `BYTES SHA256` of each part, in the order of the file. */
  readonly parts?: readonly string[];
}

/** Whether the rows of a batch are proved to be computed apart, so that several requests can be one run; a clause that says why not. */
export interface ManifestRows {
  readonly independent: boolean;
  readonly why?: string;
  /** Tensors of guards that have no rows and belong to each: where none finds fault with a batch, none does with a row alone. Absent where there are none. */
  readonly shared?: readonly string[];
}

/** A head of a split bundle: it goes on from inputs of the model, and from tensors that `onnx` gives. */
export interface ManifestHead extends ManifestFile {
  /** The output, or the record of outputs, that it makes. */
  readonly name: string;
  /** Names of tensors. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Absent in bundles of older compilers. */
  readonly rows?: ManifestRows;
}
