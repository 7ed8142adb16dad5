/** A module with its foreign files as the ONNX file that it becomes. */
import { createBundle } from '../../src/index.ts';
import type { CheckedModel } from '../../src/check/model.ts';
import { materialize } from '../../src/emit/onnx.ts';
import type { MemoryFiles } from '../../src/host/memory.ts';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { compilerFor, uriOf, worldOf } from '../check/world.ts';
import { valueOf } from '../onnx/helpers.ts';

export interface Built {
  readonly bytes: Uint8Array;
  readonly model: CheckedModel;
  readonly manifest: Manifest;
  readonly declaration: string;
}

const digest = '0'.repeat(64);

/** Builds the only model of `main.mdl`; throws where anything is wrong with it. */
export function buildText(text: string, files: MemoryFiles = {}): Built {
  const host = worldOf({ 'main.mdl': text, ...files });
  const compiler = compilerFor(host);
  const { models, diagnostics, sources } = compiler.check([uriOf('main.mdl')]);
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((d) => `${d.code}: ${d.message}`).join('\n'));
  const fingerprints = new Map(models[0]!.files.map((uri) => [uri, digest]));
  const bundle = valueOf(createBundle(models[0]!, { host, version: '0.0.0', sources, fingerprints, model: compiler.files.model }));
  const bytes = materialize(bundle.onnx.pieces, (uri) => host.open(uri));
  const others = bundle.others({ path: 'model.onnx', bytes: bytes.length, sha256: digest });
  const content = (path: string): string => String(others.find((file) => file.path === path)!.content);
  return { bytes, model: models[0]!, manifest: JSON.parse(content('manifest.json')) as Manifest, declaration: content('model.d.ts') };
}
