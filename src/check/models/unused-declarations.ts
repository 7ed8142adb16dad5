/** Declarations and imports of a module that nothing uses. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { kindName, type ModuleScope } from '../../names/modules.ts';
import type { Declaration, Import, ImportName } from '../../syntax/ast.ts';
import { wholeLines } from '../../text/lines.ts';
import { at, type Span } from '../../text/source.ts';
import type { Report } from '../types/type-scope.ts';
import { removal } from '../edits.ts';

/** Declarations that others may import, where nothing of the module's own and no import uses them. */
const importable: ReadonlySet<Declaration['kind']> = new Set(['SpaceDecl', 'TokenizerDecl', 'LabelsDecl', 'AttributeDecl', 'ContractDecl', 'BackboneDecl', 'PartDecl']);

/**
 * Of a module that was asked for and that has a model: what it declares besides is for its models. A module without one
 * is there for others, and so is one that others import from; of those that are not known here the pipeline takes care.
 */
export function reportUnusedDeclarations(module: ModuleScope, imported: ReadonlySet<ModuleScope>, report: Report): void {
  if (imported.has(module)) return;
  const own = [...module.names.values()].filter((symbol) => symbol.module === module);
  if (!own.some(({ declaration }) => declaration.kind === 'ModelDecl')) return;
  for (const { declaration } of own) {
    const { name, kind } = declaration;
    if (!importable.has(kind) || module.used.has(name.text) || name.text === '') continue;
    report(nameCodes.report('unused-declaration', { kind: kindName(declaration), name: name.text }, at(module, name.span), { label: 'never used', fixes: removal([declaration], name.text, module) }));
  }
}

/** The modules from which others import a name. */
export function importedModules(all: Iterable<ModuleScope>): ReadonlySet<ModuleScope> {
  const imported = new Set<ModuleScope>();
  for (const scope of all) for (const name of scope.imports.keys()) imported.add(scope.names.get(name)!.module);
  return imported;
}

export function reportUnusedImports(module: ModuleScope, report: Report): void {
  const unused = [...module.imports].filter(([name]) => !module.used.has(name));
  const starts = new Set(unused.map(([, { start }]) => start));
  const isUnused = ({ name, alias }: ImportName): boolean => starts.has((alias ?? name).span.start);
  const fixes = new Map<number, Fix[]>();
  for (const item of module.ast.imports) {
    const names = item.names.filter(isUnused);
    // The fixes of two names of one import are one.
    const fix = names.length === 0 ? [] : [importFix(item, names, module)];
    for (const { name, alias } of names) fixes.set((alias ?? name).span.start, fix);
  }
  for (const [name, span] of unused) report(nameCodes.report('unused-import', { name }, at(module, span), { label: 'never used', fixes: fixes.get(span.start) ?? [] }));
}

/** Takes these names out of an import. */
function importFix(item: Import, unused: readonly ImportName[], module: ModuleScope): Fix {
  const gone = new Set(unused);
  const kept = item.names.filter((name) => !gone.has(name));
  const text = module.source.text;
  const all = wholeLines(text, item.span) ?? item.span;
  const edit = kept.length === 0 ? { location: at(module, all), text: '' } : { location: at(module, namesSpan(item)), text: kept.map((name) => text.slice(name.span.start, name.span.end)).join(', ') };
  return { title: `no longer import ${unused.map(({ name, alias }) => `\`${(alias ?? name).text}\``).join(', ')}`, edits: [edit] };
}

const namesSpan = ({ names }: Import): Span => ({ start: names[0]!.span.start, end: names.at(-1)!.span.end });
