/** What is known of a tensor's values beyond dtype and shape, and how it is known. */
import type { Location } from '../text/source.ts';
import type { Dim } from './dim.ts';

/** proved: inferred through operators. measured: by a probe. enforced: by a guard. declared: somebody's word. */
export type Evidence = 'proved' | 'measured' | 'enforced' | 'declared';

/** An `attribute` declaration: a convention for reading numbers, such as the order of colours. */
export interface Attribute {
  /** `package#name` */
  readonly id: string;
  readonly name: string;
  readonly values: readonly string[];
  readonly location: Location;
}

/** A `space` or `tokenizer` declaration: its identity is (package, name). */
export interface Nominal {
  readonly kind: 'space' | 'tokenizer';
  /** `package#name` */
  readonly id: string;
  readonly name: string;
  /** Exact, as declared. */
  readonly version: string;
  /** Ranges of older versions whose vectors may be mixed with these. */
  readonly compatible: readonly string[];
  readonly location: Location;
  /** Where it is a parameter of a contract or part: whoever uses that gives a declared one. */
  readonly parameter?: true;
}

/** A space or tokenizer given for a parameter: `minilm@^2 | ^3`. */
export interface NominalUse {
  readonly nominal: Nominal;
  readonly versions: readonly string[];
  /** As of a statement. */
  readonly value?: string;
  readonly joined?: true;
}

export interface Ends {
  readonly low: number;
  readonly high: number;
}
/** A range of its own for each index of an axis (negative: from the end), such as those of an image's colours. */
export interface RangeRows {
  readonly axis: number;
  /** What the axis is called, for messages. */
  readonly label?: string;
  readonly ends: readonly Ends[];
}
/** `low` and `high` are of all elements, also where there are rows. */
export interface RangeStatement extends Ends {
  readonly kind: 'range';
  readonly rows?: RangeRows;
  /**
   * Where kernels may put elements that mathematics puts between the ends: they compute a tanh to the last digits, and
   * 1.0000001 was seen. Joints compare the ends; what is computed of the elements is computed of these.
   */
  readonly wide?: Ends;
}
/** A reduction along `axis` (negative: from the end); `tolerance` is absolute. */
export interface ReductionStatement {
  readonly kind: 'norm' | 'sum' | 'mean' | 'std';
  readonly axis: number;
  readonly value: number;
  readonly tolerance: number;
}
export interface FlagStatement {
  /** `prefix_mask`: each row of the last axis is ones, if any, and then zeros, if any. */
  readonly kind: 'mask' | 'prefix_mask' | 'integer' | 'finite' | 'one_hot' | 'nonzero';
}
/**
 * A consumer accepts `versions`, and what it was handed is of any of them; a list without any stands for the nominal's own version, which is what
 * a producer emits whatever its type accepts.
 */
export interface NominalStatement {
  readonly kind: 'space' | 'tokenizer';
  readonly nominal: Nominal;
  readonly versions: readonly string[];
  /** Which value it is that may be of one of several ranges: whatever comes of that value is of the same one. */
  readonly value?: string;
  /** Of a demand by a name that another argument gave its meaning: both are to stand beside each other. */
  readonly joined?: true;
}
/** `color == rgb`; of a parameter the value is its name. */
export interface AttributeStatement {
  readonly kind: 'attribute';
  readonly attribute: Attribute;
  readonly value: string;
}
/** `h >= 32`: said of the sizes, not of the values. */
export interface SizeStatement {
  readonly kind: 'size';
  readonly op: '==' | '>=' | '<=';
  readonly left: Dim;
  readonly right: Dim;
}
export type Statement = RangeStatement | ReductionStatement | FlagStatement | NominalStatement | AttributeStatement | SizeStatement;

/** What a consumer makes of values that are not as it demands. */
export interface Violation {
  readonly mode: 'reject' | 'clamp' | 'replace' | 'report';
  /** Of `replace`. */
  readonly value?: number;
}

export type Fact = Statement & {
  readonly evidence: Evidence;
  /** Of what a part promises: how it is known where the part's inputs are as its signature says; absent where that is no better. */
  readonly given?: Evidence;
  /** `on violation` of the contract that demands it. */
  readonly violation?: Violation;
  /** Where it was declared, for labels; undefined where an operator made it. */
  readonly location?: Location;
  /** How it follows, where that is not in the source: `Tanh "/pooler/Tanh" in bert.onnx: lies between -1 and 1 …`. */
  readonly because?: string;
};
