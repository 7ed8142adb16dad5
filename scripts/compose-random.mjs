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
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const compositions = Number(process.argv[2] ?? 1000);
const firstSeed = Number(process.argv[3] ?? 1);
const keep = path.resolve(process.argv[4] ?? 'composed-wrong');
const batch = 50;
const totals = {};
const crashed = [];
const failures = [];

for (let seed = firstSeed; seed < firstSeed + compositions; seed += batch) {
  runBatch(seed, Math.min(batch, firstSeed + compositions - seed));
  process.stdout.write(`up to seed ${seed + batch - 1}: ${JSON.stringify(totals)}, ${failures.length} wrong\n`);
}
console.log(`${compositions} compositions from seed ${firstSeed}: ${JSON.stringify(totals)}, ${failures.length} wrong`);
if (crashed.length > 0) console.log(`ONNX Runtime ended the process at the seeds ${crashed.join(', ')}`);
if (failures.length > 0) console.log(`left in ${keep}`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** Halves a batch that does not end by itself, down to the seed that is at fault. */
function runBatch(seed, count) {
  const env = { ...process.env, MDL_SEED: String(seed), MDL_COMPOSITIONS: String(count), MDL_COMPOSE_KEEP: keep, NO_COLOR: '1' };
  const { stdout, stderr, status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/compile/compose.test.ts'], { encoding: 'utf8', env, maxBuffer: 2 ** 28 });
  const line = /compositions from seed \d+: (\{.*?\}), (\d+) wrong/.exec(stdout);
  if (line !== null) {
    for (const [key, value] of Object.entries(JSON.parse(line[1]))) totals[key] = (totals[key] ?? 0) + value;
    const wrong = stdout.split('\n').filter((text) => /^wrong: seed \d+:/.test(text));
    for (const text of wrong) console.log(text);
    failures.push(...wrong);
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
