import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { emitDeclaration } from '../../src/emit/dts.ts';
import { temporaryFolder, useLiteManifest } from './bundles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc');

const glosses: Manifest = {
  ...useLiteManifest(),
  model: 'Glosses',
  doc: 'Two heads and the embedding.\nAn end of comment */ in the doc.',
  inputs: [
    ...useLiteManifest().inputs,
    {
      name: 'weight',
      tensor: {
        onnx: 'weight',
        dtype: 'f32',
        dims: [{ size: 'batch' }],
        facts: [{ kind: 'range', low: 0, high: 1, evidence: 'enforced' }],
      },
    },
  ],
  outputs: [
    {
      name: 'topic',
      doc: 'What it is about.',
      tensor: {
        onnx: 'topic',
        dtype: 'f32',
        dims: [{ size: 'batch' }, { size: 3, label: 'Topic', classes: ['animal', 'cat\'s "toy"', 'a\\b'] }],
        facts: [],
      },
    },
    { name: 'half-size', tensor: { onnx: 'h', dtype: 'f16', dims: [{ size: 'batch' }], facts: [] } },
    { name: 'parts', fields: { count: { onnx: 'parts.count', dtype: 'i64', dims: [], facts: [] } } },
  ],
};

const preamble = `import { load, topClass, type Model } from 'mdl-lang/runtime';
import type { Glosses, TopicClass } from './glosses.d.ts';
const model: Model<Glosses> = await load<Glosses>('./dist/glosses');
const weight = [0.5];
`;

/** Uses that compile. */
const right = `
const { topic, parts, ...rest } = await model.run({ tokens: ['a'], weight });
const data: Float32Array = topic.data;
const label: TopicClass = topClass(topic)[0]!.label;
const named: 'animal' | 'cat\\'s "toy"' | 'a\\\\b' = label;
const count: BigInt64Array = parts.count.data;
const half: Float32Array = rest['half-size'].data;
await model.run({ tokens: 'a', weight: Float32Array.of(1) });
await model.run({ tokens: { ids: [[1, 2n]], mask: { data: BigInt64Array.of(1n, 1n), dims: [1, 2] } }, weight });
const only = await model.run({ tokens: 'a', weight }, { outputs: ['topic'] });
only.topic.labels?.includes('animal');
await model.close();
`;

/** One wrong use a line. */
const wrong = [
  `await model.run({ tokens: 'a' });`,
  `await model.run({ tokens: 7, weight });`,
  `await model.run({ tokens: { ids: [[1]] }, weight });`,
  `await model.run({ tokens: { ids: [1], mask: [1] }, weight });`,
  `await model.run({ tokens: { ids: [['1']], mask: [[1]] }, weight });`,
  `await model.run({ token: 'a', weight });`,
  `await model.run({ tokens: 'a', weight: Float64Array.of(1) });`,
  `await model.run({ tokens: 'a', weight }, { outputs: ['topics'] });`,
  `(await model.run({ tokens: 'a', weight })).topics;`,
  `(await model.run({ tokens: 'a', weight }, { outputs: ['topic'] })).parts;`,
  `topClass((await model.run({ tokens: 'a', weight })).topic)[0]!.label === 'anima';`,
];

let folder: string;
let errors: string[];

beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'glosses.d.ts'), emitDeclaration(glosses));
  writeFileSync(join(folder, 'right.ts'), preamble + right);
  writeFileSync(join(folder, 'wrong.ts'), preamble + wrong.join('\n'));
  const options = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      paths: {
        'mdl-lang/runtime': [join(root, 'src/runtime/index.ts')],
        '*': [join(root, 'node_modules/*'), join(root, 'node_modules/@types/*')],
      },
      typeRoots: [join(root, 'node_modules/@types')],
      noUnusedLocals: false,
      skipLibCheck: false,
    },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  errors = compile();
});

function compile(): string[] {
  try {
    execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
    return [];
  } catch (error) {
    return String((error as { stdout: string }).stdout)
      .split('\n')
      .filter((line) => /^\S.*error TS/.test(line));
  }
}

describe('the declaration', () => {
  test('is right for right uses, and itself', () => {
    // The declarations of packages, whose errors are theirs, lie outside the folder.
    expect(errors.filter((line) => !/^(wrong\.ts|\.\.)/.test(line))).toEqual([]);
  });

  test.each(wrong.map((use, i) => [use, preamble.split('\n').length + i] as const))('refuses %s', (_, line) => {
    expect(errors).toContainEqual(expect.stringMatching(new RegExp(`^wrong\\.ts\\(${line},`)));
  });

  test('says in comments what the contract says', () => {
    const text = emitDeclaration(glosses);
    expect(text).toContain('  /** `f32[batch]` where range [0, 1] (enforced) */\n  readonly weight:');
    expect(text).toContain(' * An end of comment *\\/ in the doc.');
    expect(text).toContain("  | 'animal'\n");
  });
});
