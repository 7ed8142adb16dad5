/** What reading an ONNX file gives: its skeleton, and where everything lies for the writer that copies it. */
import type { ForeignModel, LocalFunction } from '../../ir/graph.ts';
import type { Conversion } from '../convert/index.ts';
import type { Extent } from './wire.ts';

export interface NamedExtent extends Extent {
  readonly name: string;
}

/** A record that may refer to bytes outside its file; such a record cannot be copied as it is. */
export interface NodeExtent extends Extent {
  readonly external: boolean;
  /** The node stands for the record, which is not copied: it has been converted to a newer operator set. */
  readonly isOurs?: true;
}

export interface InitializerExtent extends NamedExtent {
  readonly external: boolean;
}

export interface FunctionExtent extends Extent, LocalFunction {
  /** Domain, name and overload in one: what a node's operator is looked up by. */
  readonly key: string;
  /** Keys of the operators that its nodes call. */
  readonly calls: ReadonlySet<string>;
}

export interface MetadataExtent extends Extent {
  readonly key: string;
  readonly value: string;
}

/** Byte ranges of a graph's records, tags included, each list in the order of the file. */
export interface GraphLayout {
  /** Beside `graph.nodes`, in the same order. */
  readonly nodes: readonly NodeExtent[];
  readonly initializers: readonly InitializerExtent[];
  readonly sparseInitializers: readonly InitializerExtent[];
  /** All inputs, those that an initializer gives a default to included. */
  readonly inputs: readonly NamedExtent[];
  readonly outputs: readonly NamedExtent[];
  readonly valueInfos: readonly NamedExtent[];
  /** Quantization annotations, by the tensor that they annotate. */
  readonly annotations: readonly NamedExtent[];
  /** Fields of the graph that are newer than this reader. */
  readonly graphExtras: readonly Extent[];
}

/** The same of a whole file, with the records of the model around the graph. */
export interface Layout extends GraphLayout {
  /** Fields of the model that are newer than this reader. */
  readonly modelExtras: readonly Extent[];
  readonly functions: readonly FunctionExtent[];
  readonly metadata: readonly MetadataExtent[];
  readonly opsets: readonly Extent[];
}

/** Every name in the main graph and its subgraphs at any depth, for finding collisions. */
export interface Names {
  /** Tensors. */
  readonly values: ReadonlySet<string>;
  readonly nodes: ReadonlySet<string>;
  /** `dim_param`s. */
  readonly dims: ReadonlySet<string>;
  /** Keys of the operators that nodes call. */
  readonly operators: ReadonlySet<string>;
}

/** A foreign model with the layout of its file. */
export interface OnnxFile extends ForeignModel {
  readonly layout: Layout;
  readonly names: Names;
  readonly metadata: ReadonlyMap<string, string>;
  /** Undefined for files that are as they were read. */
  readonly conversion?: Conversion;
}

/** The key that a node's operator and a local function are matched by. */
export const operatorKey = (domain: string, name: string, overload: string): string =>
  [domain, name, overload].join('\n');
