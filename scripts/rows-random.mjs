/**
 * Draws random graphs and holds what is proved of their rows to ONNX Runtime: where the rows of an output are said to be apart, each of
 * three answers alone as it does among the others:
 *
 *     node scripts/rows-random.mjs [graphs] [seed]
 */
import { drawBatches } from './draw-batches.mjs';

const [graphs, firstSeed] = [process.argv[2] ?? 2000, process.argv[3] ?? 1].map(Number);
const totals = { graphs: 0, apart: 0, outputs: 0, compared: 0, wrong: 0 };
const draws = {
  test: 'test/ir/rows-random.test.ts',
  env: (count) => ({ MDL_GRAPHS: String(count) }),
  read: ({ stdout, stderr }) => {
    const line = /(\d+) graphs from seed \d+, (\d+) of (\d+) outputs with rows apart, (\d+) compared \((\d+) wrong\)/.exec(stdout);
    if (line === null) return false;
    for (const [i, key] of Object.keys(totals).entries()) totals[key] += Number(line[i + 1]);
    for (const failure of stderr.split('\n').filter((text) => /"seed \d+:/.test(text))) console.log(`\r${failure.trim()}`);
    return true;
  },
};
const crashed = drawBatches(draws, { seed: firstSeed, count: graphs, batch: 500 }, () => process.stdout.write(`\r${totals.graphs} graphs, ${totals.wrong} wrong`));
console.log(`\r${totals.graphs} graphs with a batch: ${totals.apart} of ${totals.outputs} outputs with rows apart, ${totals.compared} compared, ${totals.wrong} wrong`);
if (crashed.length > 0) console.log(`ONNX Runtime ended the process at the seeds ${crashed.join(', ')}`);
process.exitCode = totals.wrong > 0 ? 1 : 0;
