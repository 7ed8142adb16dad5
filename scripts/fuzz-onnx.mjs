/**
 * Feeds damaged models to the ONNX reader and composer for as long as is asked:
 *
 *     node scripts/fuzz-onnx.mjs [seconds] [seed]
 *
 * A run stops at the first input that is not answered as it should be, and says its seed and round, which repeat it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const seconds = Number(process.argv[2] ?? 60);
const firstSeed = Number(process.argv[3] ?? Date.now() % 1_000_000);
/** Memory that no input may make the process take. */
const maxResidentBytes = 2 * 1024 ** 3;

const { checkAnswer, dense, mutate } = await loadChecks();
const codes = new Map();
const end = performance.now() + seconds * 1000;
let round = 0;
let slowest = 0;
for (; performance.now() < end; round++) {
  const random = randomNumbers(firstSeed + round);
  const bytes = mutate(dense, randomMutations(random));
  const start = performance.now();
  const code = check(bytes, firstSeed + round);
  slowest = Math.max(slowest, performance.now() - start);
  codes.set(code, (codes.get(code) ?? 0) + 1);
  if (process.memoryUsage.rss() > maxResidentBytes) fail(firstSeed + round, new Error('too much memory was taken'));
}
const rss = Math.round(process.memoryUsage.rss() / 1024 ** 2);
console.log(`${round} inputs from seed ${firstSeed}, slowest ${slowest.toFixed(1)} ms, ${rss} MiB resident`);
for (const [code, count] of [...codes].sort((a, b) => b[1] - a[1]))
  console.log(`${String(count).padStart(9)}  ${code}`);

function check(bytes, seed) {
  try {
    return checkAnswer(bytes);
  } catch (error) {
    return fail(seed, error);
  }
}

function fail(seed, error) {
  console.error(`node scripts/fuzz-onnx.mjs 0.001 ${seed} repeats this:`);
  throw error;
}

/** The checks of test/onnx, which are TypeScript. */
async function loadChecks() {
  const folder = mkdtempSync(join(tmpdir(), 'mdl-fuzz-'));
  const entry = join(folder, 'entry.ts');
  const path = (name) => fileURLToPath(new URL(`../test/onnx/${name}.ts`, import.meta.url));
  const lines = ['mutations', 'robust'].map((name) => `export * from ${JSON.stringify(path(name))};`);
  try {
    writeFileSync(entry, lines.join('\n'));
    const bundle = await rolldown({ input: entry, platform: 'node' });
    await bundle.write({ format: 'esm', file: join(folder, 'checks.mjs') });
    await bundle.close();
    return await import(pathToFileURL(join(folder, 'checks.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true });
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

/** mulberry32: numbers in [0, 1) that a seed repeats. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
