/** G4: does the head still know how sure it is? */
import { fitTemperature } from '../adapters/temperature.ts';
import type { Features } from '../matrix.ts';
import { calibrationError, confidences } from '../metrics/calibration.ts';
import { bootstrap } from '../statistics/bootstrap.ts';
import { countOf, type RowGroups } from '../statistics/groups.ts';
import type { Estimate } from '../statistics/interval.ts';
import { atMost, leastRows, rowsToSeparate, show, tooFew, type GateResult, type Verdict } from './gate.ts';

const gate = 'G4 calibration';

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
  /** Default 499. */
  readonly resamples?: number;
}

/**
 * Each side gets one temperature of its own, from the split for that: what is judged is whether the swap costs anything that one number does not bring
 * back. What is shipped has none, so how its error changes as it is, is told beside it, and what to do where that is more than the bar.
 */
export function calibrationGate(
  { calibrate, test }: CalibrationInput,
  { seed, bar = 0.02, resamples = 499 }: CalibrationOptions,
): GateResult {
  const judged = countOf(test.own.rows, test.groups);
  const rows = Math.min(countOf(calibrate.own.rows, calibrate.groups), judged);
  if (rows < leastRows) return tooFew(gate, rows, test.groups ?? calibrate.groups);
  const temperatures = { own: fitTemperature(calibrate.own, calibrate.labels), swapped: fitTemperature(calibrate.swapped, calibrate.labels) };
  const errors = (own: number, swapped: number) => [calibrationError(confidences(test.own, test.labels, own)), calibrationError(confidences(test.swapped, test.labels, swapped))] as const;
  const change = ([before, after]: ReturnType<typeof errors>): Estimate =>
    // Each bound at 95 %.
    bootstrap(test.own.rows, (drawn) => after(drawn) - before(drawn), { seed, resamples, level: 0.9, groups: test.groups });
  const all = Array.from({ length: test.own.rows }, (_, row) => row);
  const [asShipped, tempered] = [errors(1, 1), errors(temperatures.own, temperatures.swapped)];
  const [shipped, kept] = [change(asShipped), change(tempered)];
  const verdict = atMost(kept, bar);
  const condition = conditionOf(atMost(shipped, bar), shipped, temperatures.swapped, bar);
  const apart = `each side at a temperature of its own, ${temperatures.own.toFixed(2)} before and ${temperatures.swapped.toFixed(2)} after, the calibration error changes by ${show(kept)}`;
  return {
    gate,
    verdict,
    measures: [
      { name: 'temperature, own', value: temperatures.own },
      { name: 'temperature, swapped', value: temperatures.swapped },
      { name: 'ECE at its temperature, own', value: tempered[0](all) },
      { name: 'ECE at its temperature, swapped', value: tempered[1](all) },
      { name: 'change of ECE', ...kept, bar: `<= ${bar}` },
      { name: 'ECE as shipped, own', value: asShipped[0](all) },
      { name: 'ECE as shipped, swapped', value: asShipped[1](all) },
      { name: 'change as shipped of ECE', ...shipped },
    ],
    reason: `${apart[0]!.toUpperCase()}${apart.slice(1)}.${condition === undefined ? ` As shipped, without one, it changes by ${show(shipped)}.` : ` ${condition}`}`,
    ...(condition === undefined ? {} : { condition }),
    ...(verdict === 'INCONCLUSIVE' ? { rows: judged, rowsNeeded: rowsToSeparate(kept, bar, judged) } : {}),
  };
}

/** What whoever reads confidences has to do; undefined where they are surely as good as they are. */
function conditionOf(asShipped: Verdict, shipped: Estimate, temperature: number, bar: number): string | undefined {
  if (asShipped === 'PASS') return undefined;
  const words = asShipped === 'FAIL' ? `surely by more than ${bar}` : `which may be more than ${bar}`;
  return `As shipped, without one, it changes by ${show(shipped)}, ${words}: who reads confidences divides the logits by ${temperature.toFixed(2)}, as \`temperature\` of std/norm does.`;
}
