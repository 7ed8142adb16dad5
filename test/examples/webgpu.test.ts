/** A few rows of every example on WebGPU, by a software device where there is one, against the CPU. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { noSwiftShader, swiftShader } from '../swift-shader.ts';

/** Of a text encoder's layers: positions and sizes, computed in i64, which WebGPU does not have. */
const layers = { Add: 2, Concat: 4, Div: 4, Gather: 8, Mul: 6, Unsqueeze: 8 };

/** By example: how often the CPU runs an operator for the device. All other nodes have to run on WebGPU. */
const leftToTheCpu = {
  glosses: { ...layers, Cast: 3, ConstantOfShape: 1 },
  fashion: { Concat: 1, Gather: 1, Slice: 1 },
  ocr: { Slice: 3, Concat: 1, Clip: 18 },
  'two-towers': { ...layers, Cast: 4, ConstantOfShape: 1 },
  upgrade: {},
};

if (!existsSync(swiftShader)) console.log(noSwiftShader);

test.skipIf(!existsSync(swiftShader)).each(Object.entries(leftToTheCpu))('%s answers on WebGPU as on the CPU, and only what is named here is left to that', (name, left) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/device.mjs', 'webgpu', name], { encoding: 'utf8', env: { ...process.env, VK_ICD_FILENAMES: swiftShader } });
  expect(stderr).toBe('');
  const { examples, worst, tolerance } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { examples: Record<string, { onTheCpu: object }>; worst: number; tolerance: number };
  expect(examples[name]!.onTheCpu).toEqual(left);
  // Single operators of the two agree within 2e-5; an encoder puts dozens of them in a row.
  expect(tolerance).toBe(1e-3);
  expect(worst).toBeLessThan(tolerance);
  expect(status).toBe(0);
  // Seconds on a quiet machine; each shader is compiled and run by the CPU.
}, 600_000);
