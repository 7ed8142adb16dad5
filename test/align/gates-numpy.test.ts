/** The gates against the same quantities computed in numpy and scipy, which share no code with them. */
import { afterAll, describe, expect, test } from 'vitest';
import { confidences, expectedCalibrationError } from '../../src/align/metrics/calibration.ts';
import { selectRows, type Features, type Matrix } from '../../src/align/matrix.ts';
import { nonInferiority, pairedDifference } from '../../src/align/statistics/paired-proportions.ts';
import { oneSided95 } from '../../src/align/statistics/normal.ts';
import { wilson } from '../../src/align/statistics/wilson.ts';
import { calibrationGate } from '../../src/align/verify/calibration.ts';
import { functionGate } from '../../src/align/verify/function.ts';
import type { GateResult } from '../../src/align/verify/gate.ts';
import { informationGate, permuteWithin } from '../../src/align/verify/information.ts';
import { createRandom } from '../../src/data/random.ts';
import { testKernels } from './kernel-session.ts';
import { askNumpy, numpyMissing } from './numpy.ts';
import { twoSpaces } from './spaces.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

const missing = numpyMissing('scipy');
if (missing !== undefined) console.log(`skipped: gates against numpy and scipy, for ${missing}`);

const table = (rows: readonly (readonly number[])[]): Matrix => ({ rows: rows.length, columns: rows[0]!.length, data: Float64Array.from(rows.flat()) });
const column = (values: ArrayLike<number>): Matrix => ({ rows: values.length, columns: 1, data: Float64Array.from(values) });
const measure = ({ measures }: GateResult, name: string) => measures.find((one) => one.name === name)!;

describe.skipIf(missing !== undefined)('in numpy and scipy', () => {
  test("Wilson's interval is the root of its score equation", () => {
    const counts = [[0, 10], [8, 10], [50, 1000], [997, 1000], [3, 3]] as const;
    // The bounds are where the distance is 1.96 standard errors of the proportion that is supposed.
    const script = `
from scipy.optimize import brentq
from scipy.stats import norm
z = norm.ppf(.975)
def bounds(k, n):
    f = lambda p: (k / n - p) ** 2 - z * z * p * (1 - p) / n
    low = 0. if k == 0 else brentq(f, 1e-12, k / n - 1e-12 if k < n else 1 - 1e-9)
    high = 1. if k == n else brentq(f, k / n + 1e-12 if k > 0 else 1e-9, 1 - 1e-12)
    return low, high
found = np.array([bounds(k, n) for k, n in counts])`;
    const [found] = askNumpy(script, { counts: table(counts) }, ['found']);
    for (const [i, [k, n]] of counts.entries()) {
      const { low, high } = wilson(k, n).interval;
      expect([low, high]).toEqual([expect.closeTo(found![2 * i]!, 9), expect.closeTo(found![2 * i + 1]!, 9)]);
    }
  });

  test('the paired difference is tested by the likelihood, maximised numerically; at 0 it is McNemar', () => {
    const cases = [[1000, 30, 18], [500, 4, 25], [2133, 225, 50], [120, 0, 6], [300, 12, 12]] as const;
    const script = `
from scipy.optimize import minimize_scalar, brentq
from scipy.stats import norm
def statistic(n, b, c, d):
    def loss(q):
        p = q + d
        terms = [(b, p), (c, q), (n - b - c, 1 - p - q)]
        return -sum(k * np.log(max(v, 1e-300)) for k, v in terms if k > 0)
    low, high = max(0, -d), (1 - d) / 2
    q = minimize_scalar(loss, bounds=(low, high), method="bounded", options=dict(xatol=1e-12)).x
    return (b - c - n * d) / np.sqrt(n * (2 * q + d - d * d))
def row(n, b, c):
    at = lambda z: brentq(lambda d: statistic(n, b, c, d) - z, -.4, .4)
    z = norm.ppf(.95)
    mcnemar = norm.sf((b - c) / np.sqrt(b + c))
    return at(z), at(-z), norm.sf(statistic(n, b, c, -.02)), mcnemar
found = np.array([row(*case) for case in cases])`;
    const [found] = askNumpy(script, { cases: table(cases) }, ['found']);
    for (const [i, [rows, onlyFirst, onlySecond]] of cases.entries()) {
      const counts = { rows, onlyFirst, onlySecond };
      const { low, high } = pairedDifference(counts).interval;
      // A numerical maximum is known to the root of the tolerance of its function, some 1e-6 of the way.
      const wanted = [low, high, nonInferiority(counts, -0.02), nonInferiority(counts, 0)];
      for (const [k, value] of wanted.entries()) expect(Math.abs(value - found![4 * i + k]!)).toBeLessThan(2e-5);
    }
  });

  test("G3's interval of a paired difference is that of the bootstrap, and of the normal approximation", () => {
    const random = createRandom(4);
    const rows = 3000;
    const own = Array.from({ length: rows }, () => random.uniform() < 0.9);
    const swapped = own.map((right) => (random.uniform() < 0.06 ? !right : right));
    const { interval } = measure(functionGate([{ head: 'topic', own, swapped }]), 'difference of topic');
    const script = `
d = swapped[:, 0] - own[:, 0]
drawn = np.random.default_rng(1).integers(0, len(d), (4000, len(d)))
found = np.r_[np.quantile(d[drawn].mean(1), [.05, .95]), d.mean() + 1.6448536 * d.std() / len(d) ** .5 * np.array([-1, 1])]`;
    const [found] = askNumpy(script, { own: column(own.map(Number)), swapped: column(swapped.map(Number)) }, ['found']);
    // Quantiles of 4,000 draws are known to 2.1 / √4000 = 3.3 % of a deviation; the score's bounds are off the normal ones by a term of 1 / rows.
    const deviation = (found![3]! - found![2]!) / (2 * oneSided95);
    for (const [i, end] of [interval!.low, interval!.high, interval!.low, interval!.high].entries()) expect(Math.abs(end - found![i]!) / deviation).toBeLessThan(i < 2 ? 0.2 : 0.1);
  });

  test('the calibration error, its temperature and the interval of its growth', () => {
    const random = createRandom(8);
    const [rows, classes] = [1500, 4];
    const draw = (): Features => ({ rows, columns: classes, data: Float32Array.from({ length: rows * classes }, () => 2 * random.normal()) });
    const own = draw();
    const labels = Array.from({ length: rows }, (_, i) => {
      const weights = [...own.data.subarray(classes * i, classes * (i + 1))].map(Math.exp);
      let left = random.uniform() * weights.reduce((a, b) => a + b);
      return Math.max(0, weights.findIndex((weight) => (left -= weight) < 0));
    });
    const swapped: Features = { ...own, data: own.data.map((z) => 2.5 * z + 0.8 * random.normal()) };
    const calibrate = Array.from({ length: 700 }, (_, i) => i);
    const tested = Array.from({ length: 800 }, (_, i) => 700 + i);
    const on = (rowsOf: readonly number[]) => rowsOf.map((row) => labels[row]!);
    const gate = calibrationGate({ calibrate: { own: selectRows(own, calibrate), swapped: selectRows(swapped, calibrate), labels: on(calibrate) }, test: { own: selectRows(own, tested), swapped: selectRows(swapped, tested), labels: on(tested) } }, { seed: 1, draws: 4000 });
    const script = `
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
y = labels[:, 0].astype(int)
own, swapped = own.astype("f8"), swapped.astype("f8")
def temperature(logits):
    nll = lambda beta: -log_softmax(beta * logits[:700], axis=1)[np.arange(700), y[:700]].mean()
    return 1 / minimize_scalar(nll, bounds=(.01, 100), method="bounded", options=dict(xatol=1e-10)).x
s, t = temperature(own), temperature(swapped)
def table(logits):
    p = np.exp(log_softmax(logits, axis=1))
    return np.c_[p.max(1), logits.argmax(1) == y[700:]]
def ece(rows, bins):
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    edges = [b * len(rows) // bins for b in range(bins + 1)]
    return sum(abs(rows[a:b].mean(0) @ [1, -1]) * (b - a) for a, b in zip(edges, edges[1:])) / len(rows)
a, b, c, d = table(own[700:] / s), table(swapped[700:] / t), table(own[700:]), table(swapped[700:])
R = 4000
z = np.random.default_rng(2).standard_normal((800, R))
def gaps(rows, bins=10):
    order = np.argsort(rows[:, 0], kind="stable")
    seen, noise = [], []
    for part in np.split(order, [k * 800 // bins for k in range(1, bins)]):
        e = rows[part] @ [1, -1]
        n, off = len(part), e - e.mean()
        wanted = (off @ off + 2 * (rows[part, 0] * (1 - rows[part, 0])).mean()) * n / (n + 1)
        seen.append(e.sum() / 800)
        noise.append((np.sqrt(wanted / (off @ off)) * (off @ z[part]) + e.mean() * (z[part].sum(0) - n / 800 * z.sum(0))) / 800)
    return np.array(seen), np.array(noise)
def shape(seen, noise):
    v, q = noise.var(1), (seen ** 2).sum()
    told = max(0, 1 - v.sum() / q)
    m = np.sqrt(told * seen ** 2 + (1 - told) * v * q / v.sum())
    return np.where(seen < 0, -m, m)[:, None] / m.sum()
total = lambda gaps: abs(gaps).sum(0)
grid = np.arange(-.3, .3, .0005)
def size(side, part):
    more = np.array([(total(k * shape(*side) + side[1]) >= total(side[0])).mean() for k in grid[grid >= 0]])
    return grid[grid >= 0][np.nonzero(more >= part)[0][0]]
def bound(old, new, part, k):
    u, v = shape(*old), shape(*new)
    at = lambda g: total(max(k + g, 0) * v + new[1]) - total(max(k, -g) * u + old[1])
    more = np.array([(at(g) > total(new[0]) - total(old[0])).mean() for g in grid])
    return grid[np.nonzero(more < part)[0][-1] + 1] if part > .5 else grid[np.nonzero(more >= part)[0][0]]
def interval(one, other):
    old, new = gaps(one), gaps(other)
    apart = size((new[0] - old[0], new[1] - old[1]), .99)
    small, large = size(old, .01), size(old, .99)
    low, high = bound(old, new, .05, small), bound(old, new, .95, small)
    return [max(-apart, low if low <= 0 else max(0, bound(old, new, .05, large))), min(apart, high if high >= 0 else min(0, bound(old, new, .95, large)))]
found = np.r_[s, t, ece(c, 15), interval(a, b), size(gaps(b), .05), size(gaps(b), .95), interval(c, d), size(gaps(d), .05), size(gaps(d), .95)]`;
    const [found] = askNumpy(script, { own, swapped, labels: column(labels) }, ['found']);
    for (const [i, name] of ['temperature, own', 'temperature, swapped'].entries()) expect(measure(gate, name).value).toBeCloseTo(found![i]!, 6);
    expect(expectedCalibrationError(confidences(selectRows(own, tested), on(tested)))).toBeCloseTo(found![2]!, 6);
    for (const [i, name] of ['change of ECE', 'ECE at its temperature, swapped', 'change as shipped of ECE', 'ECE as shipped, swapped'].entries()) {
      const [{ interval }, [low, high]] = [measure(gate, name), found!.slice(3 + 2 * i)];
      // Two quantiles of 4,000 draws each: a deviation of √2 · 2.1 / √4000 = 4.7 % of one, three of these of an interval of 3.3; and a step of numpy's grid.
      expect(Math.abs(interval!.low - low!)).toBeLessThan(0.05 * (high! - low!) + 0.0005);
      expect(Math.abs(interval!.high - high!)).toBeLessThan(0.05 * (high! - low!) + 0.0005);
    }
  });

  test("G2's numbers and its null: ridge bridges that were refitted to pairs permuted within the class", async () => {
    const { x, y, labels } = twoSpaces({ rows: 700, seed: 31, classes: 4, noise: 1.5 });
    const [fit, held] = [0, 300].map((from) => {
      const rows = Array.from({ length: from === 0 ? 300 : 400 }, (_, i) => from + i);
      return { x: selectRows(x, rows), y: selectRows(y, rows), labels: rows.map((row) => labels[row]!) };
    }) as [{ x: Features; y: Features; labels: number[] }, { x: Features; y: Features; labels: number[] }];
    const orders = Array.from({ length: 99 }, (_, i) => permuteWithin(fit.labels, createRandom(i)));
    for (const order of orders) expect([...order].toSorted((a, b) => a - b)).toEqual(fit.labels.map((_, i) => i));
    const script = `
x, y, hx, hy = (m.astype("f8") for m in (x, y, hx, hy))
k, hk = k[:, 0], hk[:, 0]
def within(m, labels):
    m = m.copy()
    for c in np.unique(labels): m[labels == c] -= m[labels == c].mean(0)
    return m
def solve(x, y, relative):
    a = x - x.mean(0)
    g = a.T @ a
    w = np.linalg.solve(g + relative * np.trace(g) / len(g) * np.eye(len(g)), a.T @ (y - y.mean(0)))
    return lambda rows: (rows - x.mean(0)) @ w + y.mean(0)
def score(order, relative):
    p = solve(x, y[order], relative)(hx)
    a, b = within(p, hk), within(hy, hk)
    r2 = 1 - ((a - b) ** 2).sum() / (b ** 2).sum()
    u, v = p - hy.mean(0), hy - hy.mean(0)
    cosine = (u / np.linalg.norm(u, axis=1)[:, None]) @ (v / np.linalg.norm(v, axis=1)[:, None]).T
    return r2, (cosine.argmax(1) == np.arange(len(hy))).mean()
# The penalty by cross-validation has its own test; here any of half decades that gives the gate's own R² must give all the rest.
grid = [10 ** (i / 2 - 9) for i in range(23)]
seen = np.array([score(np.arange(len(y)), r) for r in grid])
best = int(np.abs(seen[:, 0] - target[0, 0]).argmin())
rng = np.random.default_rng(5)
def permuted():
    order = np.arange(len(y))
    for c in np.unique(k): order[k == c] = rng.permutation(order[k == c])
    return order
null = np.array([score(permuted(), grid[best]) for _ in range(199)])
found = np.r_[seen[best], (1 + (null >= seen[best]).sum(0)) / 200, null.max(0)]`;
    const judge = async (from: typeof fit): Promise<{ readonly result: GateResult; readonly found: Float64Array }> => {
      const result = await informationGate(kernels, from, held, { seed: 3, permutations: 199 });
      const target = column([measure(result, 'within-class R²').value]);
      return { result, found: askNumpy(script, { x: from.x, y: from.y, k: column(from.labels), hx: held.x, hy: held.y, hk: column(held.labels), target }, ['found'])[0]! };
    };
    const { result, found } = await judge(fit);
    expect(measure(result, 'within-class R²').value).toBeCloseTo(found[0]!, 5);
    expect(measure(result, 'retrieval@1').value).toBeCloseTo(found[1]!, 9);
    expect([measure(result, 'p of the within-class R²').value, measure(result, 'p of the retrieval').value]).toEqual([expect.closeTo(found[2]!, 12), expect.closeTo(found[3]!, 12)]);
    expect([result.verdict, found[2]]).toEqual(['PASS', 0.005]);
    // The same pairs in another order within the class: both nulls do as well as what is judged.
    const order = permuteWithin(fit.labels, createRandom(77));
    const chance = await judge({ ...fit, x: selectRows(fit.x, order) });
    expect([chance.result.verdict, chance.found[2]! > 0.01 || chance.found[3]! > 0.01]).toEqual(['FAIL', true]);
    expect(measure(chance.result, 'within-class R²').value).toBeCloseTo(chance.found[0]!, 5);
  });
});

