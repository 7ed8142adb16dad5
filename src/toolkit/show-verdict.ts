/** Numbers of a verdict as people read them. */
import type { Measure } from '../align/index.ts';
import type { RequirementResult } from './verify.ts';

export const showNumber = (value: number): string => (Number.isInteger(value) ? String(value) : Number.isFinite(value) ? value.toFixed(4) : String(value));

const between = (interval: Measure['interval']): string => (interval === undefined ? '' : ` (${showNumber(interval.low)} to ${showNumber(interval.high)})`);

/** `difference of clothes: 0.0328 (0.0251 to 0.0405), to be >= -0.02` */
export const showMeasure = ({ name, value, interval, bar }: Measure): string => `${name}: ${showNumber(value)}${between(interval)}${bar === undefined ? '' : `, to be ${bar}`}`;

export function showRequirement({ text, own, swapped, compared }: RequirementResult): string {
  const pair = own === undefined || swapped === undefined ? '' : ` ${showNumber(own)} before, ${showNumber(swapped)} after;`;
  return `${text}:${pair} ${showNumber(compared.value)}${between(compared.interval)}`;
}
