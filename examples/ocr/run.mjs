/** Reads lines of text with PP-OCR's classifier and a second head of ours. Prints a story and ends in one line of JSON. */
import { topClass } from 'mdl-lang/runtime';
import { heading, percent, say, withProject } from '../project.mjs';
import { readLines } from './fit.mjs';

const here = import.meta.dirname;

/** The accuracies on `limit` of the 64 lines that the head has not seen. */
export const run = ({ limit = 64 } = {}) =>
  withProject(here, async ({ check, open }) => {
    heading('wrong.mdl: red, green and blue for a network that wants blue first');
    const wrong = check('wrong.mdl').codes;
    const models = { ...(await open('ocr.mdl')), ...(await open('elsewhere.mdl')) };
    const rows = Math.min(limit, 64);
    const test = await readLines(64, 64 + rows);
    heading(`accuracy on ${rows} lines: which way up, and word or number`);
    const accuracy = {};
    for (const [name, model] of Object.entries(models)) {
      const { turned, kind } = await model.run({ lines: test.images });
      accuracy[name] = { turned: share(turned, test.turned), kind: share(kind, test.kinds) };
      say(`   ${name}: ${percent(accuracy[name].turned)}, ${percent(accuracy[name].kind)}`);
    }
    const { Ocr, ...elsewhere } = accuracy;
    const result = { example: 'ocr', rows, wrong, accuracy: Ocr, elsewhere };
    say(`\n${JSON.stringify(result)}`);
    return result;
  });

const share = (output, classes) => topClass(output).filter(({ index }, i) => index === classes[i]).length / classes.length;
