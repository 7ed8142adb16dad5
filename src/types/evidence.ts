/** How well evidence holds. */
import type { Evidence } from './fact.ts';

/** The best first. */
export const evidences: readonly Evidence[] = ['proved', 'enforced', 'measured', 'declared'];

const places: Readonly<Record<Evidence, number>> = { proved: 0, enforced: 1, measured: 2, declared: 3 };

/** Below 0 where `a` is the better one. */
export const compareEvidence = (a: Evidence, b: Evidence): number => places[a] - places[b];

/** The evidence of something that rests on all of these. */
export const weakest = (...given: readonly Evidence[]): Evidence => given.reduce((a, b) => (compareEvidence(a, b) < 0 ? b : a), 'proved');
