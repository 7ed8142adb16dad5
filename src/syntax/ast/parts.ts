/** Backbones, adapters, heads and parts. */
import type { Expr } from './expressions.ts';
import type { DeclarationBase, Name, NodeBase, StringLit, Version } from './node.ts';
import type { TypeExpr } from './types.ts';

/** `backbone B @ 1.0.0 { … }`, or `backbone C @ 1.0.0 = B { … }`: B with some of its members replaced. */
export interface BackboneDecl extends DeclarationBase<'BackboneDecl'> {
  readonly version?: Version;
  readonly base?: Name;
  /** Of what it puts into the base. */
  readonly weights?: WeightsClause;
  readonly members: readonly BackboneMember[];
}
export type BackboneMember = SourceClause | BackboneInput | BackboneOutput | TapMember | ReplaceMember | CardClause;
/** `source "./model.onnx"` */
export interface SourceClause extends NodeBase<'SourceClause'> {
  readonly path: StringLit;
}
/** `input tokens: T from { ids: "input_ids" }` or `input x: T from "x"`; without `from`, the file's name is ours. */
export interface BackboneInput extends NodeBase<'BackboneInput'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  /** `= 0`: a caller need not give it. */
  readonly default?: Expr;
  readonly from?: StringLit | NameMap;
}
export interface BackboneOutput extends NodeBase<'BackboneOutput'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  readonly from?: StringLit;
}
/** `tap layer4: T from "NAME"`: a tensor inside the file. */
export interface TapMember extends NodeBase<'TapMember'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  readonly from?: StringLit;
}
/** `replace layer4 = layer4 |> houlsby`: what reads the tap reads the value instead. */
export interface ReplaceMember extends NodeBase<'ReplaceMember'> {
  readonly doc?: string;
  readonly name: Name;
  readonly value: Expr;
}
/** `card { license "Apache-2.0" }` */
export interface CardClause extends NodeBase<'CardClause'> {
  readonly entries: readonly CardEntry[];
}
export interface CardEntry extends NodeBase<'CardEntry'> {
  readonly name: Name;
  readonly value: StringLit;
}
/** `{ linear.w: "w", ids: "input_ids" }` */
export interface NameMap extends NodeBase<'NameMap'> {
  readonly entries: readonly NameMapEntry[];
}
export interface NameMapEntry extends NodeBase<'NameMapEntry'> {
  readonly path: readonly Name[];
  readonly to: StringLit;
  /** `"w" transposed` */
  readonly transposed: boolean;
}

export type Role = 'adapter' | 'head' | 'part';
/**
 * `head H @ 1.0.0 (x: T) -> U where … keeps … weights … { … }`. In place of a body stands a file that holds it, or
 * nothing where `weights "…" = learned` leaves its form to `fit`.
 */
export interface PartDecl extends DeclarationBase<'PartDecl'> {
  readonly role: Role;
  readonly version?: Version;
  readonly params: readonly Param[];
  readonly result: TypeExpr;
  /** Kinds of nominal facts that pass from the inputs to the result: `keeps space`. */
  readonly keeps: readonly Name[];
  readonly weights?: WeightsClause;
  readonly source?: PartSource;
  readonly body?: Block;
}
/** `source "./head.onnx" from { x: "embedding" } to { score: "logits" }`: a lone input or result needs no braces. */
export interface PartSource extends NodeBase<'PartSource'> {
  readonly path: StringLit;
  readonly from?: StringLit | NameMap;
  readonly to?: StringLit | NameMap;
}
/** A tensor parameter has a TypeExpr; a compile-time one a KindType. */
export interface Param extends NodeBase<'Param'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr | KindType;
  readonly default?: Expr;
}
export type CompileTimeKind = 'int' | 'float' | 'bool' | 'str' | 'dtype' | 'space' | 'tokenizer' | 'labels' | 'initializer';
export interface KindType extends NodeBase<'KindType'> {
  readonly name: CompileTimeKind;
}
/** `weights "./head.safetensors" from { linear.w: "w" } = learned` */
export interface WeightsClause extends NodeBase<'WeightsClause'> {
  readonly path: StringLit;
  readonly map?: NameMap;
  /** `= learned`: a `fit` writes the file. */
  readonly learned: boolean;
}
/** `let` and `param` statements, then the value. */
export interface Block extends NodeBase<'Block'> {
  readonly statements: readonly (Let | ParamStatement)[];
  readonly result: Expr;
}
export interface Let extends NodeBase<'Let'> {
  readonly doc?: string;
  readonly name: Name;
  readonly value: Expr;
}
/** `param w: float[d, out] = normal(std: 0.02)` */
export interface ParamStatement extends NodeBase<'ParamStatement'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  /** What `fit` begins with. */
  readonly init?: Expr;
}
