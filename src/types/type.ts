/** Types of values: a dtype, a shape, and facts. A record names several tensors. */
import type { Location } from '../text/source.ts';
import type { Dim } from './dim.ts';
import type { DType, DTypeFamily } from './dtype.ts';
import type { Evidence, Fact } from './fact.ts';

/** The classes that an axis counts: a `labels` declaration. */
export interface Classes {
  /** `package#name` */
  readonly id: string;
  readonly name: string;
  readonly values: readonly string[];
  readonly location: Location;
}

/** The classes that a file of weights says it was trained with, along an axis to which its part gives a plain number. */
export interface Trained {
  readonly values: readonly string[];
  /** As messages name it. */
  readonly file: string;
  /** Where the part names it. */
  readonly location: Location;
}

/** Where operators have put the elements of an axis that counted classes, or where they stand still under a plain number; which they are now, no declaration has said. */
export interface Moved {
  readonly classes: Classes;
  /** By place, the class that stands there, undefined of what never was one; undefined as a whole where it depends on the numbers, as in a sorted list. */
  readonly values: readonly (string | undefined)[] | undefined;
}

export interface Axis {
  readonly size: Dim;
  /** `C` of `C: 3` */
  readonly label?: string;
  readonly classes?: Classes;
  readonly trained?: Trained;
  readonly moved?: Moved;
}

/** `...` at a place among the axes; all of one signature have the same key. */
export interface Rest {
  readonly key: string;
  /** How many of the axes stand before it. */
  readonly at: number;
}

export interface Shape {
  readonly axes: readonly Axis[];
  readonly rest?: Rest;
}

/** `float` of a signature: one dtype of its family, the same wherever it stands there. */
export interface DTypeVariable {
  readonly key: string;
  readonly family: DTypeFamily;
  /** The name of the `dtype` parameter that it is; undefined for `float` and its like. */
  readonly parameter?: string;
}
export type ElementType = DType | DTypeVariable;

export interface TensorType {
  readonly kind: 'tensor';
  readonly dtype: ElementType;
  readonly shape: Shape;
  readonly facts: readonly Fact[];
  /** How dtype and shape are known: `declared` behind an opaque file, else `proved`. */
  readonly evidence: Evidence;
  readonly contract?: string;
}

/** Fields of a record inside are kept by path: `found.score`. */
export interface RecordType {
  readonly kind: 'record';
  readonly fields: ReadonlyMap<string, TensorType>;
  readonly contract?: string;
}

/** `unknown`: an error was reported where the value was made; nothing more is said about it. */
export type Type = TensorType | RecordType | { readonly kind: 'unknown' };

export const unknownType: Type = { kind: 'unknown' };
