/** What an app says of the exchange of heads, and what it is told. */
import type { Reference } from '../../bundle/reference.ts';
import type { AnyModel, BundleLocation, ModelTypes } from '../inputs/values.ts';

/** Inputs, and what some of the outputs are known to be for them. */
export interface GoldenBatch<T extends ModelTypes = AnyModel> {
  readonly inputs: T['inputs'];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** How far an element may lie from what is expected. Default 1e-4. */
  readonly tolerance?: number;
}

export interface SwapOptions<T extends ModelTypes = AnyModel> {
  /** Run through the new head before it takes traffic, after those of its bundle; where it fails, the old one stays. */
  readonly golden?: readonly GoldenBatch<T>[];
}

/** An exchange of heads. */
export interface Swapped {
  readonly head: string;
  /** SHA-256 of the files of the old head and the new. */
  readonly from: string;
  readonly to: string;
  /** How long loading the new head took, a trial on another thread included. */
  readonly milliseconds: number;
  /** For how much of that this thread did nothing else. */
  readonly stalled: number;
  /** Where the new head runs. */
  readonly thread: HeadThread;
}

/** A head runs on the thread that serves (which the app runs on, too), on a thread of its own, or on the model's `workers`. */
export type HeadThread = 'serving' | 'own' | 'workers';

/** A head of another bundle, or one that a rollout of that bundle names. */
export interface ArmSource<T extends ModelTypes = AnyModel> {
  readonly name: string;
  readonly bundle: BundleLocation;
  /** The name of an arm or shadow in the bundle's rollouts. Default: the head that the bundle's model calls. */
  readonly arm?: string;
  /** It has to pass these before it is used. */
  readonly golden?: readonly GoldenBatch<T>[];
}

/** A head that gets a share of the traffic. */
export interface ArmPlan<T extends ModelTypes = AnyModel> extends ArmSource<T> {
  /** From 0 to 1. */
  readonly share: number;
  /** Requests with this flag go to it, whatever its share. */
  readonly flag?: string;
  /** Let it have traffic though its bundle has no PASS for it; that is recorded as an event. */
  readonly force?: boolean;
}

/** A head that answers nobody, and is compared with the answers that were given. */
export interface ShadowPlan<T extends ModelTypes = AnyModel> extends ArmSource<T> {
  /** The share of requests that it is shown. Default 1. */
  readonly sample?: number;
}

/** How arms get to their shares. */
export interface Stages {
  /** Ascending; at 0 it is a shadow. What lies beyond an arm's share is left out, and its share is the last. Default 0, 0.01, 0.1. */
  readonly shares?: readonly number[];
  /** How many requests at a stage lead to the next, when no rule was broken meanwhile. Default 500. */
  readonly after?: number;
}

/** When an arm is taken out of the traffic, by its last `over` requests. A bound that is left out is not looked at. */
export interface RollbackRule {
  readonly over: number;
  /** The part of the requests that fail. */
  readonly errorRate?: number;
  /** The time that half of the requests keep within, and 99 of 100. */
  readonly p50Milliseconds?: number;
  readonly p99Milliseconds?: number;
  /** The part of compared rows that differ from what the head that gets the requests back answers. */
  readonly disagreement?: number;
  /** The part of the answers that would have to be others for them to be distributed as the reference. */
  readonly drift?: number;
  /** Take it out when a bound is reached, too, rather than only beyond. Default false. */
  readonly inclusive?: boolean;
  /** The arm that gets its requests. Default: the head that was there. */
  readonly to?: string;
}

export interface RolloutPlan<T extends ModelTypes = AnyModel> {
  /** The head that is there gets what they leave. */
  readonly arms?: readonly ArmPlan<T>[];
  readonly shadow?: ShadowPlan<T> | readonly ShadowPlan<T>[];
  /** Takes an arm out of the traffic by itself. */
  readonly rollback?: RollbackRule;
  /** What `drift` is measured from. */
  readonly reference?: Reference;
  /** Lets arms begin as shadows and get more step by step. Default: they have their shares at once. */
  readonly stages?: Stages;
  /** Requests with a flag go to the arm that it leads to, whatever its share; `current` is the head that was there. */
  readonly flags?: Readonly<Record<string, string>>;
  /** The member of a request's keys by which it keeps its arm. */
  readonly sticky?: string;
  /** Told apart, two rollouts put the same key into different arms. */
  readonly salt?: string;
  readonly onEvent?: (event: RolloutEvent) => void;
}

export interface LaunchOptions<Name extends string = string> {
  /** The bundle that declares the rollout. Default: the one that was loaded. */
  readonly bundle?: BundleLocation;
  /** Which of its rollouts, where it declares several. */
  readonly name?: Name;
  /** `true` for the default stages. Default: arms have their declared shares at once. */
  readonly stages?: Stages | boolean;
  /** Let arms without a PASS have traffic, too; that is recorded as an event. */
  readonly force?: boolean;
  /** The share of requests that shadows are shown. Default 1. */
  readonly sample?: number;
  readonly onEvent?: (event: RolloutEvent) => void;
}

/** Upper ends of the buckets of a latency histogram, in milliseconds; the last bucket has none. */
export const latencyBuckets = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

export interface ArmStatistics {
  readonly name: string;
  /** Of the traffic, from 0 to 1; 0 for a shadow, and for an arm that was taken out. */
  readonly share: number;
  readonly requests: number;
  readonly errors: number;
  /** Runs whose answer a guard found wanting. */
  readonly violations: number;
  /** Requests by `latencyBuckets`, and those beyond the last. */
  readonly latency: readonly number[];
  /** Rows that were compared with the answer of another head, and those where it differed. */
  readonly compared: number;
  readonly disagreed: number;
  /** Of a shadow: requests that it was spared because it was behind. */
  readonly shed: number;
  /** How far its last answers lie from the reference; absent where there is none, or no answer. */
  readonly drift?: number;
  /** Why it gets no traffic any more. */
  readonly out?: string;
}

/** What happened to an arm, and why. */
export interface RolloutEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly head: string;
  readonly arm: string;
  readonly kind: 'started' | 'shadowed' | 'unproven' | 'ramped' | 'rolled-back' | 'promoted' | 'stopped';
  readonly reason: string;
}

/** What shadows cost those who wait for an answer: the same requests with a shadow at work, and without. */
export interface ShadowCost {
  readonly with: { readonly requests: number; readonly p99Milliseconds: number };
  readonly without: { readonly requests: number; readonly p99Milliseconds: number };
}

/** A rollout under way. */
export interface Rollout<Arm extends string = string> {
  readonly head: string;
  /** The head that was there is called `current`, or by its name in the declaration. */
  readonly arms: readonly ArmStatistics[];
  /** What was decided, in its order; of very many the last. */
  readonly events: readonly RolloutEvent[];
  /** Of the last thousand requests of either kind; undefined until there are both. */
  readonly shadowCost: ShadowCost | undefined;
  /** Gives an arm another share; a key that it had stays with the first arm while that grows. */
  ramp(arm: Arm, share: number): void;
  /** Puts an arm in the place of the head that was there, which `model.rollback` brings back, and ends the rollout. */
  promote(arm: Arm): Promise<Swapped>;
  /** Ends the rollout: all traffic goes to the head that was there. */
  stop(reason?: string): Promise<void>;
}

/** A declared rollout under way: one for each of its slots, by the output's name. */
export interface Launch<Slots = Readonly<Record<string, string>>> {
  readonly name: string;
  readonly slots: { readonly [Output in keyof Slots]: Rollout<Slots[Output] & string> };
  /** Ends all of them. */
  stop(reason?: string): Promise<void>;
}
