/** Names of bodies that nothing uses, and states that no output depends on. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { membersOf } from '../expressions/declared-below.ts';
import { at } from '../../text/source.ts';
import type { Expr, ModelDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { removal } from '../edits.ts';
import type { Env, Local } from '../env.ts';

/** `let`, `param`, states and inputs of a body. */
export function reportUnused(env: Env): void {
  const { declaration } = env.symbol;
  const members = membersOf(env);
  const inputs = new Set(declaration.kind === 'PartDecl' ? declaration.params.map((p) => p.name.text) : members.flatMap((m) => (m.kind === 'ModelInput' ? [m.name.text] : [])));
  const params = new Set(members.flatMap((m) => (m.kind === 'ParamStatement' ? [m.name.text] : [])));
  const lets = new Map(members.flatMap((m) => (m.kind === 'Let' || m.kind === 'ModelInput' ? [[`${m.kind} ${m.name.text}`, m] as const] : [])).reverse());
  // Of a part's inputs and parameters nothing is offered: callers give the one, and files hold the other.
  const removeFix = (name: string, kind: 'Let' | 'ModelInput'): Fix[] => {
    const member = lets.get(`${kind} ${name}`);
    return member === undefined ? [] : removal([member], name, env.scope.module);
  };
  const states = declaration.kind === 'ModelDecl' ? statesWithoutEffect(declaration) : new Map<string, readonly string[]>();
  for (const [name, local] of env.locals) {
    const readers = states.get(name);
    if (readers !== undefined) reportState(name, local, readers, env);
    if (local.used || readers !== undefined) continue;
    const location = at(env.scope.module, local.span);
    if (params.has(name)) {
      env.report(nameCodes.report('unused-param', { name }, location, { label: 'never read', notes: ['Its numbers are kept in the file, learned and shipped for nothing. Use it, or take it out here and in the file.'] }));
    } else if (!inputs.has(name)) {
      env.report(nameCodes.report('unused-let', { name }, location, { label: 'never used', fixes: removeFix(name, 'Let') }));
      // A compile-time parameter may be used by the signature alone.
    } else if (!env.scope.seen.has(name) && !env.scope.read.has(name)) {
      env.report(nameCodes.report('unused-input', { name, owner: env.symbol.name }, location, { label: 'never read', fixes: removeFix(name, 'ModelInput') }));
    }
  }
}

// ---------------------------------------------------------------- states

function reportState(name: string, { span }: Local, readers: readonly string[], env: Env): void {
  const { members } = env.symbol.declaration as ModelDecl;
  const others = readers.filter((reader) => reader !== name);
  const own = members.filter((member) => (member.kind === 'StateMember' || member.kind === 'NextMember') && member.name.text === name);
  env.report(
    nameCodes.report('unused-state', { name, model: env.symbol.name }, at(env.scope.module, span), {
      label: readers.length === 0 ? 'never read' : others.length === 0 ? 'read only by its own `next`' : `read only on the way to ${others.map((other) => `\`next ${other}\``).join(', ')}`,
      fixes: others.length === 0 ? removal(own, name, env.scope.module) : [],
    }),
  );
}

/** The states that no output depends on, also not by way of other states, each with the states whose next values read it. */
function statesWithoutEffect({ members }: ModelDecl): ReadonlyMap<string, readonly string[]> {
  const lets = new Map(members.flatMap((m) => (m.kind === 'Let' ? [[m.name.text, namesIn(m.value)] as const] : [])));
  const nexts = new Map(members.flatMap((m) => (m.kind === 'NextMember' ? [[m.name.text, namesIn(m.value)] as const] : [])));
  const reached = (from: Iterable<string>, through: readonly ReadonlyMap<string, readonly string[]>[]): ReadonlySet<string> => {
    const found = new Set(from);
    for (const name of found) for (const table of through) for (const other of table.get(name) ?? []) found.add(other);
    return found;
  };
  const live = reached(members.flatMap((m) => (m.kind === 'ModelOutput' ? namesIn(m.value) : [])), [lets, nexts]);
  const dead = members.flatMap((m) => (m.kind === 'StateMember' && !live.has(m.name.text) ? [m.name.text] : []));
  const readBy = new Map([...nexts].map(([name, names]) => [name, reached(names, [lets])]));
  return new Map(dead.map((name) => [name, [...readBy].filter(([, names]) => names.has(name)).map(([next]) => next)]));
}

function namesIn(expr: Expr): string[] {
  const names: string[] = [];
  visit(expr, { enter: (node) => void (node.kind === 'NameExpr' && names.push(node.name.text)) });
  return names;
}
