/** What the names of an import stand for; what is told of those that its module does not declare. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import type { Host } from '../host/host.ts';
import type { Import, NodeKind } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';
import { at, type Location } from '../text/source.ts';
import { declare } from './declare.ts';
import type { ModuleScope, Symbol } from './modules.ts';
import { nearestNames } from './near.ts';
import { resolveSpecifier, unknownModule } from './specifiers.ts';

type Load = (uri: string, importedAt: Location) => ModuleScope | undefined;

/** Binds the names of an import; answers with the module that it names. */
export function bindImport(item: Import, scope: ModuleScope, host: Host, load: Load, diagnostics: Diagnostic[]): ModuleScope | undefined {
  const place = at(scope, item.from.span);
  const uri = resolveSpecifier(item.from.value, scope.uri, host);
  const found = uri !== undefined && host.stat(uri) !== undefined;
  if (!found && item.from.value !== '') diagnostics.push(unknownModule(item.from.value, place, scope.uri, host));
  const module = found ? load(uri, place) : undefined;
  // A circle of one: all its names are there.
  if (module === scope) return module;
  for (const entry of item.names) {
    const { name, alias } = entry;
    const local = alias ?? name;
    const symbol: Symbol | undefined = module?.names.get(name.text);
    // Only a module's own declarations can be imported, so that every name has one home.
    if (symbol !== undefined && symbol.module === module) {
      if (declare(scope, local.text, local.span, symbol, diagnostics, entry)) scope.imports.set(local.text, local.span);
      scope.unresolved.delete(local.text);
      continue;
    }
    const near = module === undefined || name.text === '' ? [] : nearExports(name.text, module, scope);
    if (module !== undefined && name.text !== '') diagnostics.push(unknownExport(name.text, near, item, module, at(scope, name.span), alias === undefined ? scope : undefined));
    // Where it is written rightly, it is the import that is wrong.
    for (const meant of [local.text, ...(alias === undefined ? near : [])]) if (!scope.names.has(meant)) scope.unresolved.add(meant);
  }
  return module;
}

/** Where a module has a name from, that it does not declare itself. */
const homeOf = (name: string, { ast }: ModuleScope): string | undefined => ast.imports.find((i) => i.names.some((n) => (n.alias ?? n.name).text === name))?.from.value;

/** What was meant by a name that a module does not declare: of names that are equally near, the one that stands rightly further down. */
function nearExports(name: string, module: ModuleScope, into: ModuleScope): readonly string[] {
  const near = homeOf(name, module) === undefined ? nearestNames(name, module.ast.declarations.map((d) => d.name.text)) : [];
  const used = near.length > 1 ? near.filter((other) => usesOf(other, into).length > 0) : [];
  return used.length === 1 ? used : near;
}

/** `into`: the module in which the name is used as it was imported. */
function unknownExport(name: string, near: readonly string[], item: Import, module: ModuleScope, location: Location, into: ModuleScope | undefined): Diagnostic {
  const names = module.ast.declarations.map((d) => d.name.text);
  const home = homeOf(name, module);
  const declared = `"${item.from.value}" has ${names.filter((n) => n !== '').map((n) => `\`${n}\``).join(', ') || 'nothing'}.`;
  const places = near.length === 0 ? [] : [location, ...(into ? usesOf(name, into) : [])];
  return nameCodes.report('unknown-export', { name, path: item.from.value }, location, {
    label: mistyped(near, location, 'not declared there').label,
    notes: home !== undefined ? [`It imports it from "${home}" itself; import it from there.`] : near.length > 0 ? [] : [declared],
    fixes: near.map((meant) => ({ title: `write \`${meant}\``, edits: places.map((place) => ({ location: place, text: meant })) })),
  });
}

const references: ReadonlySet<NodeKind> = new Set(['NameExpr', 'VersionedName', 'ContractRef', 'DimName', 'NominalFact', 'CompareFact', 'PartDecl', 'BackboneDecl']);

/** Where a module refers to a name of its scope. */
function usesOf(name: string, module: ModuleScope): Location[] {
  const uses: Location[] = [];
  visit(module.ast, {
    enter: (node, parent) => {
      if (node.kind === 'Name' && node.text === name && parent && references.has(parent.kind)) uses.push(at(module, node.span));
    },
  });
  return uses;
}
