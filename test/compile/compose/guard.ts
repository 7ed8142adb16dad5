/** `on violation` at the inputs of parts: what becomes of values that are not in a range. */
import type { Random, TensorType } from './drawing.ts';
import { showType } from './drawing.ts';
import { build, endsOf, type Ends, type Tensor } from './interval.ts';

export interface Guard {
  readonly contract: string;
  readonly low: number;
  readonly high: number;
  readonly mode: 'clamp' | 'replace' | 'report' | 'reject';
  readonly value: number;
}

/** Whether a run breaks the demands of one mode. */
export type Certainty = 'no' | 'perhaps' | 'yes';

const modes = ['clamp', 'clamp', 'replace', 'replace', 'report', 'reject'] as const;

/** Ends and numbers are of few digits, so that every dtype has them. */
export const drawGuard = (random: Random, contract: string): Guard => {
  const low = random.pick([-1, -0.5, 0, 0.25]);
  return { contract, low, high: low + random.pick([0.5, 1, 2]), mode: random.pick(modes), value: low + random.pick([0, 0.25, 0.5]) };
};

export const printGuard = ({ contract, low, high, mode, value }: Guard, type: TensorType): string =>
  `contract ${contract} = ${showType(type)} where range [${low}, ${high}] on violation ${mode}${mode === 'replace' ? `(${value})` : ''}\n`;

/** NaN lies in no range; what may be anything may be NaN. */
function whereIs({ low, high }: Guard, [from, to]: Ends): 'in' | 'out' | 'perhaps' {
  if (Number.isNaN(from) || to < low || from > high) return 'out';
  return from >= low && to <= high ? 'in' : 'perhaps';
}

/** The value behind a guard; of whole numbers, the nearest whole ends. */
export function behind(guard: Guard, x: Tensor): Tensor {
  const { mode, low, high, value } = guard;
  if (mode === 'report' || mode === 'reject') return x;
  return build(x.dtype, x.dims, (i) => {
    const ends = endsOf(x, i);
    const place = whereIs(guard, ends);
    if (place === 'in') return ends;
    if (mode === 'replace') return place === 'out' ? [value, value] : [Math.min(Math.max(ends[0], low), value), Math.max(Math.min(ends[1], high), value)];
    if (Number.isNaN(ends[0])) return [Math.min(Math.max(0, low), high), Math.min(Math.max(0, low), high)];
    return [Math.min(Math.max(ends[0], low), high), Math.min(Math.max(ends[1], low), high)];
  });
}

export function isBroken(guard: Guard, x: Tensor): Certainty {
  let found: Certainty = 'no';
  for (let i = 0; i < x.low.length; i++) {
    const place = whereIs(guard, endsOf(x, i));
    if (place === 'out') return 'yes';
    if (place === 'perhaps') found = 'perhaps';
  }
  return found;
}
