/** Names that nothing uses. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { at, type ModuleScope } from '../names/modules.ts';
import type { Env } from './env.ts';
import type { Report } from './type-scope.ts';

/** `let`, `param` and inputs of a body. */
export function reportUnused(env: Env): void {
  const { declaration } = env.symbol;
  const inputs = declaration.kind === 'PartDecl' ? declaration.params.map((p) => p.name.text) : declaration.kind === 'ModelDecl' ? declaration.members.flatMap((m) => (m.kind === 'ModelInput' ? [m.name.text] : [])) : [];
  const states = declaration.kind === 'ModelDecl' ? declaration.members.flatMap((m) => (m.kind === 'StateMember' ? [m.name.text] : [])) : [];
  for (const [name, local] of env.locals) {
    if (local.used) continue;
    const location = at(env.scope.module, local.span);
    if (states.includes(name)) {
      env.report(nameCodes.report('unused-state', { name, model: env.symbol.name }, location, { label: 'never read' }));
      continue;
    }
    if (inputs.includes(name)) {
      // A compile-time parameter may be used by the signature alone.
      if (env.scope.seen.has(name) || env.scope.read.has(name)) continue;
      env.report(nameCodes.report('unused-input', { name, owner: env.symbol.name }, location, { label: 'never read' }));
    } else {
      env.report(nameCodes.report('unused-let', { name }, location, { label: 'never used' }));
    }
  }
}

export function reportUnusedImports(module: ModuleScope, report: Report): void {
  for (const [name, span] of module.imports) {
    if (!module.used.has(name)) report(nameCodes.report('unused-import', { name }, at(module, span), { label: 'never used' }));
  }
}
