/** Which name was probably meant by one that is not there. */
import { editDistance, mostCandidates, suggest } from '../text/suggest.ts';

/** Up to this length a changed letter makes another word: `gelu` is not `relu`. */
const shortWord = 5;

/**
 * The name that was probably meant, or undefined. A short word must have the same letters: only case, two letters
 * swapped, a letter left out or one doubled are slips of the hand.
 */
export function suggestName(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > shortWord) return suggest(word, candidates);
  return suggest(word, [...candidates].slice(0, mostCandidates).filter((candidate) => isSlip(word.toLowerCase(), candidate.toLowerCase())));
}

function isSlip(word: string, meant: string): boolean {
  if (word === meant) return true;
  if (editDistance(word, meant, 1) !== 1) return false;
  if (word.length < meant.length) return true;
  if (word.length > meant.length) return [...word].some((letter, i) => letter === word[i - 1] && word.slice(0, i) + word.slice(i + 1) === meant);
  return [...word].sort().join('') === [...meant].sort().join('');
}
