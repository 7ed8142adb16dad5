/** Bundles the extension into `out/`, with the licences of what was bundled. */
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { noticesOf } from '../../scripts/licence-notices.mjs';

const here = import.meta.dirname;
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['src/extension.ts'],
  outfile: 'out/extension.js',
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  external: ['vscode'],
  metafile: true,
});
writeFileSync(path.join(here, 'out/licences.txt'), noticesOf(Object.keys(metafile.inputs).map((file) => path.join(here, file))));
copyFileSync(path.join(here, '../../LICENSE'), path.join(here, 'LICENSE'));
