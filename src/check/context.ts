/** What every rule of the checker is given. */
import type { Diagnostic, Outcome } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { ForeignModel } from '../ir/graph.ts';
import type { ReadTensor } from '../ir/infer/constants.ts';
import type { Link } from '../ir/program.ts';
import type { Modules, Symbol } from '../names/modules.ts';
import type { BackboneDecl, Expr, Name, Node, PartDecl } from '../syntax/ast.ts';
import type { DType } from '../types/dtype.ts';
import type { Nominal } from '../types/fact.ts';
import type { FileBinding } from './files/file-ports.ts';
import type { PrintedGraph } from './files/value-graph.ts';
import type { FollowedMemory, LargeParts } from './expressions/followed.ts';
import type { Template } from './expressions/templates.ts';
import type { NodeFacts } from './joints/followed-values.ts';
import type { Measured } from './measured.ts';
import type { ForeignUse, IdentityUse, Joint, OwnedWeights } from './model.ts';
import type { Signature } from './parts/signature.ts';
import type { Recorded, Recording } from './recording.ts';
import type { Value } from './expressions/values.ts';
import type { WeightsRead } from './parts/weight-types.ts';

export interface WeightsTensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Bytes from the file's start. */
  readonly offset: number;
  readonly length: number;
}
/** The first number of a tensor that is NaN or infinite, and how many there are. */
export interface NotFinite {
  readonly index: readonly number[];
  readonly value: string;
  readonly count: number;
}
export interface WeightsFile {
  readonly tensors: ReadonlyMap<string, WeightsTensor>;
  /** Undefined where there is no such number, or nobody looked. */
  readonly notFinite: (key: string) => NotFinite | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}
export interface TokenizerFile {
  /** How many ids there are. */
  readonly vocabulary: number;
  /** On which side of the tokens padding stands, and whether a text by itself is padded, too. */
  readonly padding: { readonly side: 'left' | 'right'; readonly always: boolean };
  /** To how many tokens texts may come, special ones and padding included; undefined where they are cut nowhere. */
  readonly longest: number | undefined;
}

/** The headers of foreign files. Injected, because the checker knows no file format. */
export interface ForeignFiles {
  model(uri: string): Outcome<ForeignModel>;
  /** The constants of a model that hold such numbers, by their names in its main graph; of large files not all are looked at. */
  notFinite(model: ForeignModel): ReadonlyMap<string, NotFinite>;
  /** Reads constants of models, as long as the function runs that is given them. */
  withConstants<T>(use: (read: ReadTensor) => T): T;
  /** A link's file, with what is taken of it under these operator sets (domain to version); a finding where it cannot be converted. */
  converted(link: Link, opsets: ReadonlyMap<string, number>): Outcome<ForeignModel>;
  weights(uri: string): Outcome<WeightsFile>;
  tokenizer(uri: string): Outcome<TokenizerFile>;
}

export type Callable = PartDecl | BackboneDecl;

/** Told the value of every expression, and of every name that a body declares, while the body is checked for itself. */
export type Observe = (node: Expr | Name, value: Value) => void;

/** A file that is part of what a space or tokenizer is; `from` is the tensor of it that lies in the space. */
export interface Bound {
  readonly nominal: Nominal;
  readonly uri: string;
  readonly from?: { readonly symbol: Symbol<Callable>; readonly onnx: string };
}

/** One run of the checker over some modules; its rules fill in what they find. */
export interface Checker {
  readonly host: Host;
  /** Whether learned weights are to be learned again: a file of theirs that is of no use any more is as good as none. */
  readonly refits: boolean;
  /** Whether syntax or names are wrong somewhere. */
  readonly faulty: boolean;
  readonly modules: Modules;
  readonly files: ForeignFiles;
  /** What probes found true of what is declared. */
  readonly measured: Measured;
  readonly diagnostics: Diagnostic[];
  readonly foreign: ForeignUse[];
  /** URIs of the foreign files that were looked for, found or not, with their states. */
  readonly looked: (readonly [string, string])[];
  /** Which file is part of which space or tokenizer. */
  readonly bound: Bound[];
  /** By kind, id and version: what `bound` comes to, once all modules are checked. */
  readonly identities: Map<string, IdentityUse>;
  readonly signatures: Map<Symbol, Signature>;
  /** What the ports of backbones, and of parts that are files, stand for. */
  readonly bindings: Map<Symbol, FileBinding>;
  /** Joints by the declaration whose body they stand in. */
  readonly joints: Map<Symbol, Joint[]>;
  /** Parts whose bodies are being checked, to find cycles. */
  readonly pending: Symbol[];
  /** The circles that were told of, each by its members: it is met from every one of them. */
  readonly circles: Set<string>;
  /** The parts that a declaration's body calls. */
  readonly calls: Map<Symbol, Set<Symbol>>;
  /** Whether checked declarations leave parameters to who calls them, where somebody asked. */
  readonly leaving: Map<Symbol, boolean>;
  /** What the parts read of their weights files. */
  readonly reads: WeightsRead[];
  /** What the parts with weights own, where that could be made out. */
  readonly weights: OwnedWeights[];
  /** How many expressions are being evaluated, each inside the one before. */
  depth: number;
  /** The most that `depth` has been, as far as somebody asks. */
  deepest: number;
  /** Counts what makes a value depend on more than what it is computed from: a limit, a circle, something told on the way. */
  unsettled: number;
  /** What calls came to that were followed before. */
  readonly followed: FollowedMemory<Value>;
  /** Bodies of such calls, as programs are given them. */
  readonly templates: FollowedMemory<Template>;
  /** Bodies in which parts of the library are called by their names. */
  readonly sealedTemplates: FollowedMemory<Template>;
  /** What parts compute that say in which space their result lies, by the space. */
  readonly bodyGraphs: WeakMap<Signature, Map<string, PrintedGraph>>;
  /** Parts that more calls stand below than are followed. */
  readonly large: LargeParts;
  /** What follows from the nodes of values, where something is demanded of them. */
  readonly nodeFacts: NodeFacts;
  /** What the observer was told; empty where nobody wants it. */
  readonly observed: (readonly [Node, Value])[];
  /** What is known of declarations, from this check or earlier ones. */
  readonly recorded: WeakMap<Symbol, Recorded>;
  /** Declarations that are being checked, the innermost last. */
  readonly recordings: Recording[];
  /** Undefined where nobody wants the values. */
  readonly observe: Observe | undefined;
}
