/** What an ONNX file computes, as a digest: what it says of its making may differ. */
import { createHash } from 'node:crypto';
import type { Manifest } from '../../bundle/manifest.ts';
import { computingParts } from '../../onnx/read/metadata-lines.ts';
import { raise } from '../errors.ts';
import type { BundleStore } from './store.ts';

/** Of the graph, the functions and the opsets of a file, and of the files in which weights of its bundle lie. */
export async function computationDigest({ store, manifest }: { readonly store: BundleStore; readonly manifest: Manifest }, path: string): Promise<string> {
  const source = store.open(path);
  const parts = computingParts(source);
  source.close();
  if (!parts.ok) raise(parts.finding);
  const hash = createHash('sha256');
  for (const { start, end } of parts.value) for await (const piece of store.pieces(path, start, end)) hash.update(piece);
  for (const file of manifest.data ?? []) hash.update(`${file.path} ${file.sha256}\n`);
  return hash.digest('hex');
}
