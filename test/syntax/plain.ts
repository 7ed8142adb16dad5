import type { Node } from '../../src/syntax/ast.ts';
import { visit } from '../../src/syntax/visit.ts';

/** A tree as JSON without its spans: equal for texts that mean the same. */
export const plain = (node: Node): string => JSON.stringify(node, (key, value: unknown) => (key === 'span' ? undefined : value));

/** What is wrong with the spans of a tree: outside the text, or outside the parent's. */
export function wrongSpans(root: Node, length: number): readonly string[] {
  const wrong: string[] = [];
  visit(root, {
    enter: (node, parent) => {
      const { start, end } = node.span;
      const outer = parent?.span ?? { start: 0, end: length };
      if (!(outer.start <= start && start <= end && end <= outer.end)) wrong.push(`${node.kind} ${start}..${end}`);
    },
  });
  return wrong;
}
