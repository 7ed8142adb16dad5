/** What MDL's checker says of both twins of every case. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
export const cases = JSON.parse(readFileSync(path.join(here, 'cases.json'), 'utf8'));

/**
 * `found` are the codes of the wrong twin (its `code`, and `also` what follows with it), `refused` those of the right one;
 * `byTypes` says whether the two would be told apart without facts and names of axes. `api` is the compiler as a library.
 */
export function checkCases({ createCompiler, createNodeHost }) {
  const host = createNodeHost({ cwd: here });
  const bare = { ...host, readText: (uri) => bareText(host.readText(uri), uri) };
  return cases.map(({ name, mistake, code, also = [], measured }) => {
    const check = (twin, of) => createCompiler(of).check([pathToFileURL(path.join(here, 'cases', name, `${twin}.mdl`)).href]).diagnostics;
    const codesOf = (twin) => [...new Set(check(twin, host).map((diagnostic) => diagnostic.code))];
    const errorsOf = (twin) => check(twin, bare).filter(({ severity }) => severity === 'error').length;
    const byTypes = errorsOf('wrong') > 0 && errorsOf('right') === 0;
    return { name, mistake, code, also, measured, found: codesOf('wrong'), refused: codesOf('right'), byTypes };
  });
}

/** A case's text as a declaration of types alone: no `where`, no `C:` before a size. */
function bareText(read, uri) {
  if (!read.ok || !uri.includes('/silent-joints/cases/')) return read;
  const facts = /\s+where\s[\s\S]*?(?=\n\s*(?:input|output|source|weights|\}|\{)|\n[a-z]|\n\n|$)/g;
  return { ...read, value: read.value.replace(facts, '').replace(/(?<=[[,] ?)[A-Z]: /g, '') };
}
