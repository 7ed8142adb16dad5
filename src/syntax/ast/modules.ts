/** Modules, and the declarations that are no parts. */
import type { ModelDecl } from './models.ts';
import type { DeclarationBase, Name, NodeBase, StringLit, Version, VersionRange } from './node.ts';
import type { BackboneDecl, Param, PartDecl } from './parts.ts';
import type { FitDecl, GoldenDecl, ProbeDecl, RolloutDecl, VerifyDecl } from './tools.ts';
import type { TypeExpr } from './types.ts';

export interface Module extends NodeBase<'Module'> {
  readonly imports: readonly Import[];
  readonly declarations: readonly Declaration[];
}
export interface Import extends NodeBase<'Import'> {
  readonly names: readonly ImportName[];
  readonly from: StringLit;
}
/** `a` or `a as b`. */
export interface ImportName extends NodeBase<'ImportName'> {
  readonly name: Name;
  readonly alias?: Name;
}

export type Declaration =
  | SpaceDecl
  | TokenizerDecl
  | LabelsDecl
  | AttributeDecl
  | ContractDecl
  | BackboneDecl
  | PartDecl
  | ModelDecl
  | FitDecl
  | VerifyDecl
  | RolloutDecl
  | ProbeDecl
  | GoldenDecl;

/** `space minilm @ 2.1.0 compatible ^2.0` */
export interface SpaceDecl extends DeclarationBase<'SpaceDecl'> {
  readonly version?: Version;
  /** The older versions whose vectors may be mixed with these. */
  readonly compatible: readonly VersionRange[];
}
/** `tokenizer bert @ 1.0.0 from "./tokenizer.json"` */
export interface TokenizerDecl extends DeclarationBase<'TokenizerDecl'> {
  readonly version?: Version;
  readonly source?: StringLit;
}
/** `labels Polarity = ["negative", "positive"]` */
export interface LabelsDecl extends DeclarationBase<'LabelsDecl'> {
  readonly values: readonly StringLit[];
}
/** `attribute color { rgb, bgr, gray }` */
export interface AttributeDecl extends DeclarationBase<'AttributeDecl'> {
  readonly values: readonly Name[];
}
/** `contract C(p: kind) = type where …` or `contract C { field: type … }` */
export interface ContractDecl extends DeclarationBase<'ContractDecl'> {
  readonly params: readonly Param[];
  readonly body: TypeExpr | RecordBody;
}
export interface RecordBody extends NodeBase<'RecordBody'> {
  readonly fields: readonly RecordField[];
}
export interface RecordField extends NodeBase<'RecordField'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
}
