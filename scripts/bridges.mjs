/**
 * `node scripts/bridges.mjs [--draws 5] [--only WORDS] [--closed]`: every bridge in closed form, and two by gradient, between the two encoders of the fashion example, both
 * ways, and from the small encoder of words to the sentence encoder, from few and from many pairs: what the other encoder's head makes of the carried vectors. Prints the
 * tables of docs/bridges.md; with --only those of pairs whose name holds the words, with --closed without those by gradient.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { rolldown } from 'rolldown';
import { readLines, withProject } from '../examples/project.mjs';

process.chdir(path.dirname(import.meta.dirname));
const { values } = parseArgs({ options: { draws: { type: 'string', default: '5' }, only: { type: 'string', default: '' }, closed: { type: 'boolean', default: false } } });
const sizes = [32, 64, 128, 500, 2000];
const encoders = {
  cnn128: { model: 'examples/fashion/models/encoder_a_cnn128.onnx', head: 'examples/fashion/heads/cnn.safetensors' },
  mixer64: { model: 'examples/fashion/models/encoder_b_mixer64.onnx', head: 'examples/fashion/heads/mixer.safetensors' },
};

// ---------------------------------------------------------------- files

function readNpy(file) {
  const bytes = readFileSync(file);
  const end = 10 + bytes.readUInt16LE(8);
  const dims = /'shape': \(([^)]*)\)/.exec(bytes.toString('latin1', 10, end))[1].split(',').map((dim) => dim.trim()).filter((dim) => dim !== '').map(Number);
  return { dims, data: new Uint8Array(bytes.subarray(end)) };
}

/** The f32 tensors of a safetensors file, by name. */
function readTensors(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  return Object.fromEntries(Object.entries(header).map(([name, { data_offsets }]) => [name, new Float32Array(Uint8Array.from(bytes.subarray(...data_offsets.map((at) => 8 + length + at))).buffer)]));
}

/** The vectors of an encoder, 100 pictures at a time. */
async function encode(model, { dims: [rows], data }) {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const pieces = [];
  for (let from = 0; from < rows; from += 100) {
    const to = Math.min(rows, from + 100);
    const pixels = Float32Array.from(data.subarray(from * 784, to * 784), (value) => (value / 255 - 0.286) / 0.353);
    pieces.push((await session.run({ [input]: new ort.Tensor('float32', pixels, [to - from, 1, 28, 28]) }))[output]);
  }
  const columns = pieces[0].dims[1];
  const all = new Float32Array(rows * columns);
  pieces.forEach((piece, i) => all.set(piece.data, i * 100 * columns));
  return { rows, columns, data: all };
}

/** The vectors of the large and the small encoder of texts, and the classes of those that have one. */
const encodeTexts = (texts) =>
  withProject(path.resolve('examples/two-towers'), async ({ open }) => {
    const { Pairs } = await open('pairs.mdl');
    const found = { large: [], small: [] };
    for (let from = 0; from < texts.length; from += 50) {
      const some = texts.slice(from, from + 50);
      const answers = await Pairs.run({ sentences: some, words: some });
      for (const name of Object.keys(found)) found[name].push(answers[name]);
    }
    const joined = (pieces) => ({ rows: texts.length, columns: pieces[0].dims[1], data: Float32Array.from(pieces.flatMap(({ data }) => [...data])) });
    return { large: joined(found.large), small: joined(found.small) };
  });

/** The weights lie [in, out] there. */
function readTopicHead() {
  const { w, b } = readTensors('examples/glosses/heads/topic.safetensors');
  const [inputs, classes] = [w.length / b.length, b.length];
  return { weight: Float32Array.from({ length: w.length }, (_, at) => w[(at % inputs) * classes + Math.floor(at / inputs)]), bias: b };
}

const topics = ['animal', 'artifact', 'body', 'communication', 'food', 'location', 'person', 'plant', 'state', 'substance'];

function unit({ rows, columns, data }) {
  const result = Float32Array.from(data);
  for (let i = 0; i < rows; i++) {
    const row = result.subarray(i * columns, (i + 1) * columns);
    const length = Math.hypot(...row);
    for (let j = 0; j < columns; j++) row[j] /= length;
  }
  return { rows, columns, data: result };
}

function accuracyOf({ weight, bias }, { rows, columns, data }, labels) {
  return classesBy({ weight, bias }, { rows, columns, data }).filter((found, i) => found === labels[i]).length / rows;
}

function classesBy({ weight, bias }, { rows, columns, data }) {
  return Array.from({ length: rows }, (_, i) => {
    let [best, most] = [0, -Infinity];
    for (let c = 0; c < bias.length; c++) {
      let logit = bias[c];
      for (let j = 0; j < columns; j++) logit += weight[c * columns + j] * data[i * columns + j];
      if (logit > most) [best, most] = [c, logit];
    }
    return best;
  });
}

// ---------------------------------------------------------------- the kernels

async function bundle(folder) {
  const build = await rolldown({ input: 'src/align/index.ts', platform: 'node', resolve: { alias: { 'protobufjs/minimal': createRequire(import.meta.url).resolve('protobufjs/minimal') } } });
  const file = path.join(folder, 'align.mjs');
  await build.write({ file, format: 'esm' });
  return import(pathToFileURL(file).href);
}

const types = { f32: 'float32', f64: 'float64' };
async function createSession(model) {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'basic', intraOpNumThreads: 1 });
  return {
    run: async (feeds, outputs) => {
      const results = await session.run(Object.fromEntries([...feeds].map(([name, { dtype, data, dims }]) => [name, new ort.Tensor(types[dtype], data, dims)])));
      return new Map(outputs.map((name) => [name, results[name]]));
    },
    release: () => session.release(),
  };
}

// ---------------------------------------------------------------- the tables

const mean = (all) => all.reduce((sum, value) => sum + value, 0) / all.length;
const standardError = (all) => (all.length < 2 ? 0 : Math.sqrt(all.reduce((sum, value) => sum + (value - mean(all)) ** 2, 0) / (all.length - 1) / all.length));
const percent = (all) => (all.length === 0 ? '-' : `${(100 * mean(all)).toFixed(2)}${all.length > 1 ? ` ± ${(100 * standardError(all)).toFixed(2)}` : ''}`);

/** They keep the width: of vectors cut or padded with zeros to the other one. */
const keepsWidth = ['translate-scale', 'match-moments', 'coral'];

/** From fewer pairs too few are held out to see when to stop. */
const leastLearned = { mlp: 128, residual: 200 };
const hiddenUnits = 256;

/**
 * By gradient: a hidden layer alone, or one on top of the ridge map that adds nothing at first. Adam and AdamW, at most 200 epochs, until ten
 * epochs were no better on a tenth of the pairs.
 */
async function learned(align, kernels, name, x, y, ridge, seed) {
  let state = seed + 1;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const [from, to] = [x.columns, y.columns];
  const shapes = { w1: [from, hiddenUnits], b1: [hiddenUnits], w2: [hiddenUnits, to], b2: [to] };
  const origin = { uri: 'memory:///bridges', span: { start: 0, end: 0 } };
  const node = (op, inputs, output) => ({ kind: 'operation', name: output, op, domain: '', inputs, outputs: [output], attributes: new Map(), origin });
  const branch = [node('MatMul', ['x', 'w1'], 'a'), node('Add', ['a', 'b1'], 'b'), node('Relu', ['b'], 'c'), node('MatMul', ['c', 'w2'], 'd'), node('Add', ['d', 'b2'], 'e')];
  const map = [node('MatMul', ['x', 'w0'], 'f'), node('Add', ['f', 'b0'], 'g'), node('Add', ['e', 'g'], 'h')];
  const steps = name === 'residual' ? [...branch, ...map] : branch;
  const begin = (value, dims) => Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => (dims.length === 1 || (name === 'residual' && value === 'w2') ? 0 : 2 * uniform() * Math.sqrt(6 / (dims[0] + dims[1]))));
  const own = Object.entries(shapes).map(([value, dims]) => ({ value, dims, data: begin(value, dims) }));
  const kept = name === 'residual' ? [{ value: 'w0', dims: [from, to], data: Float32Array.from(ridge.map.w.data), frozen: true }, { value: 'b0', dims: [to], data: Float32Array.from(ridge.map.b), frozen: true }] : [];
  const unknown = { dtype: undefined, dims: undefined };
  const problem = {
    program: { name, inputs: [], outputs: [], steps, initializers: [], types: new Map(steps.map(({ outputs: [value] }) => [value, unknown])), opsets: new Map([['', 17]]) },
    rows: x.rows,
    columns: [{ value: 'x', dims: [from], data: x.data }, { value: 'y', dims: [to], data: y.data }],
    parameters: [...own, ...kept],
    losses: [{ name: 'mse', weight: 1, options: new Map(), operands: [{ value: name === 'residual' ? 'h' : 'e', rank: 2 }, { value: 'y', rank: 2 }], location: origin }],
  };
  const order = drawn(x.rows, x.rows, seed);
  const held = Math.round(x.rows / 10);
  const plan = { optimiser: name === 'residual' ? 'adamw' : 'adam', rate: 1e-3, schedule: 'cosine', warmup: 0, epochs: 200, batch: 64, patience: 10, momentum: 0, weightDecay: name === 'residual' ? 0.01 : 0, seed };
  const { parameters: [w1, b1, w2, b2] } = await align.train(problem, { train: order.slice(held), held: order.slice(0, held) }, plan, (program) => createSession(align.programModel(program)), { pause: async () => false });
  return async (rows) => {
    const inner = await kernels.affine(rows, { rows: from, columns: hiddenUnits, data: w1 }, b1);
    const answer = await kernels.affine({ ...inner, data: inner.data.map((value) => Math.max(0, value)) }, { rows: hiddenUnits, columns: to, data: w2 }, b2);
    if (name === 'mlp') return answer;
    const base = await ridge.predict(kernels, rows);
    return { ...answer, data: answer.data.map((value, at) => value + base.data[at]) };
  };
}

/**
 * Two representations that a head has to be trained on: whitened vectors, and cosines with at most 64 anchors. The pairs have no classes, so it learns what
 * the old head makes of the old vectors; the new encoder's are represented by its own mean, covariance and anchors.
 */
async function withOwnHead(align, kernels, { test, head, labels, placed }, drawnX, drawnY, seed) {
  const classes = classesBy(head, drawnY);
  const accuracy = async (ofOld, ofNew, rows) => {
    const trained = await align.fitLogistic(kernels, await ofOld.predict(kernels, drawnY), classes, { classes: head.bias.length });
    if (!trained.ok) return undefined;
    const answers = await trained.value.head.predict(kernels, await ofNew.predict(kernels, rows));
    const columns = answers.columns;
    return labels.reduce((hits, label, i) => hits + (answers.data.subarray(i * columns, (i + 1) * columns).reduce((best, value, c, all) => (value > all[best] ? c : best), 0) === label), 0) / labels.length;
  };
  const anchors = Math.min(64, drawnX.rows);
  const [ofOld, ofNew] = [drawnY, drawnX].map((vectors) => align.relativeRepresentation({ ...vectors, pieces: () => [vectors] }, { anchors, seed }).value);
  const whiten = async (vectors) => align.whitening(kernels, (await align.collectTraining(kernels, align.pairsOf(vectors, vectors), { seed })).value.all);
  return { relative: await accuracy(ofOld, ofNew, test), ...(placed === undefined ? { zca: await accuracy(await whiten(drawnY), await whiten(resized(drawnX, drawnY.columns)), resized(test, drawnY.columns)) } : {}) };
}

/** Accuracy by method of one draw of pairs, and what `auto` takes of them. */
async function tryAll(align, kernels, world, rows, seed) {
  const { x, y, test, head, labels, placed = (vectors) => vectors } = world;
  const [drawnX, drawnY] = [align.selectRows(x, rows), align.selectRows(y, rows)];
  const training = await align.collectTraining(kernels, align.pairsOf(drawnX, drawnY), { seed });
  if (!training.ok) throw new Error(training.finding.message);
  const found = {};
  const tried = [];
  for (const method of [...align.bridges, align.leastSquares]) {
    const fitted = await align.fitBridge(method, { kernels, seed }, training.value);
    if (!fitted.ok) continue;
    found[method.name] = accuracyOf(head, placed(await fitted.value.adapter.predict(kernels, test)), labels);
    if (method !== align.leastSquares) tried.push(await align.judgeBridge(kernels, training.value, fitted.value, placed));
  }
  // Of texts four fifths of the numbers would be zeros.
  const keeping = world.placed === undefined ? align.bridges.filter(({ name }) => keepsWidth.includes(name)) : [];
  const sameWidth = keeping.length === 0 ? undefined : await align.collectTraining(kernels, align.pairsOf(resized(drawnX, y.columns), drawnY), { seed });
  for (const method of keeping) {
    const fitted = await align.fitBridge(method, { kernels, seed }, sameWidth.value);
    if (fitted.ok) found[method.name] = accuracyOf(head, placed(await fitted.value.adapter.predict(kernels, resized(test, y.columns))), labels);
  }
  for (const [name, accuracy] of Object.entries(await withOwnHead(align, kernels, world, drawnX, drawnY, seed))) if (accuracy !== undefined) found[name] = accuracy;
  for (const [name, least] of Object.entries(leastLearned)) {
    if (values.closed || rows.length < least) continue;
    const ridge = tried.find(({ adapter }) => adapter.method === 'ridge').adapter;
    found[name] = accuracyOf(head, placed(await (await learned(align, kernels, name, drawnX, drawnY, ridge, seed))(test)), labels);
  }
  const chosen = await align.spreadOut(kernels, training.value, align.simplestNearBest(tried), placed);
  return { found, chosen: chosen.method, auto: accuracyOf(head, placed(await chosen.adapter.predict(kernels, test)), labels) };
}

async function table(align, kernels, from, to, world) {
  const { ceiling, padded } = world;
  const cells = new Map();
  const put = (name, size, value) => cells.set(`${name} ${size}`, [...(cells.get(`${name} ${size}`) ?? []), value]);
  const verdicts = [];
  for (const size of sizes) {
    const draws = size < world.x.rows ? Number(values.draws) : 1;
    const shortfalls = new Map();
    for (let draw = 0; draw < draws; draw++) {
      const rows = drawn(world.x.rows, size, 100 * size + draw);
      const { found, chosen, auto } = await tryAll(align, kernels, world, rows, draw);
      for (const [name, value] of Object.entries(found)) put(name, size, value);
      put('auto', size, auto);
      for (const [name, value] of Object.entries(found)) shortfalls.set(name, [...(shortfalls.get(name) ?? []), value - auto]);
      console.error(`${from} to ${to}, ${size} pairs, draw ${draw + 1} of ${draws}: ${chosen}`);
    }
    // The best on average over the draws, as nobody knows beforehand; where there is one draw, the test set's own error.
    const [name, best] = [...shortfalls].filter(([, all]) => all.length === draws).sort(([, a], [, b]) => mean(b) - mean(a))[0];
    const error = draws > 1 ? standardError(best) : Math.sqrt((ceiling * (1 - ceiling)) / world.labels.length);
    verdicts.push(`| ${from} to ${to} | ${size.toLocaleString('en-US')} | ${name} | ${(100 * mean(best)).toFixed(2)} | ${(100 * error).toFixed(2)} | ${mean(best) <= error + 1e-12 ? 'yes' : 'no'} |`);
  }
  const names = [...new Set([...cells.keys()].map((key) => key.split(' ')[0]))];
  const order = [...names.filter((name) => name !== 'auto'), 'auto'];
  console.log(`\n### ${from} to the head of ${to}\n\nCeiling, the head with its own encoder: ${(100 * ceiling).toFixed(2)}. Vectors cut or padded with zeros: ${(100 * padded).toFixed(2)}.\n`);
  console.log(`| Method | ${sizes.map((size) => size.toLocaleString('en-US')).join(' | ')} |\n| --- |${sizes.map(() => ' --- |').join('')}`);
  for (const name of order) console.log(`| ${name === 'auto' ? '**`auto`**' : name} | ${sizes.map((size) => percent(cells.get(`${name} ${size}`) ?? [])).join(' | ')} |`);
  return verdicts;
}

/** Some of the rows, by the seed (Fisher and Yates over the generator of Park and Miller 1988). */
function drawn(rows, size, seed) {
  let state = seed + 1;
  const next = (below) => (state = (state * 48271) % 2147483647) % below;
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + next(rows - i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.subarray(0, size);
}

function resized({ rows, columns, data }, width) {
  const result = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) for (let j = 0; j < Math.min(width, columns); j++) result[i * width + j] = data[i * columns + j];
  return { rows, columns: width, data: result };
}

// ---------------------------------------------------------------- the worlds

/** Both ways between the encoders of pictures. */
async function pictureWorlds() {
  const [pairs, images] = [readNpy('examples/upgrade/data/pairs.images.npy'), readNpy('examples/fashion/data/test.images.npy')];
  const labels = readNpy('examples/fashion/data/test.labels.npy').data;
  const spaces = {};
  for (const [name, { model, head }] of Object.entries(encoders)) spaces[name] = { pairs: await encode(model, pairs), test: await encode(model, images), head: readTensors(head) };
  return [['cnn128', 'mixer64'], ['mixer64', 'cnn128']].map(([from, to]) => ({ from, to, x: spaces[from].pairs, y: spaces[to].pairs, test: spaces[from].test, own: spaces[to].test, head: spaces[to].head, labels }));
}

/** From the small encoder of words to the sentence encoder, whose space is the unit sphere. */
async function textWorlds() {
  const [pairs, test] = [await readLines('examples/bridges/data/glosses.jsonl'), await readLines('examples/glosses/data/test.jsonl')];
  const { large, small } = await encodeTexts([...pairs, ...test].map(({ text }) => text));
  const part = ({ columns, data }, from, to) => ({ rows: to - from, columns, data: data.subarray(from * columns, to * columns) });
  const all = pairs.length + test.length;
  return [{ from: 'gloss-word', to: 'use-lite', x: part(small, 0, pairs.length), y: part(large, 0, pairs.length), test: part(small, pairs.length, all), own: part(large, pairs.length, all), head: readTopicHead(), labels: test.map(({ label }) => topics.indexOf(label)), placed: unit }];
}

const makers = [{ names: ['cnn128 to mixer64', 'mixer64 to cnn128'], make: pictureWorlds }, { names: ['gloss-word to use-lite'], make: textWorlds }];

const folder = mkdtempSync(path.join(tmpdir(), 'mdl-bridges-'));
try {
  const align = await bundle(folder);
  const kernels = align.createKernels(createSession);
  const verdicts = [];
  for (const { names, make } of makers.filter((maker) => maker.names.some((name) => name.includes(values.only)))) {
    console.error(`encoding for ${names.join(' and ')}`);
    for (const world of await make()) {
      const { from, to, test, own, head, labels } = world;
      if (!`${from} to ${to}`.includes(values.only)) continue;
      verdicts.push(...(await table(align, kernels, from, to, { ...world, ceiling: accuracyOf(head, own, labels), padded: accuracyOf(head, resized(test, own.columns), labels) })));
    }
  }
  console.log(`\n## What \`auto\` takes\n\n| Pair | Pairs | Best method on the test rows | Points above \`auto\` | One standard error | Within it |\n| --- | --- | --- | --- | --- | --- |\n${verdicts.join('\n')}`);
  await kernels.close();
} finally {
  rmSync(folder, { recursive: true });
}
