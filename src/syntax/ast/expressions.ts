/** Expressions, which are also the values of compile-time arguments. */
import type { BoolLit, Name, NodeBase, NumberLit, QuantityLit, StringLit, VersionRange } from './node.ts';

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
  /** `div` and `mod` are of sizes, and stand inside of brackets only. */
  readonly op: '+' | '-' | '*' | '/' | 'div' | 'mod';
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
export type ComparisonOperator = '==' | '>=' | '<=' | '>' | '<';
/** `error_rate > 1%` */
export interface Comparison extends NodeBase<'Comparison'> {
  readonly op: ComparisonOperator;
  readonly left: Expr;
  readonly right: Expr;
}
