/** The compilations of open documents, made when they are asked for and kept until something they rest on changes. */
import { createCompiler, type Compilation } from '../compile.ts';
import type { Host } from '../host/host.ts';
import type { View } from '../ide/index.ts';
import { checkLock, lockUriOf } from '../packages/index.ts';

export interface Project {
  /** Of the module and all that it imports, exactly as `mdl check FILE` would see it. */
  view(uri: string): View;
  /** Forgets the views that rest on a module. */
  moduleChanged(uri: string): void;
  /** Forgets all views: a file that nobody could find may be there now. */
  filesChanged(): void;
  isStale(uri: string): boolean;
}

export function createProject(host: Host): Project {
  const compiler = createCompiler(host, { values: true });
  const views = new Map<string, View>();
  return {
    view: (uri) => {
      const known = views.get(uri);
      if (known !== undefined) return known;
      const view: View = { compilation: withLock(compiler.check([uri]), uri, host), files: compiler.files, host };
      views.set(uri, view);
      return view;
    },
    moduleChanged: (uri) => {
      for (const [entry, view] of views) if (view.compilation.sources.has(uri)) views.delete(entry);
    },
    filesChanged: () => views.clear(),
    isStale: (uri) => !views.has(uri),
  };
}

/** With what the lock says of the files in use. An editor shows that, and leaves writing the lock to `mdl check`. */
function withLock(compilation: Compilation, uri: string, host: Host): Compilation {
  // A document that was never saved lies in no folder.
  if (!URL.canParse('.', uri)) return compilation;
  const { diagnostics } = checkLock(compilation, lockUriOf(uri, host), host, 'update');
  return diagnostics.length === 0 ? compilation : { ...compilation, diagnostics: [...compilation.diagnostics, ...diagnostics] };
}
