/**
 * Loops over parts of arrays: what the decompositions are made of. Sums are declared one by one: as the elements of a list that is taken apart, each step of a sum
 * is an object to be collected until the engine compiles the loop.
 */

/** The inner product of `count` elements of `a` from `atA` with those of `b` from `atB`. */
export function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, count: number): number {
  // Four sums: they do not wait for each other.
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
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

/** to[i] += f a[at + i] + g b[at + i], for `count` elements. */
export function addBoth(f: number, a: Float64Array, g: number, b: Float64Array, at: number, to: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) to[i]! += f * a[at + i]! + g * b[at + i]!;
}

/** p = A v of the leading `count` rows and columns of a symmetric A of rows of `width`; only its lower triangle is read. */
export function multiplySymmetric(a: Float64Array, width: number, count: number, v: Float64Array, p: Float64Array): void {
  p.fill(0, 0, count);
  const whole = count - (count % 4);
  // Four rows at once: an element of p is reached once for all of them, and the sums do not wait for each other.
  for (let k = 0; k < whole; k += 4) {
    const r0 = k * width;
    const r1 = r0 + width;
    const r2 = r1 + width;
    const r3 = r2 + width;
    const v0 = v[k]!;
    const v1 = v[k + 1]!;
    const v2 = v[k + 2]!;
    const v3 = v[k + 3]!;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < k; j++) {
      const x0 = a[r0 + j]!;
      const x1 = a[r1 + j]!;
      const x2 = a[r2 + j]!;
      const x3 = a[r3 + j]!;
      const y = v[j]!;
      s0 += x0 * y;
      s1 += x1 * y;
      s2 += x2 * y;
      s3 += x3 * y;
      p[j]! += x0 * v0 + x1 * v1 + (x2 * v2 + x3 * v3);
    }
    p[k]! += s0;
    p[k + 1]! += s1;
    p[k + 2]! += s2;
    p[k + 3]! += s3;
    for (let i = k; i < k + 4; i++) addOwnRow(a, width, k, i, v, p);
  }
  for (let i = whole; i < count; i++) addOwnRow(a, width, 0, i, v, p);
}

/** What the elements (i, from) to (i, i) and their mirror images contribute. */
function addOwnRow(a: Float64Array, width: number, from: number, i: number, v: Float64Array, p: Float64Array): void {
  let sum = a[i * width + i]! * v[i]!;
  for (let j = from; j < i; j++) {
    const x = a[i * width + j]!;
    sum += x * v[j]!;
    p[j]! += x * v[i]!;
  }
  p[i]! += sum;
}
