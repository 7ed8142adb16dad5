/** Searches glosses with two towers of different sizes, right and wrong. Prints a story and ends in one line of JSON. */
import { heading, percent, say, withProject } from '../project.mjs';
import { readGlosses } from './fit.mjs';

const here = import.meta.dirname;

/** How often a text is found by itself: `limit` queries, at most 1,000, each among as many texts. */
export const run = ({ limit = 1000 } = {}) =>
  withProject(here, async ({ check, open }) => {
    heading('wrong.mdl: one tokenizer for both towers');
    const wrong = check('wrong.mdl').codes;
    const { Search } = await open('search.mdl');
    const { Elsewhere } = await open('elsewhere.mdl');
    const texts = (await readGlosses()).measure.slice(0, limit);
    heading(`${texts.length} glosses, each searched among all by the large tower, and held by the small one`);
    const found = await measure(Search, texts);
    say(`   itself is the nearest for ${percent(found.first)}, among the ten nearest for ${percent(found.firstTen)} (chance: ${percent(1 / texts.length)})`);
    const elsewhere = await measure(Elsewhere, texts);
    say(`   with the tokens of wrong.mdl ${percent(elsewhere.first)} and ${percent(elsewhere.firstTen)}, and no error from anybody`);
    const result = { example: 'two-towers', rows: texts.length, wrong, found, elsewhere };
    say(`\n${JSON.stringify(result)}`);
    return result;
  });

/** The shares of queries that find themselves first, and among the first ten. Queries come in batches, texts all at once. */
async function measure(model, texts) {
  const hits = { first: 0, firstTen: 0 };
  for (let from = 0; from < texts.length; from += 250) {
    const queries = texts.slice(from, from + 250);
    const { similarity } = await model.run({ queries, texts });
    queries.forEach((_, i) => {
      const row = similarity.data.subarray(i * texts.length, (i + 1) * texts.length);
      const nearer = row.filter((value) => value > row[from + i]).length;
      hits.first += nearer === 0;
      hits.firstTen += nearer < 10;
    });
  }
  return { first: hits.first / texts.length, firstTen: hits.firstTen / texts.length };
}
