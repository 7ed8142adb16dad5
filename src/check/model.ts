/** What the checker hands on: the models of a compilation, and everything they rest on. */
import type { Location } from '../text/source.ts';
import type { Program } from '../ir/program.ts';
import type { Evidence } from '../types/fact.ts';
import type { Type } from '../types/type.ts';

/** One demand of a consumer, and how it is known to hold. */
export interface Requirement {
  /** `f32`, `[batch, 512]`, `norm(-1) == 1 +- 0.001`, `space use@^1` */
  readonly what: string;
  readonly evidence: Evidence;
}

/** Where one value becomes another part's input, or a body's value its declared result. */
export interface Joint {
  readonly location: Location;
  /** `Encode(tokens)` */
  readonly from: string;
  /** `TopicHead.e` */
  readonly to: string;
  readonly requirements: readonly Requirement[];
}

export interface CheckedPort {
  readonly name: string;
  readonly doc?: string;
  readonly type: Type;
}

export interface CheckedModel {
  readonly name: string;
  readonly doc?: string;
  /** The module that declares it. */
  readonly uri: string;
  readonly location: Location;
  readonly inputs: readonly CheckedPort[];
  readonly outputs: readonly CheckedPort[];
  readonly joints: readonly Joint[];
  readonly program: Program;
  /** URIs of the foreign files that it is made of. */
  readonly files: readonly string[];
  /** What makes its inputs from text. */
  readonly tokenizers: readonly { readonly name: string; readonly version: string; readonly uri: string }[];
}

/** A foreign file that a source names. */
export interface ForeignUse {
  readonly role: 'backbone' | 'tokenizer' | 'weights';
  readonly uri: string;
  /** The string literal that names it. */
  readonly location: Location;
}

/** A space or tokenizer and the files whose fingerprints are its identity. */
export interface IdentityUse {
  readonly kind: 'space' | 'tokenizer';
  /** `package#name` */
  readonly id: string;
  readonly version: string;
  /** The declaration's name. */
  readonly location: Location;
  /** The version in the declaration, to be edited by a fix. */
  readonly versionLocation?: Location;
  readonly files: readonly string[];
}
