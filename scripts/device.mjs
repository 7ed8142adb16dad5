/**
 * `node scripts/device.mjs DEVICE [EXAMPLE]…` runs 16 rows of the examples on a device (`webgpu`, `cuda`, …) and on the CPU. It says how
 * far they are apart, which nodes the CPU ran for the device, and how long 16 and 256 rows take on both. Where there is no GPU, WebGPU
 * runs on SwiftShader, in software: then it is 4 rows, the texts are short ones, and nothing is timed. It ends with one line of JSON, and with 1
 * where answers differ.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { load } from 'mdl-lang/runtime';
import { readBytes, readLines } from '../examples/project.mjs';

const root = path.dirname(import.meta.dirname);
const at = (file) => path.join(root, 'examples', file);
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
const hasGpu = existsSync('/dev/dri') || (existsSync('/dev') && readdirSync('/dev').some((name) => /^nvidia\d/.test(name)));
const inSoftware = !hasGpu && existsSync(swiftShader);
if (inSoftware) process.env.VK_ICD_FILENAMES ??= swiftShader;
// Or else CUDA multiplies f32 with ten bits of mantissa, from Ampere on; to see what that costs, set it to 1.
process.env.NVIDIA_TF32_OVERRIDE ??= '0';

const texts = async (rows) => {
  const all = (await readLines(at('glosses/data/test.jsonl'))).map(({ text }) => text);
  if (inSoftware) all.sort((a, b) => a.length - b.length);
  return Array.from({ length: rows }, (_, i) => all[i % all.length]);
};
const pictures = async (file, rows) => {
  const { dims, data } = await readBytes(at(file));
  const size = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const repeated = new data.constructor(rows * size);
  for (let row = 0; row < rows; row++) repeated.set(data.subarray((row % dims[0]) * size, ((row % dims[0]) + 1) * size), row * size);
  return { dims: [rows, ...dims.slice(1)], data: repeated };
};

/** By example: its file, its model, its inputs. */
const examples = {
  glosses: ['glosses.mdl', 'Glosses', async (rows) => ({ tokens: await texts(rows) })],
  fashion: ['fashion.mdl', 'Fashion', async (rows) => ({ pictures: await pictures('fashion/data/test.images.npy', rows) })],
  ocr: ['ocr.mdl', 'Ocr', async (rows) => ({ lines: await pictures('ocr/data/lines.npy', rows) })],
  'two-towers': ['search.mdl', 'Search', async (rows) => ({ queries: await texts(rows), texts: await texts(rows) })],
  upgrade: ['after.mdl', 'After', async (rows) => ({ pictures: await pictures('fashion/data/test.images.npy', rows) })],
};

const compared = inSoftware ? 4 : 16;
const timed = inSoftware ? [] : [16, 256];
const rounds = 20;
/** Single operators of two providers agree within 2e-5; an encoder puts dozens of them in a row. */
const tolerance = 1e-3;

const [device = 'webgpu', ...asked] = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(examples);
const folder = mkdtempSync(path.join(os.tmpdir(), 'mdl-device-'));
const results = {};
try {
  for (const name of names) results[name] = await compare(name, ...examples[name]);
} finally {
  rmSync(folder, { recursive: true });
}
const worst = Math.max(...Object.values(results).map(({ apart }) => apart));
console.log(JSON.stringify({ device, rows: compared, tolerance, worst, examples: results }));
process.exitCode = worst < tolerance ? 0 : 1;

async function compare(name, file, model, read) {
  execFileSync(process.execPath, [path.join(root, 'dist/js/cli.cjs'), 'build', at(`${name}/${file}`), '--model', model, '--out', folder]);
  const inputs = await read(compared);
  const cpu = await load(path.join(folder, model), { device: 'cpu' });
  const other = await load(path.join(folder, model), { device });
  const [expected, found] = [await cpu.run(inputs), await other.run(inputs)];
  // Where a node runs does not depend on the rows; in software each row counts.
  const runs = await other.devices(inSoftware ? await read(1) : inputs);
  const left = runs.filter(({ provider }) => provider !== device);
  const apart = Object.entries(expected).map(([output, { data }]) => [output, Math.max(...Array.from(data, (value, i) => Math.abs(value - found[output].data[i])))]);
  console.log(`${name}: ${runs.length - left.length} of ${runs.length} nodes on ${device}; ${apart.map(([output, far]) => `${output} ${far.toExponential(1)}`).join(', ')}`);
  console.log(`   on the CPU: ${left.map(({ operator, node }) => `${operator} ${node}`).join(', ')}`);
  const times = {};
  for (const rows of timed) times[rows] = await time(cpu, other, await read(rows));
  await Promise.all([cpu.close(), other.close()]);
  return { apart: Math.max(...apart.map(([, far]) => far)), nodes: runs.length, onTheCpu: countBy(left, ({ operator }) => operator), ...times };
}

function countBy(list, keyOf) {
  const counts = {};
  for (const item of list) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

/** Medians of interleaved runs, in milliseconds. */
async function time(cpu, other, inputs) {
  const taken = { cpuMs: [], deviceMs: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [key, model] of [['cpuMs', cpu], ['deviceMs', other]]) {
      const start = performance.now();
      await model.run(inputs);
      taken[key].push(performance.now() - start);
    }
  }
  const median = (values) => Number(values.sort((a, b) => a - b)[values.length >> 1].toFixed(2));
  const answer = { cpuMs: median(taken.cpuMs), deviceMs: median(taken.deviceMs) };
  console.log(`   ${inputs.pictures?.dims[0] ?? inputs.lines?.dims[0] ?? (inputs.tokens ?? inputs.queries).length} rows: ${answer.cpuMs} ms on the CPU, ${answer.deviceMs} ms on ${device}`);
  return answer;
}
