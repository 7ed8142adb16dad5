/** What the checker hands on: the models of a compilation, and everything they rest on. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Symbol } from '../names/modules.ts';
import type { BackboneDecl, PartDecl } from '../syntax/ast.ts';
import type { Location } from '../text/source.ts';
import type { Program } from '../ir/program.ts';
import type { DType } from '../types/dtype.ts';
import type { Evidence, SizeStatement, Violation } from '../types/fact.ts';
import type { TensorType, Type } from '../types/type.ts';
import type { FirstValue } from './models/first-value.ts';
import type { Initializer } from './parts/initializers.ts';
import type { Places } from './joints/places.ts';

/** One demand of a consumer, and how it is known to hold. */
export interface Requirement {
  /** `f32`, `[batch, 512]`, `norm(-1) == 1 +- 0.001`, `space use@^1` */
  readonly what: string;
  readonly evidence: Evidence;
  /** How it follows, where that is not in the source but in a file. */
  readonly because?: string;
  /** A comparison of sizes of a model's inputs, for the runtime to test. */
  readonly size?: SizeStatement;
}

/** A comparison of sizes that the runtime tests, and what demands it: the input `image`, the joint `Prepare.image`, or `onnx.Slice`. */
export interface TestedSize {
  readonly fact: SizeStatement;
  readonly by: string;
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

/** What a contract makes, in the graph or when it runs, of values that are not as it demands. */
export interface CheckedGuard {
  readonly location: Location;
  readonly from: string;
  /** `odds.p` */
  readonly to: string;
  readonly contract?: string;
  /** `range [0, 1]` */
  readonly what: string;
  readonly violation: Violation;
  /** The hidden output that counts what breaks the demand, for each index of an axis that may have a name; absent where the graph mends the value. */
  readonly counts?: { readonly tensor: string; readonly rows?: string; readonly axes?: readonly number[] };
  /** The program's outputs that are made of what has passed it. */
  readonly outputs: readonly string[];
}

/** A guard that stands nowhere: its demand is proved, or was enforced before. */
export type NeedlessGuard = Omit<CheckedGuard, 'counts' | 'outputs'> & { readonly evidence: Evidence };

export interface CheckedPort {
  readonly name: string;
  readonly doc?: string;
  readonly type: Type;
}

/** A tensor that is carried from run to run. */
export interface CheckedState {
  readonly name: string;
  readonly doc?: string;
  readonly type: TensorType;
  readonly init: FirstValue;
}

/** A backbone that a model is made with. */
export interface CheckedBackbone {
  readonly name: string;
  readonly version?: string;
  readonly doc?: string;
  /** The backbone that it is made of. */
  readonly base?: string;
  readonly uri: string;
  /** Of its name. */
  readonly location: Location;
  readonly card: ReadonlyMap<string, string>;
}

/** One limit of a budget, and what is known of it. */
export interface BudgetEntry {
  readonly metric: string;
  readonly op: '<=' | '<' | '>=' | '>';
  /** Seconds, bytes or a count; of a share the part of what the model's backbones have by themselves. */
  readonly bound: { readonly kind: 'absolute' | 'share'; readonly value: number };
  /** Undefined for the default device, and for what no device changes. */
  readonly device: string | undefined;
  /** proved: it keeps to the limit at all sizes. unproved: nobody knows. unmeasured: a run will tell. */
  readonly state: 'proved' | 'unproved' | 'unmeasured';
  /** What the model comes to, and of a share what it must not exceed; a number, or an expression over sizes. */
  readonly figure?: number | string;
  readonly limit?: number | string;
}

export interface CheckedModel {
  readonly name: string;
  readonly doc?: string;
  /** The module that declares it. */
  readonly uri: string;
  readonly location: Location;
  readonly inputs: readonly CheckedPort[];
  readonly outputs: readonly CheckedPort[];
  /** `next` names the program's output that the next run takes; its input has the state's own name. */
  readonly states: readonly (CheckedState & { readonly next: string })[];
  readonly backbones: readonly CheckedBackbone[];
  readonly joints: readonly Joint[];
  /** What its operators need of sizes and nothing says: tested when it runs. */
  readonly demands: readonly TestedSize[];
  /** Where the joints lie in `program`. */
  readonly places: Places;
  readonly guards: readonly CheckedGuard[];
  readonly needlessGuards: readonly NeedlessGuard[];
  readonly program: Program;
  /** The part that each step of the program comes of, by the step's name: a backbone, or the part in whose body it is written. */
  readonly parts: ReadonlyMap<string, string>;
  /** What its `budget` bounds, and what is known of it; empty where it has none. */
  readonly budget: readonly BudgetEntry[];
  /** URIs of the foreign files that it is made of. */
  readonly files: readonly string[];
  /** What makes its inputs from text. */
  readonly tokenizers: readonly { readonly name: string; readonly version: string; readonly uri: string }[];
}

/** A model without fault that cannot be built yet. */
export interface UnfittedModel {
  readonly name: string;
  readonly uri: string;
  readonly location: Location;
  /** For each weights file that is missing an error at the `weights` that names it. */
  readonly missing: readonly Diagnostic[];
}

/** A parameter of a part, and where its numbers are in the part's weights file. */
export interface OwnedParameter {
  /** `down.linear.w`: the path below the owner. */
  readonly path: string;
  /** The file's key. */
  readonly key: string;
  /** Whether the file holds it with its axes the other way round. */
  readonly transposed: boolean;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** What a fit begins with; left to the fit where the declaration does not say it. */
  readonly init?: Initializer;
}

/** What the `weights` of a part are to hold. */
export interface OwnedWeights {
  readonly owner: Symbol<PartDecl | BackboneDecl>;
  /** The safetensors file. */
  readonly uri: string;
  /** `= learned`: a `fit` of the part writes the file. */
  readonly learned: boolean;
  /** Whether the file is there. */
  readonly present: boolean;
  /** The labels of the part's result, in their order: what a fit trains it with. */
  readonly classes?: readonly string[];
  readonly parameters: readonly OwnedParameter[];
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
  /** Networks with values of ours inside, whose vectors lie in the space: their files are no encoders of it by themselves. */
  readonly derived: readonly DerivedNetwork[];
  /** Parts that say their results lie in the space; undefined where something is wrong, so that not all can be followed. */
  readonly bodies?: readonly BodyUse[];
}

/** A part with a body whose result is said to lie in a space. */
export interface BodyUse {
  readonly name: string;
  /** Of its name. */
  readonly location: Location;
  /** The URI of its own weights. */
  readonly weights?: string;
  /** Whether a `fit` learns these. */
  readonly learned: boolean;
  /** What it computes; undefined where weights inside are yet to be learned, or not all can be followed. */
  graph(): BodyGraph | undefined;
}

export interface BodyGraph {
  /** Its operators; files by their places. The same for all ways to write the same. */
  readonly text: string;
  /** URIs of files inside that are bound to no space. */
  readonly files: readonly string[];
  /** URIs of weights inside that are being learned anew. */
  readonly learned: readonly string[];
}

/** A backbone with replacements that reach outputs in one space. */
export interface DerivedNetwork {
  readonly name: string;
  /** Of its name. */
  readonly location: Location;
  /** What is replaced, and the graphs of what stands there; files by their places in `files`. The same for all ways to write the same. */
  readonly text: string;
  /** URIs: of the base, then of all inside that has weights. */
  readonly files: readonly string[];
}
