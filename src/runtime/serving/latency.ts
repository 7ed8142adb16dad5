/** Histograms of how long runs took. */
import { latencyBuckets } from '../rollout/types.ts';

/** One count a bucket of `latencyBuckets`, and one for what lies beyond the last. */
export const emptyLatency = (): number[] => [...latencyBuckets.map(() => 0), 0];

export function countLatency(latency: number[], milliseconds: number): void {
  const bucket = latencyBuckets.findIndex((end) => milliseconds <= end);
  latency[bucket < 0 ? latencyBuckets.length : bucket]!++;
}
