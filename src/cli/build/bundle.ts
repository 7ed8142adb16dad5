/** One checked model to a bundle's folder. */
import { pathToFileURL } from 'node:url';
import { createBundle, type BundleFile, type BundleLayout, type DeclaredTools } from '../../emit/index.ts';
import type { Piece } from '../../onnx/index.ts';
import { manifestSeal, unsealed } from '../../bundle/manifest-seal.ts';
import type { CheckedModel } from '../../check/model.ts';
import { succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { createBlockCache } from '../../host/block-cache.ts';
import { writeBundle, type LinkedBy, type WrittenFile } from '../../host/write.ts';
import type { Project, ProjectCheck } from '../project/project.ts';
import { packageVersion } from '../version.ts';

const manifestName = 'manifest.json';
const encode = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A file of the bundle that is one of the project's under another name. */
export interface Link {
  readonly path: string;
  readonly to: string;
  readonly by: LinkedBy;
}

export interface WrittenBundle {
  readonly files: readonly WrittenFile[];
  readonly links: readonly Link[];
  readonly notes: readonly string[];
}

/** Writes the model's bundle into `folder`, in the place of an older one. */
export async function buildModel(
  model: CheckedModel,
  folder: string,
  project: Project,
  check: ProjectCheck,
  layout: BundleLayout = {},
  tools?: DeclaredTools,
): Promise<Outcome<WrittenBundle>> {
  const bundle = createBundle(model, {
    host: project.host,
    version: packageVersion(),
    sources: check.sources,
    fingerprints: check.fingerprints,
    layout,
    ...(tools === undefined ? {} : { tools }),
    model: (uri) => project.compiler.files.model(uri),
  });
  if (!bundle.ok) return bundle;
  const { onnx, more, linked, notes, texts, others } = bundle.value;
  const links: Link[] = [];
  const blocks = project.cache === undefined ? undefined : createBlockCache(project.cache);
  const files = await writeBundle(folder, async (add, link) => {
    const weights: WrittenFile[] = [];
    const write = ({ path, pieces, data, seal }: BundleFile): Promise<WrittenFile> => add(path, heldPieces([...pieces, ...(data?.(weights) ?? [])], project), seal);
    // The files of weights come first: those of the graphs tell their digests.
    for (const file of more) if (file.data === undefined) weights.push(await write(file));
    const written = await write(onnx);
    const parts: WrittenFile[] = [];
    for (const file of more) if (file.data !== undefined) parts.push(await write(file));
    for (const { uri, ...file } of linked) links.push({ path: file.path, to: project.host.display(uri), by: link(uri, file) });
    const told: WrittenFile[] = [];
    for (const { path, content } of texts) told.push(await add(path, [encode(content)]));
    for (const { path, content } of others(written, [...parts, ...weights], told)) {
      if (path === manifestName) await add(path, [encode(unsealed(content as string))], ({ sha256 }) => encode(manifestSeal(sha256)));
      else await add(path, [typeof content === 'string' ? encode(content) : content]);
    }
  }, (place) => project.host.display(place.startsWith('file:') ? place : pathToFileURL(place).href), blocks);
  blocks?.save();
  return files.ok ? succeed({ files: files.value, links, notes }) : files;
}

/** The writer copies from the disk: what is not there yet is handed over as bytes. */
const heldPieces = (pieces: readonly Piece[], { held }: Project): readonly Piece[] =>
  held === undefined ? pieces : pieces.map((piece) => (piece instanceof Uint8Array ? piece : (held.get(piece.uri)?.subarray(piece.offset, piece.offset + piece.length) ?? piece)));
