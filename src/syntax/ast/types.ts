/** Types, and the facts that refine them. */
import type { Arg } from './expressions.ts';
import type { Name, NodeBase, NumberLit, VersionRange } from './node.ts';

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
export type DimExpr = DimInt | DimName | DimBinary | DimCall;
export interface DimInt extends NodeBase<'DimInt'> {
  readonly value: number;
}
export interface DimName extends NodeBase<'DimName'> {
  readonly name: Name;
}
export interface DimBinary extends NodeBase<'DimBinary'> {
  readonly op: DimOperator;
  readonly left: DimExpr;
  readonly right: DimExpr;
}
/** `div` rounds down; `mod` is what it leaves. */
export type DimOperator = '+' | '-' | '*' | 'div' | 'mod';
/** `min(seq, 512)`; any other function is a syntax error already. */
export interface DimCall extends NodeBase<'DimCall'> {
  readonly callee: 'min' | 'max';
  readonly args: readonly DimExpr[];
}

export type FactExpr = RangeFact | ReductionFact | CompareFact | NominalFact | FlagFact;
/** A number of a fact that is a parameter's: `limit`, `-limit`. */
export interface BoundName extends NodeBase<'BoundName'> {
  readonly name: Name;
  readonly negative: boolean;
  /** Which of the numbers beside it, in the order of the text. */
  readonly index: number;
}
/** `range [0, 1]`, or `range C [[-1.8, 2.7], [-2.1, 2.5]]`, a row for each index of an axis; an end may be `inf` or `-inf`. */
export interface RangeFact extends NodeBase<'RangeFact'> {
  /** The label of the axis that the rows belong to. */
  readonly axis?: Name;
  readonly rows?: readonly RangeRow[];
  /** Of all elements: the lowest and the highest end of the rows. */
  readonly low: number;
  readonly high: number;
  /** The numbers as written, in the order of the text: `1e-3`, `-inf`; those of rows stand there. */
  readonly written: readonly string[];
  /** Those of them that are names; their numbers are 0, and the least and the greatest of all say nothing then. */
  readonly names: readonly BoundName[];
}
/** `[-1.8, 2.7]`: the ends for one index of an axis. */
export interface RangeRow extends NodeBase<'RangeRow'> {
  readonly low: number;
  readonly high: number;
  readonly written: readonly string[];
  readonly names: readonly BoundName[];
}
/** `norm(-1) == 1 +- 1e-3`; `tolerance` is undefined where it is left to the dtype. */
export interface ReductionFact extends NodeBase<'ReductionFact'> {
  readonly name: Name;
  readonly axis: number;
  readonly value: number;
  readonly tolerance?: number;
  /** The numbers as written, in the order of the text. */
  readonly written: readonly string[];
  readonly names: readonly BoundName[];
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
/** `mask`, `prefix_mask`, `integer`, `finite`, `one_hot`, `nonzero` */
export interface FlagFact extends NodeBase<'FlagFact'> {
  readonly name: Name;
}
