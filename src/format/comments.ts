/** Where comments go when the layout moves what is around them. */
import type { Node, NodeKind } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/visit.ts';
import type { Span } from '../text/source.ts';

/** A comment as prettier keeps it: what is around it, and how it hangs on its node. */
export interface AttachedComment {
  readonly kind: 'Comment';
  readonly text: string;
  readonly span: Span;
  readonly enclosingNode?: CommentedNode;
  readonly precedingNode?: CommentedNode;
  readonly followingNode?: CommentedNode;
  leading?: boolean;
  trailing?: boolean;
  printed?: boolean;
}
export type CommentedNode = Node & { comments?: AttachedComment[] };

function hang(comment: AttachedComment, node: CommentedNode, place: { leading: boolean; trailing: boolean }): true {
  Object.assign(comment, place);
  (node.comments ??= []).push(comment);
  return true;
}

type Held = Readonly<Record<string, Node | readonly Node[] | undefined>>;
const heldBy = (node: Node, keys: readonly string[] = []): readonly Node[] =>
  keys.flatMap((key) => (node as unknown as Held)[key] ?? []);

/** The nodes with members in braces, and where they hold them. */
const bodies: Readonly<Partial<Record<NodeKind, string>>> = {
  ModelDecl: 'members', BackboneDecl: 'members', RecordBody: 'fields', CardClause: 'entries', BudgetClause: 'entries',
  FitDecl: 'members', VerifyDecl: 'members', ProbeDecl: 'members', GoldenDecl: 'members', RolloutDecl: 'slots', Slot: 'members',
};

const isEmptyBody = (node: Node): boolean => {
  const key = bodies[node.kind];
  return key !== undefined && heldBy(node, [key]).length === 0;
};

/**
 * Handles what prettier's own rules (a comment belongs to the node after it on the next line, or before it on the
 * same line) would carry out of a body. True where it is done.
 */
export function placeComment(comment: AttachedComment): boolean {
  const { enclosingNode, precedingNode, followingNode } = comment;
  if (enclosingNode !== undefined && followingNode === undefined && isEmptyBody(enclosingNode)) {
    return hang(comment, enclosingNode, { leading: false, trailing: false });
  }
  if (followingNode?.kind === 'Block' && precedingNode !== undefined) {
    // In front of a `{`: into the body, or the next formatting would find it there.
    return hang(comment, childrenOf(followingNode)[0]!, { leading: true, trailing: false });
  }
  if (followingNode === undefined && precedingNode === undefined && enclosingNode !== undefined) {
    // In empty brackets: in front of the whole.
    return hang(comment, enclosingNode, { leading: enclosingNode.kind !== 'Module', trailing: false });
  }
  return false;
}

type Table = Readonly<Partial<Record<NodeKind, readonly string[]>>>;

/** The children that stand on lines of their own where something does not fit: a comment can stand above each. */
const items: Table = {
  Module: ['imports', 'declarations'], Import: ['names'], LabelsDecl: ['values'], ContractDecl: ['params'],
  AttributeDecl: ['values'], RecordBody: ['fields'], BackboneDecl: ['members'], CardClause: ['entries'], NameMap: ['entries'],
  PartDecl: ['params', 'weights', 'source'], Block: ['statements', 'result'], ModelDecl: ['members'], TypeExpr: ['facts', 'violation'],
  BudgetClause: ['entries'], FitDecl: ['members'], VerifyDecl: ['members'], ProbeDecl: ['members'], GoldenDecl: ['members'],
  RolloutDecl: ['slots'], Slot: ['members'], ThroughClause: ['parts'], TapsClause: ['taps'], RecordExpr: ['entries'],
  TensorTypeExpr: ['dims'], ContractRef: ['args'], CallExpr: ['args'], ListExpr: ['items'], RangeFact: ['rows'],
};
/** The children with an operator or a word before them that begins the line: a comment stands above that. */
const continued: Table = {
  PipeExpr: ['stage'], BinaryExpr: ['right'], TypeExpr: ['facts'], PartDecl: ['keeps'], BackboneInput: ['from'],
  BackboneOutput: ['from'], TapMember: ['from'],
};

/** A comment on a line of its own inside a node that has no line to offer goes above the whole node. */
export function placeOwnLineComment(comment: AttachedComment): boolean {
  if (placeComment(comment)) return true;
  const { enclosingNode, followingNode } = comment;
  if (enclosingNode === undefined || followingNode === undefined) return false;
  if (heldBy(enclosingNode, continued[enclosingNode.kind])[0] === followingNode) {
    return hang(comment, enclosingNode, { leading: false, trailing: false });
  }
  if (heldBy(enclosingNode, items[enclosingNode.kind]).includes(followingNode)) return false;
  return hang(comment, enclosingNode, { leading: true, trailing: false });
}
