/**
 * Odd polynomials a x + b x³ + c x⁵ that come nearest to 1 on an interval of positive numbers (Remez 1934; used for the
 * polar factor by Chen and Chow 2014 and Amsel et al. 2025).
 */

export interface Quintic {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Its greatest distance from 1 on the interval. */
  readonly error: number;
}

/** Near 1 the best quintic is Taylor's, and its equations are singular. */
export const taylorQuintic: Quintic = { a: 15 / 8, b: -10 / 8, c: 3 / 8, error: 0 };
const nearOne = 1 - 1e-3;

/** The best quintic on [low, high], 0 < low <= high. */
export function minimaxQuintic(low: number, high: number): Quintic {
  if (low / high > nearOne) {
    // Taylor's, with the middle of the interval moved to 1.
    const scale = 2 / (low + high);
    const { a, b, c } = taylorQuintic;
    return { a: a * scale, b: b * scale ** 3, c: c * scale ** 5, error: ((high - low) / (high + low)) ** 3 * 2.5 };
  }
  let inner: readonly [number, number] = [(3 * low + high) / 4, (low + 3 * high) / 4];
  let best = solve([low, ...inner, high]);
  for (let round = 0; round < 50; round++) {
    inner = extrema(best);
    const next = solve([low, ...inner, high]);
    if (Math.abs(next.error - best.error) <= 1e-15) return next;
    best = next;
  }
  return best;
}

/** The polynomial that is below 1, above, below and above by the same error at four points. */
function solve(points: readonly number[]): Quintic {
  const rows = points.map((x, i) => [x, x ** 3, x ** 5, i % 2 === 0 ? 1 : -1, 1]);
  const [a, b, c, error] = eliminate(rows);
  return { a: a!, b: b!, c: c!, error: error! };
}

/** Gauss's elimination with pivots; each row ends in its right-hand side. */
function eliminate(rows: number[][]): readonly number[] {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]!) > Math.abs(best[k]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(k, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = row[k]! / pivot[k]!;
      for (let j = k; j <= n; j++) row[j]! -= factor * pivot[j]!;
    }
  }
  return rows.map((row, k) => row[n]! / row[k]!);
}

/** Where the derivative a + 3b x² + 5c x⁴ is 0. */
function extrema({ a, b, c }: Quintic): readonly [number, number] {
  const root = Math.sqrt(9 * b * b - 20 * a * c);
  return [Math.sqrt((-3 * b - root) / (10 * c)), Math.sqrt((-3 * b + root) / (10 * c))];
}
