/** Which declaration brought a node of a foreign file into a model, for errors that name the node. */
import type { ManifestBackbone } from '../../bundle/manifest.ts';
import { MdlRuntimeError } from '../errors.ts';

/** The node that an error of ONNX Runtime names: while it runs one, where it has no kernel for one, and where types do not go together. */
export const namedNode = (reason: string): string | undefined => /(?:Name:'|node with name '|Node \()([^']*?)(?:'|\) Op \()/.exec(reason)?.[1];

/** An error of ONNX Runtime with one more note, where there is one to add; any other as it is. */
export function withNote(error: unknown, note: (error: MdlRuntimeError) => string | undefined): unknown {
  if (!(error instanceof MdlRuntimeError) || error.code !== 'runtime-failed') return error;
  const more = note(error);
  return more === undefined ? error : new MdlRuntimeError({ ...error.finding, notes: [...error.notes, more] }, { cause: error.cause });
}

/** An error of ONNX Runtime with a note on where a foreign node comes from; any other as it is. */
export const withOrigin = (error: unknown, backbones: readonly ManifestBackbone[] = []): unknown =>
  withNote(error, ({ message }) => (backbones.length === 0 ? undefined : originOf(message, backbones)));

function originOf(message: string, backbones: readonly ManifestBackbone[]): string | undefined {
  const node = namedNode(message);
  // Nodes of our own are named by their places.
  if (node === undefined || node === '' || /\.mdl:\d+:\d+/.test(node)) return undefined;
  const own = backbones.filter(({ name }) => node.startsWith(`${name}/`));
  const from = own.length > 0 ? own : backbones;
  const places = from.map(({ name, source, at }) => `the backbone \`${name}\`${at === undefined ? '' : ` (${at})`}, from ${source}`);
  return from.length === 1 ? `The node \`${node}\` is of ${places[0]}.` : `The node \`${node}\` is of one of these: ${places.join('; ')}.`;
}
