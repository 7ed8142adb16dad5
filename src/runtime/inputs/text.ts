/** The bundle's tokenizers, made when the first text comes. */
import { createTokenizer, readTokenizer, type BatchTokenizer, type TokenBatch } from '../../data/tokenizer.ts';
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import type { TokenizerText } from '../bundle/bundle-files.ts';
import { raise } from '../errors.ts';

export interface TextEncoders {
  /** Encodes texts for an input; raises where one cannot be encoded. */
  encode(tokenizer: string, input: string, texts: readonly string[]): Promise<TokenBatch>;
  /** The number of ids; undefined where the tokenizer cannot be read. */
  vocabularySize(tokenizer: string): number | undefined;
}

/** From the manifest's keys, which are known to be there, to each tokenizer.json. */
export function createTextEncoders(files: ReadonlyMap<string, TokenizerText>): TextEncoders {
  const made = new Map<string, Promise<Outcome<BatchTokenizer>>>();
  const sizes = new Map<string, number | undefined>();
  return {
    async encode(key, input, texts) {
      let tokenizer = made.get(key);
      if (!tokenizer) {
        const { path, text } = files.get(key)!;
        made.set(key, (tokenizer = createTokenizer(text, path)));
      }
      const ready = await tokenizer;
      if (!ready.ok) raise(ready.finding);
      const batch = ready.value.encodeBatch(texts);
      if (!batch.ok) raise({ ...batch.finding, notes: [...batch.finding.notes, `It was given as \`${input}\`.`] });
      return batch.value;
    },
    vocabularySize(key) {
      if (!sizes.has(key)) {
        const { path, text } = files.get(key)!;
        const info = readTokenizer(text, path);
        sizes.set(key, info.ok ? info.value.vocabularySize : undefined);
      }
      return sizes.get(key);
    },
  };
}
