/**
 * Draws random graphs, runs them on ONNX Runtime at three sizes each, and compares every inner tensor's dtype, shape and
 * followed values with what is inferred:
 *
 *     node scripts/infer-random.mjs [graphs] [seed]
 *
 * Graphs are run in batches, each in a process of its own, because some kernels end the process on inputs that they do
 * not like; the seeds on which that happens are named and left out.
 */
import { spawnSync } from 'node:child_process';

const [graphs, firstSeed] = [process.argv[2] ?? 10_000, process.argv[3] ?? 1].map(Number);
if (!(graphs > 0) || !(firstSeed >= 0)) {
  console.error('usage: node scripts/infer-random.mjs [graphs] [seed]');
  process.exit(2);
}
const batch = 500;
const totals = { graphs: 0, runs: 0, tensors: 0, exact: 0, wrong: 0 };
const crashed = [];
const failures = [];

for (let seed = firstSeed; seed < firstSeed + graphs; seed += batch) {
  runBatch(seed, Math.min(batch, firstSeed + graphs - seed));
  process.stdout.write(`\r${totals.graphs} graphs, ${totals.wrong} wrong`);
}
const share = ((100 * totals.exact) / totals.tensors).toFixed(1);
console.log(`\r${totals.graphs} graphs from seed ${firstSeed}, ${totals.runs} runs, ${totals.tensors} tensors: ${share} % wholly inferred, ${totals.wrong} wrong`);
if (crashed.length > 0) console.log(`ONNX Runtime ended the process at the seeds ${crashed.join(', ')}`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** Halves a batch that does not end by itself, down to the seed that is at fault. */
function runBatch(seed, count) {
  const env = { ...process.env, MDL_SEED: String(seed), MDL_GRAPHS: String(count), NO_COLOR: '1' };
  const { stdout, stderr, status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/ir/infer/random.test.ts'], { encoding: 'utf8', env });
  const line = /(\d+) graphs from seed \d+, (\d+) runs, (\d+) tensors \((\d+) wholly inferred, (\d+) wrong\)/.exec(stdout);
  if (line !== null) {
    for (const [i, key] of Object.keys(totals).entries()) totals[key] += Number(line[i + 1]);
    const found = stderr.split('\n').filter((text) => /"seed \d+:/.test(text));
    // Told at once, since a run takes an hour.
    for (const failure of found) console.log(`\r${failure.trim()}`);
    failures.push(...found);
  } else if (stdout.includes('FAIL')) {
    // The test itself failed, or could not begin: no kernel is at fault.
    console.error(`\n${stdout}${stderr}`);
    process.exit(status ?? 1);
  } else if (count === 1) crashed.push(seed);
  else {
    const half = count >> 1;
    runBatch(seed, half);
    runBatch(seed + half, count - half);
  }
}
