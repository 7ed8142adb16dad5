/** What the checked declarations of tools are: what `fit`, `verify`, `probe`, `golden` and `rollout` later go by. */
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl, Declaration, ModelDecl, PartDecl } from '../../syntax/ast.ts';
import type { Location } from '../../text/source.ts';
import type { Type } from '../../types/type.ts';
import type { BudgetEntry, OwnedWeights } from '../model.ts';
import type { StaticValue } from '../expressions/values.ts';

/** A data file, read when the tool runs: nobody has looked into it. */
export interface CheckedData {
  /** Undefined where nothing refers to it. */
  readonly name: string | undefined;
  readonly uri: string;
  readonly location: Location;
}

/** A value of a tool's dataflow: parts and models called on columns of the data. Each row is one example. */
export type Term = ColumnTerm | CallTerm | FieldTerm;
interface TermBase {
  /** Unknown where it depends on what the data hold. */
  readonly type: Type;
  readonly location: Location;
}
/** `d.text` */
export interface ColumnTerm extends TermBase {
  readonly kind: 'column';
  readonly data: CheckedData;
  readonly column: string;
}
/** A call; its tensors by the names of the callee's inputs. */
export interface CallTerm extends TermBase {
  readonly kind: 'call';
  readonly callee: Symbol<PartDecl | BackboneDecl | ModelDecl>;
  readonly inputs: ReadonlyMap<string, Term>;
  readonly statics: ReadonlyMap<string, StaticValue>;
  /** The fields that a sigmoid made, so that each of their columns is a probability by itself; empty is the whole. */
  readonly sigmoids?: ReadonlySet<string>;
}
/** A field of a record, an output of a model or of a backbone. */
export interface FieldTerm extends TermBase {
  readonly kind: 'field';
  readonly of: Term;
  readonly field: string;
}

/** The options of a loss, a metric or a method by name, defaults put in. */
export type Options = ReadonlyMap<string, number | boolean | string>;

/** A loss, a metric or a method, as its table's row names it. */
export interface Applied {
  readonly name: string;
  /** By the row's names for them, in its order. */
  readonly inputs: ReadonlyMap<string, Term>;
  readonly options: Options;
  readonly location: Location;
}

/** One summand of a loss. */
export interface WeightedLoss extends Applied {
  readonly weight: number;
}

interface ToolBase<K extends string, D extends Declaration> {
  readonly kind: K;
  readonly declaration: D;
  /** The module that declares it. */
  readonly uri: string;
  /** Of its name. */
  readonly location: Location;
  readonly data: readonly CheckedData[];
}

/** `fit NAME { … }`: the loss is minimised over what `target` owns, and over nothing else. */
export interface CheckedFit extends ToolBase<'fit', Extract<Declaration, { kind: 'FitDecl' }>> {
  readonly target: Symbol<PartDecl>;
  readonly weights: OwnedWeights;
  readonly loss: readonly WeightedLoss[];
  /** `auto` where the declaration leaves it open. */
  readonly method: Applied;
  /** Parameters that keep their weights, by their path below the target: for so many epochs, or always. */
  readonly frozen: ReadonlyMap<string, number>;
  readonly seed: number;
}

/** `op` between a metric and its bound; a metric without inputs is one that the gates compute: `information.p`. */
export interface CheckedRequirement {
  readonly metric: Applied;
  readonly op: '>=' | '<=' | '>' | '<';
  /** `baseline`: the same metric of the model without the swap, plus `offset`. */
  readonly bound: { readonly kind: 'value'; readonly value: number } | { readonly kind: 'baseline'; readonly offset: number };
  readonly location: Location;
}

export interface CheckedSwap {
  readonly part: Symbol<PartDecl | BackboneDecl>;
  readonly replacement: Symbol<PartDecl | BackboneDecl>;
  readonly model: Symbol<ModelDecl>;
  /** Which of the two the model calls as it is written: after an upgrade the replacement. */
  readonly standing: 'part' | 'replacement';
}

/** `verify NAME { … }` */
export interface CheckedVerify extends ToolBase<'verify', Extract<Declaration, { kind: 'VerifyDecl' }>> {
  readonly name: string;
  readonly swaps: readonly CheckedSwap[];
  readonly requirements: readonly CheckedRequirement[];
}

export interface CheckedTap {
  readonly backbone: Symbol<BackboneDecl>;
  readonly tap: string;
}

/** `probe NAME { … }`: the spaces of parts that read the same data. */
export interface CheckedProbe extends ToolBase<'probe', Extract<Declaration, { kind: 'ProbeDecl' }>> {
  readonly name: string;
  readonly through: readonly Symbol<PartDecl | BackboneDecl>[];
  readonly taps: readonly CheckedTap[];
}

/** `golden MODEL { … }`: what the model has to give again. */
export interface CheckedGolden extends ToolBase<'golden', Extract<Declaration, { kind: 'GoldenDecl' }>> {
  readonly model: Symbol<ModelDecl>;
  /** The model gives the rows with this head in the place of its own. */
  readonly swap: CheckedSwap | undefined;
  /** The largest difference of an element; undefined where it is left to the dtypes. */
  readonly tolerance: number | undefined;
}

export interface CheckedArm {
  readonly head: Symbol<PartDecl>;
  /** From 0 to 1; those of a slot add up to 1. */
  readonly share: number;
}
export interface CheckedRollback {
  readonly to: Symbol<PartDecl>;
  readonly metric: string;
  readonly op: '>' | '<' | '>=' | '<=';
  /** A share from 0 to 1, or seconds. */
  readonly bound: number;
  /** How many of the last requests are looked at. */
  readonly over: number;
}
export interface CheckedSlot {
  readonly output: string;
  /** The head that the model calls there. */
  readonly head: Symbol<PartDecl>;
  readonly arms: readonly CheckedArm[];
  readonly shadows: readonly Symbol<PartDecl>[];
  /** The property of a request by which it keeps its arm. */
  readonly sticky: string | undefined;
  readonly flags: readonly { readonly flag: string; readonly head: Symbol<PartDecl> }[];
  readonly rollback: CheckedRollback | undefined;
}

/** `rollout NAME of MODEL { … }` */
export interface CheckedRollout extends ToolBase<'rollout', Extract<Declaration, { kind: 'RolloutDecl' }>> {
  readonly name: string;
  readonly model: Symbol<ModelDecl>;
  readonly slots: readonly CheckedSlot[];
}

/** One entry of a model's `budget`. */
export interface CheckedLimit extends Pick<BudgetEntry, 'metric' | 'op' | 'bound' | 'device'> {
  readonly location: Location;
}
export interface CheckedBudget {
  readonly kind: 'budget';
  readonly model: Symbol<ModelDecl>;
  readonly uri: string;
  readonly limits: readonly CheckedLimit[];
}

export type CheckedTool = CheckedFit | CheckedVerify | CheckedProbe | CheckedGolden | CheckedRollout | CheckedBudget;
