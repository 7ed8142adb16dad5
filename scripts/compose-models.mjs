/**
 * Composes ONNX files with a small head each, and compares the answers with those of the parts run one after the other:
 *
 *     npm run setup && MDL_PYTHON=/usr/bin/python3 node scripts/compose-models.mjs FILE.onnx|FOLDER…
 *
 * Without graph optimisation the bits have to be equal, fused, linked and split. At the default level, outputs of the file may be apart by
 * twice what optimising the file alone changes, and answers of the head by what the rounding of its sums allows. ONNX's
 * full checker looks at each result where Python has it, and `mdl audit` at each. A file without an output that a part could take is left out, and said.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const ort = await import('onnxruntime-node');
const cli = path.resolve(import.meta.dirname, '../dist/js/cli.cjs');
const python = process.env.MDL_PYTHON ?? '/usr/bin/python3';
const hasChecker = spawnSync(python, ['-c', 'import onnx']).status === 0;

function filesIn(given) {
  if (!statSync(given).isDirectory()) return [given];
  return readdirSync(given, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).sort().map((name) => path.join(given, name));
}

async function composeOne(file, folder) {
  copyFileSync(file, path.join(folder, 'model.onnx'));
  const { inputs, outputs, opsets } = JSON.parse(mdl(folder, 'inspect', 'model.onnx', '--json'));
  const floats = outputs.filter(({ dtype, dims }) => dtype === 'f32' && dims !== null);
  const head = floats.find(({ dims }) => typeof dims.at(-1) === 'number') ?? floats[0];
  if (head === undefined) return 'left out: no output that a part of ours could take';
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, randomTensor(input)]));
  const alone = await run(path.join(folder, 'model.onnx'), feeds, 'disabled').catch((error) => error.message);
  if (typeof alone === 'string') return `left out: ONNX Runtime does not run the file itself on such inputs: ${alone.trim().split('\n')[0]}`;
  const isLinear = typeof head.dims.at(-1) === 'number';
  const weights = isLinear ? writeWeights(path.join(folder, 'head.safetensors'), head.dims.at(-1)) : undefined;
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "composed" }');
  writeFileSync(path.join(folder, 'source.mdl'), sourceOf(inputs, outputs, head, isLinear));
  mdl(folder, 'build', 'source.mdl', '--out', 'fused');
  mdl(folder, 'build', 'source.mdl', '--out', 'linked', '--link', '--model', 'Whole');
  mdl(folder, 'build', 'source.mdl', '--out', 'split', '--split', '--model', 'Whole');
  mdl(folder, 'audit', 'fused/Whole');
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
  const features = `out_${outputs.indexOf(head)}`;
  let off = 0;
  for (const output of Object.keys(expected)) {
    const apart = distance(optimised[output], found[output]);
    const allowed = output === 'answer' ? allowedAnswer(optimised[features], distance(optimised[features], found[features]), weights) : 2 * distance(optimised[output], expected[output]);
    if (!(apart <= allowed)) throw new Error(`\`${output}\` is ${apart} apart at the default level; ${allowed} is allowed`);
    off = Math.max(off, apart);
  }
  const opset = `opset ${opsets[''] ?? '?'}`;
  return `${opset}, ${inputs.length} inputs, ${outputs.length + 1} outputs: equal bits fused, linked and split; at the default level at most ${off} apart; audited; ${hasChecker ? 'the checker is content' : 'no checker here'}`;
}

/**
 * How far two answers of the head may be apart where it is computed in another order, on features that are `off` apart: each sum of n products
 * of float32 lies within (n + 1) units in the last place of the sum of their magnitudes (Higham, section 3.1), and Softmax halves the largest difference.
 */
function allowedAnswer(features, off, weights) {
  if (weights === undefined) return off;
  const unit = 2 ** -24;
  const width = weights.length / 3 - 1;
  let most = 0;
  for (let row = 0; row < features.data.length; row += width)
    for (let column = 0; column < 3; column++) {
      let [magnitude, gain] = [Math.abs(weights[width * 3 + column]), 0];
      for (let i = 0; i < width; i++) {
        const weight = Math.abs(weights[i * 3 + column]);
        magnitude += weight * Math.abs(features.data[row + i]);
        gain += weight;
      }
      most = Math.max(most, 2 * (width + 1) * unit * magnitude + gain * off);
    }
  return most / 2 + 16 * unit;
}

/** Sizes without a number get names that the language takes: those of inputs their own, those of outputs too where an input has the same. */
function sourceOf(inputs, outputs, head, isLinear) {
  const names = new Map();
  for (const size of inputs.flatMap(({ dims }) => dims)) if (typeof size === 'string' && !names.has(size)) names.set(size, `n${names.size}`);
  let chosen = 0;
  const type = ({ dtype, dims }) => `${dtype}[${dims.map((size) => (typeof size === 'number' ? size : (names.get(size) ?? `some k${chosen++}`))).join(', ')}]`;
  const own = head.dims.map((size, axis) => (typeof size === 'number' ? size : `h${axis}`));
  const taken = `f32[${own.join(', ')}]`;
  const calls = inputs.map((_, i) => `in_${i}`).join(', ');
  return `import { linear, softmax } from "std/nn"
backbone Foreign @ 1.0.0 {
  source "./model.onnx"
${inputs.map((input, i) => `  input in_${i}: ${type(input)} from ${JSON.stringify(input.name)}`).join('\n')}
${outputs.map((output, i) => `  output out_${i}: ${type(output)} from ${JSON.stringify(output.name)}`).join('\n')}
}
${isLinear ? `head Answer(e: ${taken}) -> f32[${[...own.slice(0, -1), 3].join(', ')}] weights "./head.safetensors" {\n  e |> linear(out: 3) |> softmax\n}` : `part Answer(e: ${taken}) -> ${taken} { e * 0.5 }`}
model Whole {
${inputs.map((input, i) => `  input in_${i}: ${type(input)}`).join('\n')}
  let foreign = Foreign(${calls})
${outputs.map((_, i) => `  output out_${i} = foreign${outputs.length === 1 ? '.out_0' : `.out_${i}`}`).join('\n')}
  output answer = Answer(foreign.out_${outputs.indexOf(head)})
}
model Alone {
  input e: ${taken}
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

/** What a model that has no fixed sizes is given: three rows; seven words; pictures and sounds long enough for what strides over them. */
function sizeOf(size, axis, { dtype, dims }) {
  if (typeof size === 'number') return size;
  const isState = dims.length === 3 && typeof dims[0] === 'number';
  if (axis === 0 || (isState && axis === 1)) return 3;
  if (dims.length === 4 && axis >= 2) return 64;
  return dtype === 'f32' && dims.length === 2 ? 576 : 7;
}

/** A mask ends in zeros, ids are small, and a rate of sampling is one. */
function randomTensor(input) {
  const { name, dtype, dims } = input;
  const sizes = dims.map((size, axis) => sizeOf(size, axis, input));
  const count = sizes.reduce((a, b) => a * b, 1);
  const last = sizes.at(-1) ?? 1;
  const valueAt = (i) => (name === 'sr' ? 16000 : /mask/i.test(name) ? Number(i % last < 4) : dtype.startsWith('f') ? random() : dtype === 'bool' ? Number(random() < 0.5) : 1 + Math.floor(random() * 40));
  const [type, kind] = arrays[dtype];
  return new ort.Tensor(type, kind.from({ length: count }, (_, i) => (dtype === 'i64' ? BigInt(valueAt(i)) : valueAt(i))), sizes);
}

const bitsOf = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
/** Equal infinities, and what is no number in both, are not apart. */
const distance = (a, b) => Array.from(a.data).reduce((most, value, i) => (Object.is(value, b.data[i]) ? most : Math.max(most, Math.abs(Number(value) - Number(b.data[i])))), 0);

function check(file) {
  const { status, stderr } = spawnSync(python, ['-c', 'import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ONNX's checker: ${stderr.trim().split('\n').at(-1)}`);
}

/** [in, 3] and [3], by the format of safetensors; answers the numbers. */
function writeWeights(file, width) {
  const values = Float32Array.from({ length: width * 3 + 3 }, () => random() - 0.5);
  const split = width * 12;
  const header = Buffer.from(JSON.stringify({ 'linear.w': { dtype: 'F32', shape: [width, 3], data_offsets: [0, split] }, 'linear.b': { dtype: 'F32', shape: [3], data_offsets: [split, split + 12] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([length, header, Buffer.from(values.buffer)]));
  return values;
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
