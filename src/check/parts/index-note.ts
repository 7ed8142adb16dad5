/** Bounds for each index of an axis that a body does not prove. */
import type { Ends, RangeStatement } from '../../types/fact.ts';
import { showBound } from '../../types/show.ts';

/** The first index whose bounds are not kept, with what is known of it. */
export function indexNote({ rows }: RangeStatement, known: RangeStatement): string[] {
  if (rows === undefined) return [];
  const knownAt = (index: number): Ends => (known.rows?.axis === rows.axis ? (known.rows.ends[index] ?? known) : known);
  const broken = rows.ends.flatMap((promised, index) => (knownAt(index).low < promised.low || knownAt(index).high > promised.high ? [{ promised, index }] : []));
  const [first] = broken;
  if (first === undefined) return [];
  const show = ({ low, high }: Ends): string => `[${showBound(low)}, ${showBound(high)}]`;
  const more = broken.length === 1 ? '' : `, and so on for ${broken.length} of ${rows.ends.length}`;
  return [`At index ${first.index} of ${rows.label === undefined ? `the axis ${rows.axis}` : `\`${rows.label}\``} it is to be ${show(first.promised)}, and ${show(knownAt(first.index))} is known${more}.`];
}
