/** What the declaration of a tool is checked in: its data files, its `let`s, and the module around it. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import type { DataClause, Declaration, Name, Node } from '../../syntax/ast.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import type { Checker } from '../context.ts';
import { removal, removeClause } from '../edits.ts';
import { rootScope, type Report } from '../types/type-scope.ts';
import { plainEnv, type Env } from '../env.ts';
import type { CheckedData, Term } from './model.ts';

export interface ToolLocal {
  readonly kind: 'let' | 'data';
  readonly name: Name;
  /** Undefined where what it stands for is at fault. */
  readonly value: Term | CheckedData | undefined;
  used: boolean;
}

export interface ToolScope {
  readonly checker: Checker;
  readonly module: ModuleScope;
  /** The tool as a symbol, though nothing can refer to it. */
  readonly symbol: Symbol;
  /** `fit Bridge`: for messages. */
  readonly tool: string;
  readonly report: Report;
  readonly locals: Map<string, ToolLocal>;
  /** In which the tool's calls are checked. */
  readonly env: Env;
}

export function toolScope(declaration: Declaration, tool: string, module: ModuleScope, checker: Checker, report: Report): ToolScope {
  const symbol: Symbol = { name: declaration.name.text, declaration, module };
  const scope = rootScope(module, `${tool} of`, report);
  return { checker, module, symbol, tool, report, locals: new Map(), env: plainEnv({ checker, symbol, scope, report }) };
}

export const nameLocation = ({ symbol, module }: ToolScope): Location => at(module, symbol.declaration.name.span);

/** Declares a name of the tool; one that is there already is an error. */
export function declareTool(name: Name, local: Omit<ToolLocal, 'name' | 'used'>, scope: ToolScope): void {
  if (name.text === '') return;
  const first = scope.locals.get(name.text);
  if (first === undefined) {
    scope.locals.set(name.text, { ...local, name, used: false });
    return;
  }
  scope.report(
    nameCodes.report('duplicate-name', { name: name.text, where: `\`${scope.tool}\`` }, at(scope.module, name.span), {
      label: 'declared again here',
      related: [{ location: at(scope.module, first.name.span), text: 'first here' }],
    }),
  );
}

/** The data files of a tool, those with a name declared. The files are read when the tool runs, and may be missing until then. */
export function checkData(clauses: readonly DataClause[], scope: ToolScope): readonly CheckedData[] {
  return clauses.flatMap((clause) => {
    const uri = clause.path.value === '' ? undefined : resolvePath(clause.path.value, scope.module.uri);
    const data: CheckedData | undefined = uri === undefined ? undefined : { name: clause.name?.text, uri, location: at(scope.module, clause.path.span) };
    if (clause.name !== undefined) declareTool(clause.name, { kind: 'data', value: data }, scope);
    return data === undefined ? [] : [data];
  });
}

/** Says what a tool has none of; `notes` say what to write. */
export function reportIncomplete(lacks: string, notes: readonly string[], scope: ToolScope): void {
  scope.report(toolCodes.report('tool-incomplete', { tool: `\`${scope.tool}\``, lacks }, nameLocation(scope), { notes }));
}

/** The one clause of its kind; more are reported. */
export function single<T extends { readonly span: Span }>(clauses: readonly T[], what: string, scope: ToolScope): T | undefined {
  const [first, second] = clauses;
  if (first !== undefined && second !== undefined) {
    scope.report(
      toolCodes.report('tool-repeated', { what, tool: `\`${scope.tool}\`` }, at(scope.module, second.span), {
        label: 'said again here',
        related: [{ location: at(scope.module, first.span), text: 'first here' }],
        fixes: [removeClause('leave out the second', second, scope.module)],
      }),
    );
  }
  return first;
}

/** `let`s and named data that nothing uses. */
export function reportUnusedLocals(scope: ToolScope): void {
  for (const [name, local] of scope.locals) {
    if (local.used) continue;
    const { declaration } = scope.symbol;
    const members: readonly Node[] = 'members' in declaration ? declaration.members : [];
    const fixes = removal(members.filter((member) => 'name' in member && member.name === local.name), name, scope.module);
    scope.report(nameCodes.report('unused-let', { name }, at(scope.module, local.name.span), { label: 'never used', fixes }));
  }
}
