import { suggest } from '../text/suggest.ts';

/** A sentence that names the nearest known word, where one is near enough to be meant. */
export function didYouMean(word: string, known: readonly string[]): readonly string[] {
  const near = suggest(word, known);
  return near === undefined ? [] : [`Did you mean \`${near}\`?`];
}
