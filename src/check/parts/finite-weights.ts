/** Weights that are no numbers: what is computed with them is none either. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Location } from '../../text/source.ts';
import type { Owned } from './weight-types.ts';

/** Warns of the tensors among these that hold NaN or an infinity. */
export function warnOfNotFinite(keys: Iterable<string>, { owner, name, file, checker }: Owned, location: Location): void {
  for (const key of keys) {
    const found = file?.notFinite(key);
    if (found === undefined) continue;
    const args = { key, file: name, index: found.index, value: found.value, more: found.count - 1 };
    checker.diagnostics.push(foreignCodes.report('weight-not-finite', args, location, {
      label: `read by \`${owner.name}\``,
      notes: [found.value === 'NaN' ? 'Whatever is computed with NaN is NaN, so that the answers say nothing. A training that diverged leaves such weights: take those of an earlier step.' : 'A training that overflowed leaves such weights, and infinity times 0 is NaN; where it is meant, as in a mask, write a large number instead.'],
    }));
  }
}
