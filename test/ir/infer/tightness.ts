/** How near bounds come to what is observed: the share of tensors with bounds on both sides, and how much wider they are. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ValueFacts } from '../../../src/ir/infer/facts.ts';

export interface Tightness {
  readonly tensors: number;
  /** In percent of the tensors. */
  readonly bounded: number;
  /** The median of inferred over observed width, of tensors that are not constant; NaN where there are none. */
  readonly median: number;
}

export interface Measured {
  readonly isBounded: boolean;
  /** Undefined where nothing can be compared. */
  readonly ratio: number | undefined;
}

export function measure({ range }: ValueFacts, numbers: readonly number[]): Measured {
  const finite = numbers.filter(Number.isFinite);
  const [low, high] = finite.reduce(([a, b], n) => [Math.min(a, n), Math.max(b, n)], [Infinity, -Infinity]);
  const isBounded = Number.isFinite(range.low) && Number.isFinite(range.high);
  return { isBounded, ratio: isBounded && high > low ? (range.high - range.low) / (high - low) : undefined };
}

export function summarize(all: readonly Measured[]): Tightness {
  const ratios = all.flatMap(({ ratio }) => (ratio === undefined ? [] : [ratio])).sort((a, b) => a - b);
  const median = ratios.length === 0 ? NaN : ratios[Math.floor((ratios.length - 1) / 2)]!;
  return { tensors: all.length, bounded: Math.round((100 * all.filter(({ isBounded }) => isBounded).length) / Math.max(1, all.length)), median: Number(median.toPrecision(3)) };
}

// ---------------------------------------------------------------- the page

const page = new URL('../../../docs/ranges.md', import.meta.url);
const row = /^\| (\S+) \| (\d+) \| (\d+) % \| (\S+) \|$/;
const between = (title: string): RegExp => new RegExp(String.raw`(<!-- ${title} -->\n)[^]*?(<!-- end -->)`);

/** What the page says of each name below a heading. */
export function published(title: string): ReadonlyMap<string, Tightness> {
  const [text = ''] = between(title).exec(readFileSync(page, 'utf8')) ?? [];
  return new Map(text.split('\n').flatMap((line) => {
    const [, name, tensors, bounded, median] = row.exec(line) ?? [];
    return name === undefined ? [] : [[name, { tensors: Number(tensors), bounded: Number(bounded), median: median === '–' ? NaN : Number(median) }] as const];
  }));
}

/** Writes the table of the page anew, names in order. */
export function publish(title: string, all: ReadonlyMap<string, Tightness>): void {
  const rows = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { tensors, bounded, median }]) => `| ${name} | ${tensors} | ${bounded} % | ${Number.isNaN(median) ? '–' : median} |`);
  const table = ['| | Tensors | Bounded | Median of inferred over observed width |', '| --- | --- | --- | --- |', ...rows].join('\n');
  writeFileSync(page, readFileSync(page, 'utf8').replace(between(title), (_, start: string, end: string) => `${start}${table}\n${end}`));
}

/** What is worse than the page says: fewer bounds, or wider ones by more than one in a hundred. */
export function regressions(title: string, all: ReadonlyMap<string, Tightness>): readonly string[] {
  return [...published(title)].flatMap(([name, before]) => {
    const now = all.get(name);
    if (now === undefined) return [`${name} is not measured any more`];
    const [fewer, wider] = [now.bounded < before.bounded, now.median > before.median * 1.01];
    return [...(fewer ? [`${name}: ${now.bounded} % bounded, ${before.bounded} % before`] : []), ...(wider ? [`${name}: ${now.median} times as wide as observed, ${before.median} before`] : [])];
  });
}
