/** What shadows cost those who wait for an answer. */
import type { ShadowCost } from './types.ts';

const kept = 1000;

export interface Cost {
  /** A whole request, and whether a shadow was at work meanwhile. */
  add(milliseconds: number, shadowed: boolean): void;
  /** Undefined until there are requests of both kinds. */
  readonly value: ShadowCost | undefined;
}

export function createCost(): Cost {
  const times: Readonly<Record<keyof ShadowCost, number[]>> = { with: [], without: [] };
  return {
    add(milliseconds, shadowed) {
      const list = times[shadowed ? 'with' : 'without'];
      list.push(milliseconds);
      if (list.length > kept) list.shift();
    },
    get value() {
      if (times.with.length === 0 || times.without.length === 0) return undefined;
      return { with: summary(times.with), without: summary(times.without) };
    },
  };
}

function summary(times: readonly number[]): ShadowCost['with'] {
  const sorted = [...times].sort((a, b) => a - b);
  return { requests: times.length, p99Milliseconds: sorted[Math.ceil(0.99 * sorted.length) - 1]! };
}
