/** The names of tensors in the file behind a backbone or a part's weights. */
import type { Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import type { View } from '../view.ts';

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
