/** What fits, measures and rolls out models. */
import type { Comparison, Expr } from './expressions.ts';
import type { DeclarationBase, Name, NodeBase, NumberLit, QuantityLit, StringLit } from './node.ts';
import type { Let } from './parts.ts';

/** `fit Bridge { data … let … loss … method … freeze … seed … }`; its name is that of the part that it fits. */
export interface FitDecl extends DeclarationBase<'FitDecl'> {
  readonly members: readonly (DataClause | Let | LossClause | MethodClause | FreezeClause | SeedClause)[];
}
/** `verify Upgrade { swap … data … let … require … }` */
export interface VerifyDecl extends DeclarationBase<'VerifyDecl'> {
  readonly members: readonly (SwapClause | DataClause | Let | RequireClause)[];
}
/** `probe Sentences { data … through … taps … }` */
export interface ProbeDecl extends DeclarationBase<'ProbeDecl'> {
  readonly members: readonly (DataClause | ThroughClause | TapsClause)[];
}
/** `golden Reviews { swap … data … tolerance … }`; its name is that of the model that it pins down. */
export interface GoldenDecl extends DeclarationBase<'GoldenDecl'> {
  readonly members: readonly (SwapClause | DataClause | ToleranceClause)[];
}
export type ToolDecl = FitDecl | VerifyDecl | ProbeDecl | GoldenDecl;
export type ToolMember = ToolDecl['members'][number];

/** `data d = "./pairs.jsonl"`, or without a name where nothing refers to it. */
export interface DataClause extends NodeBase<'DataClause'> {
  readonly doc?: string;
  readonly name?: Name;
  readonly path: StringLit;
}
export interface LossClause extends NodeBase<'LossClause'> {
  readonly value: Expr;
}
/** `method auto`, `method adam(lr: 1e-3)` */
export interface MethodClause extends NodeBase<'MethodClause'> {
  readonly value: Expr;
}
/** `freeze base, branch.down until 5`: what keeps its weights, perhaps for so many epochs. */
export interface FreezeClause extends NodeBase<'FreezeClause'> {
  readonly layers: readonly Expr[];
  readonly until?: NumberLit;
}
export interface SeedClause extends NodeBase<'SeedClause'> {
  readonly value: NumberLit;
}
/** `swap Encode with BgeEncode in Reviews` */
export interface SwapClause extends NodeBase<'SwapClause'> {
  readonly part: Name;
  readonly replacement: Name;
  readonly model: Name;
}
/** `require accuracy(y, d.label) >= baseline - 2%` */
export interface RequireClause extends NodeBase<'RequireClause'> {
  readonly condition: Comparison;
}
/** `through Encode, EncodeBge` */
export interface ThroughClause extends NodeBase<'ThroughClause'> {
  readonly parts: readonly Name[];
}
/** `taps layer4` */
export interface TapsClause extends NodeBase<'TapsClause'> {
  readonly taps: readonly Name[];
}
/** `tolerance 1e-4` */
export interface ToleranceClause extends NodeBase<'ToleranceClause'> {
  readonly value: NumberLit;
}

/** `rollout Production of Reviews { slot … }` */
export interface RolloutDecl extends DeclarationBase<'RolloutDecl'> {
  readonly model: Name;
  readonly slots: readonly Slot[];
}
/** `slot topic { arm … shadow … sticky … flag … rollback … }`: which head answers as an output of the model. */
export interface Slot extends NodeBase<'Slot'> {
  readonly doc?: string;
  readonly name: Name;
  readonly members: readonly SlotMember[];
}
export type SlotMember = ArmClause | ShadowClause | StickyClause | FlagClause | RollbackClause;
/** `arm TopicV1 90%` */
export interface ArmClause extends NodeBase<'ArmClause'> {
  readonly head: Name;
  readonly share: QuantityLit;
}
/** `shadow TopicV3` */
export interface ShadowClause extends NodeBase<'ShadowClause'> {
  readonly head: Name;
}
/** `sticky by user` */
export interface StickyClause extends NodeBase<'StickyClause'> {
  readonly by: Name;
}
/** `flag "topic-v2" -> TopicV2` */
export interface FlagClause extends NodeBase<'FlagClause'> {
  readonly flag: StringLit;
  readonly head: Name;
}
/** `rollback to TopicV1 when error_rate > 1% over 500` */
export interface RollbackClause extends NodeBase<'RollbackClause'> {
  readonly head: Name;
  readonly condition: Comparison;
  /** Requests that are looked at. */
  readonly over?: NumberLit;
}
