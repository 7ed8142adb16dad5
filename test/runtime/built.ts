/** A model written in MDL, built as `mdl build` does it and loaded on the CPU: source to answer, for the tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { materialize } from '../../src/emit/onnx.ts';
import type { MemoryFiles } from '../../src/host/memory.ts';
import type { BundleLayout } from '../../src/emit/index.ts';
import { createBundle, createCompiler } from '../../src/index.ts';
import { load, type LoadOptions, type Model } from '../../src/runtime/index.ts';
import { uriOf, worldOf } from '../check/world.ts';
import { valueOf } from '../onnx/helpers.ts';
import { fileOf, temporaryFolder } from './bundles.ts';

export interface Built {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Builds the first model of a module, which must be without errors. */
export function buildText(source: string, more: MemoryFiles = {}, layout: BundleLayout = {}): Built {
  const host = worldOf({ 'main.mdl': source, ...more });
  const compiler = createCompiler(host);
  const { models, diagnostics, sources } = compiler.check([uriOf('main.mdl')]);
  expect(diagnostics.filter((d) => d.severity === 'error').map((d) => `${d.code}: ${d.message}`)).toEqual([]);
  const bundle = valueOf(createBundle(models[0]!, { host, version: '0.0.0', sources, fingerprints: new Map(), layout, model: compiler.files.model }));
  const folder = temporaryFolder();
  for (const { path, pieces } of [bundle.onnx, ...bundle.more]) writeFileSync(join(folder, path), materialize(pieces, (uri) => host.open(uri)));
  const text = bundle.others(fileOf(folder, bundle.onnx.path), bundle.more.map(({ path }) => fileOf(folder, path))).find(({ path }) => path === 'manifest.json')!.content as string;
  // Files of a host in memory have no fingerprints, and nothing here asks for them.
  const manifest = text.replaceAll('"sha256": ""', `"sha256": "${'0'.repeat(64)}"`);
  writeFileSync(join(folder, 'manifest.json'), manifest);
  return { folder, manifest: JSON.parse(manifest) as Manifest };
}

/** Builds and loads a module's first model. */
export const loadText = (text: string, more: MemoryFiles = {}, options: Omit<LoadOptions, 'device'> = {}): Promise<Model> => load(buildText(text, more).folder, { device: 'cpu', ...options });
