/** What this room asks of a runtime: to make a session of an ONNX model, and to run it. */

export interface KernelTensor {
  readonly dtype: 'f32' | 'f64';
  /** Row-major. */
  readonly data: Float32Array | Float64Array;
  readonly dims: readonly number[];
}

/** Elements in the array of the output's type. */
export interface KernelResult {
  readonly data: unknown;
}

export interface KernelSession {
  run(
    feeds: ReadonlyMap<string, KernelTensor>,
    outputs: readonly string[],
  ): Promise<ReadonlyMap<string, KernelResult>>;
  release(): Promise<void>;
}

/**
 * Makes a session of a model's bytes, on the CPU, at optimisation level "basic": beyond it, ONNX Runtime fuses scales into
 * f64 products and loses half of their digits.
 */
export type CreateKernelSession = (model: Uint8Array) => Promise<KernelSession>;
