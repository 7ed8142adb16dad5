/**
 * transformers.js beside the runtime, where somebody has installed it: from texts to the vectors of one encoder, in the layout that it wants, without a network. It is no
 * dependency of ours: `npm install --no-save --ignore-scripts @huggingface/transformers`, or `--transformers FOLDER` of a project that has it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from 'mdl-lang/runtime';
import { byTurns, mdl, ms, quantile, ratios, round } from './measure.mjs';

export const options = {
  /** Runs of each candidate. */
  runs: { type: 'string', default: '300' },
  /** A folder in which transformers.js is found. */
  transformers: { type: 'string', default: '.' },
};

const text = 'a tall perennial grass of tropical Asia';
const batches = [
  { rows: 1, share: 1 },
  { rows: 16, share: 0.1 },
];

export async function run({ runs, transformers = '.' }) {
  const theirs = find(transformers);
  if (theirs === undefined) {
    console.log('transformers.js: skipped, for @huggingface/transformers is not installed (npm install --no-save --ignore-scripts @huggingface/transformers)');
    return { transformers: 'not installed' };
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bench-'));
  try {
    const bundle = build(folder);
    const result = [];
    const [own, other] = [await load(bundle, { device: 'cpu', threads: 1 }), await openTheirs(theirs.entry, folder)];
    for (const { rows, share } of batches) result.push({ rows, ...(await measure(own, other, rows, share * Number(runs))) });
    await own.close();
    const memoryMB = { own: memoryOf(ownProgram(bundle)), transformers: memoryOf(theirProgram(theirs.entry, folder)) };
    console.log(`transformers.js ${theirs.version} on onnxruntime-node ${theirs.ort}; memory: ${memoryMB.own} MB, transformers.js ${memoryMB.transformers} MB`);
    return { transformers: { version: theirs.version, ort: theirs.ort, memoryMB, batches: result } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where it is, and which ONNX Runtime it brings: a comparison of two versions of that would be one of those. */
function find(folder) {
  const require = createRequire(path.resolve(folder, 'package.json'));
  const versionAt = (entry, name) => JSON.parse(readFileSync(path.join(entry.slice(0, entry.lastIndexOf(`${path.sep}${name}${path.sep}`)), name, 'package.json'), 'utf8')).version;
  const inPackage = path.join('@huggingface', 'transformers');
  try {
    const entry = require.resolve('@huggingface/transformers');
    return { entry: pathToFileURL(entry).href.replace(/\.cjs$/, '.mjs'), version: versionAt(entry, inPackage), ort: versionAt(createRequire(entry).resolve('onnxruntime-node'), 'onnxruntime-node') };
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

/** The encoder of the glosses example as a bundle, and in a folder as a hub has it. */
function build(folder) {
  const source = 'examples/glosses/models/use-lite';
  cpSync('examples/glosses', folder, { recursive: true });
  writeFileSync(path.join(folder, 'vectors.mdl'), 'import { Encode, Sentences } from "./encoder.mdl"\nmodel Vectors { input tokens: Sentences output embedding = Encode(tokens) }\n');
  mdl(folder, ['build', 'vectors.mdl']);
  const layout = path.join(folder, 'hub/use-lite');
  mkdirSync(path.join(layout, 'onnx'), { recursive: true });
  cpSync(path.join(source, 'model.onnx'), path.join(layout, 'onnx/model.onnx'));
  cpSync(path.join(source, 'tokenizer.json'), path.join(layout, 'tokenizer.json'));
  writeFileSync(path.join(layout, 'tokenizer_config.json'), '{}');
  // It knows no such architecture, and then takes its base class, which runs what the file declares.
  writeFileSync(path.join(layout, 'config.json'), '{ "model_type": "universal-sentence-encoder-lite" }');
  return path.join(folder, 'dist/Vectors');
}

/** Answers with a function from texts to their vectors. */
async function openTheirs(entry, folder) {
  const { AutoModel, AutoTokenizer, env } = await import(entry);
  Object.assign(env, { allowRemoteModels: false, localModelPath: `${path.join(folder, 'hub')}${path.sep}` });
  const tokenizer = await AutoTokenizer.from_pretrained('use-lite');
  const model = await AutoModel.from_pretrained('use-lite', { dtype: 'fp32', device: 'cpu', session_options: { intraOpNumThreads: 1 } });
  return async (texts) => (await model(tokenizer(texts))).embedding;
}

async function measure(own, other, rows, runs) {
  const texts = Array.from({ length: rows }, () => text);
  const [mine, theirs] = [(await own.run({ tokens: texts })).embedding, await other(texts)];
  const farthest = mine.data.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs.data[i])), 0);
  if (mine.data.length !== theirs.data.length || !(farthest <= 1e-6)) throw new Error(`the vectors differ by ${farthest}`);
  const { times, cpu } = await byTurns({ transformers: () => other(texts), own: () => own.run({ tokens: texts }) }, runs, { block: 20 });
  const of = (name) => ({ medianMs: ms(times[name], 0.5), p99Ms: ms(times[name], 0.99), cpuMs: ms(cpu[name], 0.5), rowsPerSecond: Math.round((1000 * rows) / quantile(times[name], 0.5)) });
  const result = { own: of('own'), transformers: of('transformers'), farthest, ratio: round(quantile(ratios(times.own, times.transformers), 0.5)), cpuRatio: round(quantile(ratios(cpu.own, cpu.transformers), 0.5)) };
  console.log(`texts to vectors, rows: ${rows}; ${result.own.medianMs} ms (p99 ${result.own.p99Ms}), transformers.js ${result.transformers.medianMs} ms (p99 ${result.transformers.p99Ms}): ${result.ratio} times, by the processor ${result.cpuRatio}; ${result.own.rowsPerSecond} and ${result.transformers.rowsPerSecond} rows a second`);
  return result;
}

const ownProgram = (bundle) => `
  import { load } from 'mdl-lang/runtime';
  const model = await load(${JSON.stringify(bundle)}, { device: 'cpu', threads: 1 });
  await model.run({ tokens: ${JSON.stringify(text)} });`;

const theirProgram = (entry, folder) => `
  import path from 'node:path';
  ${openTheirs}
  await (await openTheirs(${JSON.stringify(entry)}, ${JSON.stringify(folder)}))([${JSON.stringify(text)}]);`;

/** Resident megabytes at the end of a program of its own. */
function memoryOf(program) {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `${program}\nconsole.log(Math.round(process.memoryUsage.rss() / 1e6));`], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return Number(stdout.trim().split('\n').at(-1));
}
