/** Learns the bridge of towers.mdl: `node examples/two-towers/fit.mjs` writes its weights anew. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readLines, withProject } from '../project.mjs';
import { ridge, rowsOf, writeMap } from '../ridge.mjs';

const here = import.meta.dirname;

/** The glosses: the first 1,000 to learn from, the others to measure with. */
export const readGlosses = async () => {
  const all = (await readLines(path.join(here, '../glosses/data/test.jsonl'))).map(({ text }) => text);
  return { learn: all.slice(0, 1000), measure: all.slice(1000) };
};

/** The map from the small tower's vectors to the large one's. */
export const fitBridge = () =>
  withProject(here, async ({ open }) => {
    const { Pairs } = await open('pairs.mdl');
    const { learn } = await readGlosses();
    const [xs, ys] = [[], []];
    for (let from = 0; from < learn.length; from += 50) {
      const texts = learn.slice(from, from + 50);
      const { large, small } = await Pairs.run({ sentences: texts, words: texts });
      xs.push(...rowsOf(small));
      ys.push(...rowsOf(large));
    }
    return ridge(xs, ys, 1e-1);
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeMap(path.join(here, 'weights/bridge.safetensors'), await fitBridge(), { w: 'linear.w', b: 'linear.b' });
}
