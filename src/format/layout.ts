/** The shapes that layouts are made of. */
import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { Node } from '../syntax/ast.ts';
import type { CommentedNode } from './comments.ts';

const { fill, group, hardline, indent, join, line, softline } = builders;

/** `(a, b)` on one line, or one item a line. */
export function list(open: string, items: readonly Doc[], close: string, pad: Doc = softline): Doc {
  if (items.length === 0) return [open, close];
  return group([open, indent([pad, join([',', line], [...items])]), pad, close]);
}

/** `["a", "b"]` on one line, or as many items a line as fit; one item a line where a comment speaks of one. */
export function filled(open: string, nodes: readonly CommentedNode[], items: readonly Doc[], close: string): Doc {
  if (nodes.some(({ comments = [] }) => comments.length > 0)) return list(open, items, close);
  if (items.length === 0) return [open, close];
  const parts = items.flatMap((item, i) => (i === items.length - 1 ? [item] : [[item, ','], line]));
  return group([open, indent([softline, fill(parts)]), softline, close]);
}

/** Members in braces, one or more lines each. */
export const braces = (members: Doc): Doc => ['{', indent([hardline, members]), hardline, '}'];

/** True where the line after the one that `offset` is on is empty; a comment may stand behind the offset. */
export function isBlankAfter(text: string, offset: number): boolean {
  const blank = /[ \t]*(?:\/\/[^\n]*)?\n[ \t]*\n/y;
  blank.lastIndex = offset;
  return blank.test(text);
}

/** Members below each other; of the empty lines between two, one is kept. `apart` asks for one where there is none. */
export function stacked(
  text: string,
  nodes: readonly Node[],
  docs: readonly Doc[],
  apart: (before: Node, after: Node) => boolean = () => false,
): Doc {
  return docs.flatMap((part, i): Doc[] => {
    const node = nodes[i]!;
    const next = nodes[i + 1];
    if (next === undefined) return [part];
    return isBlankAfter(text, node.span.end) || apart(node, next) ? [part, hardline, hardline] : [part, hardline];
  });
}
