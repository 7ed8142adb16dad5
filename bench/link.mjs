/** `mdl build` of a large backbone against `cp` of the same bytes, and against Python's onnx.compose. */
import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const options = {
  /** Megabytes of weights. */
  size: { type: 'string', default: '300' },
  rounds: { type: 'string', default: '5' },
  /** Where the models are made; a memory file system where there is one. */
  folder: { type: 'string' },
};

const cli = path.resolve('dist/js/cli.cjs');
const python = '/usr/bin/python3';
const width = 1024;
/** One square layer of f32 weights. */
const layerBytes = width * width * 4;

export async function run({ size, rounds, folder }) {
  const layers = Math.max(1, Math.round((Number(size) * 1e6) / layerBytes));
  const parent = folder ?? memoryFolder(layers * layerBytes) ?? tmpdir();
  const home = mkdtempSync(path.join(parent, 'mdl-link-'));
  try {
    const names = makeProject(home, layers);
    return await measure(home, names, Number(rounds), parent);
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** /dev/shm where it has room for the model three times: itself, the copy, and what is built. */
function memoryFolder(bytes) {
  try {
    accessSync('/dev/shm', constants.W_OK);
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 3.5 * bytes ? '/dev/shm' : undefined;
  } catch {
    return undefined;
  }
}

async function measure(home, { backbone, head }, rounds, parent) {
  const env = { ...process.env, XDG_CACHE_HOME: path.join(home, 'cache') };
  const build = (...flags) => timed(process.execPath, [cli, 'build', 'bench.mdl', '--out', 'dist', ...flags], home, env);
  // What the system does for the first who uses its memory is nobody's time: a virtual machine gives freed memory back to its host, and
  // to write into memory that must be got again takes three times as long. Each candidate begins just after as much has been used.
  const touch = () => {
    timed('cp', [backbone, 'touched.onnx'], home, env);
    rmSync(path.join(home, 'touched.onnx'));
  };
  build();
  const candidates = {
    'mdl build, cold': () => {
      for (const name of ['cache', 'mdl.lock']) rmSync(path.join(home, name), { recursive: true, force: true });
      return build();
    },
    cp: () => timed('cp', [backbone, 'copy.onnx'], home, env),
    'node -e 0': () => timed(process.execPath, ['-e', '0'], home, env),
    'mdl build': () => build(),
    'mdl build --link': () => build('--link'),
    ...(hasPython() ? { 'merge_models + save': () => timed(python, ['-c', merge, backbone, head, 'merged.onnx'], home, env) } : {}),
  };
  const runs = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, candidate] of Object.entries(candidates)) {
      // Merging takes long enough to be measured once.
      if (name.startsWith('merge') && round > 0) continue;
      touch();
      runs[name].push(candidate());
      rmSync(path.join(home, 'merged.onnx'), { force: true });
      rmSync(path.join(home, 'copy.onnx'), { force: true });
      rmSync(path.join(home, 'dist'), { recursive: true, force: true });
    }
  }
  const rows = Object.fromEntries(Object.entries(runs).map(([name, own]) => [name, row(own)]));
  const start = rows['node -e 0'].medianMs;
  for (const each of Object.values(rows)) each.timesCp = round2((each.medianMs - start) / rows.cp.medianMs);
  rows.cp.timesCp = 1;
  for (const [name, { medianMs, bestMs, bestCpuMs, peakMB, timesCp }] of Object.entries(rows))
    console.log(`${name}: ${medianMs} ms (best ${bestMs}, of processors ${bestCpuMs}), ${peakMB} MB, ${timesCp} times cp without the start of Node`);
  return { megabytes: Math.round(statSync(path.join(home, backbone)).size / 1e6), folder: parent, rows };
}

const hasPython = () => spawnSync(python, ['-c', 'import onnx']).status === 0;

const merge = `
import sys, onnx
from onnx import compose
a, b = onnx.load(sys.argv[1]), onnx.load(sys.argv[2])
onnx.save(compose.merge_models(a, compose.add_prefix(b, 'head/'), io_map=[('y', 'head/e')]), sys.argv[3])
`;

/** Wall time; and the time of processors and the most memory that the process had, which GNU time reports where it is installed. */
function timed(command, args, cwd, env) {
  const timer = '/usr/bin/time';
  const hasTimer = statSync(timer, { throwIfNoEntry: false }) !== undefined;
  const started = performance.now();
  const { status, stderr } = hasTimer
    ? spawnSync(timer, ['-f', 'peak %M cpu %U %S', command, ...args], { cwd, env, encoding: 'utf8' })
    : spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stderr}`);
  const [, peak, user, system] = /peak (\d+) cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  return { ms, kilobytes: Number(peak ?? NaN), cpuMs: 1000 * (Number(user ?? NaN) + Number(system ?? NaN)) };
}

function row(runs) {
  const sorted = runs.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const peak = Math.max(...runs.map(({ kilobytes }) => kilobytes));
  const cpu = Math.min(...runs.map(({ cpuMs }) => cpuMs));
  const known = (value) => (Number.isNaN(value) ? null : Math.round(value));
  return { medianMs: Math.round(sorted[sorted.length >> 1]), bestMs: Math.round(sorted[0]), bestCpuMs: known(cpu), peakMB: known(peak / 1000) };
}

const round2 = (value) => Math.round(value * 100) / 100;

// ---------------------------------------------------------------- the models

/** A backbone of `layers` square MatMuls, a head of one, and the source that joins them. */
function makeProject(home, layers) {
  writeFileSync(path.join(home, 'package.json'), '{ "name": "bench-link", "type": "module" }\n');
  writeBackbone(path.join(home, 'backbone.onnx'), layers);
  writeFileSync(path.join(home, 'head.onnx'), Buffer.concat([...model('e', 'answer', [{ name: 'w', dims: [width, 2], bytes: Buffer.alloc(width * 8) }])]));
  writeSafetensors(path.join(home, 'head.safetensors'));
  writeFileSync(path.join(home, 'bench.mdl'), source);
  mkdirSync(path.join(home, 'cache'));
  return { backbone: 'backbone.onnx', head: 'head.onnx' };
}

const source = `import { linear, softmax } from "std/nn"

backbone Large @ 1.0.0 {
  source "./backbone.onnx"
  input x: f32[batch, ${width}]
  output y: f32[batch, ${width}]
}

head Answer(e: f32[batch, ${width}]) -> f32[batch, 2] weights "./head.safetensors" {
  e |> linear(out: 2) |> softmax
}

model Bench {
  input x: f32[batch, ${width}]
  let e = Large(x).y
  output answer = Answer(e)
}
`;

function writeSafetensors(file) {
  const tensors = { 'linear.w': [width, 2], 'linear.b': [2] };
  let end = 0;
  const header = {};
  for (const [name, shape] of Object.entries(tensors)) {
    const length = 4 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + length] };
    end += length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(end)]));
}

/** The weights are written layer by layer: no more than one is held. */
function writeBackbone(file, layers) {
  const target = openSync(file, 'w');
  const weights = Array.from({ length: layers }, (_, i) => ({ name: `w${i}`, dims: [width, width], bytes: layer(i) }));
  for (const piece of model('x', 'y', weights)) writeSync(target, typeof piece === 'function' ? piece() : piece);
  closeSync(target);
}

/** Numbers that no file system folds into one block, made when they are written; vectors keep their length through them. */
const layer = (seed) => () => {
  const values = new Float32Array(width * width);
  let state = seed + 1;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = (state * Math.sqrt(3)) / 2 ** 36;
  }
  return Buffer.from(values.buffer);
};

/** A ModelProto of MatMuls in a row, by protobuf's wire format: tag, length, payload. */
function* model(input, output, weights) {
  const heads = weights.map(({ name, dims, bytes }) => {
    const size = typeof bytes === 'function' ? layerBytes : bytes.length;
    const head = Buffer.concat([...dims.flatMap((dim) => [tag(1, 0), varint(dim)]), tag(2, 0), varint(1), bytesField(8, name), tag(9, 2), varint(size)]);
    return { head: Buffer.concat([tag(5, 2), varint(head.length + size), head]), bytes, size };
  });
  const last = weights.length - 1;
  const nodes = weights.map(({ name }, i) =>
    bytesField(1, Buffer.concat([bytesField(1, i === 0 ? input : `t${i - 1}`), bytesField(1, name), bytesField(2, i === last ? output : `t${i}`), bytesField(3, `MatMul_${i}`), bytesField(4, 'MatMul')])),
  );
  const ports = Buffer.concat([bytesField(2, 'bench'), bytesField(11, port(input, width)), bytesField(12, port(output, weights[last].dims[1]))]);
  const nodeBytes = Buffer.concat(nodes);
  const graph = nodeBytes.length + ports.length + heads.reduce((sum, { head, size }) => sum + head.length + size, 0);
  yield Buffer.concat([tag(1, 0), varint(8), bytesField(8, Buffer.concat([bytesField(1, ''), tag(2, 0), varint(17)])), tag(7, 2), varint(graph), nodeBytes]);
  for (const { head, bytes } of heads) {
    yield head;
    yield bytes;
  }
  yield ports;
}

const port = (name, size) => {
  const dims = Buffer.concat([bytesField(1, bytesField(2, 'batch')), bytesField(1, Buffer.concat([tag(1, 0), varint(size)]))]);
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, Buffer.concat([tag(1, 0), varint(1), bytesField(2, dims)])))]);
};

const tag = (number, type) => varint(number * 8 + type);
const bytesField = (number, value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([tag(number, 2), varint(bytes.length), bytes]);
};

function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}
