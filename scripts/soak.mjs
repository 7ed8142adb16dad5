/**
 * `node scripts/soak.mjs [seconds] [rate] [lives]`: a service under mixed traffic from another process, for ten minutes and as fast as it answers unless it is said
 * otherwise; `rate` is requests a second, and `lives` how often the service is started: with 1 nothing is killed, and memory is followed over the whole time. Heads are exchanged, shared, shadowed, taken back, taken out for their errors; damaged bundles are offered; guards are
 * violated, shapes are wrong, requests are abandoned; the process of the service is killed and started again. The client asks again what a dead process
 * left unanswered, and compares every answer with the truth for the version that is stamped on it. Ends in one line of JSON; 1 where something was lost or
 * wrong, did not happen at all, or where memory has grown by what a leak would leave.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { load, versionsOf } from 'mdl-lang/runtime';
import { trend } from './trend.mjs';

const script = fileURLToPath(import.meta.url);
const width = 16;
const workers = 2;
/** Rows of the table that a head holds: 4 MiB, so that a head which is not freed is seen in the process's memory. */
const tableRows = 2 ** 19;
const headBytes = 8 * tableRows;
/** The most that are open at once beside the one that serves. */
const headsOfRound = 3;
const examples = 200;
const source = (rows) => `
labels Answer = ["no", "yes"]
contract Small = f32[batch, ${width}] where range [-3, 3] on violation reject
head H(e: Small, i: i64[batch]) -> f32[batch, Answer] weights "./w.safetensors" {
  param w: f32[${width}, Answer]
  param table: f32[${rows}, Answer]
  onnx.MatMul(e, w) + onnx.Gather(table, i, axis: 0)
}
model M {
  input x: f32[batch, ${width}]
  input i: i64[batch]
  let e = x + x
  output answer = H(e, i)
  output encoded = e
}`;

const [role = '600', ...rest] = process.argv.slice(2);
if (role === 'service') await serve(rest[0], Number(rest[1]));
else if (role === 'client') await ask(rest[0], rest[1], Number(rest[2]));
else await supervise(Number(role), Number(rest[0] ?? Infinity), Number(rest[1] ?? (Number(role) < 300 ? 2 : 4)));

// ---------------------------------------------------------------- the service

async function serve(bundle, port) {
  const model = await load(bundle, { device: 'cpu', workers, batch: { rows: 8, milliseconds: 1 } });
  let rollout;
  const events = {};
  const moves = {
    swap: ({ bundle: next }) => model.swap('answer', next),
    rollback: () => model.rollback('answer'),
    async rollout({ arms, shadow, rollback }) {
      rollout = await model.rollout('answer', { arms, ...(shadow && { shadow }), ...(rollback && { rollback }), onEvent: ({ kind }) => void (events[kind] = (events[kind] ?? 0) + 1) });
      return {};
    },
    stop: () => rollout?.stop(),
    promote: ({ arm }) => rollout.promote(arm),
  };
  const run = async ({ x, i, key }, signal) => {
    const answer = await model.run({ x, i }, { outputs: ['answer'], key, signal });
    return { answer: [...answer.answer.data], head: versionsOf(answer).heads.answer };
  };
  const server = http.createServer(async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const reply = (status, body) => response.writeHead(status).end(JSON.stringify(body ?? {}));
    try {
      if (request.url === '/state') {
        gc();
        const { rss, heapUsed } = process.memoryUsage();
        return reply(200, { rss, heap: heapUsed, requests: model.statistics.requests, events });
      }
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      const body = JSON.parse(Buffer.concat(pieces).toString());
      reply(200, await (request.url === '/run' ? run(body, gone.signal) : moves[body.do](body)));
    } catch (error) {
      if (!response.destroyed) reply(400, { code: error.code ?? 'error', error: error.message });
    }
  });
  server.listen(port, '127.0.0.1', () => console.log('ready'));
}

// ---------------------------------------------------------------- the client

async function ask(address, file, rate) {
  const { inputs, truth, tolerance } = JSON.parse(readFileSync(file, 'utf8'));
  const counts = { answered: 0, rejected: 0, refused: 0, abandoned: 0, askedAgain: 0, busy: 0, lost: 0, wrong: 0, heads: {} };
  const times = [];
  const stop = new AbortController();
  process.stdin.on('end', () => stop.abort()).resume();
  const post = (body, signal) => fetch(`${address}/run`, { method: 'POST', body: JSON.stringify(body), signal });

  /** The answer to a request, asked again while the service is away or has its queue full. */
  async function persist(body) {
    for (let tries = 0; tries < 600; tries++) {
      try {
        const response = await post(body);
        const answer = await response.json();
        if (answer.code !== 'model-busy') return answer;
        counts.busy++;
      } catch {
        counts.askedAgain++;
      }
      await wait(50);
    }
    return undefined;
  }
  async function one(n) {
    const at = (n * 7) % inputs.length;
    const good = { ...inputs[at], key: `user ${n % 50}` };
    if (n % 25 === 24) {
      const abandon = new AbortController();
      setTimeout(() => abandon.abort(), n % 3);
      await post(good, abandon.signal).then((response) => response.json()).catch(() => undefined);
      return void counts.abandoned++;
    }
    if (n % 20 === 19) {
      const answer = await persist({ ...good, x: [good.x[0].map((value, k) => (k === 3 ? 2 : value))] });
      return void (answer === undefined ? counts.lost++ : answer.code === 'guard-rejected' ? counts.rejected++ : counts.wrong++);
    }
    if (n % 20 === 9) {
      const answer = await persist({ ...good, x: [good.x[0].slice(1)] });
      return void (answer === undefined ? counts.lost++ : answer.code === 'input-shape' ? counts.refused++ : counts.wrong++);
    }
    const started = performance.now();
    const { answer, head } = (await persist(good)) ?? {};
    if (answer === undefined) return void counts.lost++;
    times.push(performance.now() - started);
    if (times.length > 100_000) times.splice(0, 50_000);
    counts.answered++;
    counts.heads[head] = (counts.heads[head] ?? 0) + 1;
    const expected = truth[head]?.[at];
    if (expected === undefined || answer.some((value, k) => !(Math.abs(value - expected[k]) <= tolerance))) counts.wrong++;
  }
  let next = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (!stop.signal.aborted) {
      const early = (1000 * next) / rate - (performance.now() - began);
      const mine = next++;
      if (early > 1) await wait(early);
      await one(mine);
    }
  }));
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ ...counts, heads: Object.keys(counts.heads).length, p50Ms: times[times.length >> 1], p99Ms: times[Math.floor(0.99 * times.length)] }));
  process.exit();
}

// ---------------------------------------------------------------- who starts and stops them

async function supervise(seconds, rate, lives) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-soak-'));
  const children = new Set();
  const start = (...args) => {
    const child = spawn(process.execPath, ['--expose-gc', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  try {
    const { bundles, truth } = prepare(folder);
    const port = 20_000 + (process.pid % 20_000);
    const address = `http://127.0.0.1:${port}`;
    const begin = async () => {
      const service = start('service', bundles.old, String(port));
      for await (const _ of service.stdout) break;
      return service;
    };
    let service = await begin();
    const client = start('client', address, truth, String(rate));
    const results = collect(client.stdout);
    const made = { moves: {}, refusedMoves: {}, killed: 0, events: {}, memoryMB: [] };
    const move = async (body) => {
      const response = await fetch(`${address}/heads`, { method: 'POST', body: JSON.stringify(body) }).catch(() => undefined);
      if (response === undefined) return;
      const { code } = await response.json();
      const table = code === undefined ? made.moves : made.refusedMoves;
      const name = code === undefined ? body.do : `${body.do}: ${code}`;
      table[name] = (table[name] ?? 0) + 1;
    };
    const state = async () => (await fetch(`${address}/state`)).json();
    const arm = (name, share) => ({ name, bundle: bundles[name], share, force: true });
    const plans = [
      { do: 'swap', bundle: bundles.next },
      { do: 'rollback' },
      { do: 'rollout', arms: [arm('next', 0.3)], shadow: { name: 'failing', bundle: bundles.failing } },
      { do: 'promote', arm: 'next' },
      { do: 'rollback' },
      { do: 'swap', bundle: bundles.damaged },
      { do: 'rollout', arms: [arm('failing', 0.5)], rollback: { over: 50, errorRate: 0.1 } },
      { do: 'stop' },
    ];
    const ends = Date.now() + 1000 * seconds;
    const life = (1000 * seconds) / lives;
    /** What was found after each whole round of this life: the same heads are loaded then as after the one before. */
    let found = [];
    let began = Date.now();
    for (let round = 0; Date.now() < ends; round++) {
      for (const plan of plans) {
        await move(plan);
        await wait(Math.min(2000, 4 * seconds));
      }
      found.push({ ...(await state()), hours: (Date.now() - began) / 3.6e6 });
      if (Date.now() < began + life || Date.now() >= ends - life / 2) continue;
      note(made, found);
      service.kill('SIGKILL');
      made.killed++;
      service = await begin();
      [began, found] = [Date.now(), []];
    }
    note(made, found);
    const grown = made.memoryMB.filter(({ grownBy, atMost, heapGrownBy, heapAtMost }) => grownBy > atMost || heapGrownBy > heapAtMost);
    client.stdin.end();
    const counts = JSON.parse(await results);
    const lacking = [
      ...['answered', 'rejected', 'refused', 'abandoned'].filter((kind) => counts[kind] === 0),
      ...plans.filter(({ do: kind }) => !(made.moves[kind] > 0)).map(({ do: kind }) => kind),
      ...(made.refusedMoves['swap: bundle-changed'] > 0 ? [] : ['a damaged bundle']),
      ...(made.events['rolled-back'] > 0 ? [] : ['a rollback by rule']),
      ...(made.killed > 0 || lives === 1 ? [] : ['a process that was killed']),
      ...(made.memoryMB.length > 0 ? [] : ['memory before and after']),
    ];
    console.log(JSON.stringify({ seconds, node: process.version, ...counts, ...made, lacking, grown: grown.length }));
    process.exitCode = counts.lost + counts.wrong + lacking.length + grown.length > 0 ? 1 : 0;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A round of moves opens three heads on every worker, and frees as many. The allocator may keep what it freed, once; a head a round that is forgotten
 * keeps its weights each time, of which half is let pass. A request makes objects of a kilobyte and more; what the compiler of
 * JavaScript and lists of bounded length still add is less than two megabytes.
 */
function note(made, found) {
  const mb = (bytes) => Number((bytes / 1e6).toFixed(1));
  const [warm, last] = [found[0], found.at(-1)];
  if (found.length > 1) {
    const rounds = found.length - 1;
    const atMost = mb(workers * headBytes * (headsOfRound + rounds / 2));
    const heapAtMost = mb(512 * (last.requests - warm.requests) + 2e6);
    const [afterAllMoves, atTheEnd, grownBy, heapGrownBy] = [warm.rss, last.rss, last.rss - warm.rss, last.heap - warm.heap].map(mb);
    made.memoryMB.push({ rounds, afterAllMoves, atTheEnd, grownBy, atMost, heapGrownBy, heapAtMost, ...overTime(found, mb) });
  }
  for (const [kind, count] of Object.entries(last?.events ?? {})) made.events[kind] = (made.events[kind] ?? 0) + count;
}

/** Megabytes an hour by least squares, over the second half, too: an allocator fills up at first. And what was found in each minute, as `[minute, resident, heap]`. */
function overTime(found, mb) {
  const anHour = (of, points) => trend(points.map(({ hours }) => hours), points.map((point) => point[of] / 1e6));
  const late = found.slice(found.length >> 1);
  const minutes = new Map(found.map(({ hours, rss, heap }) => [Math.floor(60 * hours), [Math.floor(60 * hours), mb(rss), mb(heap)]]));
  return {
    anHour: { resident: anHour('rss', found), residentLate: anHour('rss', late), heap: anHour('heap', found), heapLate: anHour('heap', late) },
    byMinute: [...minutes.values()],
  };
}

async function collect(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Bundles of three heads and a damaged one; the inputs, and what each head answers to them, by hand. */
function prepare(folder) {
  const heads = { old: { factor: 1, rows: tableRows }, next: { factor: 10, rows: tableRows }, failing: { factor: 5, rows: tableRows - 1 } };
  const bundles = {};
  for (const [name, { factor, rows }] of Object.entries(heads)) {
    const project = path.join(folder, name);
    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), '{ "name": "soak" }');
    writeFileSync(path.join(project, 'm.mdl'), source(rows));
    writeFileSync(path.join(project, 'w.safetensors'), safetensors({ w: [[width, 2], weightsOf(factor)], table: [[rows, 2], new Float32Array(2 * rows)] }));
    const cli = path.join(path.dirname(script), '../dist/js/cli.cjs');
    const { status, stderr } = spawnSync(process.execPath, [cli, 'build', 'm.mdl', '--split'], { cwd: project, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    bundles[name] = path.join(project, 'dist/M');
  }
  bundles.damaged = path.join(folder, 'damaged');
  cpSync(bundles.next, bundles.damaged, { recursive: true });
  const file = path.join(bundles.damaged, 'head.answer.onnx');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  // The failing head fails at the last row, which it has not, and the one that was there answers.
  const inputs = Array.from({ length: examples }, (_, n) => ({ x: [Array.from({ length: width }, (__, k) => Math.fround(Math.sin(n * width + k)))], i: [[0, 1, tableRows - 1][n % 3]] }));
  const truth = {};
  for (const [name, { factor }] of Object.entries(heads)) {
    const { heads: [{ sha256 }] } = JSON.parse(readFileSync(path.join(bundles[name], 'manifest.json'), 'utf8'));
    const w = weightsOf(factor);
    truth[sha256] = inputs.map(({ x: [row] }) => [0, 1].map((c) => row.reduce((sum, value, k) => sum + 2 * value * w[2 * k + c], 0)));
  }
  // Sums of 16 products of sizes up to 2 by 10, each rounded to f32 at most three times.
  const tolerance = 3 * width * width * 20 * 2 ** -24;
  const list = path.join(folder, 'truth.json');
  writeFileSync(list, JSON.stringify({ inputs, truth, tolerance }));
  return { bundles, truth: list };
}

function weightsOf(factor) {
  return Float32Array.from({ length: 2 * width }, (_, k) => factor * Math.cos(k));
}

function safetensors(tensors) {
  let at = 0;
  const header = {};
  for (const [name, [shape, data]] of Object.entries(tensors)) header[name] = { dtype: 'F32', shape, data_offsets: [at, (at += data.byteLength)] };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(([, data]) => Buffer.from(data.buffer))]);
}
