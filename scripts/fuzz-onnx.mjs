/**
 * Feeds damaged and invented models to the ONNX reader, converter and composer, and to all that `mdl inspect` infers, for as long as is asked:
 *
 *     node --expose-gc --max-old-space-size=128 scripts/fuzz-onnx.mjs [seconds] [seed] [file.onnx…]
 *
 * Inputs are mutations of a small model that has about everything, of the files named (of their nodes, where they are large), and of models
 * from a grammar, which are fed unmutated, too. A run stops at the first input that is not answered as it should be, takes more
 * than 2 s, or with which the whole process has more than 256 MiB resident, and says its seed, which repeats it with the same files. What earlier inputs left
 * behind is collected between inputs, so that the memory is that of the input, of Node (about 50 MiB), and of this script.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const seconds = Number(process.argv[2] ?? 60);
const firstSeed = Number(process.argv[3] ?? Date.now() % 1_000_000);
/** What no input may take, of the process as a whole. */
const maxResidentBytes = 256 * 1024 ** 2;
/** So much is left behind by inputs before it is collected. */
const maxLeftBytes = 16 * 1024 ** 2;
const maxMs = 2000;
/** Of larger files the nodes are mutated: whole, they would be read more often than changed. */
const largestSeed = 512 * 1024;

const { checkAnswer, checkInspection, dense, mutate, nodesOf, randomModel, randomNumbers } = await loadChecks();
const seeds = [dense, ...process.argv.slice(4).map(seedOf)];
globalThis.gc?.();
const codes = new Map();
const end = performance.now() + seconds * 1000;
let round = 0;
let slowest = 0;
let peak = 0;
let growth = 0;
for (; performance.now() < end || round === 0; round++) {
  const seed = firstSeed + round;
  const bytes = inputOf(randomNumbers(seed));
  if (process.memoryUsage().arrayBuffers > maxLeftBytes) globalThis.gc?.();
  const before = beginPeak();
  const start = process.cpuUsage();
  const code = check(bytes, seed);
  // Of the processor, not of the clock: on a busy machine that runs on while this does not.
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  slowest = Math.max(slowest, ms);
  codes.set(code, (codes.get(code) ?? 0) + 1);
  if (ms > maxMs) fail(seed, new Error(`it took ${Math.round(ms)} ms`));
  const resident = peakBytes();
  peak = Math.max(peak, resident);
  growth = Math.max(growth, resident - before);
  if (resident > maxResidentBytes) fail(seed, new Error(`${mebibytes(resident)} MiB were resident, ${mebibytes(before)} before`));
}
console.log(`${round} inputs from seed ${firstSeed}, slowest ${slowest.toFixed(1)} ms, ${mebibytes(peak)} MiB resident at most, ${mebibytes(growth)} of them for one input`);
for (const [code, count] of [...codes].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(9)}  ${code}`);

/** Begins a new peak of resident memory, where the system can (Linux); answers what is resident now, in bytes. */
function beginPeak() {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
  return process.memoryUsage.rss();
}

/** The most bytes that were resident since the peak was begun; elsewhere what is resident now. */
function peakBytes() {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1]);
}

function mebibytes(bytes) {
  return Math.round(bytes / 1024 ** 2);
}

function seedOf(file) {
  const isLarge = statSync(file).size > largestSeed;
  const bytes = new Uint8Array(readFileSync(file));
  return isLarge ? nodesOf(bytes) : bytes;
}

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
  console.error(`node --expose-gc --max-old-space-size=128 scripts/fuzz-onnx.mjs 0.001 ${seed} repeats this, with the same files:`);
  throw error;
}

/** The checks of test/onnx, which are TypeScript. */
async function loadChecks() {
  const folder = process.env['FUZZ_BUNDLE'] ?? mkdtempSync(join(tmpdir(), 'mdl-fuzz-'));
  const entry = join(folder, 'entry.ts');
  const path = (name) => fileURLToPath(new URL(`../test/onnx/${name}.ts`, import.meta.url));
  const lines = ['models', 'mutations', 'random-models', 'robust'].map((name) => `export * from ${JSON.stringify(path(name))};`);
  try {
    writeFileSync(entry, lines.join('\n'));
    // By a process of its own: the bundler takes more memory than is allowed here.
    const cli = fileURLToPath(new URL('../node_modules/rolldown/bin/cli.mjs', import.meta.url));
    const { status } = spawnSync(process.execPath, [cli, entry, '--platform', 'node', '--format', 'esm', '--sourcemap', '--file', join(folder, 'checks.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`the checks could not be bundled: ${status}`);
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
