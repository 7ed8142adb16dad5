/**
 * What the runtime costs over ONNX Runtime itself, and what heads cost that share an encoder: latency, throughput and
 * memory against a bare session, against as many whole models, and against transformers.js where that is installed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'mdl-lang/runtime';
import ort from 'onnxruntime-node';
import { run as measureEncoders } from './heads.mjs';
import { run as measureTransformers } from './transformers.mjs';
import { byTurns, mdl, ms, quantile, ratios, round, us } from './measure.mjs';

export const options = {
  /** Runs of each candidate. */
  runs: { type: 'string', default: '300' },
  heads: { type: 'string', default: '8' },
  /** A folder in which transformers.js is found. */
  transformers: { type: 'string', default: '.' },
};

const texts = ['a tall perennial grass of tropical Asia'];

export async function run({ runs, heads, transformers }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bench-'));
  try {
    build(folder, Number(heads));
    const overhead = await measureOverhead(path.join(folder, 'dist/Small'), 20 * Number(runs));
    const shared = await measureHeads(path.join(folder, 'dist'), Number(heads), Number(runs));
    const throughput = await measureThroughput(path.join(folder, 'dist/Many'), Number(runs));
    const encoders = await measureEncoders({ runs, heads });
    return { overhead, heads: shared, throughput, ...encoders, ...(await measureTransformers({ runs, transformers })) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A model that is nearly nothing; the glosses example with one head, with many, and with many apart. */
function build(folder, heads) {
  cpSync('examples/glosses', folder, { recursive: true });
  const names = Array.from({ length: heads }, (_, i) => `topic${i}`);
  const source = [
    'import { Encode, Sentences } from "./encoder.mdl"\nimport { TopicHead } from "./heads.mdl"',
    'model Small { input x: f32[batch, 8] where range [0, 1] output y = x + x }',
    'model One { input tokens: Sentences output topic0 = TopicHead(Encode(tokens)) }',
    `model Many {\n  input tokens: Sentences\n  let e = Encode(tokens)\n${names.map((name) => `  output ${name} = ${name}_of(e)`).join('\n')}\n}`,
  ];
  const head = readFileSync(path.join(folder, 'heads.mdl'), 'utf8');
  const own = /head TopicHead[^]*?\n\}/.exec(head)?.[0] ?? '';
  // With equal weights, ONNX Runtime would compute the heads once.
  const copies = names.map((name) => own.replace('TopicHead', `${name}_of`).replace('topic.safetensors', `${name}.safetensors`)).join('\n');
  for (const [i, name] of names.entries()) writeFileSync(path.join(folder, `heads/${name}.safetensors`), scaled(readFileSync(path.join(folder, 'heads/topic.safetensors')), 1 + i / 100));
  writeFileSync(path.join(folder, 'bench.mdl'), `${source.join('\n')}\n`.replace('{ TopicHead }', `{ TopicHead, ${names.map((name) => `${name}_of`).join(', ')} }`));
  writeFileSync(path.join(folder, 'heads.mdl'), `${head}\n${copies}\n`);
  mdl(folder, ['build', 'bench.mdl']);
  mdl(folder, ['build', 'bench.mdl', '--model', 'Many', '--split', '--out', 'split']);
}

/** The same tensors of f32, multiplied: a header's length, the header, and the elements. */
function scaled(file, by) {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const copy = Buffer.from(file);
  for (let at = start; at < copy.length; at += 4) copy.writeFloatLE(by * copy.readFloatLE(at), at);
  return copy;
}

/** Microseconds of `model.run` and of the session that it is made of, by turns. */
async function measureOverhead(folder, runs) {
  const model = await load(folder, { device: 'cpu' });
  const session = await ort.InferenceSession.create(path.join(folder, 'model.onnx'), { executionProviders: ['cpu'] });
  const x = { data: new Float32Array(8).fill(0.5), dims: [1, 8] };
  const bare = () => session.run({ x: new ort.Tensor('float32', x.data, x.dims) });
  const { times } = await byTurns({ bare, model: () => model.run({ x }) }, runs, { block: 200 });
  await model.close();
  const result = { bareUs: us(times.bare, 0.5), modelUs: us(times.model, 0.5), bareP99Us: us(times.bare, 0.99), modelP99Us: us(times.model, 0.99) };
  console.log(`a run of one addition: bare ${result.bareUs} µs, with its contract ${result.modelUs} µs`);
  return { ...result, overheadUs: round(result.modelUs - result.bareUs) };
}

/**
 * One head against many, and against as many whole models; each memory in a process of its own. Twenty runs in a row: the weights of
 * one candidate leave the processor's cache to those of the next, and the first run after a turn would pay for that.
 */
async function measureHeads(folder, heads, runs) {
  const tokens = { tokens: texts };
  // Threads within an operator wait for each other, and on a machine that has other work that wait is what is measured.
  const alone = { device: 'cpu', threads: 1 };
  const [one, many] = [await load(path.join(folder, 'One'), alone), await load(path.join(folder, 'Many'), alone)];
  const separate = await Promise.all(Array.from({ length: heads }, () => load(path.join(folder, 'One'), alone)));
  const whole = async () => {
    for (const model of separate) await model.run(tokens);
  };
  const { times, cpu } = await byTurns({ one: () => one.run(tokens), many: () => many.run(tokens), whole }, runs, { block: 20 });
  await Promise.all([one, many, ...separate].map((model) => model.close()));
  const memory = { many: memoryOf([path.join(folder, 'Many')]), whole: memoryOf(Array.from({ length: heads }, () => path.join(folder, 'One'))) };
  const result = {
    oneMs: ms(times.one, 0.5),
    manyMs: ms(times.many, 0.5),
    wholeMs: ms(times.whole, 0.5),
    manyP99Ms: ms(times.many, 0.99),
    manyOverOne: round(quantile(ratios(times.many, times.one), 0.5)),
    wholeOverMany: round(quantile(ratios(times.whole, times.many), 0.5)),
    cpu: { oneMs: ms(cpu.one, 0.5), manyMs: ms(cpu.many, 0.5), wholeMs: ms(cpu.whole, 0.5), manyOverOne: round(quantile(ratios(cpu.many, cpu.one), 0.5)), wholeOverMany: round(quantile(ratios(cpu.whole, cpu.many), 0.5)) },
    perSecond: Math.round(1000 / ms(times.many, 0.5)),
    memoryMB: memory,
  };
  console.log(`${heads} heads on one encoder: ${result.manyMs} ms, ${result.manyOverOne} times one head; as whole models ${result.wholeMs} ms, ${result.wholeOverMany} times that`);
  console.log(`by the time of the processor: ${result.cpu.manyMs} ms, ${result.cpu.manyOverOne} times one head; whole models ${result.cpu.wholeOverMany} times that`);
  console.log(`memory: ${memory.many} MB, as whole models ${memory.whole} MB`);
  return result;
}

/** Answers a second to eight askers at once: on the thread that asks, and by two threads of their own. */
async function measureThroughput(folder, runs) {
  const result = {};
  for (const [name, more] of [['direct', {}], ['twoWorkers', { workers: 2 }]]) {
    const model = await load(folder, { device: 'cpu', ...more });
    await model.run({ tokens: texts });
    const started = performance.now();
    let left = runs;
    const ask = async () => {
      while (left-- > 0) await model.run({ tokens: texts });
    };
    await Promise.all(Array.from({ length: 8 }, ask));
    result[name] = round((1000 * runs) / (performance.now() - started));
    await model.close();
  }
  console.log(`answers a second to eight askers: ${result.direct} on one thread, ${result.twoWorkers} on two workers`);
  return result;
}

/** Resident megabytes of a process that has loaded these bundles and run each once. */
function memoryOf(bundles) {
  const program = `
    import { load } from 'mdl-lang/runtime';
    const models = [];
    for (const bundle of ${JSON.stringify(bundles)}) {
      const model = await load(bundle, { device: 'cpu' });
      await model.run(${JSON.stringify({ tokens: texts })});
      models.push(model);
    }
    console.log(Math.round(process.memoryUsage.rss() / 1e6));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return Number(stdout);
}
