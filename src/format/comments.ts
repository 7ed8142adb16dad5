/** Where comments go when the layout moves what is around them. */
import type { Node } from '../syntax/ast.ts';
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

const isEmptyBody = (node: Node): boolean =>
  (node.kind === 'ModelDecl' && node.members.length === 0) ||
  (node.kind === 'BackboneDecl' && node.members.length === 0) ||
  (node.kind === 'RecordBody' && node.fields.length === 0) ||
  (node.kind === 'CardClause' && node.entries.length === 0);

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
