/** Walking the tree. */
import { contains } from '../text/source.ts';
import type { Module, Name, Node, NodeKind, NodeOf } from './ast.ts';

type IsChild<V> = [NonNullable<V>] extends [Node | readonly Node[]] ? true : false;
/** The properties of a node that hold nodes. */
export type ChildKey<N extends Node> = { [K in keyof N]-?: IsChild<N[K]> extends true ? K : never }[keyof N] & string;
/** Every child of every kind of node: a kind or a child that is left out does not compile. */
type ChildTable = { readonly [K in NodeKind]: { readonly [P in ChildKey<NodeOf<K>>]: true } };

/** In the order of the text. */
const children: ChildTable = {
  Name: {}, StringLit: {}, NumberLit: {}, QuantityLit: {}, BoolLit: {}, Version: {}, VersionRange: {},
  Module: { imports: true, declarations: true },
  Import: { names: true, from: true },
  ImportName: { name: true, alias: true },
  SpaceDecl: { name: true, version: true, compatible: true },
  TokenizerDecl: { name: true, version: true, source: true },
  LabelsDecl: { name: true, values: true },
  AttributeDecl: { name: true, values: true },
  ContractDecl: { name: true, params: true, body: true },
  RecordBody: { fields: true },
  RecordField: { name: true, type: true },
  BackboneDecl: { name: true, version: true, base: true, weights: true, members: true },
  SourceClause: { path: true },
  BackboneInput: { name: true, type: true, default: true, from: true },
  BackboneOutput: { name: true, type: true, from: true },
  TapMember: { name: true, type: true, from: true },
  ReplaceMember: { name: true, value: true },
  CardClause: { entries: true },
  CardEntry: { name: true, value: true },
  NameMap: { entries: true },
  NameMapEntry: { path: true, to: true },
  PartDecl: { name: true, version: true, params: true, result: true, keeps: true, weights: true, source: true, body: true },
  PartSource: { path: true, from: true, to: true },
  Param: { name: true, type: true, default: true },
  KindType: {},
  WeightsClause: { path: true, map: true },
  Block: { statements: true, result: true },
  Let: { name: true, value: true },
  ParamStatement: { name: true, type: true, init: true },
  ModelDecl: { name: true, members: true },
  ModelInput: { name: true, type: true },
  ModelOutput: { name: true, type: true, value: true },
  StateMember: { name: true, type: true, init: true },
  NextMember: { name: true, value: true },
  BudgetClause: { entries: true },
  BudgetEntry: { limit: true, device: true },
  Comparison: { left: true, right: true },
  FitDecl: { name: true, members: true },
  VerifyDecl: { name: true, members: true },
  ProbeDecl: { name: true, members: true },
  GoldenDecl: { name: true, members: true },
  DataClause: { name: true, path: true },
  LossClause: { value: true },
  MethodClause: { value: true },
  FreezeClause: { layers: true, until: true },
  SeedClause: { value: true },
  SwapClause: { part: true, replacement: true, model: true },
  RequireClause: { condition: true },
  ThroughClause: { parts: true },
  TapsClause: { taps: true },
  ToleranceClause: { value: true },
  RolloutDecl: { name: true, model: true, slots: true },
  Slot: { name: true, members: true },
  ArmClause: { head: true, share: true },
  ShadowClause: { head: true },
  StickyClause: { by: true },
  FlagClause: { flag: true, head: true },
  RollbackClause: { head: true, condition: true, over: true },
  TypeExpr: { base: true, facts: true, violation: true },
  ViolationClause: { value: true },
  TensorTypeExpr: { dtype: true, dims: true },
  ContractRef: { name: true, args: true },
  MissingType: {}, EllipsisDim: {},
  DimItem: { label: true, size: true },
  DimInt: {},
  DimName: { name: true },
  DimBinary: { left: true, right: true },
  DimCall: { args: true },
  RangeFact: { axis: true, rows: true, names: true },
  RangeRow: { names: true },
  ReductionFact: { name: true, names: true },
  BoundName: { name: true },
  CompareFact: { left: true, right: true },
  NominalFact: { name: true, versions: true },
  FlagFact: { name: true },
  NameExpr: { name: true },
  FieldExpr: { object: true, field: true },
  CallExpr: { callee: true, args: true },
  PipeExpr: { value: true, stage: true },
  BinaryExpr: { left: true, right: true },
  UnaryExpr: { operand: true },
  ListExpr: { items: true },
  RecordExpr: { entries: true },
  RecordEntry: { name: true, value: true },
  VersionedName: { name: true, versions: true },
  MissingExpr: {},
  Arg: { name: true, value: true },
};

const keys: ReadonlyMap<string, string[]> = new Map(
  Object.entries(children).map(([kind, keysOfKind]) => [kind, Object.keys(keysOfKind)]),
);

/** Every kind of node. */
export const nodeKinds: readonly string[] = [...keys.keys()];

/** The properties of a kind of node that hold nodes, in the order of the text. */
export const childKeysOf = (kind: NodeKind): string[] => keys.get(kind) ?? [];

type Children = Readonly<Record<string, Node | readonly Node[] | undefined>>;

/** The nodes directly below a node, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  const held = node as unknown as Children;
  return childKeysOf(node.kind).flatMap((key) => held[key] ?? []);
}

export interface Visitor {
  /** Before a node's children; `false` leaves them out. */
  readonly enter?: (node: Node, parent: Node | undefined) => boolean | void;
  /** After a node's children, and for nodes whose children were left out. */
  readonly leave?: (node: Node, parent: Node | undefined) => void;
}

/** Visits a node and all below it, depth first, in the order of the text. */
export function visit(node: Node, visitor: Visitor, parent?: Node): void {
  if (visitor.enter?.(node, parent) !== false) {
    for (const child of childrenOf(node)) visit(child, visitor, node);
  }
  visitor.leave?.(node, parent);
}

/** The names that stand in a node and below it, in the order of the text. */
export function namesIn(node: Node): readonly Name[] {
  const names: Name[] = [];
  visit(node, { enter: (inner) => void (inner.kind === 'Name' && inner.text !== '' && names.push(inner)) });
  return names;
}

/**
 * The nodes that contain an offset, from the module to the innermost. Where two nodes touch at the offset, the one
 * that begins there is taken.
 */
export function nodeAt(module: Module, offset: number): readonly Node[] {
  const path: Node[] = [];
  let node: Node | undefined = module;
  while (node !== undefined) {
    path.push(node);
    node = childrenOf(node).findLast((child) => contains(child.span, offset));
  }
  return path;
}
