/** Loops over parts of arrays: what the decompositions are made of. */

/** The inner product of `count` elements of `a` from `atA` with those of `b` from `atB`. */
export function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, count: number): number {
  // Four sums: they do not wait for each other.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += a[atA + i]! * b[atB + i]!;
    s1 += a[atA + i + 1]! * b[atB + i + 1]!;
    s2 += a[atA + i + 2]! * b[atB + i + 2]!;
    s3 += a[atA + i + 3]! * b[atB + i + 3]!;
  }
  for (; i < count; i++) s0 += a[atA + i]! * b[atB + i]!;
  return s0 + s1 + (s2 + s3);
}

/** to[atTo + i] += factor * from[atFrom + i], for `count` elements. */
export function addScaled(
  factor: number,
  from: Float64Array,
  atFrom: number,
  to: Float64Array,
  atTo: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[atTo + i]! += factor * from[atFrom + i]!;
}
