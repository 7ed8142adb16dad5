/** Files by their paths, and the names of tensors in the file behind a backbone or a part's weights. */
import type { Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import type { Host } from '../../host/host.ts';
import type { View } from '../view.ts';
import type { Proposal } from './items.ts';

export function fileNames({ declaration, module }: Symbol, { files }: View): readonly string[] {
  if (declaration.kind === 'BackboneDecl') {
    const path = declaration.members.find((m) => m.kind === 'SourceClause')?.path.value;
    const uri = path === undefined ? undefined : resolvePath(path, module.uri);
    const model = uri === undefined ? undefined : files.model(uri);
    return model?.ok ? [...model.value.graph.inputs, ...model.value.graph.outputs] : [];
  }
  const path = declaration.kind === 'PartDecl' ? declaration.weights?.path.value : undefined;
  const uri = path === undefined ? undefined : resolvePath(path, module.uri);
  const file = uri === undefined ? undefined : files.weights(uri);
  return file?.ok ? [...file.value.tensors.keys()] : [];
}

/** What a folder holds of files with one of some endings, and the folders below it. */
export function filePaths({ endings, folder }: { readonly endings: readonly string[]; readonly folder: string }, from: string, host: Host): Proposal[] {
  const uri = resolvePath(folder === '' ? './' : folder, from);
  if (uri === undefined || !uri.endsWith('/')) return [];
  const start = folder === '' ? './' : '';
  const files = (host.filesIn?.(uri) ?? []).filter((name) => endings.some((ending) => name.toLowerCase().endsWith(ending)));
  const folders = (host.foldersIn?.(uri) ?? []).map((name) => `${name}/`);
  return [...files, ...folders].map((name) => ({ label: `${start}${name}`, kind: 'value' }));
}
