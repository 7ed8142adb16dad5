/** What an app sees of a model. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { Manifest, ManifestPort } from '../bundle/manifest.ts';
import type { FeatureCache } from './serving/feature-cache.ts';
import type { GuardTally, GuardViolation } from './serving/guards.ts';
import type { RunRecord } from './serving/records.ts';
import type { Launch, LaunchOptions, Rollout, RolloutPlan, Swapped, SwapOptions } from './rollout/types.ts';
import type { ModelStatistics } from './serving/statistics.ts';
import type { AnyModel, BundleLocation, HeadsOf, ModelTypes, RolloutsOf, StatesOf, TensorLike } from './inputs/values.ts';

export type { NumericArray, TensorData } from './inputs/elements.ts';
export type * from './rollout/types.ts';
export type * from './inputs/values.ts';

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
  /**
   * Puts requests together into runs of at most `rows` rows, for which each waits at most `milliseconds` (default 2). Only for files of
   * which the manifest says that rows are computed apart, and only requests whose other sizes are equal. At most `waiting` are unanswered.
   */
  readonly batch?: { readonly rows: number; readonly milliseconds?: number };
  /** Keeps what the encoder of a split bundle gives, by the content of its input. Models may share one. */
  readonly cache?: FeatureCache;
  /** Told of each run when it has ended, refused ones too. What it throws is nobody's answer: it is thrown in a task of its own. */
  readonly onRun?: (run: RunRecord) => void;
  /**
   * Milliseconds for which loading a head, in `swap` and in rollouts, may hold up the thread that serves. It is loaded on a thread of its own
   * first; one that takes longer stays there, and is refused where the device can be used on no other thread. Default 10, on other devices than the CPU 250.
   * `workers` load heads by themselves.
   */
  readonly stall?: number;
  /** Spans and metrics by `@opentelemetry/api`, where it is installed. Default true. */
  readonly telemetry?: boolean;
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
  /** In a rollout, requests of one key go to one arm; of several by name, that by which the slot is `sticky`: `{ user: 'u17' }`. */
  readonly key?: string | Readonly<Record<string, string>>;
  /** In a rollout, requests with the flag of an arm go to it. */
  readonly flags?: readonly string[];
}

export interface ManyOptions<Name extends string = string> extends RunOptions<Name> {
  /**
   * Where rows are proved to be computed apart, inputs of equal shapes go together into runs of at most so many rows. Default 32, or that of `batch`;
   * 1 runs each input by itself.
   */
  readonly rows?: number;
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

/** A loaded model. All methods reject with an `MdlRuntimeError`; an aborted run rejects with the signal's reason. */
export interface Model<T extends ModelTypes = AnyModel> {
  readonly name: string;
  readonly manifest: Manifest;
  readonly device: Device;
  readonly inputs: readonly ManifestPort[];
  readonly outputs: readonly ManifestPort[];
  /** What the guards that report have found since the model was loaded. */
  readonly violations: readonly GuardTally[];
  /** Counts since the model was loaded. What golden rows and `devices` run is no request. */
  readonly statistics: ModelStatistics;
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
    options?: ManyOptions<N>,
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
  swap(head: HeadsOf<T>, bundle: BundleLocation, options?: SwapOptions<T>): Promise<Swapped>;
  /** Carries out a rollout that a bundle declares, whose arms lie in the bundle. What another bundle declares has no types here. */
  launch(options: LaunchOptions & { readonly bundle: BundleLocation }): Promise<Launch>;
  launch<R extends keyof RolloutsOf<T> & string = keyof RolloutsOf<T> & string>(options?: LaunchOptions<R>): Promise<Launch<RolloutsOf<T>[R]>>;
  /** Lets heads of other bundles have a share of a head's traffic, or be shown it. */
  rollout(head: HeadsOf<T>, plan: RolloutPlan<T>): Promise<Rollout>;
  /** Puts the head back that the last `swap` has replaced. It was kept, so nothing is loaded. */
  rollback(head: HeadsOf<T>): Promise<Swapped>;
  /** Waits for runs under way, then frees the session. Closing twice is fine. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** Closes without waiting. */
  [Symbol.dispose](): void;
}
