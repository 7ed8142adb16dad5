/** Foreign files that are none, or no models: what they are is said, and nothing waits for them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolder, mdl } from './harness.ts';

const folder = createFolder({ 'package.json': '{ "name": "odd" }', 'sparse.onnx': 'no model' });
const at = (name: string) => path.join(folder.path, name);
afterAll(() => folder.remove());

const source = (file: string) => `backbone B @ 1.0.0 {
  source "./${file}"
  input x: f32[batch, 2]
  output y: f32[batch, 2]
}
model M {
  input x: f32[batch, 2]
  output y = B(x)
}
`;

const found = async (file: string) => {
  writeFileSync(at('m.mdl'), source(file));
  return (await mdl(folder.path, ['check', 'm.mdl'])).stdout;
};

if (process.platform === 'win32') console.log('skipped: Windows has no pipes in folders');
test.skipIf(process.platform === 'win32')('a folder, a pipe and a circle of links are called what they are', async () => {
  mkdirSync(at('folder.onnx'));
  execFileSync('mkfifo', [at('pipe.onnx')]);
  symlinkSync('loop.onnx', at('loop.onnx'));
  expect(await found('folder.onnx')).toContain('error[file-not-regular]: folder.onnx is a folder, where a file is needed');
  expect(await found('pipe.onnx')).toContain('error[file-not-regular]: pipe.onnx is a pipe');
  expect(await found('loop.onnx')).toContain('its links lead round in a circle');
  expect(await found('none.onnx')).toContain('error[file-missing]');
});

test('a file whose header is wrong is not hashed', async () => {
  // Sparse: a terabyte takes a block on the disk, and would take an hour to hash.
  truncateSync(at('sparse.onnx'), 2 ** 40);
  expect(await found('sparse.onnx')).toContain('error[onnx-');
  expect(existsSync(at('mdl.lock')) ? readFileSync(at('mdl.lock'), 'utf8') : '').not.toContain('sparse');
});
