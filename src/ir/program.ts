/** A model after checking: what emission turns into artefacts. */
import type { Location } from '../text/source.ts';
import type { ForeignModel, Node, Tensor, TensorInfo } from './graph.ts';

/** A foreign graph put into the program as it is, between values of ours. */
export interface Link {
  readonly kind: 'link';
  /** Unique in the program: the backbone's name, with a number where it is linked more than once. */
  readonly name: string;
  readonly model: ForeignModel;
  /**
   * The foreign graph's input to the program's value. An inner tensor here is cut: what reads it in the foreign graph
   * reads the program's value.
   */
  readonly inputs: ReadonlyMap<string, string>;
  /** The foreign graph's output (or inner tensor, for a tap) to the program's value. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Whether it is the body of a part, a head or an adapter: that goes with what alone needs it, and a backbone does not. */
  readonly ofPart?: true;
  readonly origin: Location;
}

/** An operator of ours. */
export interface Operation extends Node {
  readonly kind: 'operation';
  /** Of one that was a file's: its name there, and the file. */
  readonly foreign?: string;
  readonly origin: Location;
}

/** A constant of ours. */
export interface Initializer extends Tensor {
  /** The file of weights that it comes from; absent for what the source itself says. */
  readonly weights?: string;
}

/** An input or output of the whole: `name` is the artefact's name for it, `value` the program's. */
export interface Port {
  readonly name: string;
  readonly value: string;
  readonly doc?: string;
  /** Labels of its axes, one an axis; absent where none has one. */
  readonly labels?: readonly (string | undefined)[];
  /** Of an output that is the runtime's own business: the outputs, by name, for which it is asked along. */
  readonly hidden?: readonly string[];
}

export interface Program {
  readonly name: string;
  readonly doc?: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Topologically ordered: every value is made before it is used. */
  readonly steps: readonly (Operation | Link)[];
  readonly initializers: readonly Initializer[];
  readonly types: ReadonlyMap<string, TensorInfo>;
  /** What passes took out because it was another value, by what it was called, to that one; absent where there is nothing. */
  readonly same?: ReadonlyMap<string, string>;
  /** Domain to version, for the operators of ours; equal to what the links import. */
  readonly opsets: ReadonlyMap<string, number>;
}
