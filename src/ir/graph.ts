/**
 * The intermediate representation: an ONNX-like graph with its own types, free of protobuf. Tensors are named by
 * strings, unique in their graph; "" is an omitted optional input. Bodies written in MDL and graphs read from
 * foreign files have the same form.
 */
import type { Location } from '../text/source.ts';
import type { DType } from '../types/dtype.ts';
import type { Dim } from '../types/dim.ts';

/** What is known of a tensor. `dims` is undefined where not even the rank is known. */
export interface TensorInfo {
  readonly dtype: DType | undefined;
  readonly dims: readonly Dim[] | undefined;
}

/** Bytes of a file, not read yet. */
export interface FileRange {
  readonly uri: string;
  readonly offset: number;
  readonly length: number;
}

/** A tensor's elements, little endian, packed as in ONNX's raw_data. */
export type TensorBytes = Uint8Array | FileRange;

/** A constant tensor. `bytes` is undefined where a foreign file stores it otherwise than as raw bytes. */
export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly bytes: TensorBytes | undefined;
}

export type Attribute =
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly bigint[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'tensor'; readonly value: Tensor }
  | { readonly type: 'graph'; readonly value: Graph }
  /** An attribute of a kind that we only pass through. In a local function: one that takes the value of the call's `refersTo`. */
  | { readonly type: 'opaque'; readonly refersTo?: string };

export interface Node {
  readonly name: string;
  readonly op: string;
  /** "" is ONNX's own domain. */
  readonly domain: string;
  /** Of local functions of one name, which one; absent where it is "". */
  readonly overload?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Where in a `.mdl` file it was written; undefined for foreign nodes. */
  readonly origin?: Location;
  /** Where the node's record begins in a foreign file; undefined for nodes that are not as some file has them. */
  readonly offset?: number;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Types as far as they are declared or inferred: inputs, outputs and inner tensors. */
  readonly types: ReadonlyMap<string, TensorInfo>;
  /** What the exporter noted of the graph itself, where it did. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A function that a file defines, and calls by a node of its domain and name. */
export interface LocalFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  /** Its body; types are not read. */
  readonly graph: Graph;
  /** Domain to version, of what it imports itself. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Attributes that a call may leave out. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

/** A foreign model as the compiler sees it: its skeleton, never its weights at large. */
export interface ForeignModel {
  readonly uri: string;
  /** Bytes. */
  readonly size: number;
  readonly irVersion: number;
  readonly producer: string;
  /** Domain to version; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly LocalFunction[];
  /** What its maker noted of it, where somebody read that. */
  readonly metadata?: ReadonlyMap<string, string>;
}
