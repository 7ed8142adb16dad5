/** Ranges that hold up to what kernels round: see `wide` of a range. */
import type { Ends } from './fact.ts';

export const wideOf = ({ low, high, wide }: Ends & { readonly wide?: Ends }): Ends => wide ?? { low, high };

/** The ends of `said` and of `known`, which is the same up to the last digits; undefined where the first hold as they are. */
export function widened(said: Ends, known: Ends & { readonly wide?: Ends }): Ends | undefined {
  const { low, high } = wideOf(known);
  return low >= said.low && high <= said.high ? undefined : { low: Math.min(said.low, low), high: Math.max(said.high, high) };
}
