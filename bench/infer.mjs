/** Inference over an encoder as PyTorch exports it, warm, against reading its header. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { encoder } from './encoder.mjs';
import { compare } from './measure.mjs';

export const options = { layers: { type: 'string', default: '12' }, rounds: { type: 'string', default: '21' } };

export async function run({ layers, rounds }) {
  const { readModel, inferGraph } = await load();
  const bytes = encoder(Number(layers));
  const source = { uri: 'memory:///encoder.onnx', size: bytes.length, read: (at, length) => bytes.slice(at, at + length), close: () => undefined };
  const file = readModel(source).value;
  const last = inferGraph(file).get(file.graph.outputs[0]);
  console.log(`${file.graph.nodes.length} nodes, ${last.dims.length} axes come out`);
  return { nodes: file.graph.nodes.length, ...(await compare({ read: () => readModel(source), infer: () => inferGraph(file) }, Number(rounds))) };
}

/** The sources are TypeScript. */
async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'mdl-bench-'));
  const path = (name) => JSON.stringify(fileURLToPath(new URL(`../src/${name}`, import.meta.url)));
  try {
    writeFileSync(join(folder, 'entry.ts'), `export { readModel } from ${path('onnx/read/read.ts')};\nexport { inferGraph } from ${path('ir/infer/index.ts')};\n`);
    const bundle = await rolldown({ input: join(folder, 'entry.ts'), platform: 'node' });
    await bundle.write({ format: 'esm', file: join(folder, 'infer.mjs') });
    await bundle.close();
    return await import(pathToFileURL(join(folder, 'infer.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
