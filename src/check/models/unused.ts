/** Names that nothing uses. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { membersOf, wholeLines } from '../expressions/declared-below.ts';
import { at, kindName, type ModuleScope } from '../../names/modules.ts';
import type { Declaration } from '../../syntax/ast.ts';
import type { Env } from '../env.ts';
import type { Report } from '../types/type-scope.ts';

/** `let`, `param` and inputs of a body. */
export function reportUnused(env: Env): void {
  const { declaration } = env.symbol;
  const inputs = declaration.kind === 'PartDecl' ? declaration.params.map((p) => p.name.text) : declaration.kind === 'ModelDecl' ? declaration.members.flatMap((m) => (m.kind === 'ModelInput' ? [m.name.text] : [])) : [];
  const states = declaration.kind === 'ModelDecl' ? declaration.members.flatMap((m) => (m.kind === 'StateMember' ? [m.name.text] : [])) : [];
  for (const [name, local] of env.locals) {
    if (local.used) continue;
    const location = at(env.scope.module, local.span);
    if (states.includes(name)) {
      env.report(nameCodes.report('unused-state', { name, model: env.symbol.name }, location, { label: 'never read', notes: ['Its own `next` does not count: no output would change without it.'] }));
      continue;
    }
    if (inputs.includes(name)) {
      // A compile-time parameter may be used by the signature alone.
      if (env.scope.seen.has(name) || env.scope.read.has(name)) continue;
      env.report(nameCodes.report('unused-input', { name, owner: env.symbol.name }, location, { label: 'never read' }));
    } else {
      env.report(nameCodes.report('unused-let', { name }, location, { label: 'never used', fixes: removeFix(name, env) }));
    }
  }
}

/** Of a `let` its lines; the tensor of a `param` may be in a file. */
function removeFix(name: string, env: Env): Fix[] {
  const statement = membersOf(env).find((member) => member.kind === 'Let' && member.name.text === name);
  const lines = statement === undefined || ('doc' in statement && statement.doc !== undefined) ? undefined : wholeLines(env.scope.module.source.text, statement.span);
  return lines === undefined ? [] : [{ title: `remove \`${name}\``, edits: [{ location: at(env.scope.module, lines), text: '' }] }];
}

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
  for (const symbol of own) {
    const { name, kind } = symbol.declaration;
    if (!importable.has(kind) || module.used.has(name.text) || name.text === '') continue;
    report(nameCodes.report('unused-declaration', { kind: kindName(symbol.declaration), name: name.text }, at(module, name.span), { label: 'never used' }));
  }
}

export function reportUnusedImports(module: ModuleScope, report: Report): void {
  for (const [name, span] of module.imports) {
    if (!module.used.has(name)) report(nameCodes.report('unused-import', { name }, at(module, span), { label: 'never used' }));
  }
}
