/** What operators need of sizes: as much of an axis as they take from it. */
import { subtractDims, type Dim } from '../types/dim.ts';
import { lowerBound, upperBound } from '../types/dim-bounds.ts';
import type { SizeStatement } from '../types/fact.ts';

export const atLeast = (size: Dim, least: Dim): SizeStatement => ({ kind: 'size', op: '>=', left: size, right: least });

/** Those that do not hold for every size there is. */
export const stillOpen = (demands: readonly SizeStatement[]): readonly SizeStatement[] =>
  demands.filter(({ left, right }) => lowerBound(subtractDims(left, right)) < 0);

/** Whether a demand holds for no size: the call cannot be meant. */
export const isBroken = ({ left, right }: SizeStatement): boolean => upperBound(subtractDims(left, right)) < 0;
