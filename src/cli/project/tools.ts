/** What the commands that carry out declarations have in common: they find them, and end as one. */
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import type { CheckedTool } from '../../check/tools/index.ts';
import { MdlRuntimeError } from '../../runtime/index.ts';
import { suggest } from '../../text/suggest.ts';
import { Interrupted, ToolError } from '../../toolkit/errors.ts';
import type { RunOutcome } from '../../toolkit/runs.ts';
import { keepStudy, studyKey } from '../../toolkit/study/keep.ts';
import type { Study } from '../../toolkit/study/study.ts';
import { hasUmap } from '../../toolkit/study/umap.ts';
import type { Workbench } from '../../toolkit/workbench.ts';
import { flag, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { endingsToJson, showEndings, type Ending } from '../show/show-endings.ts';
import { checkProject, createProject, type Project, type ProjectCheck, type ProjectTool } from './project.ts';
import { diagnosticsToJson, printDiagnostics } from '../show/print-diagnostics.ts';
import { inputsOf, remember } from './remember.ts';
import { stopOf } from '../run/runtime-stop.ts';
import { sourceUri } from './sources.ts';
import { refuse } from '../stop.ts';
import { packageVersion } from '../version.ts';
import { withWorkbench } from './workbench.ts';

export type Kind = 'fit' | 'verify' | 'probe';
export type ToolOf<K extends Kind> = Extract<CheckedTool, { kind: K }>;

/** The name that a declaration is called by. */
export const nameOf = (tool: ToolOf<Kind>): string => (tool.kind === 'fit' ? tool.target.name : tool.name);

/** What a command does with each declaration, and what of it goes into its JSON document. */
export interface Carried<K extends Kind, T> {
  readonly kind: K;
  run(tool: ToolOf<K>, bench: Workbench, project: Project): Promise<T>;
  /** Whether a file that others rest on is another one now. */
  changes?(result: T): boolean;
  print(result: T): void;
  /** What is doubtful about it, and does not end it. */
  warnings?(result: T): readonly Diagnostic[];
  /** What of it the history keeps. */
  outcome(result: T): RunOutcome;
  toJson(result: T): unknown;
  /** What a report shows of it. */
  study?(tool: ToolOf<K>, result: T, bench: Workbench): Promise<Study>;
  /** From the results of all that were carried out. */
  codeOf(results: readonly T[]): number;
  /** Called with each that cannot be carried out, after which the others are, as far as none that was not carried out is needed by them. */
  refused?(name: string, diagnostic: Diagnostic): void;
  /** Which of those that were not carried out it needs, by their names; undefined where none, or where none rests on another. */
  needs?(tool: ToolOf<K>, missing: ReadonlyMap<string, ToolOf<K>>): string | undefined;
}

/** Carries out the declarations of a file, or those that the call names, in their order, but each behind those that it needs. One that cannot be carried out is a fault, and keeps none from it but those that need it. */
export async function carryOut<K extends Kind, T>(call: Call, carried: Carried<K, T>): Promise<number> {
  const { io } = call;
  const [given = '', ...names] = call.args;
  const uri = sourceUri(given, io.cwd);
  const project = createProject(io, { refits: carried.kind === 'fit' });
  const json = flag(call, 'json');
  const results: T[] = [];
  const refused: Diagnostic[] = [];
  const missing = new Map<string, ToolOf<K>>();
  const endings: Ending[] = [];
  let check = await checkProject(project, [uri], 'update');
  if (!json || hasErrors(check.diagnostics)) report(check, call);
  if (hasErrors(check.diagnostics)) return exit.fault;
  const wanted = byNeed(chosen(check, [carried.kind], uri, given, names), (name) => toolNamed(check, carried.kind, uri, name)?.tool as ToolOf<K> | undefined, carried.needs);
  // Of one alone the diagnostic is the answer; a verification always has a line of its own.
  const isNamed = !json && (wanted.length > 1 || carried.kind === 'verify');
  for (const name of wanted) {
    const found = toolNamed(check, carried.kind, uri, name);
    if (found === undefined) return failed(check, call);
    const tool = found.tool as ToolOf<K>;
    const needed = carried.needs?.(tool, missing);
    if (needed !== undefined) {
      missing.set(name, tool);
      endings.push({ name, needed });
      if (isNamed) io.stdout.write(`${name}: not carried out, for it needs ${needed}\n`);
      continue;
    }
    try {
      const { result } = await carryOne(found, carried, { project, check, call, remembers: flag(call, 'history'), studies: project.cache !== undefined });
      results.push(result);
      endings.push({ name });
      // The check before found all as it was locked: what differs now is what was learned, and what the next one may need.
      if (carried.changes?.(result) === true) check = await checkProject(project, [uri], 'accept');
      if (!json) carried.print(result);
      warn(carried.warnings?.(result) ?? [], check, call);
    } catch (error) {
      if (!(error instanceof ToolError)) return endedBy(error, check, call);
      refused.push(error.diagnostic);
      missing.set(name, tool);
      endings.push({ name, refused: true });
      warn([error.diagnostic], check, call);
      carried.refused?.(name, error.diagnostic);
      if (isNamed) io.stdout.write(`${name}: not carried out\n`);
    }
  }
  const code = refused.length > 0 ? exit.fault : carried.codeOf(results);
  if (json) printJson(io, { ok: code === exit.fine, results: results.map((result) => carried.toJson(result)), ...(refused.length === 0 ? {} : { ...endingsToJson(endings), diagnostics: diagnosticsToJson({ ...check, diagnostics: refused }) }) });
  else if (refused.length > 0) io.stdout.write(showEndings(carried.kind, endings));
  return code;
}

const toolNamed = (check: ProjectCheck, kind: Kind, uri: string, name: string): ProjectTool | undefined =>
  check.tools.find(({ tool }) => tool.kind === kind && tool.uri === uri && nameOf(tool as ToolOf<Kind>) === name);

/** The names in their order, but each behind those that it needs; where some need each other, as they stand. */
function byNeed<K extends Kind>(names: readonly string[], toolOf: (name: string) => ToolOf<K> | undefined, needs: Carried<K, unknown>['needs']): readonly string[] {
  const left = new Map(names.flatMap((name) => {
    const tool = toolOf(name);
    return tool === undefined ? [] : [[name, tool] as const];
  }));
  const order: string[] = names.filter((name) => !left.has(name));
  while (left.size > 0) {
    const isFree = ([name, tool]: readonly [string, ToolOf<K>]): boolean => needs?.(tool, new Map([...left].filter(([other]) => other !== name))) === undefined;
    const [next] = [...left].find(isFree) ?? [...left][0]!;
    left.delete(next);
    order.push(next);
  }
  return order;
}

/** The exit code where a tool was ended by a diagnostic or interrupted, which is told; throws what is neither. */
export function endedBy(error: unknown, check: ProjectCheck, call: Call): number {
  if (error instanceof MdlRuntimeError) throw stopOf(error);
  if (error instanceof Interrupted) {
    call.io.stderr.write(`${error.message}\n`);
    return exit.interrupted;
  }
  if (!(error instanceof ToolError)) throw error;
  return failed({ ...check, diagnostics: [error.diagnostic] }, call);
}

/** What the carrying out of one declaration belongs to. */
export interface Carrying {
  readonly project: Project;
  readonly check: ProjectCheck;
  readonly call: Call;
  /** Whether the run goes into the history. */
  readonly remembers: boolean;
  /** Whether what a report shows is found out, too. */
  readonly studies: boolean;
}

/** Carries out one declaration, keeps what a report shows of it, and writes the run into the history. Throws what ends the tool. */
export async function carryOne<K extends Kind, T>(found: ProjectTool, carried: Carried<K, T>, { project, check, call, remembers, studies }: Carrying): Promise<{ readonly result: T; readonly study: Study | undefined }> {
  const tool = found.tool as ToolOf<K>;
  const done = await withWorkbench(project, check, found.lowerTerms, call.io, async (bench) => {
    const result = await carried.run(tool, bench, project);
    // Where nothing is kept, nobody but a report would see it.
    return { result, study: studies ? await carried.study?.(tool, result, bench) : undefined };
  });
  const { result, study } = done;
  if (study !== undefined && project.cache !== undefined) keepStudy(project.cache, keyOf(tool, check), study);
  if (remembers) warn(remember(tool, carried.outcome(result), check), check, call);
  return done;
}

/** Under which what a report shows of a declaration is kept. */
export const keyOf = (tool: ToolOf<Kind>, check: ProjectCheck): string => studyKey({ kind: tool.kind, name: nameOf(tool), file: check.host.display(tool.uri), inputs: inputsOf(tool, check), version: packageVersion(), umap: hasUmap(tool.uri) });

/** The diagnostics of a check; in a call for JSON only where they end it. */
export function report(check: ProjectCheck, call: Call): void {
  if (flag(call, 'json')) printJson(call.io, { ok: false, diagnostics: diagnosticsToJson(check) });
  else printDiagnostics(check, call.io, call.io.stderr);
}

/** In a call for JSON, standard error stays empty. */
function warn(diagnostics: readonly Diagnostic[], check: ProjectCheck, call: Call): void {
  if (!flag(call, 'json')) printDiagnostics({ ...check, diagnostics }, call.io, call.io.stderr);
}

function failed(check: ProjectCheck, call: Call): number {
  report(check, call);
  return exit.fault;
}

/** The names of the declarations of these kinds in a file: all of them, or those that the call asks for. */
export function chosen(check: ProjectCheck, kinds: readonly Kind[], uri: string, path: string, names: readonly string[]): readonly string[] {
  const known = check.tools.flatMap(({ tool }) => (kinds.includes(tool.kind as Kind) && tool.uri === uri ? [nameOf(tool as ToolOf<Kind>)] : []));
  const unknown = names.find((name) => !known.includes(name));
  if (known.length > 0 && unknown === undefined) return names.length === 0 ? known : names;
  const near = unknown === undefined ? undefined : suggest(unknown, known);
  return refuse(cliCodes.finding('cli-no-tool', { word: kinds.join(' or '), path, name: unknown, known }, near === undefined ? [] : [`Did you mean ${near}?`]));
}
