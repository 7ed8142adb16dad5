/** The sizes that a contract leaves to its users, who share them by name. */
import { isKind } from '../check/types/declarations.ts';
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Node } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';

/** The contract below a node that has a free size of this name. */
export function contractWithSize(node: Node, name: string, module: ModuleScope, seen: readonly Symbol[] = []): Symbol | undefined {
  let found: Symbol | undefined;
  visit(node, {
    enter: (inner) => {
      if (inner.kind !== 'ContractRef' || found !== undefined) return;
      const symbol = module.names.get(inner.name.text);
      const given = inner.args.some((arg) => arg.name?.text === name);
      if (given || !isKind(symbol, 'ContractDecl') || seen.includes(symbol)) return;
      const free = !symbol.declaration.params.some((param) => param.name.text === name) && hasSize(symbol, name);
      found = free ? symbol : contractWithSize(symbol.declaration.body, name, symbol.module, [...seen, symbol]);
    },
  });
  return found;
}

function hasSize({ declaration, module }: Symbol, name: string): boolean {
  let found = false;
  visit(declaration, {
    enter: (node) => {
      if (node.kind === 'DimName' && node.name.text === name && !module.names.has(name)) found = true;
    },
  });
  return found;
}
