/**
 * The artefact's own description, `manifest.json`: written by `emit`, read by `runtime`. It says all that an app
 * needs to feed the model and to trust the answer, without the source.
 *
 * A bundle is a folder: `manifest.json`, the ONNX file, a TypeScript declaration, and the tokenizers of its inputs.
 */
import type { ManifestFile, ManifestHead, ManifestRows } from './files.ts';
import type { ManifestGolden, ManifestRollout } from './rollout.ts';

export type { ManifestFile, ManifestHead, ManifestRows } from './files.ts';

export const manifestFormat = 'mdl-bundle@1';

/** How a statement about a tensor is known. */
export type Evidence = 'proved' | 'measured' | 'enforced' | 'declared';

export interface ManifestEnds {
  readonly low: number | '-inf';
  readonly high: number | 'inf';
}

/** A statement about a tensor's values, in a form that can be tested on data. A range may have rows, one for each index of an axis. */
export type ManifestFact =
  | ({ readonly kind: 'range'; readonly rows?: { readonly axis: number; readonly ends: readonly ManifestEnds[] } } & ManifestEnds)
  /** The Euclidean norm, or the sum, along `axis`; `tolerance` is absolute. */
  | { readonly kind: 'norm' | 'sum'; readonly axis: number; readonly value: number; readonly tolerance: number }
  /** mask: every element is 0 or 1; prefix_mask: each row is ones and then zeros. */
  | { readonly kind: 'mask' | 'prefix_mask' | 'integer' | 'finite' | 'one_hot' | 'nonzero' }
  /** `id` is `package#name`, `version` exact. */
  | { readonly kind: 'space' | 'tokenizer'; readonly id: string; readonly version: string }
  /** A convention for reading the numbers: `color` is `rgb`. `id` is `package#name`. */
  | { readonly kind: 'attribute'; readonly id: string; readonly value: string };

export interface ManifestDim {
  /** A number, or an expression over names: `seq`, `2*h`. Equal names are equal sizes. */
  readonly size: number | string;
  readonly label?: string;
  /** The classes that the axis counts, in order. */
  readonly classes?: readonly string[];
}

/** A comparison that the sizes of the inputs have to meet: `h >= 32`. Its sides are numbers, or expressions over their names. */
export interface ManifestSize {
  readonly left: number | string;
  readonly op: '==' | '>=' | '<=';
  readonly right: number | string;
  /** What demands it: the input `image`, or the joint `Prepare.image`. */
  readonly by: string;
}

/** One ONNX tensor of the interface. */
export interface ManifestTensor {
  /** The tensor's name in the ONNX file: `tokens.ids`. */
  readonly onnx: string;
  readonly dtype: string;
  readonly dims: readonly ManifestDim[];
  /** `because`: of a measured fact, by which probe, when and on how many rows. */
  readonly facts: readonly (ManifestFact & { readonly evidence: Evidence; readonly because?: string })[];
}

/** An input or output as the `.mdl` file declares it: one tensor, or a record of them. */
export interface ManifestPort {
  readonly name: string;
  readonly doc?: string;
  /** The contract's name, where one was used. */
  readonly contract?: string;
  readonly tensor?: ManifestTensor;
  readonly fields?: Readonly<Record<string, ManifestTensor>>;
  /** For an input made by a tokenizer: a key of `tokenizers`. */
  readonly tokenizer?: string;
}

/** A tensor that is carried from one run to the next: an input of the ONNX file that an output of the run before feeds. */
export interface ManifestState {
  readonly name: string;
  readonly doc?: string;
  /** The input. */
  readonly tensor: ManifestTensor;
  /** The output's name in the ONNX file. */
  readonly next: string;
  /** What all elements are in the first run; or as many numbers as the last axes have elements, repeated over those before. */
  readonly init: number | readonly number[];
}

/** A backbone that the model is made with, and what its declaration says of it. */
export interface ManifestBackbone {
  readonly name: string;
  /** Its declaration: `encoder.mdl:12:10`. Absent in bundles of older compilers. */
  readonly at?: string;
  readonly version?: string;
  readonly doc?: string;
  /** The backbone of which it is made by replacing tensors. */
  readonly base?: string;
  /** The path of its ONNX file among `sources`. */
  readonly source: string;
  /** `license`, `trained_on` and whatever else the card says. */
  readonly card: Readonly<Record<string, string>>;
}

/** A place where one part's output becomes another's input, and how each requirement is known to hold. */
export interface ManifestJoint {
  /** `glosses.mdl:9:19` */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly requirements: readonly {
    readonly what: string;
    readonly evidence: Evidence;
    /** The node of a foreign file that it follows from, and how: `Tanh "/pooler/Tanh" in bert.onnx: …`. */
    readonly because?: string;
  }[];
}

/** What becomes of values that are not as a contract demands, where that is not known beforehand: `on violation`. */
export interface ManifestGuard {
  /** `glosses.mdl:9:19` */
  readonly at: string;
  readonly from: string;
  /** What demands it: `odds.p`. */
  readonly to: string;
  readonly contract?: string;
  /** The demand: `range [0, 1]`. */
  readonly what: string;
  /** `reject` ends the run, `report` is told; `clamp` and `replace` are done by the graph. */
  readonly action: 'reject' | 'report' | 'clamp' | 'replace';
  /** An i32 output of the ONNX file, for the runtime alone: how much breaks the demand. Absent where the graph does it all. */
  readonly tensor?: string;
  /** Of sizes: `tensor` is those of these axes and the number of axes, as they are, and then as they should be. */
  readonly axes?: readonly number[];
  /** What the axis of `tensor` counts, where it has a name: `batch`. */
  readonly rows?: string;
  /** Names of the outputs of the ONNX file that rest on it; a run that asks for none of them is not concerned. */
  readonly outputs: readonly string[];
}

/** What one run costs, as docs/costs.md defines it: numbers, or expressions over the sizes of the inputs; null where one would be too long. */
export interface ManifestCosts {
  readonly parameters: number;
  /** Of the weights. */
  readonly bytes: number;
  /** Multiply-adds. */
  readonly macs: number | string | null;
  /** Bytes of tensors at the worst moment, weights left out. */
  readonly peak: number | string | null;
  /** Operators whose multiply-adds, and tensors whose bytes, are in none of the figures. */
  readonly uncounted?: { readonly operators?: readonly string[]; readonly tensors?: readonly string[] };
}

/** A backbone, or a part in whose body operators are written, with what they cost. */
export interface ManifestPartCosts extends ManifestCosts {
  readonly name: string;
  readonly kind: 'backbone' | 'part';
}

/** One limit of the model's `budget`. */
export interface ManifestLimit {
  /** `bytes`, `latency.p99` */
  readonly metric: string;
  readonly op: '<=' | '<' | '>=' | '>';
  /** Seconds, bytes or a count; of a `share` the part of what the backbones have by themselves. */
  readonly bound: { readonly kind: 'absolute' | 'share'; readonly value: number };
  readonly device?: string;
  /** proved: kept at all sizes. unproved: nobody knows. unmeasured: only a run can tell. */
  readonly state: 'proved' | 'unproved' | 'unmeasured';
  /** What the model comes to, of a share beside its backbones, and what such a share comes to. */
  readonly figure?: number | string;
  readonly limit?: number | string;
}

/** The largest and the mean of something. */
export interface ManifestSpread {
  readonly max: number | 'inf';
  readonly mean: number | 'inf';
}

/** How far an output lies from that of the model with its weights as they were. */
export interface MeasuredOutput {
  /** Over all elements. */
  readonly absolute: ManifestSpread;
  /** Over the rows of the first axis: the Euclidean norm of a row's difference, by that of the row. */
  readonly relative: ManifestSpread;
  /** Where the last axis counts classes: in how many rows another one is highest. */
  readonly topClass?: { readonly rows: number; readonly changed: number };
}

export interface MeasuredWeights {
  /** Inputs drawn by a seed, or the files that were given. */
  readonly sample: { readonly seed?: number; readonly files?: readonly string[]; readonly runs: number };
  /** By the outputs' names in the ONNX file. */
  readonly outputs: Readonly<Record<string, MeasuredOutput>>;
}

/** How the weights of the model's own parts are stored, where that is not as their files have them. */
export interface ManifestWeights {
  readonly dtype: 'f16';
  /** How many tensors. */
  readonly tensors: number;
  /** Absent where the model could not be run when it was built. */
  readonly measured?: MeasuredWeights;
}

export interface Manifest {
  readonly format: typeof manifestFormat;
  readonly compiler: string;
  readonly model: string;
  readonly doc?: string;
  /** The whole model, or its encoder where there are heads. */
  readonly onnx: ManifestFile;
  /** Files in which weights of `onnx` and of the heads lie, found by their paths; absent where there are none. */
  readonly data?: readonly ManifestFile[];
  readonly heads?: readonly ManifestHead[];
  /** Of `onnx`; absent in bundles of older compilers. */
  readonly rows?: ManifestRows;
  readonly opsets: Readonly<Record<string, number>>;
  /** By provider: names of nodes that it takes and cannot run. Absent where there are none. */
  readonly leftToCpu?: Readonly<Record<string, readonly string[]>>;
  readonly inputs: readonly ManifestPort[];
  readonly outputs: readonly ManifestPort[];
  /** What a stream of runs carries; absent where there is nothing. */
  readonly states?: readonly ManifestState[];
  /** Left out where there are none. */
  readonly sizes?: readonly ManifestSize[];
  /** `name@version` to the tokenizer.json in the bundle. */
  readonly tokenizers: Readonly<Record<string, ManifestFile>>;
  readonly weights?: ManifestWeights;
  /** Absent where the model is made with none. */
  readonly backbones?: readonly ManifestBackbone[];
  readonly joints: readonly ManifestJoint[];
  /** Absent where there are none. */
  readonly guards?: readonly ManifestGuard[];
  /** Of the whole, and of its parts; absent in bundles of older compilers. */
  readonly costs?: ManifestCosts & { readonly parts: readonly ManifestPartCosts[] };
  /** Absent where there is none. */
  readonly budget?: readonly ManifestLimit[];
  /** Answers that the model once gave; absent where none are declared. */
  readonly golden?: readonly ManifestGolden[];
  /** Of a split bundle; absent where none are declared. */
  readonly rollouts?: readonly ManifestRollout[];
  /** What the artefact was made from. */
  readonly sources: readonly ManifestFile[];
  /** SHA-256 of the manifest's bytes before this member, its last. */
  readonly seal?: string;
}
