/**
 * The syntax tree. Every node has its `kind` and its `span`; a node that the parser had to make up has an empty
 * name or is `MissingExpr` or `MissingType`, and later stages stay silent about it: the error is reported already.
 */
import type { Span } from '../text/source.ts';

interface NodeBase<K extends string> {
  readonly kind: K;
  readonly span: Span;
}

/** `text` is "" where the parser made the name up. */
export interface Name extends NodeBase<'Name'> {
  readonly text: string;
}
/** `value` is unescaped. */
export interface StringLit extends NodeBase<'StringLit'> {
  readonly value: string;
}
export interface NumberLit extends NodeBase<'NumberLit'> {
  readonly value: number;
  /** As written: `1e-3`. */
  readonly text: string;
}
export interface BoolLit extends NodeBase<'BoolLit'> {
  readonly value: boolean;
}
/** `1.0.0`, always whole. */
export interface Version extends NodeBase<'Version'> {
  readonly text: string;
}
/** `^2`, `^2.1`, `2.0.0`, `2`, as npm reads them. */
export interface VersionRange extends NodeBase<'VersionRange'> {
  readonly text: string;
}

// ---------------------------------------------------------------- modules

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

interface DeclarationBase<K extends string> extends NodeBase<K> {
  /** The text of the `///` lines above it, without the slashes. */
  readonly doc?: string;
  readonly name: Name;
}

export type Declaration = SpaceDecl | TokenizerDecl | LabelsDecl | ContractDecl | BackboneDecl | PartDecl | ModelDecl;

/** `space minilm @ 2.0.0` */
export interface SpaceDecl extends DeclarationBase<'SpaceDecl'> {
  readonly version?: Version;
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

// ---------------------------------------------------------------- parts

/** `backbone B @ 1.0.0 { … }` */
export interface BackboneDecl extends DeclarationBase<'BackboneDecl'> {
  readonly version?: Version;
  readonly members: readonly BackboneMember[];
}
export type BackboneMember = SourceClause | BackboneInput | BackboneOutput | CardClause;
/** `source "./model.onnx"` */
export interface SourceClause extends NodeBase<'SourceClause'> {
  readonly path: StringLit;
}
/** `input tokens: T from { ids: "input_ids" }` or `input x: T from "x"`; without `from`, the file's name is ours. */
export interface BackboneInput extends NodeBase<'BackboneInput'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  readonly from?: StringLit | NameMap;
}
export interface BackboneOutput extends NodeBase<'BackboneOutput'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  readonly from?: StringLit;
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
/** `head H @ 1.0.0 (x: T) -> U where … keeps … weights … { … }` */
export interface PartDecl extends DeclarationBase<'PartDecl'> {
  readonly role: Role;
  readonly version?: Version;
  readonly params: readonly Param[];
  readonly result: TypeExpr;
  /** Kinds of nominal facts that pass from the inputs to the result: `keeps space`. */
  readonly keeps: readonly Name[];
  readonly weights?: WeightsClause;
  readonly body: Block;
}
/** A tensor parameter has a TypeExpr; a compile-time one a KindType. */
export interface Param extends NodeBase<'Param'> {
  readonly name: Name;
  readonly type: TypeExpr | KindType;
  readonly default?: Expr;
}
export type CompileTimeKind = 'int' | 'float' | 'bool' | 'str' | 'dtype' | 'space' | 'tokenizer' | 'labels';
export interface KindType extends NodeBase<'KindType'> {
  readonly name: CompileTimeKind;
}
/** `weights "./head.safetensors" from { linear.w: "w" }` */
export interface WeightsClause extends NodeBase<'WeightsClause'> {
  readonly path: StringLit;
  readonly map?: NameMap;
}
/** `let` and `param` statements, then the value. */
export interface Block extends NodeBase<'Block'> {
  readonly statements: readonly (Let | ParamStatement)[];
  readonly result: Expr;
}
export interface Let extends NodeBase<'Let'> {
  readonly name: Name;
  readonly value: Expr;
}
/** `param w: float[d, out]` */
export interface ParamStatement extends NodeBase<'ParamStatement'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
}

/** `model M { input … let … output … }` */
export interface ModelDecl extends DeclarationBase<'ModelDecl'> {
  readonly members: readonly ModelMember[];
}
export type ModelMember = ModelInput | Let | ModelOutput;
export interface ModelInput extends NodeBase<'ModelInput'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
}
export interface ModelOutput extends NodeBase<'ModelOutput'> {
  readonly doc?: string;
  readonly name: Name;
  /** `output topic: T = …`: a claim that is checked. */
  readonly type?: TypeExpr;
  readonly value: Expr;
}

// ---------------------------------------------------------------- types

/** A base type and the facts of its `where` clause. */
export interface TypeExpr extends NodeBase<'TypeExpr'> {
  readonly base: TensorTypeExpr | ContractRef | MissingType;
  readonly facts: readonly FactExpr[];
}
/** `f32[batch, ..., C: 3]` */
export interface TensorTypeExpr extends NodeBase<'TensorTypeExpr'> {
  readonly dtype: Name;
  readonly dims: readonly (DimItem | EllipsisDim)[];
}
/** `Tokens` or `Tokens(by: bert)` */
export interface ContractRef extends NodeBase<'ContractRef'> {
  readonly name: Name;
  readonly args: readonly Arg[];
}
export interface MissingType extends NodeBase<'MissingType'> {}
/** `...` */
export interface EllipsisDim extends NodeBase<'EllipsisDim'> {}
/** `N: batch`, `C: 3`, `d1 + d2` */
export interface DimItem extends NodeBase<'DimItem'> {
  readonly label?: Name;
  readonly size: DimExpr;
}
export type DimExpr = DimInt | DimName | DimBinary;
export interface DimInt extends NodeBase<'DimInt'> {
  readonly value: number;
}
export interface DimName extends NodeBase<'DimName'> {
  readonly name: Name;
}
export interface DimBinary extends NodeBase<'DimBinary'> {
  readonly op: '+' | '-' | '*';
  readonly left: DimExpr;
  readonly right: DimExpr;
}

// ---------------------------------------------------------------- facts

export type FactExpr = RangeFact | ReductionFact | NominalFact | FlagFact;
/** `range [0, 1]`; an end may be `inf` or `-inf`. */
export interface RangeFact extends NodeBase<'RangeFact'> {
  readonly low: number;
  readonly high: number;
  /** The numbers as written, in the order of the text: `1e-3`, `-inf`. */
  readonly written: readonly string[];
}
/** `norm(-1) == 1 +- 1e-3`; `tolerance` is undefined where it is left to the dtype. */
export interface ReductionFact extends NodeBase<'ReductionFact'> {
  readonly name: Name;
  readonly axis: number;
  readonly value: number;
  readonly tolerance?: number;
  /** The numbers as written, in the order of the text. */
  readonly written: readonly string[];
}
/** `space minilm@^2 | ^3`, `tokenizer bert` */
export interface NominalFact extends NodeBase<'NominalFact'> {
  readonly nominal: 'space' | 'tokenizer';
  readonly name: Name;
  readonly versions: readonly VersionRange[];
}
/** `mask`, `integer`, `finite`, `one_hot`, `nonzero` */
export interface FlagFact extends NodeBase<'FlagFact'> {
  readonly name: Name;
}

// ---------------------------------------------------------------- expressions

export type Expr =
  | NameExpr
  | FieldExpr
  | CallExpr
  | PipeExpr
  | BinaryExpr
  | UnaryExpr
  | ListExpr
  | NumberLit
  | StringLit
  | BoolLit
  | MissingExpr;
export interface NameExpr extends NodeBase<'NameExpr'> {
  readonly name: Name;
}
export interface FieldExpr extends NodeBase<'FieldExpr'> {
  readonly object: Expr;
  readonly field: Name;
}
export interface CallExpr extends NodeBase<'CallExpr'> {
  readonly callee: Expr;
  readonly args: readonly Arg[];
}
/** `x |> f(a)`; `stage` is a call that lacks its first argument, or a bare callee. */
export interface PipeExpr extends NodeBase<'PipeExpr'> {
  readonly value: Expr;
  readonly stage: Expr;
}
export interface BinaryExpr extends NodeBase<'BinaryExpr'> {
  readonly op: '+' | '-' | '*' | '/';
  readonly left: Expr;
  readonly right: Expr;
}
export interface UnaryExpr extends NodeBase<'UnaryExpr'> {
  readonly op: '-';
  readonly operand: Expr;
}
export interface ListExpr extends NodeBase<'ListExpr'> {
  readonly items: readonly Expr[];
}
export interface MissingExpr extends NodeBase<'MissingExpr'> {}
/** `x` or `mask: tokens.mask` */
export interface Arg extends NodeBase<'Arg'> {
  readonly name?: Name;
  readonly value: Expr;
}

// ---------------------------------------------------------------- the union

export type Node =
  | Name | StringLit | NumberLit | BoolLit | Version | VersionRange
  | Module | Import | ImportName
  | Declaration | RecordBody | RecordField
  | BackboneMember | CardEntry | NameMap | NameMapEntry
  | Param | KindType | WeightsClause | Block | Let | ParamStatement | ModelMember
  | TypeExpr | TensorTypeExpr | ContractRef | MissingType | EllipsisDim | DimItem | DimExpr
  | FactExpr | Expr | Arg;
export type NodeKind = Node['kind'];
export type NodeOf<K extends NodeKind> = Extract<Node, { kind: K }>;
