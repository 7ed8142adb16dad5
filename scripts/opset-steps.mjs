/**
 * Runs ONNX's recorded operator cases under every operator set that changed their operators, and says where ONNX Runtime's
 * answers differ though no rule of conversion stands there, and which changes no case has reached:
 *
 *     apt-get install libonnx-testdata python3-onnx
 *     MDL_PYTHON=/usr/bin/python3 node scripts/opset-steps.mjs [FOLDER]
 *
 * Python's onnx knows the history of the operators; the newer it is, the more of it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import proto from 'onnx-proto';
import { rolldown } from 'rolldown';

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const ort = await import('onnxruntime-node');
const { ModelProto, TensorProto } = proto.onnx;
const folder = process.argv[2] ?? '/usr/share/libonnx-testdata/data/node';
const { ruleSets } = await load('../src/onnx/convert/rules.ts');
const { oldest, newest, rules } = ruleSets.get('');
const history = readHistory();
const isStep = (version) => version > oldest && version <= newest;
const steps = Object.entries(history).flatMap(([op, versions]) => versions.slice(1).filter(isStep).map((version) => `${op} ${version}`));
const hasRule = (step) => rules[step.split(' ')[0]]?.[Number(step.split(' ')[1])] !== undefined;

const agreed = new Set();
let runs = 0;
for (const name of readdirSync(folder).sort()) {
  const found = await runCase(path.join(folder, name));
  for (const [before, after, ops, distance] of found) {
    const between = ops.flatMap((op) => (history[op] ?? []).filter((version) => version > before && version <= after).map((version) => `${op} ${version}`));
    if (distance === 0) for (const step of between) agreed.add(step);
    else if (!between.some(hasRule)) console.log(`${name}: ${before} and ${after} are ${distance} apart, and no rule stands between`);
  }
}
const ruled = steps.filter(hasRule);
const unseen = steps.filter((step) => !hasRule(step) && !agreed.has(step));
console.log(`${runs} runs; of ${steps.length} changes of operators from ${oldest} to ${newest}, ${ruled.length} have a rule, of ${steps.length - ruled.length - unseen.length} both sides gave the same bits`);
console.log(`no case reached: ${unseen.join(', ') || 'none is left'}`);
for (const op of Object.keys(history).sort()) {
  const own = steps.filter((step) => step.split(' ')[0] === op);
  const told = (is) => own.filter(is).map((step) => step.split(' ')[1]).join(', ') || '-';
  if (own.length > 0) console.log(`${op}: by a rule ${told(hasRule)}; equal bits ${told((step) => !hasRule(step) && agreed.has(step))}; not reached ${told((step) => unseen.includes(step))}`);
}

/** The versions of each operator of the default domain. */
function readHistory() {
  const script = "import json, onnx.defs as d\nfound = {}\nfor s in d.get_all_schemas_with_history():\n  if s.domain == '': found.setdefault(s.name, []).append(s.since_version)\nprint(json.dumps({name: sorted(versions) for name, versions in found.items()}))";
  const { status, stdout, stderr } = spawnSync(process.env.MDL_PYTHON ?? '/usr/bin/python3', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** For each pair of neighbouring numbers under which the case runs: both, its operators, and the largest difference of the answers. */
async function runCase(at) {
  const file = path.join(at, 'model.onnx');
  if (!existsSync(file)) return [];
  const model = ModelProto.decode(readFileSync(file));
  const ops = [...new Set(model.graph.node.filter(({ domain }) => !domain).map(({ opType }) => opType))];
  const [imported, ...others] = model.opsetImport;
  const feeds = others.length === 0 && !imported.domain ? readFeeds(path.join(at, 'test_data_set_0'), model.graph.input) : undefined;
  if (feeds === undefined) return [];
  const changed = ops.flatMap((op) => history[op] ?? []).filter(isStep);
  const numbers = [...new Set([oldest, newest, Number(imported.version), ...changed.flatMap((version) => [version - 1, version])])].sort((a, b) => a - b);
  const answers = [];
  for (const version of numbers) {
    imported.version = version;
    const answer = await run(ModelProto.encode(model).finish(), feeds);
    if (answer !== undefined) answers.push([version, answer]);
  }
  return answers.slice(1).map(([version, answer], i) => [answers[i][0], version, ops, distanceOf(answers[i][1], answer)]);
}

/** Undefined where ONNX Runtime refuses the model. */
async function run(bytes, feeds) {
  try {
    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', logSeverityLevel: 4 });
    const answer = await session.run(feeds);
    await session.release();
    runs++;
    return answer;
  } catch {
    return undefined;
  }
}

/** Infinite where the answers are of another shape, or differ in what is no number. */
function distanceOf(before, after) {
  let most = 0;
  for (const [name, { dims, data }] of Object.entries(before)) {
    const other = after[name];
    if (String(dims) !== String(other.dims)) return Infinity;
    data.forEach((value, i) => {
      if (Object.is(value, other.data[i])) return;
      const apart = Math.abs(Number(value) - Number(other.data[i]));
      most = Math.max(most, Number.isNaN(apart) ? Infinity : apart);
    });
  }
  return most;
}

function readFeeds(at, inputs) {
  const kinds = { 1: ['float32', Float32Array], 2: ['uint8', Uint8Array], 3: ['int8', Int8Array], 6: ['int32', Int32Array], 7: ['int64', BigInt64Array], 9: ['bool', Uint8Array], 10: ['float16', Uint16Array], 11: ['float64', Float64Array] };
  const files = readdirSync(at).filter((name) => name.startsWith('input_')).sort((a, b) => Number.parseInt(a.slice(6), 10) - Number.parseInt(b.slice(6), 10));
  const feeds = {};
  for (const [i, name] of files.entries()) {
    const bytes = readFileSync(path.join(at, name));
    if (!inputs[i].type?.tensorType) return undefined;
    const { dataType, dims, rawData } = TensorProto.decode(bytes);
    const [type, kind] = kinds[dataType] ?? [];
    const count = dims.reduce((product, dim) => product * Number(dim), 1);
    if (kind === undefined || rawData.length !== count * kind.BYTES_PER_ELEMENT) return undefined;
    feeds[inputs[i].name] = new ort.Tensor(type, new kind(Uint8Array.from(rawData).buffer), dims.map(Number));
  }
  return feeds;
}

/** A module of the sources, which are TypeScript. */
async function load(name) {
  const at = mkdtempSync(path.join(tmpdir(), 'mdl-steps-'));
  try {
    const bundle = await rolldown({ input: fileURLToPath(new URL(name, import.meta.url)), platform: 'node' });
    await bundle.write({ format: 'esm', file: path.join(at, 'rules.mjs') });
    await bundle.close();
    return await import(pathToFileURL(path.join(at, 'rules.mjs')).href);
  } finally {
    rmSync(at, { recursive: true });
  }
}
