/** Whether a bundle that is there was made of the files that were verified: the usual mistake is one from before the swap. */
import path from 'node:path';
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedSwap } from '../../check/tools/index.ts';
import { tensorsOf } from '../../check/parts/signature.ts';
import type { Host } from '../../host/host.ts';
import type { Model } from '../../runtime/index.ts';
import { relativePath } from '../../text/paths.ts';
import { listed } from './grounds.ts';

export interface BundleFilesRequest {
  readonly swap: CheckedSwap;
  /** The model with the swap, with the outputs that are judged alone. */
  readonly verified: CheckedModel;
  /** What the bundle's manifest says it was built from. */
  readonly sources: Model['manifest']['sources'];
  /** The bundle's folder, as the call names it. */
  readonly name: string;
  readonly host: Host;
}

/** Digests are shown by as much of them as tells two apart. */
const digits = 12;

/**
 * Whole sentences: which files that were verified are not among those of the bundle, by their SHA-256, and what to type. None where all
 * are: a bundle may hold more, heads that nobody judged and arms of rollouts. A file that cannot be read here is not asked for.
 */
export function otherFiles({ swap, verified, sources, name, host }: BundleFilesRequest): readonly string[] {
  const built = new Map(sources.map((file) => [file.path, file.sha256]));
  const digests = new Set(built.values());
  const others = filesBehind(verified).flatMap((uri) => {
    const digest = host.sha256(uri);
    return !digest.ok || digests.has(digest.value) ? [] : [{ uri, digest: digest.value, there: built.get(relativePath(uri, swap.model.module.uri)) }];
  });
  if (others.length === 0) return [];
  const missing = others.filter(({ there }) => there === undefined).map(({ uri }) => host.display(uri));
  const changed = others.flatMap(({ uri, digest, there }) => (there === undefined ? [] : [`it was built with another ${host.display(uri)} (${there.slice(0, digits)}, here ${digest.slice(0, digits)})`]));
  const faults = [...(missing.length === 0 ? [] : [`it was built without ${listed(missing)}`]), ...changed];
  return [`${name} is not the model that was verified: ${faults.join(', and ')}. It was built from ${listed([...built.keys()])}.`, adviceFor(swap, name, host)];
}

/** The files that a model reaches, tokenizers of the inputs that it reads among them. */
function filesBehind({ files, tokenizers, inputs }: CheckedModel): readonly string[] {
  const read = inputs.flatMap(({ type }) => tensorsOf(type)).flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal] : [])));
  const unread = new Set(tokenizers.filter(({ name, version }) => !read.some((nominal) => nominal.name === name && nominal.version === version)).map(({ uri }) => uri));
  return files.filter((uri) => !unread.has(uri));
}

/** While the source still has the old part, building it again would make the same bundle. */
function adviceFor({ part, replacement, model, standing }: CheckedSwap, name: string, host: Host): string {
  const out = path.dirname(name);
  const command = `mdl build ${host.display(model.module.uri)} --model ${model.name}${path.basename(name) !== model.name || out === 'dist' ? '' : ` --out ${out}`}`;
  return standing === 'part' ? `Put \`${replacement.name}\` in the place of \`${part.name}\` in \`${model.name}\`, then build it: \`${command}\`.` : `Build it again: \`${command}\`.`;
}
