/** What an app sees of a model. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { Manifest, ManifestPort } from '../bundle/manifest.ts';
import type { NumericArray, TensorData } from './elements.ts';
import type { ArmStatistics, RollbackRule, RolloutEvent } from './arm.ts';
import type { FeatureCache } from './feature-cache.ts';
import type { GuardTally, GuardViolation } from './guards.ts';

export type { NumericArray, TensorData } from './elements.ts';

/** Lists in lists, of any depth. */
export type Nested<E> = E | readonly Nested<E>[];
type Element = number | bigint | boolean | string;

/** Lists in lists, one level an axis; a tensor without axes is a bare element. */
type NestedList<E, Rank extends number> = number extends Rank
  ? Nested<E>
  : Rank extends 0
    ? E
    : Rank extends 1
      ? readonly E[]
      : Rank extends 2
        ? readonly (readonly E[])[]
        : Rank extends 3
          ? readonly (readonly (readonly E[])[])[]
          : readonly Nested<E>[];

/** Row-major elements and their shape; an `ort.Tensor` on the CPU is one. */
export interface TensorLike<D = NumericArray | readonly Element[]> {
  readonly data: D;
  readonly dims: readonly number[];
}

/** A tensor as an app may give it. A bare typed array is a tensor of one axis. */
export type TensorInput<D extends TensorData = TensorData, E extends Element = Element, Rank extends number = number> =
  TensorLike<D | readonly E[]> | NestedList<E, Rank> | (Rank extends 1 ? D : number extends Rank ? D : never);

/** What an input with a tokenizer takes beside its tensors: one text, or one a row. */
export type TextInput = string | readonly string[];

/** A tensor that the model answers with. f16 comes as a Float32Array, which holds it exactly. */
export interface TensorOutput<D extends TensorData = TensorData, L extends string = string> {
  readonly data: D;
  readonly dims: readonly number[];
  /** The classes that the last axis counts, where it counts classes. */
  readonly labels?: readonly L[];
}

/** The inputs and outputs of a model, as its generated declaration names them, and what its streams carry. */
export interface ModelTypes {
  readonly inputs: object;
  readonly outputs: object;
  readonly states?: object;
}

/** The states of a model by name. */
export type StatesOf<T extends ModelTypes> = T extends { readonly states: infer S }
  ? S
  : Readonly<Record<string, TensorOutput>>;

/** The types of a model without a declaration, where every output is one tensor. */
export interface AnyModel {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, TensorOutput>>;
}

/** The name of a device, or of the provider in ONNX Runtime that drives it. */
export type DeviceName = 'auto' | 'cpu' | 'gpu' | 'webgpu' | 'cuda' | (string & {});

/** A device with what its provider in ONNX Runtime is told: `{ name: 'cuda', options: { deviceId: 1 } }`. */
export interface DeviceChoice {
  readonly name: DeviceName;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What was asked for, what was got, and a sentence that says why. */
export interface Device {
  readonly requested: string;
  readonly used: string;
  readonly reason: string;
}

/** The path or file URL of a bundle's folder, or its files by their names in it: `{ 'manifest.json': bytes, … }`. */
export type BundleLocation = string | URL | Readonly<Record<string, Uint8Array>>;

export interface LoadOptions {
  /**
   * `auto` takes a GPU where there is one, `gpu` insists on one. Of a list the first that can be had is taken: the
   * others are its stated fallback. Default `auto`.
   */
  readonly device?: DeviceName | DeviceChoice | readonly (DeviceName | DeviceChoice)[];
  /** Refuse a model of which the device does not take every node; otherwise those run on the CPU. Default false. */
  readonly strict?: boolean;
  /** Compare the bundle's files with the manifest, and the manifest with their records, before a session is made. Default true. */
  readonly verify?: boolean;
  /** How far ONNX Runtime rewrites the graph. Default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Threads within one operator. Default: ONNX Runtime's choice, the physical cores. */
  readonly threads?: number;
  /**
   * Threads that run the model side by side on the CPU, each with sessions of its own. Default 0: it runs on the thread that
   * asks, one run after the other. With workers, `threads` within one operator is 1 unless it is given.
   */
  readonly workers?: number;
  /** Runs that may wait for a worker; more are refused with `model-busy`. Default 256. */
  readonly waiting?: number;
  /** Keeps what the encoder of a split bundle gives, by the content of its input. Models may share one. */
  readonly cache?: FeatureCache;
  /** Told of what breaks a demand whose contract says `on violation report`, before the run answers. What it throws ends the run. */
  readonly onViolation?: (violation: GuardViolation) => void;
}

/** One run of one node, by ONNX Runtime's profile. Nodes that it made or fused have names of its own. */
export interface NodeRun {
  /** The ONNX file of the bundle. */
  readonly file: string;
  /** Of our own nodes, their place in the source: `glosses.mdl:9:19`. */
  readonly node: string;
  readonly operator: string;
  /** `cpu`, `webgpu`, `cuda`, … */
  readonly provider: string;
  readonly microseconds: number;
}

export interface RunOptions<Name extends string = string> {
  /** Compute only these outputs. Default: all. */
  readonly outputs?: readonly Name[];
  /** Abandons the answer. A run that has begun goes on to its end, since ONNX Runtime cannot be interrupted. */
  readonly signal?: AbortSignal;
  /** In a rollout, requests of one key go to one arm. */
  readonly key?: string;
  /** In a rollout, requests with the flag of an arm go to it. */
  readonly flags?: readonly string[];
}

export interface StartOptions<S = Readonly<Record<string, TensorLike>>> {
  /** States to go on from, as another stream has shown them; those that are left out begin anew. */
  readonly state?: Partial<S> | undefined;
}

export interface StreamOptions<Name extends string = string, S = Readonly<Record<string, TensorLike>>>
  extends RunOptions<Name>, StartOptions<S> {
  /** How many inputs may be under way at once. Default 1: the next is taken when its answer is asked for. */
  readonly ahead?: number;
}

/** Runs one after the other, each of which begins with the states that the one before has left. */
export interface Stream<T extends ModelTypes = AnyModel> {
  /** Waits its turn, then runs as `Model.run` does. A run that fails leaves the states as they were. */
  run<N extends keyof T['outputs'] & string = keyof T['outputs'] & string>(
    inputs: T['inputs'],
    options?: RunOptions<N>,
  ): Promise<Pick<T['outputs'], N>>;
  /** Copies of what the last finished run has left; those with which the stream started before there is one. */
  readonly state: Partial<StatesOf<T>>;
  /** Begins anew with the next run that is asked for. */
  reset(): void;
}

/** Inputs, and what some of the outputs are known to be for them. */
export interface GoldenBatch<T extends ModelTypes = AnyModel> {
  readonly inputs: T['inputs'];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** How far an element may lie from what is expected. Default 1e-4. */
  readonly tolerance?: number;
}

export interface SwapOptions<T extends ModelTypes = AnyModel> {
  /** Run through the new head before it takes traffic; where it fails, the old one stays. */
  readonly golden?: readonly GoldenBatch<T>[];
}

/** An exchange of heads. */
export interface Swapped {
  readonly head: string;
  /** SHA-256 of the files of the old head and the new. */
  readonly from: string;
  readonly to: string;
  /** How long ONNX Runtime took to load the new head, during which this thread did nothing else. */
  readonly milliseconds: number;
}

/** A head that gets a share of the traffic. */
export interface ArmPlan<T extends ModelTypes = AnyModel> {
  readonly name: string;
  readonly bundle: BundleLocation;
  /** From 0 to 1. */
  readonly share: number;
  /** Requests with this flag go to it, whatever its share. */
  readonly flag?: string;
  /** It has to pass these before it gets traffic. */
  readonly golden?: readonly GoldenBatch<T>[];
  /** Let it have traffic without a golden batch; it is recorded as an event. */
  readonly force?: boolean;
}

/** A head that answers nobody, and is compared with the answers that were given. */
export interface ShadowPlan<T extends ModelTypes = AnyModel> {
  readonly name: string;
  readonly bundle: BundleLocation;
  readonly golden?: readonly GoldenBatch<T>[];
  /** The share of requests that it is shown. Default 1. */
  readonly sample?: number;
}

export interface RolloutPlan<T extends ModelTypes = AnyModel> {
  /** The head that is there gets what they leave. */
  readonly arms?: readonly ArmPlan<T>[];
  readonly shadow?: ShadowPlan<T>;
  /** Takes an arm out of the traffic by itself. */
  readonly rollback?: RollbackRule;
  /** Told apart, two rollouts put the same key into different arms. */
  readonly salt?: string;
  readonly onEvent?: (event: RolloutEvent) => void;
}

/** A rollout under way. */
export interface Rollout {
  readonly head: string;
  /** The head that was there is called `current`. */
  readonly arms: readonly ArmStatistics[];
  /** Gives an arm another share; a key that it had stays with the first arm while that grows. */
  ramp(arm: string, share: number): void;
  /** Puts an arm in the place of the head that was there, which `model.rollback` brings back, and ends the rollout. */
  promote(arm: string): Promise<Swapped>;
  /** Ends the rollout: all traffic goes to the head that was there. */
  stop(reason?: string): Promise<void>;
}

/** A loaded model. All methods reject with an `MdlRuntimeError`; an aborted run rejects with the signal's reason. */
export interface Model<T extends ModelTypes = AnyModel> {
  readonly name: string;
  readonly manifest: Manifest;
  readonly device: Device;
  readonly inputs: readonly ManifestPort[];
  readonly outputs: readonly ManifestPort[];
  /** What the guards that report have found since the model was loaded. */
  readonly violations: readonly GuardTally[];
  /** Checks the inputs against their contracts, then computes. Runs may overlap; they are served in turn. */
  run<N extends keyof T['outputs'] & string = keyof T['outputs'] & string>(
    inputs: T['inputs'],
    options?: RunOptions<N>,
  ): Promise<Pick<T['outputs'], N>>;
  /**
   * Where each node runs: the inputs are run through sessions of their own that note it, and are then freed. A device that
   * does not take a node leaves it to the CPU.
   */
  devices(inputs: T['inputs'], options?: RunOptions<keyof T['outputs'] & string>): Promise<readonly NodeRun[]>;
  /** The answers to several inputs, in their order. The first that is refused or fails ends it; its error says which. */
  runMany<N extends keyof T['outputs'] & string = keyof T['outputs'] & string>(
    inputs: Iterable<T['inputs']>,
    options?: RunOptions<N>,
  ): Promise<Pick<T['outputs'], N>[]>;
  /**
   * The answers to a source of inputs, in their order, as they are asked for: the source is not read ahead of that by
   * more than `ahead`. A model that carries states carries them from each input to the next.
   */
  stream<N extends keyof T['outputs'] & string = keyof T['outputs'] & string>(
    source: Iterable<T['inputs']> | AsyncIterable<T['inputs']>,
    options?: StreamOptions<N, StatesOf<T>>,
  ): AsyncGenerator<Pick<T['outputs'], N>, void, undefined>;
  /** Begins a stream of runs that carries the model's states; `run` begins with their first values each time. */
  start(options?: StartOptions<StatesOf<T>>): Stream<T>;
  /**
   * Puts the head of another bundle in the place of one, when it has the same contract, reads the same encoder and has passed its
   * golden batches. Runs that have begun end with the old head; those that begin later have the new one.
   */
  swap(head: string, bundle: BundleLocation, options?: SwapOptions<T>): Promise<Swapped>;
  /** Lets heads of other bundles have a share of a head's traffic, or be shown it. */
  rollout(head: string, plan: RolloutPlan<T>): Promise<Rollout>;
  /** Puts the head back that the last `swap` has replaced. It was kept, so nothing is loaded. */
  rollback(head: string): Promise<Swapped>;
  /** Waits for runs under way, then frees the session. Closing twice is fine. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** Closes without waiting. */
  [Symbol.dispose](): void;
}
