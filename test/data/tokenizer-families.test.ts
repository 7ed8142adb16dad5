/**
 * Tokenizers as the well-known families have them, with their real patterns and small vocabularies: the ids are those of
 * the original library (tokenizers 0.23.2 for Python), which trained the vocabularies, too.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../../src/data/tokenizer.ts';

interface Families {
  readonly texts: readonly string[];
  /** The ids of each text, special tokens included. */
  readonly families: Readonly<Record<string, { readonly tokenizer: object; readonly ids: readonly (readonly number[])[] }>>;
}

const { texts, families }: Families = JSON.parse(readFileSync(new URL('fixtures/tokenizer-families.json', import.meta.url), 'utf8'));

async function idsOf(tokenizer: object, text: string): Promise<readonly number[]> {
  const made = await createTokenizer(JSON.stringify(tokenizer));
  if (!made.ok) throw new Error(made.finding.message);
  const batch = made.value.encodeBatch([text]);
  if (!batch.ok) throw new Error(batch.finding.message);
  const { ids, mask } = batch.value;
  return Array.from(ids, Number).filter((_, i) => mask[i] === 1n);
}

describe.each(Object.entries(families))('%s', (_, { tokenizer, ids }) => {
  test.each(texts.map((text, i) => [text, ids[i]!] as const))('%j', async (text, expected) => {
    expect(await idsOf(tokenizer, text)).toEqual(expected);
  });

  test('half a pair of surrogates is a character that cannot be read', async () => {
    expect(await idsOf(tokenizer, 'a\ud83d b\udc4d')).toEqual(await idsOf(tokenizer, 'a\ufffd b\ufffd'));
  });
});
