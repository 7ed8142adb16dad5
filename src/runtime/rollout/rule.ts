/** The bounds of a rule by their names: what apps write, and what declarations call them. */
import type { ManifestRollback, Signal } from '../../bundle/rollout.ts';
import type { RollbackRule } from './types.ts';

type Bound = Exclude<keyof RollbackRule, 'over' | 'inclusive' | 'to'>;

/** A declaration counts time in seconds. */
const bounds: Readonly<Record<Signal, { readonly name: Bound; readonly scale: number }>> = {
  error_rate: { name: 'errorRate', scale: 1 },
  disagreement: { name: 'disagreement', scale: 1 },
  drift: { name: 'drift', scale: 1 },
  'latency.p50': { name: 'p50Milliseconds', scale: 1000 },
  'latency.p99': { name: 'p99Milliseconds', scale: 1000 },
};

export const signalBounds: readonly Bound[] = Object.values(bounds).map(({ name }) => name);

/** The rule that a declaration states. */
export function ruleOf({ to, signal, op, bound, over }: ManifestRollback): RollbackRule {
  const { name, scale } = bounds[signal];
  return { to, over, [name]: bound * scale, ...(op === '>=' ? { inclusive: true } : {}) };
}
