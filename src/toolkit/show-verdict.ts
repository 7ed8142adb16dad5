/** Numbers of a verdict as people read them. */
import type { Estimate, Measure } from '../align/index.ts';
import type { HeadAblation } from './ablate.ts';
import type { BudgetResult } from './budgets.ts';
import { tableOf, type MatrixCell } from './head-matrix.ts';
import type { RequirementResult } from './verify.ts';

export const showNumber = (value: number): string => (Number.isInteger(value) ? String(value) : Number.isFinite(value) ? value.toFixed(4) : String(value));

const between = (interval: Measure['interval']): string => (interval === undefined ? '' : ` (${showNumber(interval.low)} to ${showNumber(interval.high)})`);

/** `difference of clothes: 0.0328 (0.0251 to 0.0405), to be >= -0.02` */
export const showMeasure = ({ name, value, interval, bar }: Measure): string => `${name}: ${showNumber(value)}${between(interval)}${bar === undefined ? '' : `, to be ${bar}`}`;

export function showRequirement({ text, own, swapped, compared }: RequirementResult): string {
  const pair = own === undefined || swapped === undefined ? '' : ` ${showNumber(own)} before, ${showNumber(swapped)} after;`;
  return `${text}:${pair} ${showNumber(compared.value)}${between(compared.interval)}`;
}

/** `latency.p99 <= 0.02 on "cpu": 0.0034 (0.0029 to 0.0041). On cpu, one row a run.` */
export const showBudget = ({ text, compared, reason }: BudgetResult): string => `${text}: ${compared === undefined ? '' : `${showAmount(compared.value)}${boundsOf(compared)}. `}${reason}`;

const boundsOf = ({ interval: { low, high } }: Estimate): string => (low === high ? '' : ` (${showAmount(low)} to ${Number.isFinite(high) ? showAmount(high) : 'unbounded'})`);
/** Times are small, rates and bytes large. */
const showAmount = (value: number): string => (!Number.isFinite(value) ? String(value) : Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3))));

/** What a head needs, a line a finding. */
export function showAblation({ head, components, needed, adapter, layers }: HeadAblation): readonly string[] {
  const seen = ({ value, interval: { low, high } }: Estimate): string => `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return [
    `ablations of ${head}: ${needed === undefined ? 'it needs all components' : `the first ${needed} components are enough`} of the old space`,
    ...components.map(({ kept, variance, own, bridged }) => `  ${String(kept).padStart(5)} components, ${(100 * variance).toFixed(1)} % of the variance: own ${seen(own)}, bridged ${seen(bridged)}`),
    `  with the adapter ${seen(adapter.with)}, without ${adapter.without === undefined ? 'not measured' : seen(adapter.without)}`,
    ...layers.map(({ layer, accuracy, explained }) => `  from the layer ${layer} by ridge: ${seen(accuracy)}, cross-validated R² ${explained.toFixed(3)}`),
  ];
}

/** Which head on which encoder, in columns. */
export function showMatrix(cells: readonly MatrixCell[]): string {
  const table = tableOf(cells);
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return `Accuracy of each head on each encoder\n${table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`).join('')}`;
}
