/**
 * Feeds damaged and invented files to every reader of foreign bytes (test/fuzz/parsers.ts has them), one after the other, for as long as is asked of each:
 *
 *     npm run fuzz -- [seconds] [seed] [reader…] [file.onnx…]
 *
 * Inputs are mutations of small files that are right, and for `onnx` also of those named (of their nodes, where they are large) and models from a grammar. A reader's search stops at the
 * first input that is not answered as it should be, ends the process, takes more than 5 s of processors, or with which the process has more
 * resident than the reader may (a GiB; 256 MiB for ONNX files). The input is written to a file; its seed repeats it. What earlier inputs left behind is collected between inputs, so that the
 * memory is that of the input, of Node (about 50 MiB), and of the reader's own code.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const maxMs = 5000;
/** A process that has not come further for so long waits for something that never comes. */
const maxWaitMs = 120_000;
/** So much is left behind by inputs before it is collected. */
const maxLeftBytes = 16 * 1024 ** 2;
/** Of larger ONNX files the nodes are mutated: whole, they would be read more often than changed. */
const largestFile = 512 * 1024;

if (process.argv[2] === '--one') await search(...process.argv.slice(3));
else await searchAll();

// ---------------------------------------------------------------- all readers

async function searchAll() {
  const [seconds = '10', seed = String(Date.now() % 1_000_000), ...rest] = process.argv.slice(2);
  const files = rest.filter((word) => word.endsWith('.onnx')).map((file) => path.resolve(file));
  const wanted = rest.filter((word) => !word.endsWith('.onnx'));
  // Below the root, where packages are found.
  const folder = path.join(root, 'dist/fuzz');
  try {
    const bundle = bundleReaders(folder);
    const { parsers } = await import(pathToFileURL(bundle).href);
    const names = Object.keys(parsers).filter((name) => wanted.length === 0 || wanted.includes(name));
    if (names.length === 0) throw new Error(`no reader is called ${wanted.join(' or ')}: ${Object.keys(parsers).join(', ')}`);
    console.log(`${seconds} s of each reader, from seed ${seed}`);
    for (const name of names) if (!(await watch([bundle, name, seconds, seed, ...files], parsers[name]))) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The readers, which are TypeScript, as one file. */
function bundleReaders(folder) {
  mkdirSync(folder, { recursive: true });
  const entry = path.join(folder, 'entry.ts');
  const tests = ['fuzz/parsers', 'onnx/random-models', 'onnx/models'].map((name) => path.join(root, `test/${name}.ts`));
  writeFileSync(entry, tests.map((file) => `export * from ${JSON.stringify(file)};`).join('\n'));
  const bundle = path.join(folder, 'readers.mjs');
  const args = [path.join(root, 'node_modules/rolldown/bin/cli.mjs'), entry, '--platform', 'node', '--format', 'esm', '--sourcemap', '--external', 'onnxruntime-node,sharp', '--entry-file-names', 'readers.mjs', '--dir', folder];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`the readers could not be bundled: ${status}`);
  return bundle;
}

/** Runs one reader's search in a process of its own; false where an input ended it. */
async function watch([bundle, name, seconds, seed, ...files], { mebibytes = 1024 }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-fuzz-'));
  const place = path.join(folder, 'seed');
  writeFileSync(place, seed);
  const child = spawn(process.execPath, ['--expose-gc', `--max-old-space-size=${mebibytes / 2}`, fileURLToPath(import.meta.url), '--one', bundle, place, name, seconds, seed, ...files], { stdio: 'inherit' });
  let known = { seed: '', since: 0, cpu: 0 };
  let hung = false;
  const look = setInterval(() => {
    const at = readFileSync(place, 'utf8');
    const cpu = cpuMs(child.pid);
    if (at !== known.seed) known = { seed: at, since: performance.now(), cpu };
    else if (cpu - known.cpu > maxMs || performance.now() - known.since > maxWaitMs) {
      hung = true;
      child.kill('SIGKILL');
    }
  }, 500);
  const status = await new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  clearInterval(look);
  if (status !== 0) await keepInput(bundle, name, Number(readFileSync(place, 'utf8')), files, hung ? `took more than ${maxMs / 1000} s` : `ended with ${status}`);
  rmSync(folder, { recursive: true });
  return status === 0;
}

async function keepInput(bundle, name, seed, files, what) {
  const { parsers, randomNumbers } = await import(pathToFileURL(bundle).href);
  const file = path.join(tmpdir(), `mdl-fuzz-${name}-${seed}.bin`);
  writeFileSync(file, inputOf(parsers[name], await corpusOf(parsers[name], files, bundle), randomNumbers(seed)));
  console.error(`${name}: ${what}, with ${file}; \`npm run fuzz -- 0.001 ${[seed, name, ...files].join(' ')}\` repeats it`);
}

/** Of a process, user and system; what the clock says, where there is no /proc. */
function cpuMs(pid) {
  if (process.platform !== 'linux') return performance.now();
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    // It has just ended.
    return 0;
  }
}

// ---------------------------------------------------------------- one reader

async function corpusOf(parser, files, bundle) {
  const { nodesOf } = await import(pathToFileURL(bundle).href);
  return [...(await parser.corpus(root)), ...files.map((file) => {
    const bytes = new Uint8Array(readFileSync(file));
    return statSync(file).size > largestFile ? nodesOf(bytes) : bytes;
  })];
}

function inputOf(parser, corpus, random) {
  return parser.change(corpus[Math.floor(random() * corpus.length)], random);
}

async function search(bundle, place, name, seconds, seed, ...files) {
  const { parsers, randomNumbers } = await import(pathToFileURL(bundle).href);
  const parser = parsers[name];
  const corpus = await corpusOf(parser, files, bundle);
  for (const right of corpus) if (!(await isRight(parser, right))) throw new Error('a file of the corpus is not read');
  const at = openSync(place, 'r+');
  const maxResident = (parser.mebibytes ?? 1024) * 1024 ** 2;
  const codes = new Map();
  const end = performance.now() + Number(seconds) * 1000;
  let [round, slowest, peak, growth] = [0, 0, 0, 0];
  for (; performance.now() < end || round === 0; round++) {
    const own = Number(seed) + round;
    writeSync(at, String(own).padEnd(16), 0);
    const bytes = inputOf(parser, corpus, randomNumbers(own));
    if (process.memoryUsage().arrayBuffers > maxLeftBytes) globalThis.gc();
    const before = beginPeak();
    const start = process.cpuUsage();
    const code = await parser.read(bytes);
    // Of the processor, not of the clock: on a busy machine that runs on while this does not.
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    slowest = Math.max(slowest, ms);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const resident = peakBytes();
    peak = Math.max(peak, resident);
    growth = Math.max(growth, resident - before);
    if (ms > maxMs) throw new Error(`it took ${Math.round(ms)} ms`);
    if (resident > maxResident) throw new Error(`${mebibytesOf(resident)} MiB were resident, ${mebibytesOf(before)} before`);
  }
  closeSync(at);
  const answers = [...codes].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`);
  console.log(`${name}: ${round} inputs, slowest ${slowest.toFixed(1)} ms, ${mebibytesOf(peak)} MiB resident at most, ${mebibytesOf(growth)} of them for one input; ${answers.join(', ')}`);
  // Libraries may keep threads.
  process.exit(0);
}

/** What stands for `onnx` need not be a model that composes. */
async function isRight(parser, bytes) {
  return parser.mebibytes !== undefined || (await parser.read(bytes)) === 'ok';
}

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

function mebibytesOf(bytes) {
  return Math.round(bytes / 1024 ** 2);
}
