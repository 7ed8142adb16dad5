/** Learns the bridge of bridge.mdl: `node examples/upgrade/fit.mjs` writes its weights anew. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readBytes, withProject } from '../project.mjs';
import { ridge, rowsOf, writeMap } from '../ridge.mjs';

const here = import.meta.dirname;

/** The map from the new encoder's vectors to the old one's, from the pictures in data/. */
export const fitBridge = () =>
  withProject(here, async ({ open }) => {
    const { Pairs } = await open('pairs.mdl');
    const { dims, data } = await readBytes(path.join(here, 'data/pairs.images.npy'));
    const { before, after } = await Pairs.run({ pictures: { dims, data } });
    return ridge(rowsOf(after), rowsOf(before));
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeMap(path.join(here, 'weights/back.safetensors'), await fitBridge(), { w: 'linear.w', b: 'linear.b' });
}
