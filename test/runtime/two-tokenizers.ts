/** A bundle written by hand whose two inputs are made by two tokenizers and share the size `seq`; it answers what it is fed. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ManifestPort, ManifestTensor } from '../../src/bundle/manifest.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { fileOf, plain, writeSmallBundle } from './bundles.ts';

const models = fileURLToPath(new URL('../../examples/glosses/models/', import.meta.url));
const dims = ['batch', 'seq'] as const;
const inputs = [
  ['words', 'use-lite'],
  ['bytes', 'gloss-bytes'],
] as const;

const ids = (name: string, tokenizer: string): ManifestTensor => ({
  ...plain(`${name}.ids`, 'i64', dims),
  facts: [{ kind: 'tokenizer', id: `test#${tokenizer}`, version: '1.0.0', evidence: 'declared' }],
});
const mask = (name: string): ManifestTensor => ({
  ...plain(`${name}.mask`, 'i64', dims),
  facts: [{ kind: 'mask', evidence: 'declared' }],
});

/** The bundle's folder. Outputs: `words` and `bytes`, each `{ ids, mask }` as fed. */
export function writeTwoTokenizers(): string {
  const names = inputs.flatMap(([name]) => [`${name}.ids`, `${name}.mask`]);
  const bytes = encodeModel({
    node: names.map((name) => node('Identity', [name], [`${name}.out`])),
    input: names.map((name) => valueInfo(name, dims, dataTypes.INT64)),
    output: names.map((name) => valueInfo(`${name}.out`, dims, dataTypes.INT64)),
  });
  const { folder, manifest } = writeSmallBundle(bytes, {
    inputs: inputs.map(
      ([name, tokenizer]): ManifestPort => ({
        name,
        tokenizer,
        fields: { ids: ids(name, tokenizer), mask: mask(name) },
      }),
    ),
    outputs: inputs.map(([name]) => ({
      name,
      fields: { ids: plain(`${name}.ids.out`, 'i64', dims), mask: plain(`${name}.mask.out`, 'i64', dims) },
    })),
  });
  for (const [, tokenizer] of inputs) copyFileSync(join(models, tokenizer, 'tokenizer.json'), join(folder, `${tokenizer}.json`));
  const tokenizers = Object.fromEntries(inputs.map(([, tokenizer]) => [tokenizer, fileOf(folder, `${tokenizer}.json`)]));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, tokenizers }));
  return folder;
}
