/** Where the n-th element of a tensor stands, counted row by row as elements are stored: one number an axis. */
export function elementIndex(n: number, dims: readonly number[]): readonly number[] {
  const index: number[] = [];
  let rest = n;
  for (const size of dims.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
