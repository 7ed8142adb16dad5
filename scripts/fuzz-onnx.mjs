/**
 * Feeds damaged and invented models to the ONNX reader, converter and composer, and to all that `mdl inspect` infers, for as long as is asked:
 *
 *     node --max-old-space-size=256 scripts/fuzz-onnx.mjs [seconds] [seed] [file.onnx…]
 *
 * Inputs are mutations of a small model that has about everything, of the nodes of the files named, and of models from a
 * grammar, which are fed unmutated, too. A run stops at the first input that is not answered as it should be, takes more
 * than 2 s or too much memory, and says its seed, which repeats it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const seconds = Number(process.argv[2] ?? 60);
const firstSeed = Number(process.argv[3] ?? Date.now() % 1_000_000);
/** What no input may take, of the process as a whole: Node and this script take a quarter of it themselves. */
const maxResidentBytes = 768 * 1024 ** 2;
const maxMs = 2000;
/** Larger files would be read more often than mutated. */
const largestSeed = 4 * 1024 ** 2;

const { checkAnswer, checkInspection, dense, mutate, randomModel, randomNumbers } = await loadChecks();
const seeds = [dense, ...process.argv.slice(4).map((file) => new Uint8Array(readFileSync(file).subarray(0, largestSeed)))];
const codes = new Map();
const end = performance.now() + seconds * 1000;
let round = 0;
let slowest = 0;
for (; performance.now() < end || round === 0; round++) {
  const seed = firstSeed + round;
  const bytes = inputOf(randomNumbers(seed));
  const start = process.cpuUsage();
  const code = check(bytes, seed);
  // Of the processor, not of the clock: on a busy machine that runs on while this does not.
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  slowest = Math.max(slowest, ms);
  codes.set(code, (codes.get(code) ?? 0) + 1);
  if (ms > maxMs) fail(seed, new Error(`it took ${Math.round(ms)} ms`));
  if (process.memoryUsage.rss() > maxResidentBytes) fail(seed, new Error('too much memory was taken'));
}
const rss = Math.round(process.memoryUsage.rss() / 1024 ** 2);
console.log(`${round} inputs from seed ${firstSeed}, slowest ${slowest.toFixed(1)} ms, ${rss} MiB resident`);
for (const [code, count] of [...codes].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(9)}  ${code}`);

function inputOf(random) {
  const kind = random();
  if (kind < 0.4) return randomModel(random);
  const base = kind < 0.7 ? randomModel(random) : seeds[Math.floor(random() * seeds.length)];
  return mutate(base, randomMutations(random));
}

function check(bytes, seed) {
  try {
    checkInspection(bytes);
    return checkAnswer(bytes);
  } catch (error) {
    return fail(seed, error);
  }
}

function fail(seed, error) {
  console.error(`node scripts/fuzz-onnx.mjs 0.001 ${seed} ${process.argv.slice(4).join(' ')} repeats this:`);
  throw error;
}

/** The checks of test/onnx, which are TypeScript. */
async function loadChecks() {
  const folder = process.env['FUZZ_BUNDLE'] ?? mkdtempSync(join(tmpdir(), 'mdl-fuzz-'));
  const entry = join(folder, 'entry.ts');
  const path = (name) => fileURLToPath(new URL(`../test/onnx/${name}.ts`, import.meta.url));
  const lines = ['mutations', 'random-models', 'robust'].map((name) => `export * from ${JSON.stringify(path(name))};`);
  try {
    writeFileSync(entry, lines.join('\n'));
    const bundle = await rolldown({ input: entry, platform: 'node' });
    await bundle.write({ format: 'esm', file: join(folder, 'checks.mjs'), sourcemap: true });
    await bundle.close();
    return await import(pathToFileURL(join(folder, 'checks.mjs')).href);
  } finally {
    // Kept where it is wanted, for measuring coverage.
    if (process.env['FUZZ_BUNDLE'] === undefined) rmSync(folder, { recursive: true });
  }
}

function randomMutations(random) {
  // Changes that keep all lengths true get deepest.
  const kinds = ['flip', 'flip', 'flip', 'set', 'set', 'set', 'insert', 'remove', 'repeat', 'truncate'];
  const bytes = [0, 1, 0x7f, 0x80, 0xff];
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    kind: kinds[Math.floor(random() * kinds.length)],
    at: random(),
    byte: random() < 0.5 ? bytes[Math.floor(random() * bytes.length)] : Math.floor(random() * 256),
    length: 1 + Math.floor(random() * 40),
  }));
}
