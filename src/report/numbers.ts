/** Numbers as a report writes them. */
import type { Interval } from '../align/statistics/interval.ts';
import type { Bar, Cell } from './document.ts';

/** `5,000`, `0.8910`, `0.00412`; what is no number is said. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? 'infinite' : '-infinite';
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return size < 0.001 ? value.toExponential(1) : value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 4);
}

export const showInterval = (interval: Interval | undefined): string => (interval === undefined ? '' : `${showNumber(interval.low)} to ${showNumber(interval.high)}`);

/** `92.36 %` */
export const showShare = (share: number, digits = 2): string => (Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : showNumber(share));

/** `+3.26` */
export const showSigned = (value: number, digits: number): string => `${value > 0 ? '+' : ''}${value.toFixed(digits)}`;

export const showRows = (rows: number): string => `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;

export const numberCell = (value: number): Cell => ({ kind: 'number', text: showNumber(value) });
export const countCell = (value: number): Cell => ({ kind: 'number', text: value.toLocaleString('en-US') });

/** `>= -0.02`, as gates write their bars; undefined for what is none. */
export function readBar(text: string | undefined): Bar | undefined {
  const found = /^(>=|<=|>|<|=)\s*(\S+)$/.exec(text ?? '');
  const value = Number(found?.[2]);
  return found === null || !Number.isFinite(value) ? undefined : { op: found[1] as Bar['op'], value };
}

const signs: Readonly<Record<Bar['op'], string>> = { '>=': 'at least', '<=': 'at most', '>': 'above', '<': 'below', '=': 'exactly' };
export const showBar = ({ op, value }: Bar): string => `${signs[op]} ${value}`;
