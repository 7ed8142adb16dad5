/** Declarations and imports of a module that nothing uses. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at, kindName, type ModuleScope } from '../../names/modules.ts';
import type { Declaration, Import } from '../../syntax/ast.ts';
import { wholeLines } from '../../text/lines.ts';
import { contains, type Span } from '../../text/source.ts';
import type { Report } from '../types/type-scope.ts';
import { removal } from '../edits.ts';

/** Declarations that others may import, where nothing of the module's own and no import uses them. */
const importable: ReadonlySet<Declaration['kind']> = new Set(['SpaceDecl', 'TokenizerDecl', 'LabelsDecl', 'AttributeDecl', 'ContractDecl', 'BackboneDecl', 'PartDecl']);

/**
 * Of a module that was asked for and that has a model: what it declares besides is for its models. A module without one
 * is there for others, and so is one that others import from; they may not be known here.
 */
export function reportUnusedDeclarations(module: ModuleScope, all: Iterable<ModuleScope>, report: Report): void {
  const own = [...module.names.values()].filter((symbol) => symbol.module === module);
  if (!own.some(({ declaration }) => declaration.kind === 'ModelDecl')) return;
  const others = [...all].filter((other) => other !== module);
  if (others.some((other) => [...other.names.values()].some((symbol) => symbol.module === module))) return;
  for (const { declaration } of own) {
    const { name, kind } = declaration;
    if (!importable.has(kind) || module.used.has(name.text) || name.text === '') continue;
    report(nameCodes.report('unused-declaration', { kind: kindName(declaration), name: name.text }, at(module, name.span), { label: 'never used', fixes: removal([declaration], name.text, module) }));
  }
}

export function reportUnusedImports(module: ModuleScope, report: Report): void {
  const unused = [...module.imports].filter(([name]) => !module.used.has(name));
  for (const [name, span] of unused) report(nameCodes.report('unused-import', { name }, at(module, span), { label: 'never used', fixes: importFix(span, unused, module) }));
}

/** Takes out all names of an import that nothing uses, so that the fixes of two of them are one. */
function importFix(span: Span, unused: readonly (readonly [string, Span])[], module: ModuleScope): Fix[] {
  const item = module.ast.imports.find((each) => contains(each.span, span.start));
  if (item === undefined) return [];
  const kept = item.names.filter((name) => !unused.some(([, { start }]) => contains(name.span, start)));
  const taken = unused.filter(([, { start }]) => contains(item.span, start)).map(([name]) => `\`${name}\``);
  const text = module.source.text;
  const all = wholeLines(text, item.span) ?? item.span;
  const edit = kept.length === 0 ? { location: at(module, all), text: '' } : { location: at(module, namesSpan(item)), text: kept.map((name) => text.slice(name.span.start, name.span.end)).join(', ') };
  return [{ title: `no longer import ${taken.join(', ')}`, edits: [edit] }];
}

const namesSpan = ({ names }: Import): Span => ({ start: names[0]!.span.start, end: names.at(-1)!.span.end });
