/** Texts. */
import { intDim } from '../../types/dim.ts';
import { known } from './known.ts';
import { dimsAt, intsOf, type Rule, type Rules } from './rule.ts';

/** Stop words are taken out, so the length depends on the words; a row of them stays a row. */
const normalizer: Rule = (call) => {
  const dims = dimsAt(call, 0);
  return [known('string', dims && [...dims.slice(0, -1), call.size()])];
};

/** Counts of n-grams: one for each index up to the highest. */
const tfIdf: Rule = (call) => {
  const dims = dimsAt(call, 0);
  const indexes = intsOf(call, 'ngram_indexes');
  const width = indexes === undefined || indexes.length === 0 ? call.size() : intDim(Math.max(...indexes) + 1);
  return [known('f32', dims && [...dims.slice(0, -1), width])];
};

const split: Rule = (call) => {
  const dims = dimsAt(call, 0);
  return [known('string', dims && [...dims, call.size()]), known('i64', dims)];
};

export const textRules: Rules = { StringNormalizer: normalizer, StringSplit: split, TfIdfVectorizer: tfIdf };
