/**
 * Runs a test of random draws in batches, each in a process of its own, because some kernels end the process on inputs that
 * they do not like. A batch that does not end by itself is halved, down to the seed that is at fault.
 */
import { spawnSync } from 'node:child_process';

/**
 * @param {{ test: string, env: (count: number) => Record<string, string>, read: (output: { stdout: string, stderr: string }) => boolean }} how
 *   `read` takes in what a batch printed, and answers whether it came to its end.
 * @param {{ seed: number, count: number, batch: number }} draws
 * @param {() => void} told after each batch
 * @returns {number[]} the seeds on which ONNX Runtime ended the process
 */
export function drawBatches({ test, env, read }, { seed: first, count: all, batch }, told) {
  const crashed = [];
  const run = (seed, count) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', test], {
      encoding: 'utf8',
      env: { ...process.env, ...env(count), MDL_SEED: String(seed), NO_COLOR: '1' },
      maxBuffer: 2 ** 28,
    });
    if (read({ stdout, stderr })) return;
    if (stdout.includes('FAIL')) {
      // The test itself failed, or could not begin: no kernel is at fault.
      console.error(`\n${stdout}${stderr}`);
      process.exit(status ?? 1);
    }
    if (count === 1) return void crashed.push(seed);
    const half = count >> 1;
    run(seed, half);
    run(seed + half, count - half);
  };
  for (let seed = first; seed < first + all; seed += batch) {
    run(seed, Math.min(batch, first + all - seed));
    told(seed + batch - 1);
  }
  return crashed;
}
