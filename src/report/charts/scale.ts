/** From numbers to places, and which numbers stand on an axis. */

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

export type Range = readonly [from: number, to: number];

const steps = [1, 2, 5];

/** Round numbers within a range, about as many as asked for. */
export function ticksOf([from, to]: Range, count: number): readonly number[] {
  const raw = (to - from) / Math.max(1, count);
  if (!(raw > 0) || !Number.isFinite(raw)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (steps.find((each) => each * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function linear(domain: Range, range: Range, count = 5): Scale {
  const width = domain[1] - domain[0] || 1;
  const at = (value: number): number => range[0] + ((value - domain[0]) / width) * (range[1] - range[0]);
  return Object.assign(at, { ticks: ticksOf(domain, count) });
}

/** By powers of ten; both ends above 0. */
export function logarithmic(domain: Range, range: Range): Scale {
  const inner = linear([Math.log10(domain[0]), Math.log10(domain[1])], range);
  const first = Math.ceil(Math.log10(domain[0]) - 1e-9);
  const last = Math.floor(Math.log10(domain[1]) + 1e-9);
  const powers = Array.from({ length: Math.max(0, last - first) + 1 }, (_, i) => Number(`1e${first + i}`));
  return Object.assign((value: number) => inner(Math.log10(value)), { ticks: powers });
}

/** The range with a margin, and never empty. */
export function padded([from, to]: Range, share = 0.06): Range {
  const width = to - from || Math.abs(to) || 1;
  return [from - share * width, to + share * width];
}

export const extent = (values: readonly number[]): Range => values.reduce<Range>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);

/** Places to a tenth of a pixel. */
export const px = (value: number): number => Math.round(value * 10) / 10;
