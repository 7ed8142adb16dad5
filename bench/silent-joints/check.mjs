/** What MDL's checker says of both twins of every case. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
export const cases = JSON.parse(readFileSync(path.join(here, 'cases.json'), 'utf8'));

/** `found` are the codes of the wrong twin, `refused` those of the right one. `api` is the compiler as a library. */
export function checkCases({ createCompiler, createNodeHost }) {
  const host = createNodeHost({ cwd: here });
  return cases.map(({ name, mistake, code }) => {
    const codesOf = (twin) => {
      const { diagnostics } = createCompiler(host).check([pathToFileURL(path.join(here, 'cases', name, `${twin}.mdl`)).href]);
      return [...new Set(diagnostics.map((diagnostic) => diagnostic.code))];
    };
    const [found, refused] = [codesOf('wrong'), codesOf('right')];
    return { name, mistake, code, found, refused };
  });
}
