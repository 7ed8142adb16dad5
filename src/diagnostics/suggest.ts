/** The candidate that a mistyped word most likely means, or undefined where none is near. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  // A third of the letters may be wrong: more is guessing.
  let best = { candidate: undefined as string | undefined, distance: Math.max(1, Math.floor(word.length / 3)) + 0.5 };
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= best.distance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase()) + (differsOnlyInCase(word, candidate) ? 0.25 : 0);
    if (distance < best.distance) best = { candidate, distance };
  }
  return best.candidate;
}

const differsOnlyInCase = (a: string, b: string): boolean => a !== b && a.toLowerCase() === b.toLowerCase();

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
