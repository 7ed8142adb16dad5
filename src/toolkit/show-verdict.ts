/** Numbers of a verdict as people read them. */
import type { Estimate, Measure } from '../align/index.ts';
import type { BudgetResult } from './budgets.ts';
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
