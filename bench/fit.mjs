/** Bridges in closed form, end to end, against numpy where Python has it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ort from 'onnxruntime-node';
import { rolldown } from 'rolldown';
import { problemOf, startOurs, startTorch } from './training.mjs';

export const options = {
  rows: { type: 'string', default: '20000' },
  columns: { type: 'string', default: '768' },
  rounds: { type: 'string', default: '3' },
  threads: { type: 'string', default: '2' },
};

const python = '/usr/bin/python3';

/** Each prints its seconds, without those of starting and reading, and writes the map that it found. */
const head = `
import sys, time, numpy as np
folder = sys.argv[1]; x = np.load(folder + "/x.npy"); y = np.load(folder + "/y.npy"); start = time.perf_counter()
def centred(a):
    a = a.astype("f8"); return a - a.mean(0)
`;
const tail = `
seconds = time.perf_counter() - start; np.save(folder + "/w.npy", np.ascontiguousarray(w)); print(seconds)`;
const peers = {
  orthogonal: `u, s, v = np.linalg.svd(centred(x).T @ centred(y)); w = u @ v`,
  ridge: `
folds = np.load(folder + "/folds.npy").ravel(); relatives = 10.0 ** (np.arange(23) / 2 - 9); scores = np.zeros(23)
for k in range(5):
    a, b = x[folds != k].astype("f8"), y[folds != k].astype("f8"); ma, mb = a.mean(0), b.mean(0); a -= ma; b -= mb
    g = a.T @ a; values, q = np.linalg.eigh(g); c = q.T @ (a.T @ b)
    h, t = (x[folds == k] - ma) @ q, y[folds == k] - mb; size = ((t - t.mean(0)) ** 2).sum()
    for i, r in enumerate(relatives):
        scores[i] += 1 - ((t - h @ (c / (values + r * np.trace(g) / len(g))[:, None])) ** 2).sum() / size
a, b = centred(x), centred(y); g = a.T @ a; r = relatives[scores.argmax()]
w = np.linalg.solve(g + r * np.trace(g) / len(g) * np.eye(len(g)), a.T @ b)`,
};

export async function run({ rows, columns, rounds, threads }) {
  const missing = spawnSync(python, ['-c', 'import numpy'], { encoding: 'utf8' }).status !== 0;
  if (missing) console.log(`${python} has no package numpy (Debian: python3-numpy): nothing to compare with`);
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bench-'));
  try {
    const align = await bundle(folder);
    const kernels = align.createKernels(sessions(Number(threads)));
    const pairs = makePairs(Number(rows), Number(columns));
    for (const [name, matrix] of Object.entries(pairs)) writeMatrix(folder, name, matrix);
    const results = {};
    for (const name of Object.keys(peers)) {
      const ours = () => fit(name, { align, kernels, ...pairs });
      const theirs = missing ? undefined : () => askPython(peers[name], folder);
      results[name] = await race(name, ours, theirs, Number(rounds));
    }
    await kernels.close();
    const steps = await raceSteps(align, folder, Number(rounds), Number(threads));
    return { rows: Number(rows), columns: Number(columns), threads: Number(threads), blas: missing ? null : blas(), ...results, steps };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By turns; the first round warms up. Prints the median of the ratios within a round, and how far the maps are apart. */
async function race(name, ours, theirs, rounds) {
  const [times, ratios] = [[], []];
  let distance;
  for (let round = 0; round <= rounds; round++) {
    const own = await ours();
    const other = theirs?.();
    if (round === 0) continue;
    times.push(own.seconds);
    if (other === undefined) continue;
    ratios.push(own.seconds / other.seconds);
    distance = own.w.reduce((most, value, i) => Math.max(most, Math.abs(value - other.w[i])), 0);
  }
  const row = { seconds: middle(times), ratioToNumpy: middle(ratios), greatestDifference: distance };
  console.log(`${name}: ${row.seconds.toFixed(2)} s, ${row.ratioToNumpy?.toFixed(2) ?? '-'} × numpy, maps ${distance ?? '-'} apart`);
  return row;
}

const networks = [
  { from: 384, hidden: 512, to: 384 },
  { from: 1024, hidden: 2048, to: 1024 },
];
const batch = 256;

/**
 * Rounds of steps by turns, with one thread each and with `threads`; the medians of the ratios of a round, by the clock and of the
 * processor's time, which says more where others use the machine, and nothing of how several threads share the work.
 */
async function raceSteps(align, folder, rounds, threads) {
  const torch = spawnSync(python, ['-c', 'import torch'], { encoding: 'utf8' }).status === 0;
  if (!torch) console.log(`${python} has no package torch (Debian: python3-torch): nothing to compare training with`);
  const rows = [];
  for (const network of networks) {
    for (const count of new Set([1, threads])) {
      const problem = problemOf({ ...network, rows: 16 * batch });
      for (const { value, dims, data } of [...problem.columns.map((column) => ({ ...column, dims: [problem.rows, ...column.dims] })), ...problem.parameters]) writeMatrix(folder, value, { rows: dims.length === 1 ? 1 : dims[0], columns: dims.at(-1), data });
      const ours = { 'one step a graph': await startOurs(align, sessions(count), problem, batch, 1), 'eight steps a graph': await startOurs(align, sessions(count), problem, batch, 8) };
      const peer = torch ? startTorch(python, folder, batch, count) : undefined;
      const steps = network.from > 500 ? 16 : 64;
      const [times, ratios, busy] = [{}, {}, {}];
      let apart = 0;
      for (let round = 0; round <= rounds; round++) {
        const other = await peer?.steps(steps);
        for (const [form, own] of Object.entries(ours)) {
          const { seconds, busy: worked, loss } = await own.steps(steps);
          if (round === 0) continue;
          (times[form] ??= []).push(seconds / steps);
          if (!other) continue;
          (ratios[form] ??= []).push(seconds / other.seconds);
          (busy[form] ??= []).push(worked / other.busy);
          apart = Math.max(apart, Math.abs(loss - other.loss) / other.loss);
        }
      }
      peer?.stop();
      for (const [form, own] of Object.entries(ours)) {
        await own.stop();
        const row = { network: [network.from, network.hidden, network.to], threads: count, form, milliseconds: 1000 * middle(times[form]), ratioToTorch: ratios[form] && middle(ratios[form]), ratioOfProcessorTime: busy[form] && middle(busy[form]), lossesApart: apart };
        console.log(`load ${loadavg()[0].toFixed(1)}: MLP ${row.network.join('-')}, batch ${batch}, Adam, ${count} thread(s), ${form}: ${row.milliseconds.toFixed(2)} ms a step, ${row.ratioToTorch?.toFixed(2) ?? '-'} × torch (${row.ratioOfProcessorTime?.toFixed(2) ?? '-'} of its processor time), losses ${apart.toExponential(1)} apart`);
        rows.push(row);
      }
    }
  }
  return rows;
}

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function fit(name, { align, kernels, x, y, folds }) {
  const started = performance.now();
  const method = align.bridges.find((bridge) => bridge.name === name);
  const training = await align.collectTraining(kernels, align.pairsOf(x, y), { seed: 1, folds: Uint8Array.from(folds.data) });
  const fitted = await align.fitBridge(method, { kernels, seed: 1 }, training.value);
  return { seconds: (performance.now() - started) / 1000, w: fitted.value.adapter.map.w.data };
}

function askPython(script, folder) {
  const { status, stdout, stderr } = spawnSync(python, ['-c', head + script + tail, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const file = readFileSync(path.join(folder, 'w.npy'));
  const start = 10 + file.readUInt16LE(8);
  const w = new Float64Array(Uint8Array.from(file.subarray(start)).buffer);
  return { seconds: Number(stdout), w };
}

/** Which library multiplies for numpy decides how fast it is. */
function blas() {
  const { stdout } = spawnSync('sh', ['-c', 'readlink -f /etc/alternatives/libblas.so.3-x86_64-linux-gnu'], { encoding: 'utf8' });
  return stdout.trim() || 'unknown';
}

/** Features of a decaying spectrum, far from the origin, and a linear view of them with noise. */
function makePairs(rows, columns) {
  let state = 1;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) - 0.5;
  const x = { rows, columns, data: Float32Array.from({ length: rows * columns }, (_, at) => 3 * uniform() * 0.995 ** (at % columns) + 1) };
  const y = { rows, columns, data: x.data.map((value, at) => 0.7 * value + 0.3 * x.data[at ^ 1] + 0.2 * uniform()) };
  return { x, y, folds: { rows, columns: 1, data: Float32Array.from({ length: rows }, (_, i) => i % 5) } };
}

function writeMatrix(folder, name, { rows, columns, data }) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((11 + text.length) / 64) * 64 - 10;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  writeFileSync(path.join(folder, `${name}.npy`), Buffer.concat([start, Buffer.from(`${text.padEnd(length - 1)}\n`), bytes]));
}

/** The sources are TypeScript, which the oldest supported Node does not run. */
async function bundle(folder) {
  const build = await rolldown({
    input: 'src/align/index.ts',
    platform: 'node',
    // As rolldown.config.mjs does it, and says why.
    resolve: { alias: { 'protobufjs/minimal': createRequire(import.meta.url).resolve('protobufjs/minimal') } },
  });
  const file = path.join(folder, 'align.mjs');
  await build.write({ file, format: 'esm' });
  return import(pathToFileURL(file).href);
}

const sessions = (threads) => async (model) => {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'basic', intraOpNumThreads: threads });
  const types = { f32: 'float32', f64: 'float64' };
  const feed = ([name, { dtype, data, dims }]) => [name, new ort.Tensor(types[dtype], data, dims)];
  return {
    run: async (feeds, outputs) => {
      const results = await session.run(Object.fromEntries([...feeds].map(feed)));
      return new Map(outputs.map((name) => [name, results[name]]));
    },
    release: () => session.release(),
  };
};
