/** Tests by permutation: how often chance does as well. */

/** The p-value of a value among those of permuted data (Phipson and Smyth 2010): never 0. */
export const permutationP = (atLeastAsLarge: number, permutations: number): number =>
  (1 + atLeastAsLarge) / (1 + permutations);

/** Holm's adjustment (1979): each p-value as if it had been the only one tested. In the order of the arguments. */
export function holm(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const adjusted: number[] = [];
  let most = 0;
  for (const [rank, i] of order.entries()) {
    most = Math.max(most, Math.min(1, values[i]! * (values.length - rank)));
    adjusted[i] = most;
  }
  return adjusted;
}
