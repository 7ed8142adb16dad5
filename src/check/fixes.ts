/** Edits that an error can offer. */
import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import { at, resolveSpecifier, type ModuleScope, type Symbol } from '../names/modules.ts';
import type { Expr, ModelDecl } from '../syntax/ast.ts';
import type { Statement } from '../types/fact.ts';
import { isKind } from './declarations.ts';
import type { Env } from './env.ts';
import type { Signature, TensorParameter } from './signature.ts';

/** Edits that bring a name of another module into scope; none where it is there already. */
export function importEdits(name: string, from: ModuleScope, into: ModuleScope, env: Env): Edit[] | undefined {
  const known = into.names.get(name);
  if (known !== undefined) return known.module === from ? [] : undefined;
  const host = env.checker.host;
  const existing = into.ast.imports.find((i) => resolveSpecifier(i.from.value, into.uri, host) === from.uri);
  const last = existing?.names.at(-1);
  if (last !== undefined) {
    return [{ location: at(into, { start: last.span.end, end: last.span.end }), text: `, ${name}` }];
  }
  const end = into.ast.imports.at(-1)?.span.end ?? 0;
  const specifier = specifierOf(from, into, env);
  if (specifier === undefined) return undefined;
  const line = `import { ${name} } from "${specifier}"`;
  return [{ location: at(into, { start: end, end }), text: end === 0 ? `${line}\n\n` : `\n${line}` }];
}

function specifierOf(from: ModuleScope, into: ModuleScope, env: Env): string | undefined {
  const { host } = env.checker;
  const library = host.standardModules().find((name) => host.standardModule(name) === from.uri);
  if (library !== undefined) return `std/${library}`;
  const here = into.uri.split('/').slice(0, -1);
  const there = from.uri.split('/');
  let common = 0;
  while (common < here.length && here[common] === there[common]) common++;
  if (common < 3) return undefined;
  const up = here.length - common;
  return `${up === 0 ? './' : '../'.repeat(up)}${there.slice(common).join('/')}`;
}

/** A model's input that is of the wrong contract can be declared with the demanded one. */
export function useContractFix(parameter: TensorParameter, signature: Signature, expr: Expr, env: Env): Fix[] {
  const wanted = parameter.type.kind === 'unknown' ? undefined : parameter.type.contract;
  if (wanted === undefined || expr.kind !== 'NameExpr' || env.symbol.declaration.kind !== 'ModelDecl') return [];
  const declaration: ModelDecl = env.symbol.declaration;
  const input = declaration.members.find((m) => m.kind === 'ModelInput' && m.name.text === expr.name.text);
  if (input?.kind !== 'ModelInput' || input.type.base.kind !== 'ContractRef') return [];
  const symbol: Symbol | undefined = signature.symbol.module.names.get(wanted);
  if (!isKind(symbol, 'ContractDecl') || symbol.declaration.params.length > 0) return [];
  const imports = importEdits(wanted, symbol.module, env.scope.module, env);
  if (imports === undefined) return [];
  const edit = { location: at(env.scope.module, input.type.span), text: wanted };
  return [{ title: `declare the input as \`${wanted}\``, edits: [edit, ...imports] }];
}

/** Unit vectors can be made. */
export function normalizeFix(fact: Statement, expr: Expr, env: Env): Fix[] {
  if (fact.kind !== 'norm' || fact.axis !== -1 || fact.value !== 1) return [];
  const library = env.checker.host.standardModule('norm');
  const location = at(env.scope.module, { start: expr.span.end, end: expr.span.end });
  const known = env.scope.module.names.get('l2_normalize');
  const imports: Edit[] = [];
  if (known === undefined) {
    const end = env.scope.module.ast.imports.at(-1)?.span.end ?? 0;
    const line = 'import { l2_normalize } from "std/norm"';
    imports.push({ location: at(env.scope.module, { start: end, end }), text: end === 0 ? `${line}\n\n` : `\n${line}` });
  } else if (known.module.uri !== library) return [];
  return [{ title: 'divide each row by its norm', edits: [{ location, text: ' |> l2_normalize' }, ...imports] }];
}
