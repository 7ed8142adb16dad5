/** Facts as people name them at first, and how they are said here. */
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Location } from '../../text/source.ts';
import { isKind } from './declarations.ts';
import type { TypeScope } from './type-scope.ts';

/** How facts are written that are more than a word. */
export const spellings: Readonly<Record<string, string>> = {
  norm: 'norm(-1) == 1',
  sum: 'sum(-1) == 1',
  mean: 'mean(-1) == 0',
  std: 'std(-1) == 1',
  range: 'range [0, 1]',
};

const unitNorm = 'norm(-1) == 1 +- 1e-3';
const shares = 'range [0, 1], sum(-1) == 1';

const byWord: Readonly<Record<string, string>> = {
  unit: unitNorm, unit_norm: unitNorm, unit_length: unitNorm, unit_vector: unitNorm, unit_vectors: unitNorm, normalized: unitNorm, normalised: unitNorm,
  l2_normalized: unitNorm, l2_normalised: unitNorm, l2: unitNorm, normed: unitNorm,
  probability: 'range [0, 1]', probabilities: shares, probs: shares, distribution: shares, simplex: shares, softmax: shares, stochastic: shares,
  unit_interval: 'range [0, 1]', bounded: 'range [0, 1]',
  positive: 'range [0, inf]', nonnegative: 'range [0, inf]', non_negative: 'range [0, inf]', unsigned: 'range [0, inf]', negative: 'range [-inf, 0]',
  binary: 'mask', boolean: 'mask', bool: 'mask', zero_one: 'mask', zeros_and_ones: 'mask', prefix: 'prefix_mask', right_padded: 'prefix_mask', onehot: 'one_hot',
  int: 'integer', integral: 'integer', whole: 'integer', integers: 'integer',
  no_nan: 'finite', not_nan: 'finite', nonan: 'finite', nan_free: 'finite', isfinite: 'finite', is_finite: 'finite', no_inf: 'finite',
  not_zero: 'nonzero', no_zero_rows: 'nonzero',
  centered: 'mean(-1) == 0 +- 1e-3', centred: 'mean(-1) == 0 +- 1e-3', zero_mean: 'mean(-1) == 0 +- 1e-3',
  standardized: 'mean(-1) == 0 +- 1e-3, std(-1) == 1 +- 1e-3', standardised: 'mean(-1) == 0 +- 1e-3, std(-1) == 1 +- 1e-3', unit_variance: 'std(-1) == 1 +- 1e-3',
};

const reductionsByWord: Readonly<Record<string, string>> = {
  l2: 'norm', l2_norm: 'norm', length: 'norm', magnitude: 'norm', len: 'norm', average: 'mean', avg: 'mean', total: 'sum', stddev: 'std', deviation: 'std', sd: 'std',
};

/** What a fact of one word was probably meant to say: something that is declared, the value of an attribute, or one of other words. */
export function meantFact(word: string, scope: TypeScope): string | undefined {
  const { names } = scope.module;
  const declared = names.get(word);
  if (isKind(declared, 'SpaceDecl')) return `space ${word}`;
  if (isKind(declared, 'TokenizerDecl')) return `tokenizer ${word}`;
  const attribute = [...names].find(([, symbol]) => isKind(symbol, 'AttributeDecl') && symbol.declaration.values.some(({ text }) => text === word));
  if (attribute !== undefined) return `${attribute[0]} == ${word}`;
  return own(byWord, word.toLowerCase());
}

export const meantReduction = (word: string): string | undefined => own(reductionsByWord, word.toLowerCase());

const elements: ReadonlySet<string> = new Set(['x', 'value', 'values', 'min', 'max', 'minimum', 'maximum', 'element', 'elements', 'all', 'each']);

/** `min >= 0` and `values <= 1`, which bound the values. */
export function meantRange(word: string, op: string, bound: string): string | undefined {
  if (!elements.has(word.toLowerCase()) || !/^-?[\d.e+-]+$/.test(bound)) return undefined;
  return op === '>=' ? `range [${bound}, inf]` : op === '<=' ? `range [-inf, ${bound}]` : undefined;
}

export const sayFix = (fact: string, location: Location): Fix => ({ title: `write \`${fact}\``, edits: [{ location, text: fact }] });

const own = (table: Readonly<Record<string, string>>, word: string): string | undefined => (Object.hasOwn(table, word) ? table[word] : undefined);
