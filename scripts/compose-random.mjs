/**
 * Draws random whole programs (networks, parts, a model), builds them in every layout, runs them, and compares the answers with
 * those of the networks' own files and an evaluator of the test's own:
 *
 *     node scripts/compose-random.mjs [compositions] [seed] [folder]
 *
 * They are run in batches, each in a process of its own, because some kernels end the process on inputs that they do not
 * like; the seeds on which that happens are named and left out. Projects that are wrong are left in the folder
 * (composed-wrong unless told otherwise), each under its seed.
 */
import path from 'node:path';
import { drawBatches } from './draw-batches.mjs';

const compositions = Number(process.argv[2] ?? 1000);
const firstSeed = Number(process.argv[3] ?? 1);
if (!(compositions > 0) || !(firstSeed >= 0)) {
  console.error('usage: node scripts/compose-random.mjs [compositions] [seed] [folder]');
  process.exit(2);
}
const keep = path.resolve(process.argv[4] ?? 'composed-wrong');
const totals = {};
const failures = [];

const draws = {
  test: 'test/compile/compose.test.ts',
  env: (count) => ({ MDL_COMPOSITIONS: String(count), MDL_COMPOSE_KEEP: keep }),
  read: ({ stdout }) => {
    const line = /compositions from seed \d+: (\{.*?\}), (\d+) wrong/.exec(stdout);
    if (line === null) return false;
    for (const [key, value] of Object.entries(JSON.parse(line[1]))) totals[key] = (totals[key] ?? 0) + value;
    const wrong = stdout.split('\n').filter((text) => /^wrong: seed \d+:/.test(text));
    for (const text of wrong) console.log(text);
    failures.push(...wrong);
    return true;
  },
};
const crashed = drawBatches(draws, { seed: firstSeed, count: compositions, batch: 50 }, (seed) => console.log(`up to seed ${seed}: ${JSON.stringify(totals)}, ${failures.length} wrong`));
console.log(`${compositions} compositions from seed ${firstSeed}: ${JSON.stringify(totals)}, ${failures.length} wrong`);
if (crashed.length > 0) console.log(`ONNX Runtime ended the process at the seeds ${crashed.join(', ')}`);
if (failures.length > 0) console.log(`left in ${keep}`);
process.exitCode = failures.length > 0 ? 1 : 0;
