/**
 * Bytes that were divided by 255 once too often. What comes out lies inside every range that right pixels have, and is nearly black: no demand
 * of a range refuses it. What tells it from small numbers that are meant is the share: about a 255th of the range that is taken.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Ends, Fact, RangeStatement } from '../../types/fact.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import type { Sides } from './joint.ts';

/** Who writes down the range of pixels rounds it, outwards more often: [-3, 3] where means and deviations give [-2.2, 2.7]. */
const [leastShare, mostShare] = [1 / 400, 1 / 200];

type RangeFact = Fact & RangeStatement;

/** Warns of floats of which operators leave a 255th of the range that is demanded, unless a contract said more of them: its author was told. */
export function warnOfScaledTwice(demand: Fact, found: TensorType, sides: Sides, env: Env): void {
  if (demand.kind !== 'range' || env.joints === undefined) return;
  const ranges = found.facts.filter((fact): fact is RangeFact => fact.kind === 'range');
  const share = ranges.find((range) => range.evidence === 'proved' && isShare(range, demand));
  if (share === undefined || ranges.some((range) => range !== share && isOfTheUser(range))) return;
  const { low, high } = share;
  const does = sides.promised ? 'promises' : 'takes';
  env.report(
    jointCodes.report('scaled-twice', { from: sides.from, to: sides.to, does }, sides.location, {
      label: `known: range [${showBound(low)}, ${showBound(high)}]`,
      related: demand.location === undefined ? sides.related : [{ location: demand.location, text: `range [${showBound(demand.low)}, ${showBound(demand.high)}]` }],
      notes: ['Bytes are divided by 255 once: `to_unit` and `rescale` of "std/vision" do that, and pictures in [0, 1] have it behind them. Leave out one of the divisions.'],
    }),
  );
}

/** What the library promises of its results holds for whatever goes in. */
const isOfTheUser = ({ location }: Fact): boolean => location !== undefined && !location.uri.startsWith('std:');

/** Whether each row fills about a 255th of what is taken of it. */
function isShare(range: RangeFact, demand: RangeFact): boolean {
  const rows = range.rows?.ends ?? [range];
  const taken = demand.rows?.ends.length === rows.length ? demand.rows.ends : rows.map(() => demand);
  return rows.every((ends, i) => {
    const share = lengthOf(ends) / lengthOf(taken[i]!);
    return share > leastShare && share < mostShare;
  });
}

const lengthOf = ({ low, high }: Ends): number => high - low;
