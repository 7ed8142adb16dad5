/** Measures an upgrade of an encoder: before it, after it, and as it goes wrong. Prints a story and ends in one line of JSON. */
import path from 'node:path';
import { topClass } from 'mdl-lang/runtime';
import { heading, percent, readBytes, say, withProject } from '../project.mjs';

const here = import.meta.dirname;

/** The accuracies on `limit` of the 5,000 test pictures of the fashion example. */
export const run = ({ limit = 5000 } = {}) =>
  withProject(here, async ({ check, open }) => {
    heading('wrong.mdl: the new encoder, cut to the width that the old head takes');
    const wrong = check('wrong.mdl').codes;
    const models = { ...(await open('before.mdl')), ...(await open('after.mdl')), ...(await open('elsewhere.mdl')) };
    const images = await readBytes(path.join(here, '../fashion/data/test.images.npy'));
    const labels = await readBytes(path.join(here, '../fashion/data/test.labels.npy'));
    const rows = Math.min(limit, images.dims[0]);
    const accuracy = {};
    for (const [name, model] of Object.entries(models)) accuracy[name.toLowerCase()] = (await countHits(model, images, labels.data, rows)) / rows;
    heading(`the old head on ${rows} pictures`);
    say(`   with its own encoder ${percent(accuracy.before)}`);
    say(`   with the new encoder and the bridge ${percent(accuracy.after)}; nobody trained the head again`);
    say(`   with the new encoder alone, as in wrong.mdl, ${percent(accuracy.elsewhere)}, and no error from anybody`);
    const result = { example: 'upgrade', rows, wrong, accuracy };
    say(`\n${JSON.stringify(result)}`);
    return result;
  });

async function countHits(model, { dims: [, height, width], data }, labels, rows) {
  let hits = 0;
  for (let from = 0; from < rows; from += 100) {
    const to = Math.min(from + 100, rows);
    const pictures = { dims: [to - from, height, width], data: data.subarray(from * height * width, to * height * width) };
    const { clothes } = await model.run({ pictures });
    topClass(clothes).forEach(({ index }, i) => (hits += index === labels[from + i]));
  }
  return hits;
}
