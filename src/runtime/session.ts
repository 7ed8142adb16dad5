/** What the runtime asks of a session, whatever runs it. */
import type { CarriedDType, TensorData } from './elements.ts';

/** A tensor on its way into a session or out of it; f16 as bits. */
export interface RawTensor {
  readonly dtype: CarriedDType;
  readonly data: TensorData;
  readonly dims: readonly number[];
}

export interface SessionPort {
  readonly name: string;
  /** ONNX Runtime's name of the element type; undefined where the value is no tensor. */
  readonly type: string | undefined;
  readonly rank: number | undefined;
}

export interface Session {
  readonly inputs: readonly SessionPort[];
  readonly outputs: readonly SessionPort[];
  run(feeds: ReadonlyMap<string, RawTensor>, outputs: readonly string[]): Promise<ReadonlyMap<string, RawTensor>>;
  release(): Promise<void>;
}

export interface SessionSettings {
  readonly provider: string;
  /** What the provider itself is told. */
  readonly providerOptions?: Readonly<Record<string, unknown>>;
  /** Nodes that the provider does not take are an error, instead of running on the CPU. */
  readonly strict?: boolean;
  readonly optimization: 'disabled' | 'basic' | 'extended' | 'all';
  readonly threads: number | undefined;
  /** Files of weights that lie in memory, as the graph names them. */
  readonly data?: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** The beginning of the path of a profile, which is written when the session is released. */
  readonly profile?: string;
}
