/**
 * Measures how near inferred ranges come to what is observed, and writes the tables of docs/ranges.md anew:
 *
 *     node scripts/ranges.mjs
 *
 * The operators' table needs Debian's libonnx-testdata.
 */
import { spawnSync } from 'node:child_process';

const tests = ['test/ir/infer/recorded-ranges.test.ts', 'test/ir/infer/models.test.ts'];
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...tests], { stdio: 'inherit', env: { ...process.env, UPDATE_GOLDEN: '1' } });
process.exitCode = status ?? 1;
