/** G4: does the head still know how sure it is? */
import { fitTemperature } from '../adapters/temperature.ts';
import type { Features } from '../matrix.ts';
import { confidences, expectedCalibrationError } from '../metrics/calibration.ts';
import { bootstrap } from '../statistics/bootstrap.ts';
import { countOf, type RowGroups } from '../statistics/groups.ts';
import { atMost, leastRows, rowsToSeparate, show, tooFew, type GateResult } from './gate.ts';

const gate = 'G4 calibration';

export interface CalibrationInput {
  /** The swapped head's logits on the split for calibration. */
  readonly calibrate: { readonly logits: Features; readonly labels: ArrayLike<number>; readonly groups?: RowGroups | undefined };
  readonly test: { readonly own: Features; readonly swapped: Features; readonly labels: ArrayLike<number>; readonly groups?: RowGroups | undefined };
}

export interface CalibrationOptions {
  readonly seed: number;
  /** How much the expected calibration error may grow. Default 0.02. */
  readonly bar?: number;
  /** Default 499. */
  readonly resamples?: number;
}

/** The swapped head gets one temperature from the calibration split; the old one is taken as it runs. */
export function calibrationGate(
  { calibrate, test }: CalibrationInput,
  { seed, bar = 0.02, resamples = 499 }: CalibrationOptions,
): GateResult {
  const judged = countOf(test.own.rows, test.groups);
  const rows = Math.min(countOf(calibrate.logits.rows, calibrate.groups), judged);
  if (rows < leastRows) return tooFew(gate, rows, test.groups ?? calibrate.groups);
  const temperature = fitTemperature(calibrate.logits, calibrate.labels);
  const own = confidences(test.own, test.labels);
  const swapped = confidences(test.swapped, test.labels, temperature);
  const change = bootstrap(
    own.length,
    (drawn) =>
      expectedCalibrationError(Array.from(drawn, (i) => swapped[i]!)) -
      expectedCalibrationError(Array.from(drawn, (i) => own[i]!)),
    // Each bound at 95 %.
    { seed, resamples, level: 0.9, groups: test.groups },
  );
  const verdict = atMost(change, bar);
  return {
    gate,
    verdict,
    measures: [
      { name: 'ECE, own', value: expectedCalibrationError(own) },
      { name: 'ECE, swapped', value: expectedCalibrationError(swapped) },
      { name: 'temperature', value: temperature },
      { name: 'change of ECE', ...change, bar: `<= ${bar}` },
    ],
    reason: `At the temperature ${temperature.toFixed(2)} the calibration error changes by ${show(change)}.`,
    ...(verdict === 'INCONCLUSIVE' ? { rows: judged, rowsNeeded: rowsToSeparate(change, bar, judged) } : {}),
  };
}
