/** The examples of docs/runtime.md compile, against the runtime's types and the declaration of a model. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Manifest, ManifestPort } from '../../src/bundle/manifest.ts';
import { emitDeclaration } from '../../src/emit/dts.ts';
import { temporaryFolder, useLiteManifest } from './bundles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/package.json').replace('package.json', 'bin/tsc');

const classes = (name: string, values: readonly string[]): ManifestPort => ({
  name,
  tensor: { onnx: name, dtype: 'f32', dims: [{ size: 'batch' }, { size: values.length, classes: values }], facts: [] },
});
const glosses: Manifest = {
  ...useLiteManifest(),
  model: 'Glosses',
  outputs: [classes('topic', ['animal', 'plant']), classes('living', ['living', 'dead']), ...useLiteManifest().outputs],
};

/** What a block finds there that stands in the page before it. */
const preamble = `import { load, topClass, type Model } from 'mdl-lang/runtime';
import type { Glosses } from './dist/Glosses/model.d.ts';
declare const model: Model<Glosses>;
`;

test('the examples compile', () => {
  const page = readFileSync(join(root, 'docs/runtime.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
  expect(blocks.length).toBeGreaterThan(4);
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dist/Glosses'), { recursive: true });
  writeFileSync(join(folder, 'dist/Glosses/model.d.ts'), emitDeclaration(glosses));
  for (const [i, code] of blocks.entries())
    writeFileSync(join(folder, `block-${i}.ts`), /import .*\bload\b/.test(code) ? code : preamble + code);
  const compilerOptions = {
    paths: {
      'mdl-lang/runtime': [join(root, 'src/runtime/index.ts')],
      '*': [join(root, 'node_modules/*'), join(root, 'node_modules/@types/*')],
    },
    typeRoots: [join(root, 'node_modules/@types')],
    noUnusedLocals: false,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  let printed = '';
  try {
    execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    printed = String((error as { stdout: string }).stdout);
  }
  expect(printed).toBe('');
});
