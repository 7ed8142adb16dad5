/**
 * A head is learned, verified, shown traffic, given traffic, promoted and taken back, while another process asks the service without
 * a break. Prints a story and ends in one line of JSON.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { load, topClass } from 'mdl-lang/runtime';
import { heading, percent, readBytes, say } from '../project.mjs';
import { ridge, rowsOf, writeMap } from '../ridge.mjs';

const here = import.meta.dirname;
const side = 28;
/** How much worse than the old head the new one may be, by the lower end of the interval of 95 %. */
const allowed = 0.02;
/** Pictures that the client asks about. */
const asked = 200;

/** The first `learned` of 5,000 pictures are learned from, the last `measured` measured with; traffic flows `pause` milliseconds between two moves. */
export async function run({ pause = 1500, learned = 3000, measured = 2000 } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mdl-service-'));
  const children = [];
  try {
    for (const name of ['fashion', 'service']) await cp(path.join(here, '..', name), path.join(folder, name), { recursive: true });
    const { data } = await readBytes(path.join(folder, 'fashion/data/test.images.npy'));
    const labels = (await readBytes(path.join(folder, 'fashion/data/test.labels.npy'))).data;
    const pictures = (from, to) => ({ data: data.subarray(from * side * side, to * side * side), dims: [to - from, side, side] });

    heading(`a new head is learned from ${learned} pictures, on the encoder that is served`);
    const old = build(folder, 'service.mdl', 'old');
    const next = await learnHead(folder, old, pictures, labels.subarray(0, learned));
    const models = { old: await load(old, { device: 'cpu' }), next: await load(next, { device: 'cpu' }) };
    const accuracy = await verify(models, pictures, labels, measured);
    const truth = await writeTruth(folder, models, pictures);
    const golden = await goldenOf(models.next, pictures);
    await Promise.all(Object.values(models).map((model) => model.close()));

    heading('the service is up, and another process asks it without a break');
    const service = start(children, 'service.mjs', [old]);
    const address = await firstLine(service);
    const client = start(children, 'client.mjs', [address, truth]);
    const results = output(client);
    const { told, memory } = await tellStory({ address, next, golden, pause, fingerprints: JSON.parse(await readFile(truth, 'utf8')).names });
    client.stdin.end();
    const counts = JSON.parse(await results);
    say(`   ${counts.answered} answers, each compared with the truth for the version stamped on it: ${counts.wrong} wrong, ${counts.lost} lost`);
    say(`   ${counts.refused} half pictures were refused, ${counts.abandoned} requests were abandoned by the client`);
    const { versions, ...traffic } = counts;
    const result = { example: 'service', accuracy, traffic, heads: Object.keys(versions).length, told, memoryMB: memory };
    say(`\n${JSON.stringify(result)}`);
    return result;
  } finally {
    for (const child of children) child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tellStory({ address, next, golden, pause, fingerprints }) {
  const told = [];
  const move = async (body, expected = 200) => {
    const response = await fetch(`${address}/heads`, { method: 'POST', body: JSON.stringify(body) });
    const answer = await response.json();
    if (response.status !== expected) throw new Error(`${body.do} answered ${response.status}: ${JSON.stringify(answer)}`);
    told.push(body.do);
    await wait(pause);
    return answer;
  };
  const heads = async () => (await fetch(`${address}/heads`)).json();
  const nameOf = (sha256) => fingerprints[sha256] ?? 'another one';

  const wrong = { ...golden, clothes: golden.clothes.map((row) => row.map(() => 0.1)) };
  const refused = await move({ do: 'swap', bundle: next, golden: [wrong] }, 400);
  say(`   with a golden batch that it does not pass, the new head is refused: ${refused.code}`);
  // What a process takes at first, it takes once.
  const before = (await heads()).memoryMB;

  await move({ do: 'rollout', shadow: { name: 'next', bundle: next, sample: 0.5, golden: [golden] } });
  const [, shadow] = (await heads()).arms;
  say(`   as a shadow it saw ${shadow.compared} pictures, and differed in ${shadow.disagreed}; nobody got its answers`);
  await move({ do: 'stop' });

  await move({ do: 'rollout', arms: [{ name: 'next', bundle: next, share: 0.1, golden: [golden] }], rollback: { over: 200, errorRate: 0.01 } });
  await move({ do: 'ramp', arm: 'next', share: 0.5 });
  const [current, arm] = (await heads()).arms;
  say(`   with 10 % and then 50 % of the users it answered ${arm.requests} requests beside ${current.requests}, with ${arm.errors} errors`);

  const promoted = await move({ do: 'promote', arm: 'next' });
  say(`   promoted: ${nameOf(promoted.from)} gave way to ${nameOf(promoted.to)}`);
  const back = await move({ do: 'rollback' });
  say(`   and taken back: ${nameOf(back.from)} gave way to ${nameOf(back.to)}, without loading anything`);
  const { events, memoryMB } = await heads();
  for (const { kind, arm: name, reason } of events) say(`   event: ${kind} ${name}: ${reason}`);
  return { told, memory: { before, after: memoryMB } };
}

function build(folder, source, name) {
  const cli = path.join(here, '../../dist/js/cli.cjs');
  const target = path.join(folder, name);
  const { status, stderr } = spawnSync(process.execPath, [cli, 'build', source, '--split', '--out', target], { cwd: path.join(folder, 'service'), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return path.join(target, 'Clothes');
}

/** A linear map to the classes by ridge regression; the softmax of ten times its scores. */
async function learnHead(folder, bundle, pictures, labels) {
  const model = await load(bundle, { device: 'cpu' });
  const xs = [];
  for (let from = 0; from < labels.length; from += 100) xs.push(...rowsOf((await model.run({ pictures: pictures(from, from + 100) }, { outputs: ['embedding'] })).embedding));
  await model.close();
  const ys = xs.map((_, i) => Float32Array.from({ length: 10 }, (__, k) => (labels[i] === k ? 10 : 0)));
  const { w, b } = ridge(xs, ys);
  // The head's declaration takes them as they were exported: a row for each class.
  const transposed = Array.from(b, (_, k) => w.map((row) => row[k]));
  await writeMap(path.join(folder, 'fashion/heads/mixer.safetensors'), { w: transposed, b }, { w: 'weight', b: 'bias' });
  return build(folder, 'service.mdl', 'next');
}

/** Both heads on the same pictures, and whether the new one is good enough. Throws where it is not. */
async function verify(models, pictures, labels, measured) {
  const hits = { old: await hitsOf(models.old, pictures, labels, measured), next: await hitsOf(models.next, pictures, labels, measured) };
  const share = (list) => list.filter(Boolean).length / measured;
  const changes = hits.next.map((hit, i) => Number(hit) - Number(hits.old[i]));
  const mean = changes.reduce((sum, change) => sum + change, 0) / measured;
  const deviation = Math.sqrt(changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / (measured - 1));
  const least = mean - (1.96 * deviation) / Math.sqrt(measured);
  const accuracy = { old: share(hits.old), next: share(hits.next), least };
  say(`   on ${measured} others: the old head ${percent(accuracy.old)}, the new one ${percent(accuracy.next)}`);
  say(`   the difference is at least ${percent(least)} with 95 % confidence; down to ${percent(-allowed)} is allowed`);
  if (least < -allowed) throw new Error('the new head is not good enough to get traffic');
  return accuracy;
}

async function hitsOf(model, pictures, labels, measured) {
  const hits = [];
  for (let from = 5000 - measured; from < 5000; from += 100) {
    const { clothes } = await model.run({ pictures: pictures(from, from + 100) });
    topClass(clothes).forEach(({ index }, i) => hits.push(index === labels[from + i]));
  }
  return hits;
}

/** The classes that each head gives the pictures, one by one as the client asks for them. */
async function writeTruth(folder, models, pictures) {
  const rows = Array.from({ length: asked }, (_, i) => pictures(i, i + 1));
  const truth = {};
  const names = {};
  for (const [name, model] of Object.entries(models)) {
    const { sha256 } = model.manifest.heads[0];
    names[sha256] = `the ${name === 'old' ? 'old' : 'new'} head`;
    truth[sha256] = [];
    for (const row of rows) truth[sha256].push(topClass((await model.run({ pictures: row })).clothes)[0].index);
  }
  const file = path.join(folder, 'truth.json');
  await writeFile(file, JSON.stringify({ pictures: rows.map(({ data }) => Buffer.from(data).toString('base64')), truth, names }));
  return file;
}

async function goldenOf(model, pictures) {
  const { data } = pictures(0, 4);
  const { clothes } = await model.run({ pictures: pictures(0, 4) });
  return { pictures: Buffer.from(data).toString('base64'), rows: 4, clothes: rowsOf(clothes).map((row) => [...row]) };
}

function start(children, script, args) {
  const child = spawn(process.execPath, [path.join(here, script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function firstLine(child) {
  for await (const piece of child.stdout) return String(piece).trim();
  throw new Error('the service did not start');
}

async function output(child) {
  const pieces = [];
  for await (const piece of child.stdout) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
