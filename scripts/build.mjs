/** Builds `dist/`: bundles in `js/`, declarations in `types/`. Made aside and then renamed: a reader never sees half. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import config from '../rolldown.config.mjs';

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
  const { output, ...input } = config;
  const build = await rolldown(input);
  await build.write(output);
  await build.close();
}

function declare() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', path.join(aside, 'types')], { stdio: 'inherit' });
  for (const file of readdirSync(aside, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.d.ts')) rewriteEndings(path.join(aside, file));
  }
}

/** The compiler rewrites the `.ts` endings of imports in JavaScript only, and leaves them in declarations. */
function rewriteEndings(file) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/((?:from |import\()')(\.[^']*)\.ts'/g, "$1$2.js'"));
}
