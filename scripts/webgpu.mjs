/**
 * `node scripts/webgpu.mjs [example]…` runs 16 rows of the examples on WebGPU and on the CPU, and says how far they are apart and
 * which nodes the CPU ran for WebGPU. Without a GPU it takes SwiftShader, where each example takes minutes on two cores.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { load } from 'mdl-lang/runtime';
import { readBytes, readLines } from '../examples/project.mjs';

const root = path.dirname(import.meta.dirname);
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(swiftShader)) process.env.VK_ICD_FILENAMES ??= swiftShader;

const rows = 16;
const at = (file) => path.join(root, 'examples', file);
const texts = async () => (await readLines(at('glosses/data/test.jsonl'))).slice(0, rows).map(({ text }) => text);
const pictures = async (file) => {
  const { dims, data } = await readBytes(at(file));
  const size = dims.slice(1).reduce((product, dim) => product * dim, 1);
  return { dims: [rows, ...dims.slice(1)], data: data.subarray(0, rows * size) };
};

/** By example: its file, its model, its inputs. */
const examples = {
  glosses: ['glosses.mdl', 'Glosses', async () => ({ tokens: await texts() })],
  fashion: ['fashion.mdl', 'Fashion', async () => ({ pictures: await pictures('fashion/data/test.images.npy') })],
  ocr: ['ocr.mdl', 'Ocr', async () => ({ lines: await pictures('ocr/data/lines.npy') })],
  'two-towers': ['search.mdl', 'Search', async () => ({ queries: await texts(), texts: await texts() })],
  upgrade: ['after.mdl', 'After', async () => ({ pictures: await pictures('fashion/data/test.images.npy') })],
};

/** Single operators of the two providers agree within 2e-5; an encoder puts dozens of them in a row. */
const tolerance = 1e-3;

const folder = mkdtempSync(path.join(os.tmpdir(), 'mdl-webgpu-'));
const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(examples);
let worst = 0;
try {
  for (const name of names) worst = Math.max(worst, await compare(name, ...examples[name]));
} finally {
  rmSync(folder, { recursive: true });
}
console.log(JSON.stringify({ examples: names, rows, worst, tolerance }));
process.exitCode = worst < tolerance ? 0 : 1;

async function compare(name, file, model, read) {
  execFileSync(process.execPath, [path.join(root, 'dist/js/cli.cjs'), 'build', at(`${name}/${file}`), '--model', model, '--out', folder]);
  const inputs = await read();
  const cpu = await load(path.join(folder, model), { device: 'cpu' });
  const expected = await cpu.run(inputs);
  await cpu.close();
  const gpu = await load(path.join(folder, model), { device: 'webgpu' });
  const found = await gpu.run(inputs);
  const runs = await gpu.devices(inputs);
  await gpu.close();
  const left = runs.filter(({ provider }) => provider !== 'webgpu');
  const apart = Object.entries(expected).map(([output, { data }]) => [output, Math.max(...Array.from(data, (value, i) => Math.abs(value - found[output].data[i])))]);
  console.log(`${name}: ${runs.length - left.length} of ${runs.length} nodes on WebGPU; ${apart.map(([output, far]) => `${output} ${far.toExponential(1)}`).join(', ')}`);
  console.log(`   on the CPU: ${left.map(({ operator, node }) => `${operator} ${node}`).join(', ')}`);
  return Math.max(...apart.map(([, far]) => far));
}
