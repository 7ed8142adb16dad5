/** The compilations of open documents, made when they are asked for and kept until something they rest on changes. */
import { createCompiler, type Compilation, type Compiler, type Measured } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import { hasErrors } from '../diagnostics/summary.ts';
import type { View } from '../ide/index.ts';
import { checkLock, lockUriOf } from '../packages/index.ts';
import { isKept, keptOfModule, keptProbes } from '../packages/kept.ts';
import type { KeptTool } from '../toolkit/verify/judge-kept.ts';

/** A view, and what the lock keeps of its tools. */
interface Locked {
  readonly view: View;
  readonly kept: readonly KeptTool[];
}

export interface Project {
  /** Of the module and all that it imports, exactly as `mdl check FILE` would see it. */
  view(uri: string): View;
  /**
   * The view with what no longer holds of what earlier runs of `verify` and `probe` left in the lock. What was measured of the
   * sources is looked for here, and known to views from then on.
   */
  judged(uri: string): Promise<View>;
  /** Forgets the views that rest on a module. */
  moduleChanged(uri: string): void;
  /** Forgets all views: a file that nobody could find may be there now. */
  filesChanged(): void;
  isStale(uri: string): boolean;
}

export function createProject(host: Host): Project {
  const compiler = createCompiler(host, { values: true });
  const views = new Map<string, Locked>();
  /** By the module that was asked for. */
  const measurements = new Map<string, Measured>();
  const locked = (uri: string): Locked => {
    const known = views.get(uri);
    if (known !== undefined) return known;
    const { compilation, kept } = withLock(compiler.check([uri], measurements.get(uri)), uri, host);
    const made: Locked = { view: { compilation, files: compiler.files, host }, kept };
    views.set(uri, made);
    return made;
  };
  return {
    view: (uri) => locked(uri).view,
    judged: async (uri) => {
      const measured = await measuredFor(uri, compiler, host);
      if (keyOf(measured) !== keyOf(measurements.get(uri) ?? new Map())) {
        measurements.set(uri, measured);
        views.delete(uri);
      }
      const { view, kept } = locked(uri);
      if (kept.length === 0 || hasErrors(view.compilation.diagnostics)) return view;
      const { judgeKept } = await import('../toolkit/verify/judge-kept.ts');
      return withMore(view, judgeKept(kept, view.compilation.tools.map((tool) => ({ tool })), host));
    },
    moduleChanged: (uri) => {
      for (const [entry, { view }] of views) if (view.compilation.sources.has(uri)) views.delete(entry);
    },
    filesChanged: () => views.clear(),
    isStale: (uri) => !views.has(uri),
  };
}

const keyOf = (measured: Measured): string => JSON.stringify([...measured]);

async function measuredFor(uri: string, compiler: Compiler, host: Host): Promise<Measured> {
  // A document that was never saved lies in no folder.
  const kept = URL.canParse('.', uri) ? keptProbes(lockUriOf(uri, host), host) : [];
  if (kept.length === 0) return new Map();
  const { measuredFacts } = await import('../toolkit/probe/measured-facts.ts');
  return measuredFacts((probed) => compiler.check([probed]), kept, host);
}

/** With what the lock says of the files in use. An editor shows that, and leaves writing the lock to `mdl check`. */
function withLock(compilation: Compilation, uri: string, host: Host): { readonly compilation: Compilation; readonly kept: readonly KeptTool[] } {
  // A document that was never saved lies in no folder.
  if (!URL.canParse('.', uri)) return { compilation, kept: [] };
  const lockUri = lockUriOf(uri, host);
  const { diagnostics, lock } = checkLock(compilation, lockUri, host, 'update');
  const tools = compilation.tools.map((tool) => ({ tool, lowerTerms: compilation.lowerTerms, ...keptOfModule(tool.uri, lockUri, lock) }));
  return { compilation: { ...compilation, diagnostics: [...compilation.diagnostics, ...diagnostics] }, kept: tools.filter((found) => isKept(found.tool, found)) };
}

const withMore = (view: View, more: readonly Diagnostic[]): View => ({ ...view, compilation: { ...view.compilation, diagnostics: [...view.compilation.diagnostics, ...more] } });
