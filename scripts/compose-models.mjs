/**
 * Composes ONNX files with a small head each, and compares the answers with those of the parts run one after the other:
 *
 *     MDL_PYTHON=/usr/bin/python3 node scripts/compose-models.mjs FILE.onnx|FOLDER…
 *
 * Inputs are drawn, or those that are recorded beside the file as ONNX's own tests have them (`test_data_set_0`); then the file's own answers are held
 * to the recorded ones, too. Without graph optimisation the bits have to be equal, fused, linked and split. At the default level, outputs of the file may be apart by
 * twice what optimising the file alone changes, and answers of the head by what the rounding of its sums allows. ONNX's
 * full checker looks at each result where Python has it, and `mdl audit` at each. What ONNX Runtime does not run, or the language has no type for, is left out, and said.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import proto from 'onnx-proto';

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const ort = await import('onnxruntime-node');
const { ModelProto, TensorProto } = proto.onnx;
const python = process.env.MDL_PYTHON ?? '/usr/bin/python3';
const checker = spawnSync(python, ['-c', 'import onnx']).status === 0 ? createChecker() : undefined;
const { run: runCli } = await loadCli();

function filesIn(given) {
  if (!statSync(given).isDirectory()) return [given];
  return readdirSync(given, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).sort().map((name) => path.join(given, name));
}

async function composeOne(file, folder) {
  const foreign = path.join(folder, 'model.onnx');
  copyFileSync(file, foreign);
  const recorded = readRecorded(file);
  if (typeof recorded === 'string') return `left out: ${recorded}`;
  const { inputs, outputs, opsets } = JSON.parse(await mdl(folder, 'inspect', 'model.onnx', '--json'));
  if (opsets[''] < 7) return 'left out: its operator set is older than 7, the oldest that is converted';
  const unknown = [...inputs, ...outputs].find(({ dtype, dims }) => dims === null || dtype === null || dtype === 'string');
  if (unknown !== undefined) return `left out: \`${unknown.name}\` is no tensor of numbers whose rank is known`;
  const feeds = recorded?.inputs ?? Object.fromEntries(inputs.map((input) => [input.name, randomTensor(input)]));
  const alone = await run(foreign, feeds, 'disabled').catch((error) => error.message);
  if (typeof alone === 'string') return `left out: ONNX Runtime does not run the file itself on such inputs: ${alone.trim().split('\n')[0]}`;
  if (drawsNumbers(ModelProto.decode(readFileSync(file)).graph)) return 'left out: it draws random numbers, by a seed that ONNX Runtime makes of places in the graph';
  const floats = outputs.filter(({ dtype, dims }) => dtype === 'f32' && dims.length > 0);
  const head = floats.find(({ dims }) => dims.at(-1) > 0) ?? floats[0];
  const isLinear = typeof head?.dims.at(-1) === 'number' && head.dims.at(-1) > 0;
  const weights = isLinear ? writeWeights(path.join(folder, 'head.safetensors'), head.dims.at(-1)) : undefined;
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "composed" }');
  writeFileSync(path.join(folder, 'source.mdl'), sourceOf(inputs, outputs, head, isLinear));
  await mdl(folder, 'build', 'source.mdl', '--out', 'fused');
  await mdl(folder, 'build', 'source.mdl', '--out', 'linked', '--link', '--model', 'Whole');
  await mdl(folder, 'build', 'source.mdl', '--out', 'split', '--split', '--model', 'Whole');
  await mdl(folder, 'audit', 'fused/Whole');
  const given = Object.fromEntries(inputs.map(({ name }, i) => [`in_${i}`, feeds[name]]));
  const parts = async (level) => {
    const first = await run(foreign, feeds, level);
    const second = head === undefined ? {} : await run(path.join(folder, 'fused/Alone/model.onnx'), { e: first[head.name] }, level);
    return { ...Object.fromEntries(outputs.map(({ name }, i) => [`out_${i}`, first[name]])), ...second };
  };
  const expected = await parts('disabled');
  const whole = path.join(folder, 'fused/Whole/model.onnx');
  const isSplit = existsSync(path.join(folder, 'split/Whole/encoder.onnx'));
  for (const [name, answers] of [
    ['fused', await run(whole, given, 'disabled')],
    ['linked', await run(path.join(folder, 'linked/Whole/model.onnx'), given, 'disabled')],
    ['split', await runSplit(path.join(folder, 'split/Whole'), given)],
  ])
    for (const [output, tensor] of Object.entries(expected)) if (bitsOf(answers[output]) !== bitsOf(tensor)) throw new Error(`${name}: \`${output}\` has other bits`);
  await checker?.check(whole);
  const optimised = await parts('all').catch((error) => error.message);
  if (typeof optimised === 'string') return `equal bits; at the default level ONNX Runtime does not run the parts themselves: ${optimised.trim().split('\n')[0]}`;
  const found = await run(whole, given, 'all');
  const features = `out_${outputs.indexOf(head)}`;
  let off = 0;
  for (const output of Object.keys(expected)) {
    const apart = distance(optimised[output], found[output]);
    const allowed = output === 'answer' ? allowedAnswer(optimised[features], distance(optimised[features], found[features]), weights) : 2 * distance(optimised[output], expected[output]);
    if (!(apart <= allowed)) throw new Error(`\`${output}\` is ${apart} apart at the default level; ${allowed} is allowed`);
    off = Math.max(off, apart);
  }
  const opset = `opset ${opsets[''] ?? '?'}`;
  const layouts = isSplit ? 'fused, linked and split' : 'fused and linked';
  return `${opset}, ${inputs.length} inputs, ${Object.keys(expected).length} outputs: equal bits ${layouts}; at the default level at most ${off} apart; audited; ${checker === undefined ? 'no checker here' : 'the checker is content'}${againstRecorded(recorded, alone)}`;
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
  const isPart = head !== undefined;
  const names = new Map();
  for (const size of inputs.flatMap(({ dims }) => dims)) if (typeof size === 'string' && !names.has(size)) names.set(size, `n${names.size}`);
  let chosen = 0;
  const type = ({ dtype, dims }) => `${dtype}[${dims.map((size) => (typeof size === 'number' ? size : (names.get(size) ?? `some k${chosen++}`))).join(', ')}]`;
  const own = (head?.dims ?? []).map((size, axis) => (typeof size === 'number' ? size : `h${axis}`));
  const taken = `f32[${own.join(', ')}]`;
  const calls = inputs.map((_, i) => `in_${i}`).join(', ');
  return `import { linear, softmax } from "std/nn"
backbone Foreign @ 1.0.0 {
  source "./model.onnx"
${inputs.map((input, i) => `  input in_${i}: ${type(input)} from ${JSON.stringify(input.name)}`).join('\n')}
${outputs.map((output, i) => `  output out_${i}: ${type(output)} from ${JSON.stringify(output.name)}`).join('\n')}
}
${isLinear ? `head Answer(e: ${taken}) -> f32[${[...own.slice(0, -1), 3].join(', ')}] weights "./head.safetensors" {\n  e |> linear(out: 3) |> softmax\n}` : isPart ? `part Answer(e: ${taken}) -> ${taken} { e * 0.5 }` : ''}
model Whole {
${inputs.map((input, i) => `  input in_${i}: ${type(input)}`).join('\n')}
  let foreign = Foreign(${calls})
${outputs.map((_, i) => `  output out_${i} = foreign.out_${i}`).join('\n')}
${isPart ? `  output answer = Answer(foreign.out_${outputs.indexOf(head)})` : ''}
}
${isPart ? `model Alone {\n  input e: ${taken}\n  output answer = Answer(e)\n}` : ''}
`;
}

/** A call of `mdl` in this process: a thousand models are composed in minutes. */
async function mdl(cwd, ...args) {
  const printed = { stdout: '', stderr: '' };
  const stream = (name) => ({ write: (text) => void (printed[name] += text), columns: 200 });
  const code = await runCli(args, { stdout: stream('stdout'), stderr: stream('stderr'), stdin: (async function* none() {})(), env: {}, cwd, signal: undefined });
  if (code !== 0) throw new Error(`mdl ${args.join(' ')} ended with ${code}:\n${printed.stderr}${printed.stdout}`);
  return printed.stdout;
}

/** The command's own sources, bundled beside links to the package's files, as it finds them where it is installed. */
async function loadCli() {
  const root = path.resolve(import.meta.dirname, '..');
  const at = mkdtempSync(path.join(tmpdir(), 'mdl-compose-cli-'));
  process.on('exit', () => rmSync(at, { recursive: true }));
  for (const name of ['package.json', 'stdlib', 'docs', 'node_modules']) symlinkSync(path.join(root, name), path.join(at, name), 'junction');
  const bundler = path.join(root, 'node_modules/rolldown/bin/cli.mjs');
  const flags = ['--platform', 'node', '--format', 'esm', '--external', 'onnxruntime-node', '--dir', path.join(at, 'dist/js')];
  const { status } = spawnSync(process.execPath, [bundler, path.join(root, 'src/cli/run.ts'), ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`the command could not be bundled: ${status}`);
  return import(pathToFileURL(path.join(at, 'dist/js/run.js')).href);
}

// ---------------------------------------------------------------- what is recorded beside a file

const stored = { 1: ['float32', Float32Array, 'floatData'], 2: ['uint8', Uint8Array, 'int32Data'], 3: ['int8', Int8Array, 'int32Data'], 4: ['uint16', Uint16Array, 'int32Data'], 5: ['int16', Int16Array, 'int32Data'], 6: ['int32', Int32Array, 'int32Data'], 7: ['int64', BigInt64Array, 'int64Data'], 9: ['bool', Uint8Array, 'int32Data'], 10: ['float16', Uint16Array, 'int32Data'], 11: ['float64', Float64Array, 'doubleData'], 12: ['uint32', Uint32Array, 'uint64Data'], 13: ['uint64', BigUint64Array, 'uint64Data'] };

/** Whether a node, also in a branch or a body, draws numbers and has no seed of its own. */
const drawsNumbers = ({ node }) =>
  node.some(({ opType, attribute }) => (/^(Bernoulli|Multinomial|RandomNormal|RandomUniform)/.test(opType) && !attribute.some(({ name }) => name === 'seed')) || attribute.some(({ g }) => g && drawsNumbers(g)));

/** The first recorded inputs and outputs by name; a sentence where they are no tensors of numbers, and undefined where there are none. */
function readRecorded(file) {
  const folder = path.join(path.dirname(file), 'test_data_set_0');
  if (!existsSync(folder)) return undefined;
  const { graph } = ModelProto.decode(readFileSync(file));
  if ([...graph.input, ...graph.output].some(({ type }) => !type?.tensorType)) return 'a sequence, a map or an optional goes in or comes out';
  const known = new Set(graph.initializer.map(({ name }) => name));
  const read = (kind, ports) => Object.fromEntries(ports.flatMap(({ name }, i) => (existsSync(path.join(folder, `${kind}_${i}.pb`)) ? [[name, readTensor(path.join(folder, `${kind}_${i}.pb`))]] : [])));
  const found = { inputs: read('input', graph.input.filter(({ name }) => !known.has(name))), outputs: read('output', graph.output) };
  return Object.values(found).some((tensors) => Object.values(tensors).includes(undefined)) ? 'what is recorded is not of numbers that JavaScript has' : found;
}

function readTensor(file) {
  const tensor = TensorProto.decode(readFileSync(file));
  const [type, kind, field] = stored[tensor.dataType] ?? [];
  if (kind === undefined) return undefined;
  const dims = tensor.dims.map(Number);
  const count = dims.reduce((product, dim) => product * dim, 1);
  const isWide = kind === BigInt64Array || kind === BigUint64Array;
  const data = tensor.rawData.length > 0 || count === 0 ? new kind(Uint8Array.from(tensor.rawData).buffer) : kind.from(tensor[field], (value) => (isWide ? BigInt(String(value)) : Number(value)));
  return new ort.Tensor(type, data, dims);
}

/** ONNX's own tests allow a thousandth and 1e-7; whatever is beyond is ONNX Runtime's, for the composed model has its bits. */
function againstRecorded(recorded, alone) {
  if (recorded === undefined) return '';
  const isNear = ([name, { data }]) => alone[name].data.length === data.length && Array.from(data).every((value, i) => Object.is(value, alone[name].data[i]) || !(Math.abs(Number(value) - Number(alone[name].data[i])) > 1e-7 + 1e-3 * Math.abs(Number(value))));
  const off = Object.entries(recorded.outputs).filter((output) => !isNear(output)).map(([name]) => name);
  return off.length === 0 ? '; as recorded' : `; ONNX Runtime answers otherwise than recorded: ${off.join(', ')}`;
}

// ---------------------------------------------------------------- running

/** Inputs are copied: there are kernels that write into them (BatchNormalization in training mode). */
async function run(file, feeds, graphOptimizationLevel) {
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel, logSeverityLevel: 4 });
  const own = Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data.slice(), dims)]);
  const answers = await session.run(Object.fromEntries(own));
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

// ---------------------------------------------------------------- comparing

const bitsOf = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
/** Equal infinities, and what is no number in both, are not apart. */
const distance = (a, b) => Array.from(a.data).reduce((most, value, i) => (Object.is(value, b.data[i]) ? most : Math.max(most, Math.abs(Number(value) - Number(b.data[i])))), 0);

/** ONNX's full checker, started once. */
function createChecker() {
  const script = 'import sys, onnx\nfor line in sys.stdin:\n  try:\n    onnx.checker.check_model(onnx.load(line.strip()), full_check=True)\n    print("ok", flush=True)\n  except Exception as error:\n    print(" ".join(str(error).split()), flush=True)';
  const child = spawn(python, ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    check: async (file) => {
      child.stdin.write(`${file}\n`);
      const { value = 'it ended' } = await lines.next();
      if (value !== 'ok') throw new Error(`ONNX's checker: ${value}`);
    },
    end: () => child.stdin.end(),
  };
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

// ---------------------------------------------------------------- all files

let failed = false;
const counts = new Map();
for (const file of process.argv.slice(2).flatMap(filesIn)) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-compose-'));
  try {
    const found = await composeOne(file, folder);
    console.log(`${file}: ${found}`);
    tally(found.startsWith('left out') ? found.replace(/: (ONNX Runtime does not run the file itself).*|`.*` /, ': $1') : `composed${/; as recorded|; ONNX Runtime answers otherwise/.exec(found)?.[0] ?? ''}`);
  } catch (error) {
    failed = true;
    tally('FAILED');
    console.log(`${file}: FAILED: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
checker?.end();
for (const [what, many] of counts) console.log(`${many} ${what}`);
process.exitCode = failed ? 1 : 0;

function tally(what) {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
