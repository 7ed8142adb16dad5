/** The bundle's tokenizers, made when the first text comes. */
import { createTokenizer, readTokenizer, type BatchTokenizer, type TokenBatch } from '../data/tokenizer.ts';
import type { Outcome } from '../diagnostics/diagnostic.ts';
import { raise } from './errors.ts';

export interface TextEncoders {
  /** Encodes texts for an input; raises where one cannot be encoded. */
  encode(tokenizer: string, input: string, texts: readonly string[]): Promise<TokenBatch>;
  /** The number of ids; undefined where the tokenizer cannot be read. */
  vocabularySize(tokenizer: string): number | undefined;
}

/** From the manifest's keys to the text of each tokenizer.json. */
export function createTextEncoders(files: ReadonlyMap<string, string>): TextEncoders {
  const made = new Map<string, Promise<Outcome<BatchTokenizer>>>();
  const sizes = new Map<string, number | undefined>();
  return {
    async encode(key, input, texts) {
      let tokenizer = made.get(key);
      if (!tokenizer) made.set(key, (tokenizer = createTokenizer(files.get(key) ?? '')));
      const ready = await tokenizer;
      if (!ready.ok) raise(ready.finding);
      const batch = ready.value.encodeBatch(texts);
      if (!batch.ok) raise({ ...batch.finding, notes: [...batch.finding.notes, `It was given as \`${input}\`.`] });
      return batch.value;
    },
    vocabularySize(key) {
      if (!sizes.has(key)) {
        const info = readTokenizer(files.get(key) ?? '');
        sizes.set(key, info.ok ? info.value.vocabularySize : undefined);
      }
      return sizes.get(key);
    },
  };
}
