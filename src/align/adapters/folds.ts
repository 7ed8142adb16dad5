/** Folds of cross-validation that divide no group. */
import { createRandom, permutation } from '../../data/random.ts';
import { foldCount, randomFolds } from './training.ts';

/** The fold of each row, those of a unit in one; as equal in size as the units let them be. The same for the same seed; undefined of fewer than 5 units. */
export function foldsOf(units: ArrayLike<string | number>, seed: number): Uint8Array | undefined {
  const rows = new Map<string | number, number[]>();
  for (let row = 0; row < units.length; row++) {
    const known = rows.get(units[row]!);
    if (known === undefined) rows.set(units[row]!, [row]);
    else known.push(row);
  }
  if (rows.size < foldCount) return undefined;
  if (rows.size === units.length) return randomFolds(units.length, seed);
  const members = [...rows.values()];
  const order = Array.from(permutation(members.length, createRandom(seed)), (i) => members[i]!);
  const sizes = new Uint32Array(foldCount);
  const found = new Uint8Array(units.length);
  // The largest first: what comes last evens out.
  for (const unit of order.toSorted((a, b) => b.length - a.length)) {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold]! += unit.length;
    for (const row of unit) found[row] = fold;
  }
  return found;
}
