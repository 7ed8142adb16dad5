/**
 * Draws random graphs, runs them on ONNX Runtime at three sizes each, and compares every inner tensor's dtype, shape and
 * followed values with what is inferred:
 *
 *     node scripts/infer-random.mjs [graphs] [seed]
 *
 * Graphs are run in batches, each in a process of its own, because some kernels end the process on inputs that they do
 * not like; the seeds on which that happens are named and left out.
 */
import { drawBatches } from './draw-batches.mjs';

const [graphs, firstSeed] = [process.argv[2] ?? 10_000, process.argv[3] ?? 1].map(Number);
if (!(graphs > 0) || !(firstSeed >= 0)) {
  console.error('usage: node scripts/infer-random.mjs [graphs] [seed]');
  process.exit(2);
}
const totals = { graphs: 0, runs: 0, tensors: 0, exact: 0, wrong: 0 };
const failures = [];

const draws = {
  test: 'test/ir/infer/random.test.ts',
  env: (count) => ({ MDL_GRAPHS: String(count) }),
  read: ({ stdout, stderr }) => {
    const line = /(\d+) graphs from seed \d+, (\d+) runs, (\d+) tensors \((\d+) wholly inferred, (\d+) wrong\)/.exec(stdout);
    if (line === null) return false;
    for (const [i, key] of Object.keys(totals).entries()) totals[key] += Number(line[i + 1]);
    const found = stderr.split('\n').filter((text) => /"seed \d+:/.test(text));
    // Told at once, since a run takes an hour.
    for (const failure of found) console.log(`\r${failure.trim()}`);
    failures.push(...found);
    return true;
  },
};
const crashed = drawBatches(draws, { seed: firstSeed, count: graphs, batch: 500 }, () => process.stdout.write(`\r${totals.graphs} graphs, ${totals.wrong} wrong`));
const share = ((100 * totals.exact) / totals.tensors).toFixed(1);
console.log(`\r${totals.graphs} graphs from seed ${firstSeed}, ${totals.runs} runs, ${totals.tensors} tensors: ${share} % wholly inferred, ${totals.wrong} wrong`);
if (crashed.length > 0) console.log(`ONNX Runtime ended the process at the seeds ${crashed.join(', ')}`);
process.exitCode = failures.length > 0 ? 1 : 0;
