/** What an expression is evaluated in. */
import type { ForeignModel } from '../ir/graph.ts';
import type { Symbol } from '../names/modules.ts';
import type { Operator } from '../ops/operator.ts';
import type { AttributeValues, OperatorCall } from '../ops/operator.ts';
import { at, type Location, type Span } from '../text/source.ts';
import { noBindings, type Bindings } from '../types/bindings.ts';
import type { Evidence, Fact, SizeStatement, Violation } from '../types/fact.ts';
import type { TensorType, Type } from '../types/type.ts';
import type { Callable, Checker } from './context.ts';
import type { Initializer } from './parts/initializers.ts';
import type { FollowedMemory } from './expressions/followed.ts';
import type { Caller, Template } from './expressions/templates.ts';
import type { Mixture } from './joints/mixtures.ts';
import type { Joint, Requirement } from './model.ts';
import type { JointTensor } from './joints/places.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Report, TypeScope } from './types/type-scope.ts';
import type { Value } from './expressions/values.ts';

/** A `param` of some part, at one place of use. */
export interface Parameter {
  /** The part whose `weights` it belongs to; undefined where nobody has any. */
  readonly owner: Symbol | undefined;
  /** `linear.w`: the path below the owner. */
  readonly path: string;
  readonly type: TensorType;
  /** What a fit begins with; undefined where the declaration leaves it to the fit. */
  readonly init?: Initial;
  /** The `param` statement. */
  readonly location: Location;
  /** The call of its part, in the owner or below. */
  readonly site: Location;
  /** The call of the model or owner below which it lies; undefined where the owner declares it itself. */
  readonly below: Entered | undefined;
}

export interface Initial {
  readonly initializer: Initializer;
  readonly value: Value;
  /** Whether it is an argument of the call rather than written at the `param`. */
  readonly given: boolean;
}

/** A call that was followed, and where it stands. */
export interface Entered {
  readonly symbol: Symbol;
  readonly site: Location;
}

export type GuardedFact = Fact & { readonly violation: Violation };

/** Where a value meets a demand: the names of both sides, as a joint has them. */
export interface GuardSite {
  readonly location: Location;
  /** `odds.p` */
  readonly to: string;
  readonly from: string;
}
/** That what a file gives has the sizes that were declared of it. */
export interface GuardedShape {
  readonly kind: 'shape';
  /** `f32[batch, 1]` */
  readonly type: string;
  readonly violation: Violation;
}
export interface Guard extends GuardSite {
  /** The contract whose demand it is, where it has one. */
  readonly contract?: string;
  readonly fact: GuardedFact | GuardedShape;
}
/**
 * The program's tensor of how much breaks a demand; `rows` is what its axis is called. Of sizes it is those of `axes` and the
 * rank, as they are and then as they are said to be.
 */
export interface GuardCounts {
  readonly ref: string;
  readonly rows?: string;
  readonly axes?: readonly number[];
}

/** What an operator or a file needs of sizes. */
export interface SizeDemand {
  readonly fact: SizeStatement;
  /** As it is said where nothing is known of the sizes; as `fact` where it is missing. */
  readonly said?: string;
  /** The library's part that was called, or the operator. */
  readonly by: string;
  readonly site: Location;
}

/** Where evaluation puts the operators it meets: a program, or nowhere while only parameters are looked for. */
export interface Sink {
  operation(operator: Operator, inputs: readonly string[], attributes: AttributeValues, types: Pick<OperatorCall, 'output' | 'field'> & { inputs: readonly TensorType[] }, site: Location): string;
  /** The program's names of tensors of a file, by the names they have there; `inputs` may feed inner ones. */
  link(callee: Symbol, model: ForeignModel, inputs: ReadonlyMap<string, string>, outputs: ReadonlyMap<string, TensorType>, site: Location): ReadonlyMap<string, string>;
  parameter(parameter: Parameter): string;
  /** A number, or a vector of them, as the type says. */
  constant(values: readonly number[], type: TensorType): string;
  /** Told what an input of the model is. */
  given(type: Type): void;
  /** Told what an operator needs of sizes, where nobody has said it yet; answers whether the model's inputs say how large they are. */
  demand(demand: SizeDemand): boolean;
  /** The value behind a guard; `counts` where the guard leaves it as it is. */
  guard(value: string, guard: Guard, counts?: GuardCounts): string;
  /** Whether what comes here was found sound before, so that arguments need not be judged again. */
  readonly sound: boolean;
  /** Whether only parameters are looked for. */
  readonly onlyParameters: boolean;
  /** Bodies that were followed before, which are put here as templates; undefined where each is followed for itself. */
  readonly templates: FollowedMemory<Template> | undefined;
  /** Puts a body here that was followed before, with the names of its arguments; answers with the names here of its own. */
  body(template: Template, given: readonly string[], caller: Omit<Caller, 'sink'>): (local: string) => string;
  /** What a call of a part gives whose body is not looked into, because it belongs to another package; undefined where all are followed. */
  readonly closed?: (name: string, type: Type) => Value;
  /** Puts a call here that stands for itself; all are followed into their bodies where it is missing. */
  readonly sealed?: (call: SealedCall) => string;
  /** Told of every tensor of a joint, where it lies. */
  place(tensor: JointTensor): void;
  /** Told of guards that stand nowhere, because the demand is known to hold. */
  needless(guard: Guard, evidence: Evidence): void;
}

/** A call of a part of the library, by its name; or of one whose weights lead into a space, to which it is bound by itself. */
export interface SealedCall {
  readonly name: string;
  /** The tensors, and of a library's part the parameters below it. */
  readonly inputs: readonly string[];
  readonly attributes: AttributeValues;
  /** The part whose weights those are. */
  readonly owner?: Symbol<Callable>;
}

/** Counts down; 0 is the end. Parts that call each other twice grow as powers of two. */
export interface Budget {
  left: number;
  /** Whether a part was met that contains itself. */
  circular: boolean;
  /** Whether something was met that has no value, so that what lies below it was not seen. */
  gap: boolean;
}
export type Swaps = ReadonlyMap<Symbol, Symbol<Callable>>;

/** Evaluation that follows calls into the bodies of the parts called. One shape, as of `Env`. */
export interface Deep {
  readonly sink: Sink;
  readonly owner: Symbol | undefined;
  /** The calls entered on the way here, the outermost first. */
  readonly entered: readonly Entered[];
  /** How many more calls may be followed; shared by one evaluation. */
  readonly budget: Budget;
  /** `let` names and callees from the owner down. */
  readonly path: readonly string[];
  /** The user's call that led here; library calls keep the one that led to them. */
  readonly site: Location;
  /** Parts that others stand in for. */
  readonly swaps: Swaps | undefined;
  /** Told every call that was followed: its tensors by the names of the inputs, and its answer. */
  readonly watch: ((symbol: Symbol, inputs: ReadonlyMap<string, Value>, answer: Value) => void) | undefined;
}

/** How many calls one model may be made of, counted through all its parts. */
export const mostCalls = 50_000;

/** Evaluation into a sink that begins at a declaration. */
export const followFrom = (symbol: Symbol, sink: Sink, owner: Symbol | undefined): Deep => ({
  sink,
  owner,
  entered: [],
  // The call that uses up the budget is the one too many.
  budget: { left: mostCalls + 1, circular: false, gap: false },
  path: [],
  site: at(symbol.module, symbol.declaration.name.span),
  swaps: undefined,
  watch: undefined,
});

/** What belongs to the weights of a part, noted while its body is checked: parameters of its own, and calls that leave theirs to it. */
export interface OwnedParameters {
  /** Each tells a sink of its parameters. */
  readonly told: ((deep: Deep) => void)[];
  /** Whether something has no value, so that what lies below it was not seen. */
  gap: boolean;
}

export interface Local {
  readonly value: Value;
  readonly span: Span;
  used: boolean;
}

/** Made with all its properties, and of others by spreading: one shape, which is copied at once. */
export interface Env {
  readonly checker: Checker;
  /** The part or model whose body this is. */
  readonly symbol: Symbol;
  readonly scope: TypeScope;
  /** What the body's own sizes and dtypes stand for in this instance; empty while the body is checked for itself. */
  readonly bindings: Bindings;
  readonly locals: Map<string, Local>;
  readonly report: Report;
  /** Joints found in this body; undefined where they are not wanted. */
  readonly joints: Joint[] | undefined;
  readonly deep: Deep | undefined;
  /** The name of the `let` whose value is being evaluated; names the parameters of its outermost call. */
  readonly letName: string | undefined;
  /** What this body, or one followed from it, does to vectors of two spaces; undefined where nobody asks. */
  readonly mixtures: Mixture[] | undefined;
  readonly inferring: Inferring | undefined;
  /** The inputs of a body as they should be; undefined where joints are not judged with those. */
  readonly given: GivenInputs | undefined;
  /** Undefined where nobody has weights, or nobody asks. */
  readonly owned: OwnedParameters | undefined;
  /** The step that is being evaluated; undefined where nobody wants to know the steps. */
  readonly trace: TraceNode | undefined;
}

/** An environment in which nothing is bound yet, and nobody asks for more than values. */
export const plainEnv = ({ checker, symbol, scope, report }: Pick<Env, 'checker' | 'symbol' | 'scope' | 'report'>): Env => ({
  checker,
  symbol,
  scope,
  bindings: noBindings(),
  locals: new Map(),
  report,
  joints: undefined,
  deep: undefined,
  letName: undefined,
  mixtures: undefined,
  inferring: undefined,
  given: undefined,
  owned: undefined,
  trace: undefined,
});

/** Where a body that is checked for itself notes what is owned; a body that is followed, or looked at again, notes nothing. */
export const ownedIn = ({ owned, deep, trace }: Env): OwnedParameters | undefined => (deep === undefined && trace === undefined ? owned : undefined);

/** What the inputs of a body are where they are as its signature says, and the joints of those themselves, judged with that. */
export interface GivenInputs {
  readonly values: ReadonlyMap<Value, Value>;
  readonly judged: Map<Joint, readonly Requirement[]>;
}

/** One expression that was evaluated, with those inside it; of a call that was followed, also those of the body. */
export interface TraceNode {
  readonly expr: Expr | undefined;
  /** The part or model in whose body it stands. */
  readonly symbol: Symbol;
  /** The `let` that holds it. */
  readonly letName: string | undefined;
  value: Value | undefined;
  readonly inner: TraceNode[];
}

/** A body that is evaluated only for what can be inferred of its result at a call. */
export interface Inferring {
  /** How many more calls may be followed, and whether one was passed by because too many stand below it. */
  readonly budget: { left: number; passed: boolean };
  /** The part that the body being checked calls. */
  readonly part: string;
  /** The calls that led here, the outermost first. */
  readonly sites: readonly Location[];
  /** The user's call that led here; library calls keep the one that led to them. */
  readonly site: Location;
  /** Told what does not fit at this call, in the body that is being checked. */
  readonly report: Report;
  /** Whether one of the parts called has weights of its own. */
  readonly fitted: boolean;
}
