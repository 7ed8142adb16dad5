/** The other files in which a model stores tensors: there, long enough, and in the model's own folder whatever links say. */
import { advised } from './advice.ts';
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Host } from '../../host/host.ts';
import { storedTensors } from '../../ir/stored-tensors.ts';
import type { OnnxFile } from './file.ts';

/** The first tensor whose elements cannot be where the file says; undefined where all can. */
export function findExternalProblem(file: OnnxFile, host: Pick<Host, 'stat' | 'realUri' | 'display'>): Finding | undefined {
  for (const [uri, tensor, end] of farthest(file)) {
    const refuse = (reason: string): Finding =>
      advised(onnxCodes.finding('onnx-external-data', { file: host.display(file.uri), tensor, reason }));
    const size = host.stat(uri)?.size;
    if (size === undefined) return refuse(`there is no file \`${host.display(uri)}\``);
    if (end > size) return refuse(`it ends at byte ${end} of \`${host.display(uri)}\`, which has ${size}`);
    if (!liesBeside(file.uri, uri, host)) return refuse(`\`${host.display(uri)}\` is a link that leads out of the model's folder`);
  }
  return undefined;
}

/** Of each other file the tensor that reaches farthest, and where it ends. */
function farthest(file: OnnxFile): readonly (readonly [string, string, number])[] {
  const ends = new Map<string, readonly [string, string, number]>();
  for (const { name, bytes } of storedTensors(file.graph)) {
    if (bytes === undefined || bytes instanceof Uint8Array || bytes.uri === file.uri) continue;
    const end = bytes.offset + bytes.length;
    if (end > (ends.get(bytes.uri)?.[2] ?? -1)) ends.set(bytes.uri, [bytes.uri, name, end]);
  }
  return [...ends.values()];
}

/** Download caches keep both files elsewhere, as links into one folder: that, too, is beside the model. */
function liesBeside(model: string, uri: string, host: Pick<Host, 'realUri'>): boolean {
  const real = host.realUri(uri);
  // The folder that the model is named in, itself perhaps reached by a link, and the one that it lies in.
  const folders = [host.realUri(folderOf(model)), folderOf(host.realUri(model))];
  return folders.some((folder) => real.startsWith(folder.endsWith('/') ? folder : `${folder}/`));
}

const folderOf = (uri: string): string => uri.slice(0, uri.lastIndexOf('/') + 1);
