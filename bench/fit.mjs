/** Closed forms and logistic heads, end to end, against numpy, scipy and scikit-learn where Python has them; and a million rows as a stream. */
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
  only: { type: 'string', default: 'orthogonal,orthogonal-scored,ridge,logistic,stream,steps' },
  streamed: { type: 'string', default: '1000000' },
};

const python = '/usr/bin/python3';

/** Each prints its seconds, without those of starting and reading, and writes the map that it found. */
const head = `
import sys, time, numpy as np
folder = sys.argv[1]; x = np.load(folder + "/x.npy"); y = np.load(folder + "/y.npy"); start = time.perf_counter(); used = time.process_time()
def centred(a):
    a = a.astype("f8"); return a - a.mean(0)
`;
const tail = `
seconds = time.perf_counter() - start; used = time.process_time() - used; np.save(folder + "/w.npy", np.ascontiguousarray(w)); print(seconds, used)`;
const peers = {
  /** As ours does it: with a score by cross-validation, from the same products. */
  'orthogonal-scored': `
folds = np.load(folder + "/folds.npy").ravel(); a, b = centred(x), centred(y); parts = []
for k in range(5):
    p, q = a[folds == k], b[folds == k]; parts.append((len(p), p.sum(0), q.sum(0), p.T @ q, (p * p).sum(), (q * q).sum()))
n, sa, sb, ab, aa, bb = (sum(part[i] for part in parts) for i in range(6)); scores = []
for nk, pa, pb, pab, paa, pbb in parts:
    m = n - nk; ma, mb = (sa - pa) / m, (sb - pb) / m
    u, s, v = np.linalg.svd(ab - pab - m * np.outer(ma, mb)); w = u @ v
    xx = paa - 2 * pa @ ma + nk * ma @ ma; yy = pbb - 2 * pb @ mb + nk * mb @ mb
    xy = pab - np.outer(pa, mb) - np.outer(ma, pb) + nk * np.outer(ma, mb)
    scores.append(1 - (xx + yy - 2 * (w * xy).sum()) / (pbb - pb @ pb / nk))
u, s, v = np.linalg.svd(ab - np.outer(sa, sb) / n); w = u @ v`,
  orthogonal: `u, s, v = np.linalg.svd(centred(x).T @ centred(y)); w = u @ v`,
  ridge: `
folds = np.load(folder + "/folds.npy").ravel(); relatives = 10.0 ** (np.arange(23) / 2 - 9); scores = np.zeros(23)
a, b = centred(x), centred(y); parts = []
for k in range(5):
    p, q = a[folds == k], b[folds == k]; parts.append((len(p), p.sum(0), q.sum(0), p.T @ p, p.T @ q, (q * q).sum()))
n, sa, sb, aa, ab, bb = (sum(part[i] for part in parts) for i in range(6))
for nk, pa, pb, paa, pab, pbb in parts:
    m = n - nk; ma, mb = (sa - pa) / m, (sb - pb) / m
    g = aa - paa - m * np.outer(ma, ma); values, q = np.linalg.eigh(g); c = q.T @ (ab - pab - m * np.outer(ma, mb))
    # Of the rows left out, about the means of the others.
    hh = q.T @ (paa - np.outer(pa, ma) - np.outer(ma, pa) + nk * np.outer(ma, ma)) @ q
    ht = q.T @ (pab - np.outer(pa, mb) - np.outer(ma, pb) + nk * np.outer(ma, mb)); outer = c @ c.T
    squares = pbb - 2 * pb @ mb + nk * mb @ mb; size = pbb - pb @ pb / nk
    for i, r in enumerate(relatives):
        d = 1 / (values + r * np.trace(g) / len(g))
        scores[i] += 1 - (squares - 2 * d @ (c * ht).sum(1) + d @ (hh * outer) @ d) / size
r = relatives[scores.argmax()]; g = aa - np.outer(sa, sa) / n
w = np.linalg.solve(g + r * np.trace(g) / len(g) * np.eye(len(g)), ab - np.outer(sa, sb) / n)`,
};

/** scikit-learn's own stopping rule, and one that comes as near to the minimum as ours. */
const logisticPeer = (tolerance) => `
from sklearn.linear_model import LogisticRegression
labels = np.load(folder + "/labels.npy").ravel().astype(int); n = len(labels)
start = time.perf_counter(); used = time.process_time()
head = LogisticRegression(C=1.0, tol=${tolerance}, max_iter=10000).fit(x, labels)
seconds = time.perf_counter() - start; used = time.process_time() - used
z = x.astype("f8") @ head.coef_.T + head.intercept_; z -= z.max(1, keepdims=True)
loss = (np.log(np.exp(z).sum(1)) - z[np.arange(n), labels]).mean() + (head.coef_ ** 2).sum() / 2 / n
print(seconds, used, loss)`;

export async function run({ rows, columns, rounds, threads, only, streamed }) {
  const wanted = only.split(',');
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bench-'));
  try {
    const align = await bundle(folder);
    const kernels = align.createKernels(sessions(Number(threads)));
    const results = {};
    // First: the peak of the process is its own while nothing else was in memory.
    if (wanted.includes('stream')) results.stream = await streamRows(align, kernels, Number(streamed), Number(columns));
    if (Object.keys(peers).some((name) => wanted.includes(name))) Object.assign(results, await bridges(align, kernels, folder, { rows: Number(rows), columns: Number(columns), rounds: Number(rounds), names: Object.keys(peers).filter((name) => wanted.includes(name)) }));
    if (wanted.includes('logistic')) {
      results.logistic = await logistic(align, kernels, folder, Number(rounds), 0.7);
      results.logisticFlat = await logistic(align, kernels, folder, Number(rounds), 0);
    }
    await kernels.close();
    const steps = wanted.includes('steps') ? await raceSteps(align, folder, Number(rounds), Number(threads)) : undefined;
    return { rows: Number(rows), columns: Number(columns), threads: Number(threads), blas: blas(), load: loadavg()[0], ...results, steps };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bridges(align, kernels, folder, { rows, columns, rounds, names }) {
  const missing = lacks('numpy');
  const pairs = makePairs(rows, columns);
  for (const [name, matrix] of Object.entries(pairs)) writeMatrix(folder, name, matrix);
  const results = {};
  for (const name of names) results[name] = await race(name, () => fit(name, { align, kernels, ...pairs }), missing ? undefined : () => askPython(peers[name], folder), rounds);
  return results;
}

/** Whether Python lacks a package; says so. */
function lacks(name) {
  const missing = spawnSync(python, ['-c', `import ${name}`], { encoding: 'utf8' }).status !== 0;
  if (missing) console.log(`${python} has no package ${name}: nothing to compare with`);
  return missing;
}

// ---------------------------------------------------------------- a logistic head

/** 5,000 rows of 512 columns in 10 classes that overlap. `decay`: how fast deviations fall from column to column; an encoder's by about its -0.7th power. */
async function logistic(align, kernels, folder, rounds, decay) {
  const [rows, columns, classes] = [5000, 512, 10];
  const next = normals();
  const centres = Float64Array.from({ length: classes * columns }, () => 0.2 * next());
  const labels = Uint32Array.from({ length: rows }, (_, i) => i % classes);
  const x = { rows, columns, data: Float32Array.from({ length: rows * columns }, (_, at) => (centres[labels[Math.floor(at / columns)] * columns + (at % columns)] + next()) * (1 + (at % columns)) ** -decay) };
  writeMatrix(folder, 'x', x);
  writeMatrix(folder, 'y', { rows: 1, columns: 1, data: Float32Array.of(0) });
  writeMatrix(folder, 'labels', { rows, columns: 1, data: Float32Array.from(labels) });
  const ours = () => timed(async () => (await align.fitLogistic(kernels, x, labels, { classes })).value.loss);
  const missing = lacks('sklearn');
  const rates = [];
  for (let round = 0; round <= rounds; round++) {
    const own = await ours();
    const peersFound = missing ? [] : [1e-4, 1e-7].map((tolerance) => numbersOf(logisticPeer(tolerance), folder));
    if (round > 0) rates.push({ own, peers: peersFound });
  }
  const found = rates.at(-1);
  const row = { seconds: middle(rates.map(({ own }) => own.seconds)), cpu: middle(rates.map(({ own }) => own.cpu)), loss: found.own.result };
  if (!missing) for (const [i, name] of ['default', 'converged'].entries()) row[name] = { ratio: middle(rates.map(({ own, peers: all }) => own.seconds / all[i][0])), cpuRatio: middle(rates.map(({ own, peers: all }) => own.cpu / all[i][1])), excessLoss: found.peers[i][2] - found.own.result };
  console.log(`logistic, deviations by the ${-decay}th power: ${row.seconds.toFixed(2)} s, loss ${row.loss}${missing ? '' : `; over scikit-learn ${row.default.ratio.toFixed(2)} × (CPU ${row.default.cpuRatio.toFixed(2)}), whose loss is ${row.default.excessLoss.toExponential(1)} above; to a tolerance of 1e-7 ${row.converged.ratio.toFixed(2)} × (CPU ${row.converged.cpuRatio.toFixed(2)}), ${row.converged.excessLoss.toExponential(1)} above`}`);
  return row;
}

function numbersOf(script, folder) {
  const { status, stdout, stderr } = spawnSync(python, ['-c', head + script, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split(/\s+/).map(Number);
}

// ---------------------------------------------------------------- a stream

/** Pieces that are made anew: nothing holds all rows. The ridge map of a fold is fitted from the others'. */
async function streamRows(align, kernels, rows, columns) {
  const size = 4096;
  function* pieces() {
    for (let from = 0, seed = 1; from < rows; from += size, seed++) {
      const { x, y } = makePairs(Math.min(size, rows - from), columns, seed);
      yield { x, y };
    }
  }
  const pairs = { rows, columnsX: columns, columnsY: columns, pieces };
  const { seconds, cpu } = await timed(async () => {
    const methods = ['orthogonal', 'ridge'].map((name) => align.bridges.find((bridge) => bridge.name === name));
    const training = await align.collectTraining(kernels, pairs, { seed: 1, products: align.productsOf(methods, columns, columns) });
    for (const method of methods) await align.fitBridge(method, { kernels, seed: 1 }, training.value);
  });
  const row = { rows, seconds, cpu, peakBytes: process.resourceUsage().maxRSS * 1024 };
  console.log(`stream: ${rows.toLocaleString('en-US')} rows of ${columns} into orthogonal and ridge in ${seconds.toFixed(0)} s (CPU ${cpu.toFixed(0)}), at most ${(row.peakBytes / 2 ** 20).toFixed(0)} MiB`);
  return row;
}

async function timed(work) {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  return { result, seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
}

/** By turns; the first round warms up. Prints the median of the ratios within a round, and how far the maps are apart. */
async function race(name, ours, theirs, rounds) {
  const [times, ratios, cpuRatios] = [[], [], []];
  let distance;
  for (let round = 0; round <= rounds; round++) {
    const own = await timed(ours);
    const other = theirs?.();
    if (round === 0 && rounds > 1) continue;
    times.push(own.seconds);
    if (other === undefined) continue;
    ratios.push(own.seconds / other.seconds);
    cpuRatios.push(own.cpu / other.cpu);
    distance = own.result.reduce((most, value, i) => Math.max(most, Math.abs(value - other.w[i])), 0);
  }
  const row = { seconds: middle(times), ratioToNumpy: middle(ratios), cpuRatio: middle(cpuRatios), greatestDifference: distance };
  console.log(`${name}: ${row.seconds.toFixed(2)} s, ${row.ratioToNumpy?.toFixed(2) ?? '-'} × numpy (CPU ${row.cpuRatio?.toFixed(2) ?? '-'}), maps ${distance ?? '-'} apart`);
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
  const method = align.bridges.find((bridge) => bridge.name === name.split('-')[0]);
  const training = await align.collectTraining(kernels, align.pairsOf(x, y), { seed: 1, folds: Uint8Array.from(folds.data), products: align.productsOf([method], x.columns, y.columns) });
  const fitted = await align.fitBridge(method, { kernels, seed: 1 }, training.value);
  return fitted.value.adapter.map.w.data;
}

function askPython(script, folder) {
  const [seconds, cpu] = numbersOf(script + tail, folder);
  const file = readFileSync(path.join(folder, 'w.npy'));
  const start = 10 + file.readUInt16LE(8);
  const w = new Float64Array(Uint8Array.from(file.subarray(start)).buffer);
  return { seconds, cpu, w };
}

/** Which library multiplies for numpy decides how fast it is. */
function blas() {
  const { stdout } = spawnSync('sh', ['-c', 'readlink -f /etc/alternatives/libblas.so.3-x86_64-linux-gnu'], { encoding: 'utf8' });
  return stdout.trim() || 'unknown';
}

/** Features of a decaying spectrum, far from the origin, and a linear view of them with noise. */
function makePairs(rows, columns, seed = 1) {
  let state = seed;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) - 0.5;
  const x = { rows, columns, data: Float32Array.from({ length: rows * columns }, (_, at) => 3 * uniform() * 0.995 ** (at % columns) + 1) };
  const y = { rows, columns, data: x.data.map((value, at) => 0.7 * value + 0.3 * x.data[at ^ 1] + 0.2 * uniform()) };
  return { x, y, folds: { rows, columns: 1, data: Float32Array.from({ length: rows }, (_, i) => i % 5) } };
}

/** Box and Muller's, by the generator below. */
function normals() {
  let state = 7;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
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
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'basic', intraOpNumThreads: threads, extra: { session: { intra_op: { allow_spinning: '0' } } } });
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
