/** G4 of a swap: a head's probabilities as logits, on the rows for temperatures and on all others, from which it learns nothing. */
import { calibrationGate, selectRows, someGroups, type Features, type GateResult } from '../../align/index.ts';
import { judgedRows } from '../fit/heads.ts';
import { decisionGroups } from './label-sets.ts';
import type { MeasuredRequirement, SwapData } from './swap.ts';

const seed = 0;

/** Of a head that gives probabilities. */
export function calibrationOf({ own, swapped }: MeasuredRequirement, { split, together }: SwapData): GateResult {
  if (own.sets !== undefined) return calibrationOfLabels({ own, swapped }, { split, together });
  const logits = (features: Features, rows: readonly number[]): Features => {
    const chosen = selectRows(features, rows);
    return { ...chosen, data: chosen.data.map((p) => Math.log(Math.max(p, 1e-12))) };
  };
  const of = (rows: readonly number[]): number[] => rows.map((row) => own.labels![row]!);
  const on = (rows: readonly number[]) => ({ own: logits(own.prediction, rows), swapped: logits(swapped.prediction, rows), labels: of(rows), groups: someGroups(together, rows) });
  return calibrationGate({ calibrate: on(split.calibrate), test: on(judgedRows({ split })) }, { seed });
}

/** Of several labels at once each decision is one of two classes, and those of a row belong together. */
function calibrationOfLabels({ own, swapped }: Pick<MeasuredRequirement, 'own' | 'swapped'>, { split, together }: Pick<SwapData, 'split' | 'together'>): GateResult {
  const { columns } = own.prediction;
  const logits = ({ data }: Features, rows: readonly number[]): Features => {
    const odds = rows.flatMap((row) => Array.from(data.subarray(row * columns, (row + 1) * columns), (p) => [0, Math.log(Math.max(p, 1e-12) / Math.max(1 - p, 1e-12))])).flat();
    return { rows: rows.length * columns, columns: 2, data: Float32Array.from(odds) };
  };
  const on = (rows: readonly number[]) => ({ own: logits(own.prediction, rows), swapped: logits(swapped.prediction, rows), labels: rows.flatMap((row) => [...own.sets!.truth.data.subarray(row * columns, (row + 1) * columns)]), groups: decisionGroups({ ...own.prediction, rows: rows.length }, someGroups(together, rows)) });
  return calibrationGate({ calibrate: on(split.calibrate), test: on(judgedRows({ split })) }, { seed });
}
