/** Learns the head of heads.mdl: `node examples/ocr/fit.mjs` writes its weights anew. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readBytes, withProject } from '../project.mjs';
import { ridge, rowsOf, writeMap } from '../ridge.mjs';

const here = import.meta.dirname;

/** The lines, whether each is upside down, and whether it is a number; the first 64 to learn from, the others to measure with. */
export async function readLines(from, to) {
  const [lines, turned, kinds] = await Promise.all(['lines', 'turned', 'kinds'].map((name) => readBytes(path.join(here, `data/${name}.npy`))));
  const [, height, width, colours] = lines.dims;
  const size = height * width * colours;
  const images = { dims: [to - from, height, width, colours], data: lines.data.subarray(from * size, to * size) };
  return { images, turned: turned.data.subarray(from, to), kinds: kinds.data.subarray(from, to) };
}

/** Least squares onto -4 and 4 for the two kinds, as logits. */
export const fitHead = () =>
  withProject(here, async ({ open }) => {
    const { Features } = await open('features.mdl');
    const { images, kinds } = await readLines(0, 64);
    const { features } = await Features.run({ lines: images });
    const targets = Array.from(kinds, (kind) => Float32Array.from([kind === 0 ? 4 : -4, kind === 1 ? 4 : -4]));
    return ridge(rowsOf(features), targets, 1e-1);
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeMap(path.join(here, 'heads/kind.safetensors'), await fitHead(), { w: 'linear.w', b: 'linear.b' });
}
