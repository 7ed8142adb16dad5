/** G4: does the head still know how sure it is? */
import { fitTemperature } from '../adapters/temperature.ts';
import type { Features } from '../matrix.ts';
import { binnedConfidences, confidences } from '../metrics/calibration.ts';
import { gapsOf, type Gaps } from '../statistics/binned-gaps.ts';
import { growthOfGaps, sizeOfGaps } from '../statistics/gap-sizes.ts';
import { countOf, type RowGroups } from '../statistics/groups.ts';
import type { Estimate } from '../statistics/interval.ts';
import { rowsToSeparate } from '../statistics/rows-to-decide.ts';
import { atMost, leastRows, show, tooFew, type GateResult } from './gate.ts';

const gate = 'G4 calibration';
/** Fewer than `ece` has: what is wrong with confidences changes slowly along them, and each bin more has noise of its own to hide it. */
const bins = 10;

/** The head's logits on its own encoder and behind the swap, on the same rows. */
export interface CalibrationRows {
  readonly own: Features;
  readonly swapped: Features;
  readonly labels: ArrayLike<number>;
  readonly groups?: RowGroups | undefined;
}

export interface CalibrationInput {
  /** On which the temperatures are found. */
  readonly calibrate: CalibrationRows;
  readonly test: CalibrationRows;
}

export interface CalibrationOptions {
  readonly seed: number;
  /** How much the expected calibration error may grow. Default 0.02. */
  readonly bar?: number;
  /** Of the noise of the bins. Default 500. */
  readonly draws?: number;
}

/**
 * Each side gets one temperature of its own, from the split for that: what is judged is whether the swap costs anything that one number does not bring
 * back. What is shipped has none, so how its error changes as it is, is told beside it, and what to do where that is more than the bar.
 */
export function calibrationGate(
  { calibrate, test }: CalibrationInput,
  { seed, bar = 0.02, draws = 500 }: CalibrationOptions,
): GateResult {
  const judged = countOf(test.own.rows, test.groups);
  const tempered = countOf(calibrate.own.rows, calibrate.groups);
  if (Math.min(tempered, judged) < leastRows) return tooFew(gate, Math.min(tempered, judged), tempered < judged ? 'calibrate' : 'judged', { groups: test.groups ?? calibrate.groups });
  const temperatures = { own: fitTemperature(calibrate.own, calibrate.labels), swapped: fitTemperature(calibrate.swapped, calibrate.labels) };
  const at = (logits: Features, temperature: number) => binnedConfidences(confidences(logits, test.labels, temperature), bins);
  const sides = [at(test.own, temperatures.own), at(test.swapped, temperatures.swapped), at(test.own, 1), at(test.swapped, 1)];
  const [own, swapped, ownShipped, swappedShipped] = gapsOf(sides, { seed, draws, groups: test.groups }) as [Gaps, Gaps, Gaps, Gaps];
  const [kept, shipped] = [growthOfGaps(own, swapped), growthOfGaps(ownShipped, swappedShipped)];
  const verdict = atMost(kept, bar);
  const advised = conditionOf({ own: ownShipped, shipped: swappedShipped, tempered: swapped }, shipped, temperatures.swapped, bar);
  const condition = advised?.told;
  const apart = `each side at a temperature of its own, ${temperatures.own.toFixed(2)} before and ${temperatures.swapped.toFixed(2)} after, the calibration error changes by ${show(kept)}`;
  return {
    gate,
    verdict,
    measures: [
      { name: 'temperature, own', value: temperatures.own },
      { name: 'temperature, swapped', value: temperatures.swapped },
      { name: 'ECE at its temperature, own', ...sizeOfGaps(own) },
      { name: 'ECE at its temperature, swapped', ...sizeOfGaps(swapped) },
      { name: 'change of ECE', ...kept, bar: `<= ${bar}` },
      { name: 'ECE as shipped, own', ...sizeOfGaps(ownShipped) },
      { name: 'ECE as shipped, swapped', ...sizeOfGaps(swappedShipped) },
      { name: 'change as shipped of ECE', ...shipped },
      ...(advised?.helps === true ? [{ name: 'temperature that is advised', value: temperatures.swapped }] : []),
    ],
    reason: `${apart[0]!.toUpperCase()}${apart.slice(1)}.${condition === undefined ? ` As shipped, without one, it changes by ${show(shipped)}.` : ` ${condition}`}`,
    ...(condition === undefined ? {} : { condition }),
    ...(verdict === 'INCONCLUSIVE' ? { open: [{ rows: rowsToSeparate(kept, bar, judged), of: 'judged' as const, leans: kept.value > bar ? ('FAIL' as const) : ('PASS' as const) }] } : {}),
  };
}

interface ShippedSides {
  readonly own: Gaps;
  readonly shipped: Gaps;
  /** The swapped side at its temperature. */
  readonly tempered: Gaps;
}

/**
 * What whoever reads confidences may do; undefined where they are surely as good as they are. A temperature is advised where with it the error surely grows by no more than the bar, or where it
 * surely lessens the error, and which of both is said: one that does neither is no advice.
 */
function conditionOf({ own, shipped, tempered }: ShippedSides, grown: Estimate, temperature: number, bar: number): { readonly told: string; readonly helps: boolean } | undefined {
  const asShipped = atMost(grown, bar);
  if (asShipped === 'PASS') return undefined;
  const told = `As shipped, without one, it changes by ${show(grown)}, ${asShipped === 'FAIL' ? `surely by more than ${bar}` : `which may be more than ${bar}`}`;
  const [then, less] = [growthOfGaps(own, tempered), growthOfGaps(shipped, tempered)];
  const dividing = `the logits by ${temperature.toFixed(2)}, as \`temperature\` of std/norm does`;
  if (atMost(then, bar) === 'PASS') return { told: `${told}: who reads confidences divides ${dividing}, and then it changes by ${show(then)}.`, helps: true };
  if (less.interval.high < 0) return { told: `${told}. Dividing ${dividing}, surely lessens it, to a change of ${show(then)}, which ${atMost(then, bar) === 'FAIL' ? 'is still' : 'may still be'} more than ${bar}.`, helps: true };
  return { told: `${told}. The temperature that fits best, ${temperature.toFixed(2)}, does not surely lessen it.`, helps: false };
}
