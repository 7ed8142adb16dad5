/** What the language can say already, but the checker does not know yet: told in one place, so that nothing is ignored. */
import { partCodes } from '../diagnostics/codes/parts.ts';
import { at, type ModuleScope } from '../names/modules.ts';
import type { Node, NodeKind, NodeOf } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';
import type { Span } from '../text/source.ts';
import type { Report } from './type-scope.ts';

/** For each kind of node the words for what cannot be used yet; undefined where this one can. */
const missing: { readonly [K in NodeKind]?: (node: NodeOf<K>) => string | undefined } = {
  ViolationClause: () => '`on violation`',
};

/** Reports each such node, the outermost alone; the names inside of it count as used. */
export function reportUnsupported(module: ModuleScope, report: Report): void {
  const enter = <K extends NodeKind>(node: NodeOf<K> & { readonly kind: K }): boolean => {
    const what = missing[node.kind]?.(node);
    if (what === undefined) return true;
    report(partCodes.report('unsupported', { what }, at(module, placeOf(node))));
    useNames(node, module);
    return false;
  };
  visit(module.ast, { enter: (node) => enter(node) });
}

/** Of a declaration its name: the whole may be long. */
const placeOf = (node: Node): Span =>
  node.kind.endsWith('Decl') && 'name' in node && typeof node.name === 'object' ? node.name.span : node.span;

function useNames(root: Node, module: ModuleScope): void {
  visit(root, { enter: (node) => void (node.kind === 'Name' && module.used.add(node.text)) });
}
