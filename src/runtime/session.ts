/** What the runtime asks of a session, whatever runs it. */
import type { CarriedDType } from '../types/dtype.ts';
import type { TensorData } from './inputs/elements.ts';

/** A tensor on its way into a session or out of it; f16 as bits. */
export interface RawTensor {
  readonly dtype: CarriedDType;
  readonly data: TensorData;
  readonly dims: readonly number[];
}

/** A tensor in the memory of a device: sessions of the same provider take it as it is, until it is released. */
export interface ResidentTensor {
  /** ONNX Runtime's own tensor. */
  readonly resident: object;
  /** A copy in the process's memory. */
  read(): Promise<RawTensor>;
  release(): void;
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
  /** Milliseconds that making it took, on the thread on which it runs. */
  readonly loadedIn: number;
  run(feeds: ReadonlyMap<string, RawTensor | ResidentTensor>, outputs: readonly string[]): Promise<ReadonlyMap<string, RawTensor>>;
  /** Like `run`, but outputs that `resident` names stay on the device. Absent where it names none. */
  runResident?(feeds: ReadonlyMap<string, RawTensor>, outputs: readonly string[]): Promise<ReadonlyMap<string, RawTensor | ResidentTensor>>;
  /** Puts requests to this session, or to one that stands for it, together. Absent where it is not known that rows are computed apart. */
  readonly together?: (session: Session, settings: BatchSettings) => Session;
  release(): Promise<void>;
}

/** How requests are put together. */
export interface BatchSettings {
  /** Rows of one run; a request that has more by itself is run alone. */
  readonly rows: number;
  /** How long a request waits for others at most. */
  readonly milliseconds: number;
  /** Requests that may be unanswered at a time; more are refused. */
  readonly waiting: number;
}

export interface SessionSettings {
  readonly provider: string;
  /** What the provider itself is told. */
  readonly providerOptions?: Readonly<Record<string, unknown>>;
  /** Nodes that the provider does not take are an error, instead of running on the CPU. */
  readonly strict?: boolean;
  readonly optimization: 'disabled' | 'basic' | 'extended' | 'all';
  readonly threads: number | undefined;
  /** Whether threads wait for the next piece of work by turning around: quick to begin, and wasted where other work comes between. Default true. */
  readonly spinning?: boolean;
  /** Outputs that only other sessions of the provider read: WebGPU leaves them where they are. */
  readonly resident?: readonly string[];
  /** Files of weights that lie in memory, as the graph names them. */
  readonly data?: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** The beginning of the path of a profile, which is written when the session is released. */
  readonly profile?: string;
}
