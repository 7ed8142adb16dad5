/**
 * The slope of a line by least squares, and half the width of its interval of 95 %; undefined where there are too few points. What lies behind one
 * another is alike: of n points whose residuals have the correlation r from one to the next, n (1 - r) / (1 + r) count.
 */
export function trend(x, y) {
  const n = x.length;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  const sxx = sum(x, (value) => (value - mx) ** 2);
  const slope = sum(x, (value, i) => (value - mx) * (y[i] - my)) / sxx;
  const residuals = y.map((value, i) => value - my - slope * (x[i] - mx));
  const squares = sum(residuals, (value) => value ** 2);
  const alike = squares === 0 ? 0 : Math.max(0, sum(residuals.slice(1), (value, i) => value * residuals[i]) / squares);
  const free = (n * (1 - alike)) / (1 + alike) - 2;
  if (!(free >= 3)) return undefined;
  const halfWidth = studentT(free) * Math.sqrt((squares / free) / sxx);
  return { slope: Number(slope.toPrecision(3)), plusMinus: Number(halfWidth.toPrecision(2)) };
}

const sum = (values, of) => values.reduce((total, value, i) => total + of(value, i), 0);

/** The 97.5 % point of Student's distribution, by its expansion around the normal one (Abramowitz and Stegun 26.7.5); good from three degrees of freedom on. */
function studentT(free) {
  const z = 1.959964;
  const terms = [z, (z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96, (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384];
  return terms.reduce((total, term, k) => total + term / free ** k, 0);
}
