/**
 * The syntax tree. Every node has its `kind` and its `span`; a node that the parser had to make up has an empty
 * name or is `MissingExpr` or `MissingType`, and later stages stay silent about it: the error is reported already.
 */
import type { Arg, Comparison, Expr, RecordEntry } from './ast/expressions.ts';
import type { BudgetEntry, ModelMember } from './ast/models.ts';
import type { Declaration, Import, ImportName, Module, RecordBody, RecordField } from './ast/modules.ts';
import type { BoolLit, Name, NumberLit, QuantityLit, StringLit, Version, VersionRange } from './ast/node.ts';
import type { BackboneMember, Block, CardEntry, KindType, Let, NameMap, NameMapEntry, Param, ParamStatement, PartSource, WeightsClause } from './ast/parts.ts';
import type { Slot, SlotMember, ToolMember } from './ast/tools.ts';
import type { BoundName, ContractRef, DimExpr, DimItem, EllipsisDim, FactExpr, MissingType, RangeRow, TensorTypeExpr, TypeExpr, ViolationClause } from './ast/types.ts';

export type * from './ast/node.ts';
export type * from './ast/expressions.ts';
export type * from './ast/types.ts';
export type * from './ast/parts.ts';
export type * from './ast/models.ts';
export type * from './ast/tools.ts';
export type * from './ast/modules.ts';

export type Node =
  | Name | StringLit | NumberLit | QuantityLit | BoolLit | Version | VersionRange
  | Module | Import | ImportName
  | Declaration | RecordBody | RecordField
  | BackboneMember | CardEntry | NameMap | NameMapEntry
  | Param | KindType | WeightsClause | PartSource | Block | Let | ParamStatement
  | ModelMember | BudgetEntry | Comparison
  | ToolMember | Slot | SlotMember
  | TypeExpr | ViolationClause | TensorTypeExpr | ContractRef | MissingType | EllipsisDim | DimItem | DimExpr
  | FactExpr | RangeRow | BoundName | Expr | RecordEntry | Arg;
export type NodeKind = Node['kind'];
export type NodeOf<K extends NodeKind> = Extract<Node, { kind: K }>;
