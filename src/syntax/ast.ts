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
/** `20ms`, `5%`, `2MB` */
export interface QuantityLit extends NodeBase<'QuantityLit'> {
  readonly value: number;
  readonly unit: string;
  /** As written: `1e3ms`. */
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

// ---------------------------------------------------------------- parts

/** `backbone B @ 1.0.0 { … }`, or `backbone C @ 1.0.0 = B { … }`: B with some of its members replaced. */
export interface BackboneDecl extends DeclarationBase<'BackboneDecl'> {
  readonly version?: Version;
  readonly base?: Name;
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
export type CompileTimeKind = 'int' | 'float' | 'bool' | 'str' | 'dtype' | 'space' | 'tokenizer' | 'labels';
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

/** `model M { input … let … output … }` */
export interface ModelDecl extends DeclarationBase<'ModelDecl'> {
  readonly members: readonly ModelMember[];
}
export type ModelMember = ModelInput | StateMember | Let | ModelOutput | NextMember | BudgetClause;
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

/** `state h: f32[2, batch, 128] = 0`: carried from run to run. */
export interface StateMember extends NodeBase<'StateMember'> {
  readonly doc?: string;
  readonly name: Name;
  readonly type: TypeExpr;
  /** The first run's. */
  readonly init: Expr;
}
/** `next h = out.h`: the state of the next run. */
export interface NextMember extends NodeBase<'NextMember'> {
  readonly doc?: string;
  readonly name: Name;
  readonly value: Expr;
}
/** `budget { latency.p99 <= 20ms on "cpu"  bytes <= 5% }` */
export interface BudgetClause extends NodeBase<'BudgetClause'> {
  readonly entries: readonly BudgetEntry[];
}
export interface BudgetEntry extends NodeBase<'BudgetEntry'> {
  readonly limit: Comparison;
  readonly device?: StringLit;
}
export type ComparisonOperator = '==' | '>=' | '<=' | '>' | '<';
/** `error_rate > 1%` */
export interface Comparison extends NodeBase<'Comparison'> {
  readonly op: ComparisonOperator;
  readonly left: Expr;
  readonly right: Expr;
}

// ---------------------------------------------------------------- tools

/** `fit Bridge { data … let … loss … method … seed … }`; its name is that of the part that it fits. */
export interface FitDecl extends DeclarationBase<'FitDecl'> {
  readonly members: readonly (DataClause | Let | LossClause | MethodClause | SeedClause)[];
}
/** `verify Upgrade { swap … data … let … require … }` */
export interface VerifyDecl extends DeclarationBase<'VerifyDecl'> {
  readonly members: readonly (SwapClause | DataClause | Let | RequireClause)[];
}
/** `probe Sentences { data … through … taps … }` */
export interface ProbeDecl extends DeclarationBase<'ProbeDecl'> {
  readonly members: readonly (DataClause | ThroughClause | TapsClause)[];
}
/** `golden Reviews { data … tolerance … }`; its name is that of the model that it pins down. */
export interface GoldenDecl extends DeclarationBase<'GoldenDecl'> {
  readonly members: readonly (DataClause | ToleranceClause)[];
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

// ---------------------------------------------------------------- types

/** A base type, the facts of its `where` clause, and what happens where they do not hold. */
export interface TypeExpr extends NodeBase<'TypeExpr'> {
  readonly base: TensorTypeExpr | ContractRef | MissingType;
  readonly facts: readonly FactExpr[];
  readonly violation?: ViolationClause;
}
export type ViolationMode = 'reject' | 'clamp' | 'replace' | 'report';
/** `on violation replace(0)` */
export interface ViolationClause extends NodeBase<'ViolationClause'> {
  readonly mode: ViolationMode;
  /** Of `replace`. */
  readonly value?: NumberLit;
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
/** `N: batch`, `C: 3`, `d1 + d2`, `some n` */
export interface DimItem extends NodeBase<'DimItem'> {
  readonly label?: Name;
  /** The part itself chooses the size, which is a name then. */
  readonly some: boolean;
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

export type FactExpr = RangeFact | ReductionFact | CompareFact | NominalFact | FlagFact;
/** `range [0, 1]`, or `range C [[-1.8, 2.7], [-2.1, 2.5]]`, a row for each index of an axis; an end may be `inf` or `-inf`. */
export interface RangeFact extends NodeBase<'RangeFact'> {
  /** The label of the axis that the rows belong to. */
  readonly axis?: Name;
  readonly rows?: readonly { readonly low: number; readonly high: number }[];
  /** Of all elements: the lowest and the highest end of the rows. */
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
/** `color == rgb`, `h >= 32` */
export interface CompareFact extends NodeBase<'CompareFact'> {
  readonly left: Name;
  readonly op: '==' | '>=' | '<=';
  readonly right: Name | NumberLit;
}
/** `space minilm@^2 | ^3`, `tokenizer bert`; the name may be a compile-time parameter's. */
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
  | RecordExpr
  | VersionedName
  | NumberLit
  | QuantityLit
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
/** `{ boxes: b, score: s }` */
export interface RecordExpr extends NodeBase<'RecordExpr'> {
  readonly entries: readonly RecordEntry[];
}
export interface RecordEntry extends NodeBase<'RecordEntry'> {
  readonly name: Name;
  readonly value: Expr;
}
/** `minilm@^2 | ^3`, an argument for a `space` or a `tokenizer`. */
export interface VersionedName extends NodeBase<'VersionedName'> {
  readonly name: Name;
  readonly versions: readonly VersionRange[];
}
export interface MissingExpr extends NodeBase<'MissingExpr'> {}
/** `x` or `mask: tokens.mask` */
export interface Arg extends NodeBase<'Arg'> {
  readonly name?: Name;
  readonly value: Expr;
}

// ---------------------------------------------------------------- the union

export type Node =
  | Name | StringLit | NumberLit | QuantityLit | BoolLit | Version | VersionRange
  | Module | Import | ImportName
  | Declaration | RecordBody | RecordField
  | BackboneMember | CardEntry | NameMap | NameMapEntry
  | Param | KindType | WeightsClause | PartSource | Block | Let | ParamStatement
  | ModelMember | BudgetEntry | Comparison
  | ToolMember | Slot | SlotMember
  | TypeExpr | ViolationClause | TensorTypeExpr | ContractRef | MissingType | EllipsisDim | DimItem | DimExpr
  | FactExpr | Expr | RecordEntry | Arg;
export type NodeKind = Node['kind'];
export type NodeOf<K extends NodeKind> = Extract<Node, { kind: K }>;
