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

/** The same, split, with a rollout. */
const head = (name: string) => ({ name, path: `head.${name}.onnx`, bytes: 1, sha256: 'a'.repeat(64), inputs: ['e'], outputs: [name] });
const split: Manifest = {
  ...glosses,
  model: 'Split',
  heads: [head('topic'), head('parts')],
  rollouts: [{ name: 'Production', slots: [{ output: 'topic', arms: [{ name: 'TopicV1', share: 0.9 }, { name: 'Topic\'s', share: 0.1, head: head('topic') }], shadows: [{ name: 'TopicV3', share: 0, head: head('topic') }], flags: [] }] }],
};

const preamble = `import { load, topClass, type Model } from 'mdl-lang/runtime';
import type { Glosses, TopicClass } from './glosses.d.ts';
import type { Split } from './split.d.ts';
const model: Model<Glosses> = await load<Glosses>('./dist/glosses');
const split = await load<Split>('./split/glosses');
const anyModel = await load('./split/glosses');
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
await split.swap('topic', './next');
await split.rollback('parts');
await model.swap('topic', './next');
await anyModel.swap('whatever', './next');
const { slots } = await split.launch({ name: 'Production' });
await slots.topic.promote('TopicV1');
slots.topic.ramp("Topic's", 0.2);
await (await split.launch()).slots.topic.stop();
await (await split.launch({ bundle: './next' })).slots['other']!.promote('Whatever');
await (await anyModel.launch({ name: 'Other' })).slots['topic']!.promote('Whatever');
await (await split.rollout('topic', { arms: [{ name: 'next', bundle: './next', share: 0.1 }] })).promote('next');
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
  `await split.swap('topc', './next');`,
  `await split.swap('half-size', './next');`,
  `await model.swap('topc', './next');`,
  `await split.rollback('half-size');`,
  `await split.rollout('topics', {});`,
  `await split.launch({ name: 'Productio' });`,
  `(await split.launch()).slots.parts;`,
  `await (await split.launch()).slots.topic.promote('TopicV2');`,
  `(await split.launch({ name: 'Production' })).slots.topic.ramp('TopicV4', 0.5);`,
];

let folder: string;
let errors: string[];

beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'glosses.d.ts'), emitDeclaration(glosses));
  writeFileSync(join(folder, 'split.d.ts'), emitDeclaration(split));
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
