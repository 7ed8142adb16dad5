/**
 * How often verdicts are right: made-up encoders, new ones for each seed, through `mdl fit` and `mdl verify`.
 *
 *     npm run build && node scripts/verdicts.mjs [seeds] [first seed]
 *
 * Two linear views of the same hidden qualities, each with noise of its own, are the old encoder and the new one. Of each seed are
 * judged: true pairs; an encoder of noise that is clustered by class; pairs shuffled within their class; 40 rows; the new
 * vectors as they are in the old one's place. The table that it prints stands in docs/verify.md.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cli = path.resolve(import.meta.dirname, '../dist/js/cli.cjs');
const seeds = Number(process.argv[2] ?? 20);
const first = Number(process.argv[3] ?? 1000);
const [classes, shared, width] = [4, 12, 16];

const source = (replacement) => `import { last, linear, softmax } from "std/nn"
import { truncate } from "std/text"
labels Kind = ["a", "b", "c", "d"]
contract Both = f32[batch, ${2 * width}]
part first(z: Both) -> f32[batch, ${width}] { z |> truncate(to: ${width}) }
part second(z: Both) -> f32[batch, ${width}] { z |> last(n: ${width}) }
adapter Back(x: f32[batch, ${width}]) -> f32[batch, ${width}] weights "./back.safetensors" = learned { x |> linear(out: ${width}) }
adapter Old(z: Both) -> f32[batch, ${width}] { second(z) }
adapter New(z: Both) -> f32[batch, ${width}] { Back(first(z)) }
adapter Padded(z: Both) -> f32[batch, ${width}] { first(z) }
head Tell(e: f32[batch, ${width}]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 weights "./tell.safetensors" = learned { e |> linear(out: Kind) |> softmax }
model Before {
  input z: Both
  output kind = Tell(Old(z))
}
fit Tell { data d = "./heads.jsonl" loss cross_entropy(Tell(Old(d.z)), d.label) method logistic(penalty: 0.01) }
fit Back { data d = "./pairs.jsonl" loss mse(Back(first(d.z)), second(d.z)) method auto }
verify Swap {
  swap Old with ${replacement} in Before
  data d = "./test.jsonl"
  let y = Before(d.z)
  require accuracy(y.kind, d.label) >= baseline - 2%
}
`;

/** mulberry32, and normal numbers by Box and Muller. */
function createRandom(seed) {
  let state = (seed * 2654435761) >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal, integer: (n) => Math.floor(n * uniform()) };
}

const matrix = (rows, columns, random) => Array.from({ length: rows }, () => Array.from({ length: columns }, random.normal));
const times = (row, m) => m[0].map((_, j) => row.reduce((sum, value, i) => sum + value * m[i][j], 0));

/** A world of its own for each seed; `examples` draws from it. */
function createWorld(seed) {
  const random = createRandom(seed);
  const centres = matrix(classes, shared, random);
  const [viewX, viewY, points] = [matrix(shared, width, random), matrix(shared, width, random), matrix(classes, width, random)];
  const see = (hidden, view, offset) => times(hidden, view).map((value) => value + offset + 0.3 * random.normal());
  return (rows, kind) => {
    const drawn = Array.from({ length: rows }, () => {
      const label = random.integer(classes);
      const hidden = centres[label].map((value) => 1.5 * value + random.normal());
      const x = kind === 'noise' ? points[label].map((value) => 3 * value + random.normal()) : see(hidden, viewX, 2);
      return { label, x, y: see(hidden, viewY, -1) };
    });
    if (kind === 'shuffled') for (let label = 0; label < classes; label++) {
      const own = drawn.filter((example) => example.label === label);
      for (let i = own.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        [own[i].y, own[j].y] = [own[j].y, own[i].y];
      }
    }
    return drawn.map(({ label, x, y }) => `${JSON.stringify({ z: [...x, ...y].map((value) => Number(value.toFixed(5))), label: 'abcd'[label] })}\n`).join('');
  };
}

/** What is fitted, on what it is judged, and which verdicts are right. */
const cases = [
  { name: 'true pairs', pairs: [400], test: [1600], right: ['PASS'], wanted: 0.9 },
  { name: 'noise clustered by class', pairs: [400, 'noise'], test: [800, 'noise'], right: ['FAIL'], wanted: 0.95 },
  { name: 'pairs shuffled within a class', pairs: [400, 'shuffled'], test: [800], right: ['FAIL'], wanted: 0.95 },
  { name: '40 rows', pairs: [400], test: [40], right: ['INCONCLUSIVE'], wanted: 1 },
  { name: 'padded identity', pairs: [400], test: [800], replacement: 'Padded', right: ['FAIL'], wanted: 1 },
];

async function verdictOf(seed, { pairs, test, replacement = 'New' }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mdl-verdicts-'));
  const write = (name, content) => writeFileSync(path.join(folder, name), content);
  const examples = createWorld(seed);
  try {
    write('package.json', '{ "name": "verdicts" }');
    write('a.mdl', source(replacement));
    write('heads.jsonl', examples(400));
    write('pairs.jsonl', examples(...pairs));
    write('test.jsonl', examples(...test));
    const options = { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: folder }, maxBuffer: 2 ** 26 };
    await run(process.execPath, [cli, 'fit', 'a.mdl'], options);
    // Verdicts other than PASS are exit codes, too.
    const { stdout } = await run(process.execPath, [cli, 'verify', 'a.mdl', '--json'], options).catch((error) => error);
    const { verdict, swaps } = JSON.parse(stdout).results[0];
    return { verdict, gates: swaps[0].gates.filter((gate) => gate.verdict !== 'PASS').map(({ gate, verdict: of }) => `${gate.slice(0, 2)} ${of}`) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const counted = cases.map(() => ({ PASS: 0, FAIL: 0, INCONCLUSIVE: 0, gates: new Map() }));
for (let seed = first; seed < first + seeds; seed++) {
  for (const [i, one] of cases.entries()) {
    const { verdict, gates } = await verdictOf(seed, one);
    counted[i][verdict] += 1;
    for (const gate of gates) counted[i].gates.set(gate, (counted[i].gates.get(gate) ?? 0) + 1);
    // A long run shows how far it is, and what it found if it is ended.
    process.stderr.write(`seed ${seed}, ${one.name}: ${verdict}${gates.length === 0 ? '' : ` (${gates.join(', ')})`}\n`);
  }
}
console.log(`| Encoder, of ${seeds} seeds from ${first} | PASS | FAIL | INCONCLUSIVE | Gates that did not pass |\n| --- | --- | --- | --- | --- |`);
for (const [i, { name, right, wanted }] of cases.entries()) {
  const { PASS, FAIL, INCONCLUSIVE, gates } = counted[i];
  if (right.reduce((sum, verdict) => sum + counted[i][verdict], 0) < wanted * seeds) process.exitCode = 1;
  console.log(`| ${name} | ${PASS} | ${FAIL} | ${INCONCLUSIVE} | ${[...gates].sort().map(([gate, count]) => `${gate} ${count}`).join(', ') || 'none'} |`);
}
