/** The names of a tree that stand for something of its module, and not for a member of something else. */
import type { Name, Node } from './ast.ts';
import { visit } from './visit.ts';

/** Fields and names of arguments stand for nothing of the module. */
export const isMember = (name: Node, parent: Node | undefined): boolean =>
  (parent?.kind === 'FieldExpr' && parent.field === name) || ((parent?.kind === 'Arg' || parent?.kind === 'RecordEntry' || parent?.kind === 'Let') && parent.name === name) || (parent?.kind === 'DimItem' && parent.label === name);

/** All of them, in their order; a name may come more than once. */
export function referencesIn(node: Node): readonly Name[] {
  const names: Name[] = [];
  visit(node, { enter: (inner, parent) => void (inner.kind === 'Name' && !isMember(inner, parent) && names.push(inner)) });
  return names;
}
