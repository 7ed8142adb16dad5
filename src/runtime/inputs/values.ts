/** What goes into a model and comes out of it, and where bundles are. */
import type { NumericArray, TensorData } from './elements.ts';

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
  /** The heads of a split model, which can be exchanged. */
  readonly heads?: string;
  /** The names of the arms and shadows of each slot of each rollout that it declares. */
  readonly rollouts?: object;
}

/** The heads that can be exchanged; each is called as the output that it makes. */
export type HeadsOf<T extends ModelTypes> = T extends { readonly heads: infer H extends string } ? H : keyof T['outputs'] & string;

/** The rollouts that a model declares. */
export type RolloutsOf<T extends ModelTypes> = T extends { readonly rollouts: infer R extends object } ? R : Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The states of a model by name. */
export type StatesOf<T extends ModelTypes> = T extends { readonly states: infer S }
  ? S
  : Readonly<Record<string, TensorOutput>>;

/** The types of a model without a declaration, where every output is one tensor. */
export interface AnyModel {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, TensorOutput>>;
}

/** The path or file URL of a bundle's folder, or its files by their names in it: `{ 'manifest.json': bytes, … }`. */
export type BundleLocation = string | URL | Readonly<Record<string, Uint8Array>>;
