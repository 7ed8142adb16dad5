/**
 * Checks, builds and runs the glosses example with the package as an app would, and measures what it claims.
 * Prints a story and ends in one line of JSON.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBundle, createCompiler, createNodeHost, readModel, renderDiagnostics, writeBundle } from 'mdl-lang';
import { load, topClass } from 'mdl-lang/runtime';

const here = import.meta.dirname;
const uri = (file) => pathToFileURL(path.join(here, file)).href;
const host = createNodeHost({ cwd: here });
const compiler = createCompiler(host);
const say = (text = '') => console.log(text);
const heading = (text) => say(`\n== ${text}`);
const percent = (share) => `${(100 * share).toFixed(2)} %`;

const sentences = [
  'a tall perennial grass of tropical Asia',
  'the capital and largest city of a country in southern Europe',
  'a person who repairs old clocks',
];

/** The accuracy on the test glosses with `limit` of them, at most 2,000. */
export async function run({ limit = 2000 } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mdl-glosses-'));
  try {
    const wrong = checkWrong();
    const checked = checkRight();
    const built = await build(checked, folder);
    // Texts of like length share a batch, so that little is padded.
    const glosses = (await readLines('data/test.jsonl')).slice(0, limit).sort((a, b) => a.text.length - b.text.length);
    const model = await load(built.folder);
    say(`   runs on: ${model.device.used}. ${model.device.reason}`);
    await answer(model);
    const accuracy = await measureAccuracy(model, glosses);
    const elsewhere = await measureWrongTokens(model, glosses);
    const middle = glosses.length >> 1;
    const cost = await measureCost(model, folder, glosses.slice(middle, middle + 64));
    await model.close();
    const result = { example: 'glosses', rows: glosses.length, wrong, joints: checked.joints, build: built.summary, accuracy, elsewhere, cost };
    say(`\n${JSON.stringify(result)}`);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checkWrong() {
  heading('wrong.mdl: another encoder’s tokens, of the same type and within the same range');
  const { diagnostics, sources } = compiler.check([uri('wrong.mdl')]);
  say(renderDiagnostics(diagnostics, { sources, display: (u) => host.display(u), color: process.stdout.isTTY }));
  return diagnostics.map((d) => d.code);
}

function checkRight() {
  heading('glosses.mdl: two heads and the embedding, from one pass of the encoder');
  const started = performance.now();
  const compilation = compiler.check([uri('glosses.mdl')]);
  const elapsed = performance.now() - started;
  if (compilation.models.length === 0) throw new Error('the example does not check');
  const [model] = compilation.models;
  const joints = { joints: model.joints.length, requirements: 0, proved: 0, enforced: 0, measured: 0, declared: 0 };
  for (const { evidence } of model.joints.flatMap((j) => j.requirements)) {
    joints.requirements++;
    joints[evidence]++;
  }
  say(`   checked in ${elapsed.toFixed(0)} ms: ${joints.joints} joints with ${joints.requirements} requirements,`);
  say(`   ${joints.proved} proved, ${joints.enforced} guarded at run time, ${joints.declared} declared by the files' makers`);
  return { compilation, model, joints };
}

async function writeModel(model, sources, folder) {
  const fingerprints = new Map(model.files.map((file) => [file, valueOf(host.sha256(file))]));
  const bundle = valueOf(createBundle(model, { host, version: '0.1.0', sources, fingerprints, model: compiler.files.model }));
  valueOf(
    await writeBundle(folder, async (add) => {
      const onnx = await add(bundle.onnx.path, bundle.onnx.pieces);
      for (const { path: name, content } of bundle.others(onnx)) {
        await add(name, [typeof content === 'string' ? Buffer.from(content) : content]);
      }
    }),
  );
}

function valueOf(outcome) {
  if (!outcome.ok) throw new Error(`${outcome.finding.code}: ${outcome.finding.message}`);
  return outcome.value;
}

async function build({ model, compilation }, folder) {
  const target = path.join(folder, 'Glosses');
  const started = performance.now();
  await writeModel(model, compilation.sources, target);
  const milliseconds = performance.now() - started;
  const untouched = compareWeights(uri('models/use-lite/model.onnx'), pathToFileURL(path.join(target, 'model.onnx')).href);
  const links = model.program.steps.filter((step) => step.kind === 'link').length;
  const authored = model.program.steps.length - links;
  const bytes = host.stat(pathToFileURL(path.join(target, 'model.onnx')).href).size;
  const added = bytes - host.stat(uri('models/use-lite/model.onnx')).size;
  heading('the build');
  say(`   ${(bytes / 1e6).toFixed(1)} MB in ${milliseconds.toFixed(0)} ms: the encoder ${links === 1 ? 'once' : `${links} times`}, ${authored} operators of ours, ${(added / 1e3).toFixed(1)} kB more than the encoder`);
  say(`   ${untouched.same} of ${untouched.all} weight tensors of the encoder stand in it byte for byte`);
  return { folder: target, summary: { milliseconds: Math.round(milliseconds), bytes, added, encoders: links, weights: untouched } };
}

/** How many of the encoder's weights are in the result as they were. */
function compareWeights(encoder, result) {
  const [before, after] = [encoder, result].map((file) => {
    const source = valueOf(host.open(file));
    const { graph } = valueOf(readModel(source));
    return { source, weights: graph.initializers };
  });
  const read = ({ source }, { bytes }) => (bytes instanceof Uint8Array ? bytes : source.read(bytes.offset, bytes.length));
  const same = [...before.weights.values()].filter((weight) => {
    const other = after.weights.get(weight.name);
    return other !== undefined && Buffer.compare(read(before, weight), read(after, other)) === 0;
  });
  before.source.close();
  after.source.close();
  return { all: before.weights.size, same: same.length };
}

async function answer(model) {
  heading('three sentences, both heads');
  const { topic, living } = await model.run({ tokens: sentences });
  const topics = topClass(topic);
  const lives = topClass(living);
  sentences.forEach((sentence, i) => {
    say(`   ${sentence}`);
    say(`      ${topics[i].label} ${percent(topics[i].probability)}, ${lives[i].label} ${percent(lives[i].probability)}`);
  });
}

/** The labels that count as living: animals, people, plants. */
const alive = new Set(['animal', 'person', 'plant']);

async function measureAccuracy(model, rows) {
  const started = performance.now();
  const hits = { topic: 0, living: 0 };
  for (const batch of batches(rows, 64)) {
    const { topic, living } = await model.run({ tokens: batch.map((row) => row.text) });
    topClass(topic).forEach((top, i) => (hits.topic += top.label === batch[i].label));
    topClass(living).forEach((top, i) => (hits.living += (top.label === 'living') === alive.has(batch[i].label)));
  }
  const accuracy = { topic: hits.topic / rows.length, living: hits.living / rows.length };
  heading(`accuracy on ${rows.length} glosses`);
  say(`   topic ${percent(accuracy.topic)}, living ${percent(accuracy.living)} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return accuracy;
}

/** What wrong.mdl would have scored: the ids go in as bare numbers, which nobody can check. */
async function measureWrongTokens(model, rows) {
  let hits = 0;
  for (const batch of batches(rows, 64)) {
    const { topic } = await model.run({ tokens: byteTokens(batch.map((row) => row.text)) }, { outputs: ['topic'] });
    topClass(topic).forEach((top, i) => (hits += top.label === batch[i].label));
  }
  say(`   with the byte tokens of wrong.mdl, fed as bare numbers: topic ${percent(hits / rows.length)}, and no error from anybody`);
  return { topic: hits / rows.length };
}

/** Lower-cased UTF-8 bytes plus one, as the byte encoder was trained with. */
function byteTokens(texts) {
  const rows = texts.map((text) => [...Buffer.from(text.toLowerCase()).subarray(0, 128)].map((byte) => byte + 1));
  const width = Math.max(...rows.map((row) => row.length));
  const pad = (row, value) => [...row, ...Array.from({ length: width - row.length }, () => value)];
  return { ids: rows.map((row) => pad(row, 0)), mask: rows.map((row) => pad(row.map(() => 1), 0)) };
}

async function measureCost(model, folder, rows) {
  const { models, sources } = compiler.check([uri('single-heads.mdl')]);
  const alone = [];
  for (const one of models) {
    const target = path.join(folder, one.name);
    await writeModel(one, sources, target);
    alone.push(await load(target));
  }
  const tokens = rows.map((row) => row.text);
  const [both, one, two] = await interleave(
    [() => model.run({ tokens }), () => alone[0].run({ tokens }), async () => [await alone[0].run({ tokens }), await alone[1].run({ tokens })]],
    9,
  );
  for (const each of alone) await each.close();
  heading('what a second head costs');
  say(`   ${rows.length} sentences, medians: one head ${one.toFixed(1)} ms, two heads ${both.toFixed(1)} ms (${(both / one).toFixed(2)} times), two full models ${two.toFixed(1)} ms (${(two / one).toFixed(2)} times)`);
  return { oneHead: round(one), twoHeads: round(both), twoModels: round(two), twoHeadsOverOne: round(both / one), twoModelsOverTwoHeads: round(two / both) };
}

/** Median milliseconds of each task, run in turns so that all meet the same weather. */
async function interleave(tasks, rounds) {
  const times = tasks.map(() => []);
  for (let i = -2; i < rounds; i++) {
    for (const [k, task] of tasks.entries()) {
      const started = performance.now();
      await task();
      if (i >= 0) times[k].push(performance.now() - started);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}

const round = (value) => Number(value.toFixed(3));

function* batches(rows, size) {
  for (let i = 0; i < rows.length; i += size) yield rows.slice(i, i + size);
}

async function readLines(file) {
  const text = await readFile(path.join(here, file), 'utf8');
  return text.trimEnd().split('\n').map((line) => JSON.parse(line));
}
