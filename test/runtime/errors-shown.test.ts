/** What an app reads of the errors of the runtime: as Node prints one that nobody caught. `UPDATE_GOLDEN=1` writes it anew, to be read. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { load, topClass, type LoadOptions, type Model } from '../../src/runtime/index.ts';
import { importOrt } from '../../src/runtime/ort.ts';
import { safetensors } from '../check/world.ts';
import { buildText } from './built.ts';
import { writeIndexing } from './bundles.ts';
import { buildSplit } from './split-bundle.ts';
import { expectThrown } from './thrown.ts';

const answers = `labels Answer = ["no", "yes"]

head H(e: f32[batch, 2]) -> f32[batch, Answer] weights "./w.safetensors" {
  param w: f32[2, Answer]
  onnx.MatMul(e, w)
}

model Answers {
  input x: f32[batch, 2]
  let e = x + x
  output answer = H(e)
  output encoded = e
}
`;
const split = (factor: number): string => buildSplit(answers, { 'w.safetensors': safetensors({ w: { dims: [2, 2], values: [factor, 0, 0, factor] } }) });
const guarded = `contract Share = f32[batch, 2] where range [0, 1] on violation reject

part use(x: Share) -> f32[batch, 2] {
  x
}

model Guarded {
  input x: f32[batch, 2]
  output y = use(x)
}
`;
const double = 'model Double {\n  input x: f32[n]\n  output y = x + x\n}\n';

/** What a tokenizer makes are ids and a mask; nobody makes the third of a text. */
const scored = `tokenizer bytes @ 1.0.0 from "./tokenizer.json"

contract Text {
  ids: i64[batch, seq] where tokenizer bytes
  scores: f32[batch, seq]
}

model Scored {
  input text: Text
  output y = text.ids
  output z = text.scores
}
`;
const bytes = readFileSync(new URL('../../examples/glosses/models/gloss-bytes/tokenizer.json', import.meta.url));

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));
async function loaded(folder: string, options: LoadOptions = {}): Promise<Model> {
  const model = await load(folder, { device: 'cpu', ...options });
  open.push(model);
  return model;
}
/** The bundle with one of its files as it should not be. */
function spoiled(change: (folder: string) => void): string {
  const { folder } = buildText(double);
  change(folder);
  return folder;
}

const x = { x: [[1, 2]] };
const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  'runtime-missing': () => importOrt(() => createRequire('/nowhere/app.cjs')('onnxruntime-node') as never),
  'runtime-failed': async () => (await loaded(writeIndexing())).run({ table: [1, 2, 3], i: [0n, 7n] }),
  'runtime-options': () => load(buildText(double).folder, { devise: 'cpu' } as LoadOptions),
  'runtime-options-run': async () => (await loaded(buildText(double).folder)).run({ x: [1] }, { output: ['y'] } as never),
  'bundle-unreadable': () => load(spoiled((folder) => rmSync(join(folder, 'model.onnx')))),
  'bundle-unreadable-manifest': () => load(spoiled((folder) => (rmSync(join(folder, 'manifest.json')), mkdirSync(join(folder, 'manifest.json'))))),
  'bundle-mismatch': () => {
    const { folder, manifest } = buildText(double);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, inputs: [{ ...manifest.inputs[0], tensor: { ...manifest.inputs[0]!.tensor, dtype: 'f64' } }] }));
    return load(folder, { device: 'cpu', verify: false });
  },
  'input-text': async () => {
    const { folder, manifest } = buildText(scored, { 'tokenizer.json': bytes });
    writeFileSync(join(folder, Object.values(manifest.tokenizers)[0]!.path), bytes);
    return (await loaded(folder, { verify: false })).run({ text: ['a tree'] });
  },
  'guard-rejected': async () => (await loaded(buildText(guarded).folder)).run({ x: [[0.5, 0.5], [0.5, 1.5]] }),
  'output-unknown': async () => (await loaded(split(1))).run(x, { outputs: ['anser'] }),
  'output-not-classes': async () => topClass((await (await loaded(split(1))).run(x))['encoded'] as never),
  'head-refused': async () => (await loaded(buildText(double).folder)).swap('y', split(2)),
  'golden-failed': async () => (await loaded(split(1))).swap('answer', split(2), { golden: [{ inputs: x, outputs: { answer: [[2, 4]] } }] }),
  'rollout-unknown': async () => (await loaded(split(1))).launch(),
  'model-busy': async () => {
    const model = await loaded(buildText(double).folder, { workers: 1, waiting: 1 });
    return Promise.all([1, 2, 3, 4].map((value) => model.run({ x: [value] })));
  },
  'model-closed': async () => {
    const model = await load(buildText(double).folder, { device: 'cpu' });
    await model.close();
    return model.run({ x: [1] });
  },
};

test.each(Object.entries(cases))('%s', (name, call) => expectThrown(name, call));
