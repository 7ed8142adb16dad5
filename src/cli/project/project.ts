/** Checking sources together with the lock files that they belong to. */
import { fileURLToPath } from 'node:url';
import type { CheckedTool } from '../../check/tools/index.ts';
import type { LowerSwapped } from '../../check/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import { nothingMeasured, type Measured } from '../../check/measured.ts';
import type { LowerTerms } from '../../check/tools/lower.ts';
import { createPipeline, type Compilation, type Compiler, type CompilerOptions } from '../../pipeline.ts';
import { locate, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import type { Host } from '../../host/host.ts';
import { cacheFolder } from '../../host/cache-folder.ts';
import { createNodeHost } from '../../host/node.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { checkLock, lockName, lockUriOf, printLock, type Lock, type LockMode } from '../../packages/index.ts';
import { isKept, keptOfModule, keptProbes, keptVerdicts, type KeptOfModule } from '../../packages/kept.ts';
import { emptySpan } from '../../text/source.ts';
import type { MeasuredBudget } from '../../toolkit/verify/measured-budgets.ts';
import type { Call } from '../command.ts';
import type { Io } from '../io.ts';
import { flag } from '../command.ts';
import { createKeptParser, type KeptParser } from './kept-trees.ts';

export interface Project {
  readonly host: Host;
  readonly compiler: Compiler;
  readonly parser: KeptParser;
  /** A folder for what can be made again; undefined where there is none. */
  readonly cache: string | undefined;
  /** Files that are not on the disk yet, by URI. */
  readonly held?: ReadonlyMap<string, Uint8Array>;
  /** Writes a lock file. */
  readonly write: (uri: string, text: string) => void;
}

/** All that a check of a project's sources found out. */
export interface ProjectCheck extends Pick<Compilation, 'sources' | 'diagnostics' | 'models' | 'unfitted' | 'explain' | 'explainable'> {
  readonly host: Host;
  readonly entries: readonly string[];
  /** SHA-256 of foreign files, by URI. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly foreign: readonly string[];
  readonly tools: readonly ProjectTool[];
  /** Lock files that were written. */
  readonly written: readonly string[];
}

/** A declaration that a command carries out, and how its terms become programs. */
export interface ProjectTool extends KeptOfModule {
  readonly tool: CheckedTool;
  readonly lowerTerms: LowerTerms;
  readonly lowerSwapped: LowerSwapped;
}

export function createProject({ cwd, env }: Pick<Io, 'cwd' | 'env'>, { refits = false }: Pick<CompilerOptions, 'refits'> = {}): Project {
  const cache = cacheFolder(env);
  const host = createNodeHost({ cwd, ...(cache === undefined ? {} : { cache }) });
  const parser = createKeptParser(cache);
  return { host, compiler: createPipeline(host, parser.parse, { refits }), parser, cache, write: (uri, text) => writeText(fileURLToPath(uri), text) };
}

export const lockModeOf = (call: Call): LockMode =>
  flag(call, 'locked') ? 'locked' : flag(call, 'accept') ? 'accept' : 'update';

/** Checks the entries, each against the lock file of its package, and writes the locks that changed. */
export async function checkProject(project: Project, entries: readonly string[], mode: LockMode): Promise<ProjectCheck> {
  const measured = await measuredFor(project, entries);
  return withJudged(await project.parser.loadedFor(() => checkGroups(project, entries, mode, measured)));
}

/** What probes found true of what the sources declare, also of modules that import the entries. */
async function measuredFor({ host, compiler, parser }: Project, entries: readonly string[]): Promise<Measured> {
  const locks = [...new Set(entries.map((entry) => lockUriOf(entry, host)))];
  const kept = locks.flatMap((lockUri) => keptProbes(lockUri, host));
  if (kept.length === 0) return nothingMeasured;
  // What most checks do without is loaded for those that have something.
  const { measuredFacts } = await import('../../toolkit/probe/measured-facts.ts');
  return parser.loadedFor(() => measuredFacts((uri) => compiler.check([uri]), kept, host));
}

/** The verdicts in the lock that measured the budget of a model; none where it leaves nothing to be measured. */
export async function budgetMeasured({ host, compiler, parser }: Project, model: CheckedModel): Promise<readonly MeasuredBudget[]> {
  if (model.budget.every(({ state }) => state !== 'unmeasured')) return [];
  const kept = keptVerdicts(lockUriOf(model.uri, host), host);
  if (kept.length === 0) return [];
  const { measuredBudgets } = await import('../../toolkit/verify/measured-budgets.ts');
  return parser.loadedFor(() => measuredBudgets(model, (uri) => compiler.check([uri]), kept, host));
}

/** With warnings for what the lock keeps of tools and no longer speaks of what is here. */
async function withJudged(check: ProjectCheck): Promise<ProjectCheck> {
  const kept = check.tools.filter((found) => isKept(found.tool, found));
  if (kept.length === 0 || hasErrors(check.diagnostics)) return check;
  // What most checks do without is loaded for those that have something.
  const { judgeKept } = await import('../../toolkit/verify/judge-kept.ts');
  return { ...check, diagnostics: [...check.diagnostics, ...judgeKept(kept, check.tools, check.host)] };
}

function checkGroups({ host, compiler, write }: Project, entries: readonly string[], mode: LockMode, measured: Measured): ProjectCheck {
  const groups = new Map<string, string[]>();
  for (const entry of entries) {
    const lockUri = lockUriOf(entry, host);
    groups.set(lockUri, [...(groups.get(lockUri) ?? []), entry]);
  }
  const checks = [...groups].map(([lockUri, group]) => checkGroup(compiler.check(group, measured), lockUri, { host, write }, mode));
  const diagnostics = withoutRepeats(checks.flatMap((check) => check.diagnostics));
  return {
    host,
    entries,
    sources: new Map(checks.flatMap((check) => [...check.sources])),
    diagnostics,
    models: hasErrors(diagnostics) ? [] : checks.flatMap((check) => check.models),
    unfitted: hasErrors(diagnostics) ? [] : checks.flatMap((check) => check.unfitted),
    fingerprints: new Map(checks.flatMap((check) => [...check.fingerprints])),
    foreign: checks.flatMap((check) => check.foreign),
    tools: checks.flatMap((check) => check.tools),
    written: checks.flatMap((check) => check.written),
    explain: (target) => checks.map((check) => check.explain(target)).find((found) => found !== undefined),
    explainable: () => checks.flatMap((check) => check.explainable()),
  };
}

/** The check as one sees it who wants to build the model of this name, or all: weights that are yet to be learned are errors. */
export async function checkForBuild(project: Project, entries: readonly string[], mode: LockMode, model: string | undefined): Promise<ProjectCheck> {
  const check = await checkProject(project, entries, mode);
  const missing = check.unfitted.filter(({ name }) => model === undefined || name === model).flatMap((m) => m.missing);
  return missing.length === 0 ? check : { ...check, diagnostics: [...check.diagnostics, ...missing], models: [] };
}

function checkGroup(compilation: Compilation, lockUri: string, { host, write }: Pick<Project, 'host' | 'write'>, mode: LockMode) {
  const { models, unfitted, explain, explainable, lowerTerms, lowerSwapped } = compilation;
  const foreign = [...new Set(compilation.foreign.map((use) => use.uri))];
  const { lock, source, locked, diagnostics } = checkLock(compilation, lockUri, host, mode);
  const failed = locked?.changed === true ? writeLock(lockUri, locked.lock, { host, write }) : [];
  return {
    sources: new Map([...compilation.sources, ...(source === undefined ? [] : [[lockUri, source] as const])]),
    diagnostics: [...compilation.diagnostics, ...diagnostics, ...failed],
    models,
    unfitted,
    explain,
    explainable,
    foreign,
    tools: compilation.tools.map((tool) => ({ tool, lowerTerms, lowerSwapped, ...keptOfModule(tool.uri, lockUri, lock) })),
    fingerprints: locked?.fingerprints ?? new Map<string, string>(),
    written: locked?.changed === true && failed.length === 0 ? [lockUri] : [],
  };
}

/** A lock that cannot be written is a warning: the check itself is as good as without it. */
function writeLock(lockUri: string, lock: Lock, { host, write }: Pick<Project, 'host' | 'write'>): Diagnostic[] {
  try {
    write(lockUri, printLock(lock));
    return [];
  } catch (error) {
    const finding = fileCodes.finding('write-failed', { path: host.display(lockUri), reason: reasonOf(error) }, [
      `Without ${lockName}, a changed encoder or tokenizer goes unnoticed.`,
    ]);
    return [locate({ ...finding, severity: 'warning' }, { uri: lockUri, span: emptySpan })];
  }
}

/** A module that several groups import has its diagnostics once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ code, location, message }: Diagnostic): string =>
    `${location.uri} ${location.span.start} ${location.span.end} ${code} ${message}`;
  return [...new Map(diagnostics.map((d) => [keyOf(d), d])).values()];
}
