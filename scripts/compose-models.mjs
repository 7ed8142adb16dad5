/**
 * Composes ONNX files with a small head each, and compares the answers with those of the parts run one after the other:
 *
 *     npm run setup && node scripts/compose-models.mjs FILE.onnx|FOLDER…
 *
 * Without graph optimisation the bits have to be equal, fused, linked, split, and in another opset; at the default level the largest
 * difference is printed. ONNX's full checker looks at each result where Python has it. What no declaration can say (an
 * input that is no tensor, a size that is an expression) is left out, and said.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const ort = await import('onnxruntime-node');
const cli = path.resolve(import.meta.dirname, '../dist/js/cli.cjs');
const python = '/usr/bin/python3';
const hasChecker = spawnSync(python, ['-c', 'import onnx']).status === 0;

function filesIn(given) {
  if (!statSync(given).isDirectory()) return [given];
  return readdirSync(given, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).sort().map((name) => path.join(given, name));
}

async function composeOne(file, folder) {
  copyFileSync(file, path.join(folder, 'model.onnx'));
  const { inputs, outputs, opsets } = JSON.parse(mdl(folder, 'inspect', 'model.onnx', '--json'));
  const head = outputs.find(({ dtype, dims }) => dtype === 'f32' && typeof dims?.at(-1) === 'number');
  if (head === undefined) return 'no output that a head of fixed width could take';
  writeWeights(path.join(folder, 'head.safetensors'), head.dims.at(-1));
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "composed" }');
  writeFileSync(path.join(folder, 'source.mdl'), sourceOf(inputs, outputs, head));
  mdl(folder, 'build', 'source.mdl', '--out', 'fused');
  mdl(folder, 'build', 'source.mdl', '--out', 'linked', '--link', '--model', 'Whole');
  mdl(folder, 'build', 'source.mdl', '--out', 'split', '--split', '--model', 'Whole');
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, randomTensor(input)]));
  const given = Object.fromEntries(inputs.map(({ name }, i) => [`in_${i}`, feeds[name]]));
  const parts = async (level) => {
    const first = await run(path.join(folder, 'model.onnx'), feeds, level);
    const second = await run(path.join(folder, 'fused/Alone/model.onnx'), { e: first[head.name] }, level);
    return { ...Object.fromEntries(outputs.map(({ name }, i) => [`out_${i}`, first[name]])), answer: second.answer };
  };
  const expected = await parts('disabled');
  const whole = path.join(folder, 'fused/Whole/model.onnx');
  for (const [name, answers] of [
    ['fused', await run(whole, given, 'disabled')],
    ['linked', await run(path.join(folder, 'linked/Whole/model.onnx'), given, 'disabled')],
    ['split', await runSplit(path.join(folder, 'split/Whole'), given)],
  ])
    for (const [output, tensor] of Object.entries(expected)) if (bitsOf(answers[output]) !== bitsOf(tensor)) throw new Error(`${name}: \`${output}\` has other bits`);
  if (hasChecker) check(whole);
  const [optimised, found] = [await parts('all'), await run(whole, given, 'all')];
  const off = Math.max(...Object.keys(expected).map((output) => distance(optimised[output], found[output])));
  const opset = `opset ${opsets[''] ?? '?'}`;
  return `${opset}, ${inputs.length} inputs, ${outputs.length + 1} outputs: equal bits fused, linked and split; at the default level at most ${off} apart; ${hasChecker ? 'the checker is content' : 'no checker here'}`;
}

function sourceOf(inputs, outputs, head) {
  const type = ({ dtype, dims }) => `${dtype}[${dims.join(', ')}]`;
  const calls = inputs.map((_, i) => `in_${i}`).join(', ');
  return `import { linear, softmax } from "std/nn"
backbone Foreign @ 1.0.0 {
  source "./model.onnx"
${inputs.map((input, i) => `  input in_${i}: ${type(input)} from ${JSON.stringify(input.name)}`).join('\n')}
${outputs.map((output, i) => `  output out_${i}: ${type(output)} from ${JSON.stringify(output.name)}`).join('\n')}
}
head Answer(e: ${type(head)}) -> f32[${[...head.dims.slice(0, -1), 3].join(', ')}] weights "./head.safetensors" {
  e |> linear(out: 3) |> softmax
}
model Whole {
${inputs.map((input, i) => `  input in_${i}: ${type(input)}`).join('\n')}
  let foreign = Foreign(${calls})
${outputs.map((_, i) => `  output out_${i} = foreign.out_${i}`).join('\n')}
  output answer = Answer(foreign.out_${outputs.indexOf(head)})
}
model Alone {
  input e: ${type(head)}
  output answer = Answer(e)
}
`;
}

function mdl(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`mdl ${args.join(' ')} ended with ${status}:\n${stderr}${stdout}`);
  return stdout;
}

async function run(file, feeds, graphOptimizationLevel) {
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel, logSeverityLevel: 4 });
  const answers = await session.run(feeds);
  await session.release();
  return answers;
}

/** The encoder, then each head from what it gives and from the inputs. */
async function runSplit(bundle, feeds) {
  const { onnx, heads = [] } = JSON.parse(readFileSync(path.join(bundle, 'manifest.json'), 'utf8'));
  const known = { ...feeds, ...(await run(path.join(bundle, onnx.path), feeds, 'disabled')) };
  for (const { path: name, inputs } of heads) Object.assign(known, await run(path.join(bundle, name), Object.fromEntries(inputs.map((input) => [input, known[input]])), 'disabled'));
  return known;
}

let state = 7;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;

const arrays = { f32: ['float32', Float32Array], f64: ['float64', Float64Array], i64: ['int64', BigInt64Array], i32: ['int32', Int32Array], bool: ['bool', Uint8Array], u8: ['uint8', Uint8Array] };

/** Equal names are equal sizes; a mask ends in zeros, and ids are small. */
function randomTensor({ name, dtype, dims }) {
  const sizes = dims.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 3 : 7));
  const count = sizes.reduce((a, b) => a * b, 1);
  const last = sizes.at(-1) ?? 1;
  const valueAt = (i) => (/mask/i.test(name) ? Number(i % last < 4) : dtype.startsWith('f') ? random() : dtype === 'bool' ? Number(random() < 0.5) : 1 + Math.floor(random() * 100));
  const [type, kind] = arrays[dtype];
  return new ort.Tensor(type, kind.from({ length: count }, (_, i) => (dtype === 'i64' ? BigInt(valueAt(i)) : valueAt(i))), sizes);
}

const bitsOf = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
const distance = (a, b) => Array.from(a.data).reduce((most, value, i) => Math.max(most, Math.abs(Number(value) - Number(b.data[i]))), 0);

function check(file) {
  const { status, stderr } = spawnSync(python, ['-c', 'import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ONNX's checker: ${stderr.trim().split('\n').at(-1)}`);
}

/** [in, 3] and [3], by the format of safetensors. */
function writeWeights(file, width) {
  const values = Float32Array.from({ length: width * 3 + 3 }, () => random() - 0.5);
  const split = width * 12;
  const header = Buffer.from(JSON.stringify({ 'linear.w': { dtype: 'F32', shape: [width, 3], data_offsets: [0, split] }, 'linear.b': { dtype: 'F32', shape: [3], data_offsets: [split, split + 12] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([length, header, Buffer.from(values.buffer)]));
}

let failed = false;
for (const file of process.argv.slice(2).flatMap(filesIn)) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-compose-'));
  try {
    console.log(`${file}: ${await composeOne(file, folder)}`);
  } catch (error) {
    failed = true;
    console.log(`${file}: FAILED: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
process.exitCode = failed ? 1 : 0;
