/** Damerau-Levenshtein distance (optimal string alignment), with `bound + 1` for anything farther. */
export function editDistance(a: string, b: string, bound = 3): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let before: number[] = [];
  let previous = 0;
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
      if (best < least) least = best;
    }
    // Two rows are enough to see that it only grows from here: a swap looks no farther back.
    if (least > bound && previous > bound) return bound + 1;
    previous = least;
    before = last;
    last = row;
  }
  return Math.min(last[b.length]!, bound + 1);
}

/** Longer words are near only where they are the same but for their case: finding a distance takes the product of both lengths. */
const longestWord = 100;
/** Of more candidates, the first: a text may have as many mistyped words. */
export const mostCandidates = 1_000;

/** The candidate that was probably meant: within a third of the word's length, case aside; undefined if none is near. */
export const suggest = (word: string, candidates: Iterable<string>): string | undefined => nearest(word, candidates)[0];

/** All candidates that are as near as the nearest one, in their order: with several of them nobody knows which was meant. */
export function nearest(word: string, candidates: Iterable<string>): readonly string[] {
  const wanted = word.toLowerCase();
  // A name of one letter is near to every other one.
  const bound = word.length < 2 || word.length > longestWord ? 0 : Math.max(1, Math.floor(word.length / 3));
  let best: string[] = [];
  let distance = bound;
  let looked = 0;
  for (const candidate of candidates) {
    if (looked++ === mostCandidates) break;
    if (candidate === word || Math.abs(candidate.length - word.length) > bound) continue;
    const lower = candidate.toLowerCase();
    const d = lower === wanted ? 0 : bound === 0 ? 1 : editDistance(wanted, lower, bound);
    if (d > distance) continue;
    best = d === distance && best.length > 0 ? [...best, candidate] : [candidate];
    distance = d;
  }
  if (best.length < 2) return best;
  // Of names that differ in their case alone, the one that is written as the word is.
  const exact = best.map((candidate) => editDistance(word, candidate, word.length));
  return [...new Set(best.filter((_, i) => exact[i] === Math.min(...exact)))];
}
