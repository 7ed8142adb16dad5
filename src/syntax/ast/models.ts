/** Models, which are what is built. */
import type { Comparison, Expr } from './expressions.ts';
import type { DeclarationBase, Name, NodeBase, StringLit } from './node.ts';
import type { Let } from './parts.ts';
import type { TypeExpr } from './types.ts';

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
