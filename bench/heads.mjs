/** Heads that are fused on an encoder, by `model.run` and by a bare session of the same file: what checking and naming cost beside the computation. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'mdl-lang/runtime';
import ort from 'onnxruntime-node';
import { byTurns, mdl, ms, quantile, ratios, round } from './measure.mjs';

export const options = {
  /** Runs of each candidate. */
  runs: { type: 'string', default: '1000' },
  heads: { type: 'string', default: '8' },
  /** Another encoder of texts: an ONNX file that takes `input_ids` and `attention_mask` and gives `embedding`. May be repeated. */
  text: { type: 'string', multiple: true, default: [] },
};

const encoders = [
  { name: 'fashion CNN', file: 'examples/fashion/models/encoder_a_cnn128.onnx', takes: 'picture' },
  { name: 'fashion mixer', file: 'examples/fashion/models/encoder_b_mixer64.onnx', takes: 'picture' },
  { name: 'word CNN', file: 'examples/two-towers/models/gloss-word/model.onnx', takes: 'text' },
  { name: 'use-lite', file: 'examples/glosses/models/use-lite/model.onnx', takes: 'text' },
];

/** What an encoder is given: its inputs as the source declares them, and values for some rows. */
const inputsOf = {
  picture: {
    declared: [{ name: 'image', type: 'f32[batch, 1, 28, 28]', from: 'image' }],
    values: (rows) => ({ image: { data: Float32Array.from({ length: rows * 784 }, (_, i) => Math.sin(i)), dims: [rows, 1, 28, 28] } }),
  },
  text: {
    declared: ['input_ids', 'attention_mask'].map((from, i) => ({ name: ['ids', 'mask'][i], type: 'i64[batch, seq]', from })),
    values: (rows) => ({
      ids: { data: BigInt64Array.from({ length: rows * 12 }, (_, i) => BigInt(2 + ((7 * i) % 90))), dims: [rows, 12] },
      mask: { data: new BigInt64Array(rows * 12).fill(1n), dims: [rows, 12] },
    }),
  },
};

/** Rows of a run; how many runs of so many there are for each run of one, and how many are not counted. */
const batches = [
  { rows: 1, share: 1, warm: 3000 },
  { rows: 16, share: 0.1, warm: 40 },
];
const classes = 10;

export async function run({ runs, heads, text = [] }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bench-'));
  try {
    const result = [];
    for (const encoder of [...encoders, ...text.map((file) => ({ name: path.basename(path.dirname(path.resolve(file))), file, takes: 'text' }))]) {
      const bundle = await build(path.join(folder, String(result.length)), encoder, Number(heads));
      for (const { rows, share, warm } of batches) {
        const measured = await measure(bundle, inputsOf[encoder.takes].values(rows), share * Number(runs), warm);
        const { cpu, bareP99Ms, modelP99Ms } = measured;
        console.log(`${heads} heads on ${encoder.name}, rows: ${rows}; ${cpu.bareMs} ms of the processor bare, ${cpu.ratio} times that with contracts; p99 by the clock ${bareP99Ms} and ${modelP99Ms} ms`);
        result.push({ encoder: encoder.name, rows, ...measured });
      }
    }
    return { encoders: result };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A model of as many heads on an encoder; answers with its bundle. */
async function build(folder, { file, takes }, heads) {
  const { declared, values } = inputsOf[takes];
  const width = await widthOf(file, declared, values(1));
  const names = Array.from({ length: heads }, (_, i) => `y${i}`);
  const ports = declared.map(({ name, type }) => `input ${name}: ${type}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "bench" }');
  copyFileSync(file, path.join(folder, 'encoder.onnx'));
  // With equal weights, ONNX Runtime would compute the heads once.
  for (const [i, name] of names.entries()) writeFileSync(path.join(folder, `${name}.safetensors`), weights(width, i));
  writeFileSync(path.join(folder, 'm.mdl'), [
    'import { linear, softmax } from "std/nn"',
    `backbone Encoder {\n  source "./encoder.onnx"\n${declared.map(({ from }, i) => `  ${ports[i]} from "${from}"`).join('\n')}\n  output e: f32[batch, ${width}] from "embedding"\n}`,
    ...names.map((name) => `head H_${name}(e: f32[batch, ${width}]) -> f32[batch, ${classes}] weights "./${name}.safetensors" from { linear.w: "w", linear.b: "b" } { e |> linear(out: ${classes}) |> softmax }`),
    `model M {\n  ${ports.join('\n  ')}\n  let e = Encoder(${declared.map(({ name }) => `${name}: ${name}`).join(', ')}).e\n${names.map((name) => `  output ${name} = H_${name}(e)`).join('\n')}\n}`,
  ].join('\n'));
  mdl(folder, ['build', 'm.mdl']);
  return path.join(folder, 'dist/M');
}

const typeOf = { Float32Array: 'float32', BigInt64Array: 'int64' };
const tensorOf = ({ data, dims }) => new ort.Tensor(typeOf[data.constructor.name], data, dims);

/** The width of the vectors, which not every file says. */
async function widthOf(file, declared, values) {
  const session = await ort.InferenceSession.create(file, { executionProviders: ['cpu'] });
  const { embedding } = await session.run(Object.fromEntries(declared.map(({ name, from }) => [from, tensorOf(values[name])])));
  await session.release();
  return embedding.dims[1];
}

function weights(width, seed) {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [width, classes], data_offsets: [0, 4 * width * classes] }, b: { dtype: 'F32', shape: [classes], data_offsets: [4 * width * classes, 4 * (width + 1) * classes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(Float32Array.from({ length: (width + 1) * classes }, (_, i) => Math.sin(1000 * seed + i) / 10).buffer)]);
}

/** By turns on one thread: threads within an operator wait for each other, and on a machine that has other work that wait is what is measured. */
async function measure(bundle, values, runs, warm) {
  const model = await load(bundle, { device: 'cpu', threads: 1 });
  const session = await ort.InferenceSession.create(path.join(bundle, 'model.onnx'), { executionProviders: ['cpu'], intraOpNumThreads: 1 });
  const feeds = model.inputs.map(({ name, tensor }) => [tensor.onnx, values[name]]);
  const bare = () => session.run(Object.fromEntries(feeds.map(([name, value]) => [name, tensorOf(value)])));
  const { times, cpu } = await byTurns({ bare, model: () => model.run(values) }, runs, { block: 20, warm });
  await model.close();
  await session.release();
  return {
    bareMs: ms(times.bare, 0.5),
    modelMs: ms(times.model, 0.5),
    bareP99Ms: ms(times.bare, 0.99),
    modelP99Ms: ms(times.model, 0.99),
    cpu: { bareMs: ms(cpu.bare, 0.5), modelMs: ms(cpu.model, 0.5), ratio: round(quantile(ratios(cpu.model, cpu.bare), 0.5)) },
  };
}
