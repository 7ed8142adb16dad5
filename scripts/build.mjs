/** Builds `dist/`: bundles in `js/`, declarations in `types/`. Made aside and then renamed: a reader never sees half. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import config from '../rolldown.config.mjs';

const { include: entries } = JSON.parse(readFileSync(new URL('../tsconfig.build.json', import.meta.url), 'utf8'));
const root = path.dirname(import.meta.dirname);
const aside = path.join(root, 'dist.tmp');
const target = path.join(root, 'dist');

process.chdir(root);
rmSync(aside, { recursive: true, force: true });
await bundle();
declare();
rmSync(target, { recursive: true, force: true });
renameSync(aside, target);

async function bundle() {
  for (const { output, ...input } of config) {
    const build = await rolldown(input);
    await build.write(output);
    await build.close();
  }
}

/** The compiler declares every module that it saw; what the entries do not refer to is left out. */
function declare() {
  const folder = path.join(aside, 'types');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder], { stdio: 'inherit' });
  const needed = new Set();
  for (const entry of entries) need(path.join(folder, path.relative('src', entry).replace(/\.ts$/, '.d.ts')), needed);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (file.endsWith('.d.ts') && !needed.has(file)) rmSync(file);
  }
}

/** Marks a declaration file and all that it refers to, and mends the endings of its imports, which stay `.ts`. */
function need(file, needed) {
  if (needed.has(file)) return;
  needed.add(file);
  const text = readFileSync(file, 'utf8');
  const imports = /((?:from |import\()')(\.[^']*)\.ts'/g;
  for (const [, , other] of text.matchAll(imports)) need(path.join(path.dirname(file), `${other}.d.ts`), needed);
  writeFileSync(file, text.replace(imports, "$1$2.js'"));
}
