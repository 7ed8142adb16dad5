/** Numbers of a verdict as people read them. */
import { showCount, type Estimate, type Measure } from '../../align/index.ts';
import type { HeadAblation } from './ablate.ts';
import type { HeadAttribution } from './attribution.ts';
import type { BudgetResult } from './budgets.ts';
import { tableOf, type MatrixCell } from './head-matrix.ts';
import { showAmount } from './show-amount.ts';
import type { RecallKept } from './recall.ts';
import type { RequirementResult } from './requirement.ts';
import { showRowsNeeded } from './rows-needed.ts';
import type { VerifyResult } from './verify.ts';

export const showNumber = (value: number): string => (Number.isInteger(value) ? String(value) : Number.isFinite(value) ? value.toFixed(4) : String(value));

/** Digits of a p below a ten-thousandth say nothing: no test is as exact as that. */
export const showP = (p: number): string => (p < 1e-4 ? 'below 0.0001' : p.toFixed(4));
/** Whether a measure or a metric of this name is a p-value: `p of the retrieval`, `information.p`. */
export const isP = (name: string): boolean => name === 'p' || name.startsWith('p of ') || name.endsWith('.p');

const between = (interval: Measure['interval']): string => (interval === undefined ? '' : ` (${showNumber(interval.low)} to ${showNumber(interval.high)})`);

/** `difference of clothes: 0.0328 (0.0251 to 0.0405), to be >= -0.02` */
export const showMeasure = ({ name, value, interval, bar }: Measure): string => `${name}: ${isP(name) ? showP(value) : showNumber(value)}${between(interval)}${bar === undefined ? '' : `, to be ${bar}`}`;

export function showRequirement({ text, swap, own, swapped, compared, unmeasured, ...needed }: RequirementResult): string {
  if (Number.isNaN(compared.value)) return `${text}: not measured${unmeasured === undefined ? '' : `, ${unmeasured}`}`;
  const pair = own === undefined || swapped === undefined ? '' : ` ${showNumber(own)} before, ${showNumber(swapped)} after;`;
  return `${text}${swap === undefined ? '' : `, ${swap}`}:${pair} ${showNumber(compared.value)}${between(compared.interval)}${needed.rowsNeeded === undefined ? '' : `.${showRowsNeeded(needed)}`}`;
}

/** `1,200 rows`, `1,200 rows: 60 groups`. */
export const showRows = (rows: number, grouped: VerifyResult['grouped']): string => `${rows.toLocaleString('en-US')} rows${grouped === undefined ? '' : `: ${showCount(grouped.count, grouped)}`}`;

/** `latency.p99 <= 20ms on "cpu": 3.4ms (2.9ms to 4.1ms). On cpu, one row a run.` */
export const showBudget = ({ text, metric, compared, reason }: BudgetResult): string => `${text}: ${compared === undefined ? '' : `${showAmount(metric, compared.value)}${boundsOf(metric, compared)}. `}${reason}`;

const boundsOf = (metric: string, { interval: { low, high } }: Estimate): string => (low === high ? '' : ` (${showAmount(metric, low)} to ${showAmount(metric, high)})`);

/** `clothes, at fault: the adapter. …` */
export const showAttribution = ({ head, fault, reason }: HeadAttribution): string => `${head}, at fault: ${fault === 'undecided' ? 'not decided' : `the ${fault}`}. ${reason}`;

/** `retrieval: re-index. Of the 10 nearest …` */
export const showRecall = ({ k, depth, direct, candidates, before }: RecallKept, answer: string): string =>
  `retrieval: ${answer}. Of the ${k} nearest that a full re-index gives, the bridged query finds ${showEstimate(direct)} first in the old index, ${showEstimate(candidates)} among its first ${depth}; the old encoder finds ${showEstimate(before)}.`;

/** `0.912 (0.890 to 0.931)` */
const showEstimate = ({ value, interval: { low, high } }: Estimate): string => `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

/** What a head needs, a line a finding. */
export function showAblation({ head, components, needed, adapter, layers }: HeadAblation): readonly string[] {
  return [
    `ablations of ${head}: ${needed === undefined ? 'it needs all components' : needed === 1 ? 'the first component is enough' : `the first ${needed} components are enough`} of the old space`,
    ...components.map(({ kept, variance, own, bridged }) => `  ${String(kept).padStart(5)} component${kept === 1 ? ', ' : 's,'} ${(100 * variance).toFixed(1)} % of the variance: own ${showEstimate(own)}, bridged ${showEstimate(bridged)}`),
    `  with the adapter ${showEstimate(adapter.with)}, without ${adapter.without === undefined ? 'not measured' : showEstimate(adapter.without)}`,
    ...layers.map(({ layer, accuracy, explained }) => `  from the layer ${layer} by ridge: ${showEstimate(accuracy)}, cross-validated R² ${explained.toFixed(3)}`),
  ];
}

/** Cells of one head and one swap, of which other lines tell already. */
const oneHead = 2;

/** Which head on which encoder, in columns: a table for each metric that says more than the lines of one swap. */
export function showMatrices(cells: readonly MatrixCell[]): string {
  const metrics = [...new Set(cells.map(({ metric }) => metric))];
  return metrics.map((metric) => cells.filter((cell) => cell.metric === metric)).filter((own) => own.length > oneHead).map(showMatrix).join('');
}

function showMatrix(cells: readonly MatrixCell[]): string {
  const table = tableOf(cells);
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const [{ metric }] = cells as [MatrixCell];
  const title = metric === 'accuracy' ? 'Accuracy of each head on each encoder' : `${metric}, of each answer on each encoder`;
  return `${title}, each bound at 95 %\n${table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`).join('')}`;
}
