/** Which name was probably meant by one that is not there. */
import { editDistance, mostCandidates, nearest } from '../text/suggest.ts';

/** Up to this length a changed letter makes another word: `gelu` is not `relu`. */
const shortWord = 5;

/**
 * The names that are as near as the nearest one. A short word must have the same letters: only case, two letters
 * swapped, a letter left out, one doubled, and one too many behind four that are right, `relux`, are slips of the hand.
 */
export function nearestNames(word: string, candidates: Iterable<string>): readonly string[] {
  if (word.length > shortWord) return nearest(word, candidates);
  return nearest(word, [...candidates].slice(0, mostCandidates).filter((candidate) => isSlip(word.toLowerCase(), candidate.toLowerCase())));
}

/** The name that was probably meant, or undefined. */
export const suggestName = (word: string, candidates: Iterable<string>): string | undefined => nearestNames(word, candidates)[0];

function isSlip(word: string, meant: string): boolean {
  if (word === meant) return true;
  if (editDistance(word, meant, 1) !== 1) return false;
  if (word.length < meant.length) return true;
  if (word.length > meant.length && meant.length >= shortWord - 1 && /[a-z_]$/.test(word) && word.startsWith(meant)) return true;
  if (word.length > meant.length) return [...word].some((letter, i) => letter === word[i - 1] && word.slice(0, i) + word.slice(i + 1) === meant);
  return [...word].sort().join('') === [...meant].sort().join('');
}
