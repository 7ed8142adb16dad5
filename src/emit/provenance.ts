/** What a composed ONNX file says of itself, so that it can be audited without its source or its manifest. */
import type { ManifestFile } from '../bundle/manifest.ts';
import { placesKey, type FilePlaces } from '../bundle/places.ts';
import type { CheckedModel } from '../check/model.ts';
import { metadataPrefix } from '../onnx/index.ts';
import type { SourceText } from '../text/source.ts';
import { describeInterface } from './manifest.ts';

export interface ProvenanceContext {
  readonly compiler: string;
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly files: readonly ManifestFile[];
  /** What our own weights are stored as; undefined: as their files have them. */
  readonly weights: 'f16' | undefined;
}

/** Lines of metadata_props. `part` names the encoder or head of a split model; the interface is that of the whole, the places are the file's. */
export function provenance(
  model: CheckedModel,
  part: string | undefined,
  places: FilePlaces,
  { compiler, sources, files, weights }: ProvenanceContext,
): Readonly<Record<string, string>> {
  const { joints, backbones, ...ports } = describeInterface(model, sources);
  const lines = {
    compiler,
    model: model.name,
    ...(part === undefined ? {} : { part }),
    ...(weights === undefined ? {} : { weights }),
    interface: JSON.stringify(ports),
    ...(backbones === undefined ? {} : { backbones: JSON.stringify(backbones) }),
    joints: JSON.stringify(joints),
    [placesKey]: JSON.stringify(places),
    sources: JSON.stringify(files),
  };
  return Object.fromEntries(Object.entries(lines).map(([key, value]) => [`${metadataPrefix}${key}`, value]));
}
