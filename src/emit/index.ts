/** Artefacts: a checked model to the files of its bundle. */
import type { ManifestFile } from '../bundle/manifest.ts';
import type { CheckedModel } from '../check/model.ts';
import { succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { FileRange } from '../ir/graph.ts';
import type { OnnxFile, Piece } from '../onnx/index.ts';
import { relativePath } from '../text/paths.ts';
import type { SourceText } from '../text/source.ts';
import { emitDeclaration } from './dts.ts';
import { createManifest } from './manifest.ts';
import { emitOnnx } from './onnx.ts';

/** The files of a bundle. What describes the ONNX file is made once that has been written and hashed. */
export interface Bundle {
  readonly name: string;
  readonly onnx: { readonly path: string; readonly pieces: readonly Piece[]; readonly byteLength: number };
  others(onnx: ManifestFile): { readonly path: string; readonly content: string | FileRange }[];
}

export interface BundleContext {
  readonly host: Host;
  /** `0.1.0` */
  readonly version: string;
  readonly sources: ReadonlyMap<string, SourceText>;
  /** SHA-256 by URI, of all foreign files of the model. */
  readonly fingerprints: ReadonlyMap<string, string>;
  model(uri: string): Outcome<OnnxFile>;
}

/** Composes a model's ONNX file and describes it. Equal inputs give equal bytes. */
export function createBundle(model: CheckedModel, context: BundleContext): Outcome<Bundle> {
  const files = new Map<string, OnnxFile>();
  for (const step of model.program.steps) {
    if (step.kind !== 'link') continue;
    const file = context.model(step.model.uri);
    if (!file.ok) return file;
    files.set(step.model.uri, file.value);
  }
  const meta = {
    producer: 'mdl-lang',
    producerVersion: context.version,
    ...(model.doc === undefined ? {} : { doc: model.doc }),
  };
  const onnx = emitOnnx(model.program, files, meta, (uri) => context.host.open(uri));
  if (!onnx.ok) return onnx;
  return succeed({ name: model.name, onnx: onnx.value, others: (written) => describe(model, written, context) });
}

function describe(model: CheckedModel, onnx: ManifestFile, context: BundleContext): ReturnType<Bundle['others']> {
  const tokenizers = tokenizerFiles(model, context);
  const manifest = createManifest(model, onnx, {
    compiler: `mdl-lang ${context.version}`,
    sources: context.sources,
    files: model.files.map((uri) => describeFile(uri, relativePath(uri, model.uri), context)),
    tokenizers: Object.fromEntries(tokenizers.map((t) => [t.key, t.file])),
  });
  return [
    { path: 'manifest.json', content: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: 'model.d.ts', content: emitDeclaration(manifest) },
    ...tokenizers.map((t) => ({ path: t.file.path, content: { uri: t.uri, offset: 0, length: t.file.bytes } })),
  ];
}

function describeFile(uri: string, path: string, context: BundleContext): ManifestFile {
  return { path, bytes: context.host.stat(uri)?.size ?? 0, sha256: context.fingerprints.get(uri) ?? '' };
}

/** The tokenizers of the model's inputs travel with it, so that the app needs no other file. */
function tokenizerFiles(model: CheckedModel, context: BundleContext): { key: string; uri: string; file: ManifestFile }[] {
  return model.tokenizers.map(({ name, version, uri }) => ({
    key: `${name}@${version}`,
    uri,
    file: describeFile(uri, `${name}.tokenizer.json`, context),
  }));
}
