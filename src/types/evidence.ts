/** How well evidence holds. */
import type { Evidence } from './fact.ts';

/** The best first. */
export const evidences: readonly Evidence[] = ['proved', 'enforced', 'measured', 'declared'];

/** Below 0 where `a` is the better one. */
export const compareEvidence = (a: Evidence, b: Evidence): number => evidences.indexOf(a) - evidences.indexOf(b);

/** The evidence of something that rests on all of these. */
export const weakest = (...given: readonly Evidence[]): Evidence => given.reduce((a, b) => (compareEvidence(a, b) < 0 ? b : a), 'proved');
