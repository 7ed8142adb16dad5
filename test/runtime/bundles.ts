/** Bundles for the tests: a manifest written by hand around the real encoder of the glosses example. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Manifest, ManifestFile, ManifestTensor } from '../../src/bundle/manifest.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';

export const useLite = fileURLToPath(new URL('../../examples/glosses/models/use-lite/', import.meta.url));

export const fileOf = (folder: string, path: string): ManifestFile => {
  const bytes = readFileSync(join(folder, path));
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};

const tokens = (onnx: string, facts: ManifestTensor['facts']): ManifestTensor => ({
  onnx,
  dtype: 'i64',
  dims: [{ size: 'batch' }, { size: 'seq' }],
  facts,
});

/** The encoder as `mdl build` would describe it. */
export const useLiteManifest = (): Manifest => ({
  format: 'mdl-bundle@1',
  compiler: 'mdl 0.1.0',
  model: 'Encoder',
  onnx: fileOf(useLite, 'model.onnx'),
  opsets: { '': 14 },
  inputs: [
    {
      name: 'tokens',
      contract: 'Sentences',
      tokenizer: 'use_lite@1.0.0',
      fields: {
        ids: tokens('input_ids', [
          { kind: 'tokenizer', id: 'mdl-lang#use_lite', version: '1.0.0', evidence: 'declared' },
        ]),
        mask: tokens('attention_mask', [{ kind: 'mask', evidence: 'declared' }]),
      },
    },
  ],
  outputs: [
    {
      name: 'embedding',
      tensor: { onnx: 'embedding', dtype: 'f32', dims: [{ size: 'batch' }, { size: 512 }], facts: [] },
    },
  ],
  tokenizers: { 'use_lite@1.0.0': fileOf(useLite, 'tokenizer.json') },
  joints: [],
  sources: [],
});

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** An empty folder that is gone when the tests of the file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mdl-runtime-'));
  folders.push(folder);
  return folder;
}

/** Writes a bundle's folder; the files that the manifest names are copied from `from`. */
export function writeBundle(manifest: Manifest, from = useLite): string {
  const folder = temporaryFolder();
  for (const { path } of [manifest.onnx, ...Object.values(manifest.tokenizers)])
    copyFileSync(join(from, path), join(folder, path));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

/** A bundle around a small model's bytes, and its manifest. */
export function writeSmallBundle(
  model: Uint8Array,
  ports: Pick<Manifest, 'inputs' | 'outputs'>,
): { readonly folder: string; readonly manifest: Manifest } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.onnx'), model);
  const empty = { opsets: { '': 14 }, tokenizers: {}, joints: [], sources: [] };
  const onnx = fileOf(folder, 'model.onnx');
  const manifest: Manifest = {
    format: 'mdl-bundle@1',
    compiler: 'mdl 0.1.0',
    model: 'Small',
    onnx,
    ...empty,
    ...ports,
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return { folder, manifest };
}

export const plain = (onnx: string, dtype: string, sizes: readonly (number | string)[]): ManifestTensor => ({
  onnx,
  dtype,
  dims: sizes.map((size) => ({ size })),
  facts: [],
});

/** A bundle whose one node fails where `i` lies outside of `table`; it is named by its place in the source. */
export function writeIndexing(): string {
  const gather = encodeModel({
    node: [node('Gather', ['table', 'i'], ['y'], { name: 'reviews.mdl:31:5' })],
    input: [valueInfo('table', [3]), valueInfo('i', ['n'], dataTypes.INT64)],
    output: [valueInfo('y', ['n'])],
  });
  const inputs = [
    { name: 'table', tensor: plain('table', 'f32', [3]) },
    { name: 'i', tensor: plain('i', 'i64', ['n']) },
  ];
  return writeSmallBundle(gather, { inputs, outputs: [{ name: 'y', tensor: plain('y', 'f32', ['n']) }] }).folder;
}
