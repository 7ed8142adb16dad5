/**
 * Checks, builds and runs the fashion example, and measures what its wrong twin would cost. Prints a story and ends in one
 * line of JSON.
 */
import path from 'node:path';
import { topClass } from 'mdl-lang/runtime';
import { heading, percent, readBytes, say, withProject } from '../project.mjs';

const here = import.meta.dirname;

/** The accuracies on `limit` of the 5,000 test pictures. */
export const run = ({ limit = 5000 } = {}) =>
  withProject(here, async ({ check, open }) => {
    heading('wrong.mdl: pixels from 0 to 1, which lie within the range that the encoder takes');
    const wrong = check('wrong.mdl').codes;
    const { Fashion } = await open('fashion.mdl');
    const { Elsewhere } = await open('elsewhere.mdl');
    const pictures = await readPictures(limit);
    heading(`accuracy on ${pictures.length} pictures, from their bytes on`);
    const accuracy = await measure(Fashion, pictures);
    say(`   the convolutional network ${percent(accuracy.cnn)}, the mixer ${percent(accuracy.mixer)}`);
    const elsewhere = await measure(Elsewhere, pictures);
    say(`   with the pixels of wrong.mdl, from an encoder without a contract: ${percent(elsewhere.cnn)}, and no error from anybody`);
    const result = { example: 'fashion', rows: pictures.length, wrong, accuracy, elsewhere };
    say(`\n${JSON.stringify(result)}`);
    return result;
  });

async function readPictures(limit) {
  const images = await readBytes(path.join(here, 'data/test.images.npy'));
  const labels = await readBytes(path.join(here, 'data/test.labels.npy'));
  const [count, height, width] = images.dims;
  const length = Math.min(limit, count);
  const size = height * width;
  return { length, batch: (from, to) => ({ dims: [to - from, height, width], data: images.data.subarray(from * size, to * size) }), labels: labels.data };
}

/** The share of right answers of each output. */
async function measure(model, { length, batch, labels }) {
  const hits = {};
  for (let from = 0; from < length; from += 100) {
    const outputs = await model.run({ pictures: batch(from, Math.min(from + 100, length)) });
    for (const [name, output] of Object.entries(outputs)) {
      hits[name] ??= 0;
      topClass(output).forEach(({ index }, i) => (hits[name] += index === labels[from + i]));
    }
  }
  return Object.fromEntries(Object.entries(hits).map(([name, count]) => [name, count / length]));
}
