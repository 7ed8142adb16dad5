/** The same joints in onnx.compose with its full checker, and in ONNX Runtime: who says a word, and what comes out. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { noise } from './graph.mjs';

const twins = ['wrong', 'right'];

/** The first Python that has onnx; Debian's own is not always the first on the path. */
function findPython() {
  const has = (command) => spawnSync(command, ['-c', 'import onnx.compose']).status === 0;
  return ['python3', '/usr/bin/python3'].find(has);
}

/** What happens elsewhere to both twins of each case, by their names; undefined where no Python has onnx. */
export async function runElsewhere(cases, folder) {
  const python = findPython();
  if (python === undefined) return undefined;
  const ort = await import('onnxruntime-node');
  const target = mkdtempSync(path.join(os.tmpdir(), 'silent-joints-'));
  try {
    const jobs = cases.flatMap(({ name, elsewhere }) => twins.map((twin) => ({ name, twin, chains: elsewhere[twin], file: path.join(target, `${name}-${twin}.onnx`) })));
    const { status, stdout, stderr } = spawnSync(python, [path.join(import.meta.dirname, 'compose.py')], { input: JSON.stringify({ folder, jobs }), encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(stderr);
    const { onnx, findings } = JSON.parse(stdout);
    const results = new Map();
    for (const [i, { name, twin, file }] of jobs.entries()) {
      const result = { ...findings[i], ...(existsSync(file) ? await tryRun(ort.default ?? ort, file) : {}) };
      results.set(name, { ...results.get(name), [twin]: result });
    }
    return { onnx, results };
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** A number of half precision by its bits: a Node without Float16Array is given these. */
function halfOf(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

async function tryRun(ort, file) {
  let session;
  try {
    session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  } catch (error) {
    return { loads: false, runtimeError: String(error).slice(0, 200) };
  }
  try {
    const feeds = Object.fromEntries(session.inputMetadata.map(({ name, type, shape }) => [name, feed(ort, name, type, shape)]));
    const outputs = await session.run(feeds);
    const last = outputs[session.outputNames.at(-1)];
    return { loads: true, runs: true, dims: [...last.dims], data: Array.from(last.data, last.data instanceof Uint16Array ? halfOf : Number) };
  } catch (error) {
    return { loads: true, runs: false, runtimeError: String(error).slice(0, 200) };
  } finally {
    await session.release();
  }
}

/** What open sizes are in these runs. */
const sizes = { batch: 3, seq: 4, others: 3, n: 8, c: 3, h: 8, w: 8, p: 4, q: 8 };

/** Numbers for an input; ids end in padding, as texts do. */
function feed(ort, name, type, shape) {
  const dims = shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 3)));
  const count = dims.reduce((a, b) => a * b, 1);
  const values = noise(count, name.includes('__b') ? 31 : 30);
  if (type === 'int64') {
    const isMask = name.endsWith('mask');
    const ids = values.map((v, i) => (i % dims.at(-1) === dims.at(-1) - 1 ? 0 : isMask ? 1 : 1 + Math.floor(Math.abs(v) * 14.9)));
    return new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), dims);
  }
  // Pictures, boxes and times lie between 0 and 1.
  const positive = dims.length === 4 || (dims.length === 2 && dims[1] === 4) || dims.length === 1;
  return new ort.Tensor('float32', Float32Array.from(positive ? values.map(Math.abs) : values), dims);
}

/** How far the wrong twin's answer lies from the right one's, against the largest number of that; Infinity where the shapes differ. */
export function difference(wrong, right) {
  if (wrong?.data === undefined || right?.data === undefined) return undefined;
  if (wrong.dims.join() !== right.dims.join()) return Infinity;
  const scale = Math.max(...right.data.map(Math.abs), 1e-9);
  const apart = wrong.data.map((value, i) => (Object.is(value, right.data[i]) ? 0 : Math.abs(value - right.data[i]) / scale));
  return apart.some(Number.isNaN) ? Infinity : Math.max(...apart);
}
