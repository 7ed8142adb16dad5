/** The normal distribution. */

/** P(Z <= z) (by the complementary error function's continued fraction and series; some 1e-15). */
export function normalCdf(z: number): number {
  return z < 0 ? upperTail(-z) : 1 - upperTail(z);
}

/** P(Z > z) for z >= 0: Marsaglia's series near the middle, Lentz's continued fraction outside. */
function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [term, sum] = [z, z];
    for (let k = 3; Math.abs(term) > 1e-17 * sum; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / (z + fraction);
  return density / (z + fraction);
}

/** The z below which a part p of the distribution lies: the inverse of `normalCdf`, by bisection. */
export function normalQuantile(p: number): number {
  let [low, high] = [-40, 40];
  for (let i = 0; i < 200 && high - low > 1e-15; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** One-sided 95 %: two-sided 90 %. */
export const oneSided95 = 1.6448536269514722;
/** Below it lie 80 % of draws: the power that numbers of rows are told for. */
export const power80 = 0.8416212335729143;
/** Two-sided 95 %. */
export const twoSided95 = 1.959963984540054;
