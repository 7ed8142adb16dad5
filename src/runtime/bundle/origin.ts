/** Which declaration brought a node of a foreign file into a model, for errors that name the node. */
import type { ManifestBackbone } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { MdlRuntimeError } from '../errors.ts';

/** The node that an error of ONNX Runtime names: while it runs one, where it has no kernel for one, and where types do not go together. */
export const namedNode = (reason: string): string | undefined => /(?:Name:'|node with name '|Node \()([^']*?)(?:'|\) Op \()/.exec(reason)?.[1];

/** An error of ONNX Runtime with a note on where a foreign node comes from; any other as it is. */
export function withOrigin(error: unknown, backbones: readonly ManifestBackbone[] = []): unknown {
  if (!(error instanceof MdlRuntimeError) || error.code !== 'runtime-failed' || backbones.length === 0) return error;
  const node = namedNode(error.message);
  // Nodes of our own are named by their places.
  if (node === undefined || node === '' || /\.mdl:\d+:\d+/.test(node)) return error;
  const own = backbones.filter(({ name }) => node.startsWith(`${name}/`));
  const from = own.length > 0 ? own : backbones;
  const places = from.map(({ name, source, at }) => `the backbone \`${name}\`${at === undefined ? '' : ` (${at})`}, from ${source}`);
  const note = from.length === 1 ? `The node \`${node}\` is of ${places[0]}.` : `The node \`${node}\` is of one of these: ${places.join('; ')}.`;
  const finding = runtimeCodes.finding('runtime-failed', { doing: '', reason: '' });
  return new MdlRuntimeError({ ...finding, message: error.message.split('\n')[0]!, notes: [...error.notes, note] }, { cause: error.cause });
}
