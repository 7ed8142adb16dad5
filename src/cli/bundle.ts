/** One checked model to a bundle's folder. */
import { createBundle } from '../emit/index.ts';
import type { CheckedModel } from '../check/model.ts';
import type { Outcome } from '../diagnostics/diagnostic.ts';
import { writeBundle, type WrittenFile } from '../host/write.ts';
import type { Project, ProjectCheck } from './project.ts';
import { packageVersion } from './version.ts';

const encode = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Writes the model's bundle into `folder`, in the place of an older one. */
export async function buildModel(
  model: CheckedModel,
  folder: string,
  project: Project,
  check: ProjectCheck,
): Promise<Outcome<readonly WrittenFile[]>> {
  const bundle = createBundle(model, {
    host: project.host,
    version: packageVersion(),
    sources: check.sources,
    fingerprints: check.fingerprints,
    model: (uri) => project.compiler.files.model(uri),
  });
  if (!bundle.ok) return bundle;
  const { onnx, others } = bundle.value;
  return writeBundle(folder, async (add) => {
    const written = await add(onnx.path, onnx.pieces);
    for (const { path, content } of others(written)) await add(path, [typeof content === 'string' ? encode(content) : content]);
  });
}
