/**
 * A head is learned, verified, shadowed, given traffic step by step, promoted and taken back, while another process asks the service
 * without a break. Prints a story and ends in one line of JSON.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { load, topClass, versionsOf } from 'mdl-lang/runtime';
import { heading, percent, readBytes, say } from '../project.mjs';
import { rowsOf } from '../ridge.mjs';

const here = import.meta.dirname;
const cli = path.join(here, '../../dist/js/cli.cjs');
const side = 28;
/** Pictures that the client asks about, and those of which the answers are recorded. */
const asked = 200;
const recorded = 8;

/** The first `learned` of 5,000 pictures are learned from, the last `measured` measured with; `after` requests lead from one stage to the next. */
export async function run({ pause = 1500, learned = 3000, measured = 2000, after = 60 } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mdl-service-'));
  const project = path.join(folder, 'service');
  const children = [];
  try {
    for (const name of ['fashion', 'service']) await cp(path.join(here, '..', name), path.join(folder, name), { recursive: true });
    const pictures = await writeData(folder, { learned, measured });
    const bundles = await prepare(project, pictures, { learned, measured });
    const truth = await writeTruth(folder, bundles, pictures);

    heading('the service is up, and another process asks it without a break');
    const service = start(children, 'service.mjs', [bundles.old]);
    const address = await firstLine(service);
    const client = start(children, 'client.mjs', [address, truth.file]);
    const results = output(client);
    const { told, memory, arm } = await tellStory({ address, bundles, pause, after, names: truth.names });
    client.stdin.end();
    const counts = JSON.parse(await results);
    say(`   ${counts.answered} answers, each compared with the truth for the version stamped on it: ${counts.wrong} wrong, ${counts.lost} lost`);
    say(`   ${counts.refused} half pictures were refused, ${counts.abandoned} requests were abandoned by the client`);
    const { versions, ...traffic } = counts;
    const result = { example: 'service', traffic, heads: Object.keys(versions).length, told, arm, memoryMB: memory };
    say(`\n${JSON.stringify(result)}`);
    return result;
  } finally {
    for (const child of children) child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fits, verifies and builds: what stands in next.mdl, by the commands that carry it out. */
async function prepare(project, pictures, { learned, measured }) {
  const old = build(project, 'old', ['service.mdl']);
  heading(`a new head is learned from ${learned} pictures, on the encoder that is served: mdl fit next.mdl`);
  say(`   ${mdl(project, 'fit', 'next.mdl').trim()}`);
  await writeGolden(project, old, pictures);
  const unproven = build(project, 'unproven', ['next.mdl']);
  heading(`it has to be at most two points worse on ${measured} others: mdl verify next.mdl`);
  const verdict = mdl(project, 'verify', 'next.mdl').split('\n');
  for (const line of verdict.filter((text) => /^\S|PASS|FAIL|INCONCLUSIVE/.test(text))) say(`   ${line.trim()}`);
  const next = build(project, 'next', ['next.mdl']);
  return { old, unproven, next, wrong: await buildWrong(project) };
}

async function tellStory({ address, bundles, pause, after, names }) {
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
  const armOf = async (name) => (await heads()).arms.find((arm) => arm.name === name);
  const until = async (met) => {
    for (let i = 0; i < 600; i++) {
      const arm = await armOf('NextHead');
      if (met(arm)) return arm;
      await wait(50);
    }
    throw new Error('the rollout did not come this far in half a minute');
  };
  const stages = { shares: [0, 0.1], after };

  const early = await move({ do: 'launch', bundle: bundles.unproven, name: 'Production', stages }, 400);
  say(`   a bundle from before the verdict is refused: ${early.code}`);
  const refused = await move({ do: 'swap', bundle: bundles.wrong }, 400);
  say(`   a head that no longer answers the golden rows is refused: ${refused.code}`);
  // What a process takes at first, it takes once.
  const before = (await heads()).memoryMB;

  await move({ do: 'launch', bundle: bundles.next, name: 'Production', stages });
  const arm = await until(({ share }) => share === 0.5);
  const { shadowCost } = await heads();
  say(`   NextHead looked on, got 10 % and then half of the users: ${arm.compared} rows compared, ${arm.disagreed} differed, ${arm.errors} errors`);
  if (shadowCost !== undefined) say(`   p99 of a request with a shadow at work ${shadowCost.with.p99Milliseconds.toFixed(1)} ms, without ${shadowCost.without.p99Milliseconds.toFixed(1)} ms`);
  const promoted = await move({ do: 'promote', arm: 'NextHead' });
  say(`   promoted: ${names[promoted.from]} gave way to ${names[promoted.to]}`);
  const back = await move({ do: 'rollback' });
  say(`   and taken back: ${names[back.from]} gave way to ${names[back.to]}, without loading anything`);

  await move({ do: 'launch', bundle: bundles.next, name: 'Careless' });
  const { out } = await until((found) => found.out !== undefined);
  say(`   under a rule that allows next to nothing it is taken out by itself: ${out}`);
  await move({ do: 'stop' });
  const { events, memoryMB } = await heads();
  for (const { kind, arm: name, reason } of events) say(`   event: ${kind} ${name}: ${reason}`);
  return { told, memory: { before, after: memoryMB }, arm: { compared: arm.compared, disagreed: arm.disagreed, share: percent(arm.disagreed / arm.compared) } };
}

function mdl(cwd, ...args) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`mdl ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

function build(project, out, sources) {
  mdl(project, 'build', ...sources, '--split', '--out', out);
  return path.join(project, out, 'Wardrobe');
}

/** The same model with weights that somebody has spoilt; the golden rows are those of the old ones. */
async function buildWrong(project) {
  const file = path.join(project, '../fashion/heads/mixer.safetensors');
  const bytes = await readFile(file);
  const spoilt = Buffer.from(bytes);
  for (let at = 8 + Number(bytes.readBigUInt64LE(0)); at < bytes.length; at += 4) spoilt.writeFloatLE(-bytes.readFloatLE(at), at);
  await writeFile(file, spoilt);
  heading('weights that somebody has spoilt do not answer the golden rows: mdl build next.mdl');
  const args = ['build', 'next.mdl', '--split', '--accept', '--out', 'wrong'];
  const refused = spawnSync(process.execPath, [cli, ...args], { cwd: project, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  if (refused.status !== 1) throw new Error(`a build that should be refused ended with ${refused.status}\n${refused.stdout}${refused.stderr}`);
  say(`   ${refused.stderr.split('\n').find((line) => line.startsWith('error'))}`);
  mdl(project, ...args, '--no-golden');
  await writeFile(file, bytes);
  return path.join(project, 'wrong/Wardrobe');
}

/** The pictures as the declarations of next.mdl name them. */
async function writeData(folder, { learned, measured }) {
  const { data } = await readBytes(path.join(folder, 'fashion/data/test.images.npy'));
  const labels = (await readBytes(path.join(folder, 'fashion/data/test.labels.npy'))).data;
  const target = path.join(folder, 'service/data');
  await mkdir(target, { recursive: true });
  const write = async (name, from, to) => {
    await writeFile(path.join(target, `${name}.pictures.npy`), npy([to - from, side, side], data.subarray(from * side * side, to * side * side)));
    await writeFile(path.join(target, `${name}.clothes.npy`), npy([to - from], labels.subarray(from, to)));
  };
  await write('learn', 0, learned);
  await write('test', 5000 - measured, 5000);
  return (from, to) => ({ data: data.subarray(from * side * side, to * side * side), dims: [to - from, side, side] });
}

/** Bytes as a .npy file. */
function npy(dims, bytes) {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const padded = header.padEnd(64 * Math.ceil((10 + header.length + 1) / 64) - 11) + '\n';
  const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 0, 0]);
  magic.writeUInt16LE(padded.length, 8);
  return Buffer.concat([magic, Buffer.from(padded, 'latin1'), bytes]);
}

/** What the old head answers to a few pictures, for the `golden` of next.mdl. */
async function writeGolden(project, bundle, pictures) {
  const model = await load(bundle, { device: 'cpu' });
  const lines = [];
  for (let i = 0; i < recorded; i++) {
    const picture = pictures(i, i + 1);
    const { clothes } = await model.run({ pictures: picture });
    const rows = Array.from({ length: side }, (_, row) => [...picture.data.subarray(row * side, (row + 1) * side)]);
    lines.push(`${JSON.stringify({ pictures: rows, clothes: [...rowsOf(clothes)[0]] })}\n`);
  }
  await model.close();
  await writeFile(path.join(project, 'data/golden.jsonl'), lines.join(''));
}

/** The classes that each head gives the pictures, one by one as the client asks for them, by the head's fingerprint. */
async function writeTruth(folder, { old, next }, pictures) {
  const rows = Array.from({ length: asked }, (_, i) => pictures(i, i + 1));
  const truth = {};
  const names = {};
  const record = async (name, model, options) => {
    for (const row of rows) {
      const answer = await model.run({ pictures: row }, options);
      const head = versionsOf(answer).heads.clothes;
      names[head] = name;
      (truth[head] ??= []).push(topClass(answer.clothes)[0].index);
    }
    await model.close();
  };
  await record('the old head', await load(old, { device: 'cpu' }), {});
  const model = await load(next, { device: 'cpu' });
  await model.launch({ name: 'Production' });
  await record('the new head', model, { flags: ['next'] });
  const file = path.join(folder, 'truth.json');
  await writeFile(file, JSON.stringify({ pictures: rows.map(({ data }) => Buffer.from(data).toString('base64')), truth }));
  return { file, names };
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
