/** The pipeline on one page: text -> AST -> names -> types -> joints -> programs. */
import { checkModules, type CheckOptions, type Checked } from './check/index.ts';
import { nothingMeasured, touchedBy, type Measured } from './check/measured.ts';
import { createMemory, isCurrent, takeFindings, type CheckMemory } from './check/memory.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { withLineEnds } from './diagnostics/line-ends.ts';
import { createForeignFiles, type CachedFiles } from './foreign-files.ts';
import type { Host } from './host/host.ts';
import { isImportedNear } from './names/imported-elsewhere.ts';
import { resolveModules, type ModuleMemory, type ModuleScope } from './names/modules.ts';
import type { Module } from './syntax/ast.ts';
import type { Parse } from './syntax/parsed.ts';
import type { SourceText } from './text/source.ts';

export type { Measured } from './check/measured.ts';

/** All that one check found out: of the diagnostics, those of syntax and names come along. */
export interface Compilation extends Checked {
  /** Every module that was read, the library's too, by URI. */
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly modules: ReadonlyMap<string, Module>;
  readonly scopes: ReadonlyMap<string, ModuleScope>;
}

export interface CompilerOptions {
  /** Whether a compilation keeps `values`, for editors. */
  readonly values?: boolean;
  /** Whether learned weights are to be learned again, by `mdl fit`: a file of theirs that does not fit its part any more is none. */
  readonly refits?: boolean;
  /** A compiler whose library this one takes over, read and checked, as far as the texts are the same. */
  readonly library?: Compiler;
}

export interface Compiler {
  /** Checks the modules at these URIs and all they import, by what was measured of them. Never throws. */
  check(entries: readonly string[], measured?: Measured): Compilation;
  /** The headers of foreign files, as they were read for the checks. */
  readonly files: CachedFiles;
}

/** What compilers know of earlier checks, for those that take over their library. */
const memories = new WeakMap<Compiler, Memory>();

/** The compiler with this parser; what it throws passes through a check. */
export function createPipeline(host: Host, parse: Parse, { values = false, refits = false, library }: CompilerOptions = {}): Compiler {
  const files = createForeignFiles(host);
  const parsed = new Map<string, { readonly text: string; readonly result: ReturnType<Parse> }>();
  const parseOnce: Parse = (source) => {
    const known = parsed.get(source.uri);
    if (known?.text === source.text) return known.result;
    const result = parse(source);
    parsed.set(source.uri, { text: source.text, result });
    return result;
  };
  const before = library && memories.get(library);
  const taken = before?.values === values ? before : undefined;
  const checks: CheckMemory = taken?.checks ?? createMemory();
  const known = new Map([...(taken?.modules.known ?? [])].filter(([, { scope }]) => scope.package === 'std'));
  const memory: Memory = {
    checks,
    measured: undefined,
    values,
    modules: { known, isCurrent: (scope) => isCurrent(scope, checks, host) && (memory.measured === undefined || isCurrent(scope, memory.measured.checks, host)) },
  };
  const compiler: Compiler = { files, check: (entries, measured = nothingMeasured) => check(entries, host, files, parseOnce, { keepValues: values, refits, measured }, memory) };
  memories.set(compiler, memory);
  return compiler;
}

/** What earlier checks of a compiler found out. */
interface Memory {
  readonly modules: ModuleMemory;
  readonly checks: CheckMemory;
  /** Of the last check that had measurements, which are the key. */
  measured: { readonly key: string; readonly checks: CheckMemory } | undefined;
  /** Whether the values of expressions are among it. */
  readonly values: boolean;
}

function check(entries: readonly string[], host: Host, files: CachedFiles, parseModule: Parse, options: Pick<CheckOptions, 'keepValues' | 'refits' | 'measured'>, memory: Memory): Compilation {
  const modules = resolveModules(entries, host, parseModule, memory.modules);
  const faulty = modules.diagnostics.some((d) => d.severity === 'error');
  const checked = checkModules(modules, entries, { host, files, faulty, ...options, memory: memoryFor(options.measured, modules.scopes.values(), memory) });
  files.keep();
  const sources = new Map([...modules.scopes].map(([uri, scope]) => [uri, scope.source]));
  return {
    ...checked,
    sources,
    modules: new Map([...modules.scopes].map(([uri, scope]) => [uri, scope.ast])),
    scopes: modules.scopes,
    diagnostics: sortByPlace([...modules.diagnostics, ...withoutImported(checked.diagnostics, host, parseModule)], entries).map((diagnostic) => withLineEnds(diagnostic, sources)),
  };
}

/** What a module that was not asked for imports is used: by a verification beside the app, say. */
function withoutImported(diagnostics: readonly Diagnostic[], host: Host, parseModule: Parse): readonly Diagnostic[] {
  const unused = new Set(diagnostics.flatMap(({ code, location }) => (code === 'unused-declaration' ? [location.uri] : [])));
  const imported = new Set([...unused].filter((uri) => isImportedNear(uri, host, parseModule)));
  return imported.size === 0 ? diagnostics : diagnostics.filter(({ code, location }) => code !== 'unused-declaration' || !imported.has(location.uri));
}

/** Of modules that no measurement touches, what was found without any holds. */
function memoryFor(measured: Measured, scopes: Iterable<ModuleScope>, memory: Memory): CheckMemory {
  if (measured.size === 0) return memory.checks;
  const key = JSON.stringify([...measured]);
  if (memory.measured?.key !== key) memory.measured = { key, checks: createMemory() };
  const all = [...scopes];
  const touched = touchedBy(measured, all);
  for (const scope of all) if (!touched.has(scope)) takeFindings(scope, memory.checks, memory.measured.checks);
  return memory.measured.checks;
}

/** The entry modules' diagnostics first, each module's in the order of its text. */
function sortByPlace(diagnostics: readonly Diagnostic[], entries: readonly string[]): Diagnostic[] {
  const order = (d: Diagnostic): number => (entries.includes(d.location.uri) ? entries.indexOf(d.location.uri) : entries.length);
  return [...diagnostics].sort(
    (a, b) =>
      order(a) - order(b) ||
      (a.location.uri < b.location.uri ? -1 : a.location.uri > b.location.uri ? 1 : 0) ||
      a.location.span.start - b.location.span.start,
  );
}
