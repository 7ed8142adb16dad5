/** All fixes that need no choice, in one go. */
import { createCompiler } from '../compile.ts';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import { succeed, type Diagnostic, type Fix } from '../diagnostics/diagnostic.ts';
import { applyEdits } from '../diagnostics/index.ts';
import { sureFix } from '../diagnostics/sure.ts';
import type { Host } from '../host/host.ts';

export interface Applied {
  readonly uri: string;
  /** Of the diagnostic. */
  readonly code: string;
  readonly message: string;
  /** Of the fix. */
  readonly title: string;
}

export interface AllFixed {
  /** The texts that changed, by URI. */
  readonly texts: ReadonlyMap<string, string>;
  readonly applied: readonly Applied[];
}

/** One fix may bring the next to light, `import` after a name; more often than this only fixes that undo each other do. */
const mostRounds = 20;

/**
 * Applies what is sure to these modules, and checks again, until nothing is left. A round whose edits leave something unreadable that
 * was not is not made.
 *
 * @param uris the modules that may be changed; what they import is read as it is
 */
export function fixAll(uris: readonly string[], host: Host): AllFixed {
  const texts = new Map<string, string>();
  let version = 0;
  const compiler = createCompiler({
    ...host,
    readText: (uri) => (texts.has(uri) ? succeed(texts.get(uri)!) : host.readText(uri)),
    // No file has a negative time, so that this is never taken for a state of the file.
    stat: (uri) => (texts.has(uri) ? { size: texts.get(uri)!.length, mtimeMs: -1 - version } : host.stat(uri)),
  });
  const applied: Applied[] = [];
  let { diagnostics, sources } = compiler.check(uris);
  for (let round = 0; round < mostRounds; round++) {
    const chosen = apart(diagnostics.flatMap((diagnostic) => {
      const fix = sureFix(diagnostic);
      return fix !== undefined && fix.edits.every(({ location }) => uris.includes(location.uri)) ? [{ diagnostic, fix }] : [];
    }));
    if (chosen.length === 0) break;
    const before = new Map(texts);
    for (const uri of uris) {
      const edits = chosen.flatMap(({ fix }) => fix.edits.filter(({ location }) => location.uri === uri));
      const text = sources.get(uri)?.text;
      if (edits.length > 0 && text !== undefined) texts.set(uri, applyEdits(text, edits).text);
    }
    version++;
    const after = compiler.check(uris);
    if (unreadable(after.diagnostics) > unreadable(diagnostics)) {
      texts.clear();
      for (const [uri, text] of before) texts.set(uri, text);
      break;
    }
    applied.push(...chosen.map(({ diagnostic: { code, message, location }, fix: { title } }) => ({ uri: location.uri, code, message, title })));
    ({ diagnostics, sources } = after);
  }
  return { texts, applied };
}

interface Chosen {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

const unreadable = (diagnostics: readonly Diagnostic[]): number => diagnostics.filter(({ code }) => Object.hasOwn(syntaxCodes.table, code)).length;

/** Those whose edits touch no other one's, the first of those that do; equal ones once. */
function apart(all: readonly Chosen[]): Chosen[] {
  const taken: Fix['edits'][number][] = [];
  return all.filter(({ fix: { edits } }) => {
    const touches = edits.some(({ location: a }) => taken.some(({ location: b }) => a.uri === b.uri && a.span.start <= b.span.end && b.span.start <= a.span.end));
    if (touches) return false;
    taken.push(...edits);
    return true;
  });
}
