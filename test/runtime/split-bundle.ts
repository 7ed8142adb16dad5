/** Split bundles for the tests: a module with its foreign files, built as `mdl build --split` does it. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { materialize } from '../../src/emit/onnx.ts';
import type { BundleFile } from '../../src/emit/index.ts';
import type { MemoryFiles } from '../../src/host/memory.ts';
import { createBundle, createCompiler } from '../../src/index.ts';
import { uriOf, worldOf } from '../check/world.ts';
import { valueOf } from '../onnx/helpers.ts';
import { fileOf, temporaryFolder } from './bundles.ts';

/** Builds the first model of `main.mdl` into a folder of its own. */
export function buildSplit(text: string, files: MemoryFiles = {}): string {
  const host = worldOf({ 'main.mdl': text, ...files });
  const compiler = createCompiler(host);
  const { models, diagnostics, sources } = compiler.check([uriOf('main.mdl')]);
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((d) => `${d.code}: ${d.message}`).join('\n'));
  const fingerprints = new Map(models[0]!.files.map((uri) => [uri, valueOf(host.sha256(uri))]));
  const bundle = valueOf(createBundle(models[0]!, { host, version: '0.0.0', sources, fingerprints, layout: { split: true }, model: compiler.files.model }));
  const folder = temporaryFolder();
  const write = ({ path, pieces, seal }: BundleFile) => {
    const bytes = materialize(pieces, (uri) => host.open(uri));
    const end = seal?.({ sha256: createHash('sha256').update(bytes).digest('hex') }) ?? new Uint8Array();
    writeFileSync(join(folder, path), Buffer.concat([bytes, end]));
    return fileOf(folder, path);
  };
  const onnx = write(bundle.onnx);
  const more = bundle.more.map(write);
  for (const { path, content } of bundle.others(onnx, more)) if (typeof content === 'string') writeFileSync(join(folder, path), content);
  return folder;
}
