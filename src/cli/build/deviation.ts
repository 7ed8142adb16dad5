/** How far one model's answers lie from another's. */
import type { MeasuredOutput } from '../../bundle/manifest.ts';
import type { TensorOutput } from '../../runtime/index.ts';

export interface Deviation {
  /** The answers to one input. */
  add(expected: TensorOutput, found: TensorOutput): void;
  /** Three digits: more would differ from machine to machine. */
  result(): MeasuredOutput;
}

export function createDeviation(): Deviation {
  const absolute = createMoments();
  const relative = createMoments();
  let [rows, changed] = [0, 0];
  let hasClasses = false;
  return {
    add(expected, found) {
      const [count = 1] = expected.dims;
      const width = count === 0 ? 0 : expected.data.length / count;
      for (let row = 0; row < count; row++) {
        let [difference, length] = [0, 0];
        for (let at = row * width; at < (row + 1) * width; at++) {
          const off = distance(expected.data[at]!, found.data[at]!);
          absolute.add(off);
          difference += off ** 2;
          length += Number(expected.data[at]) ** 2;
        }
        if (difference === 0 || length > 0) relative.add(difference === 0 ? 0 : Math.sqrt(difference / length));
      }
      if (expected.labels === undefined || expected.labels.length === 0) return;
      hasClasses = true;
      for (let at = 0; at < expected.data.length; at += expected.labels.length) {
        rows++;
        if (highest(expected, at) !== highest(found, at)) changed++;
      }
    },
    result: () => ({ absolute: absolute.result(), relative: relative.result(), ...(hasClasses ? { topClass: { rows, changed } } : {}) }),
  };
}

/** Equal infinities, and two NaNs, are no distance apart; texts are 0 or 1. */
function distance(a: number | bigint | string, b: number | bigint | string): number {
  if (typeof a === 'string' || typeof b === 'string') return a === b ? 0 : 1;
  return Object.is(a, b) || a === b ? 0 : Math.abs(Number(a) - Number(b));
}

function highest({ data, labels }: TensorOutput, start: number): number {
  let best = 0;
  for (let at = 1; at < labels!.length; at++) if (data[start + at]! > data[start + best]!) best = at;
  return best;
}

function createMoments() {
  let [sum, count, max] = [0, 0, 0];
  return {
    add: (value: number): void => {
      sum += value;
      count++;
      // A NaN is larger than every number here.
      if (!(value <= max)) max = value;
    },
    result: () => ({ max: shorten(max), mean: shorten(count === 0 ? 0 : sum / count) }),
  };
}

/** JSON knows no infinity. */
const shorten = (value: number): number | 'inf' => (Number.isFinite(value) ? Number(value.toPrecision(3)) : 'inf');
