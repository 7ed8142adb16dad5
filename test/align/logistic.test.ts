import { afterAll, describe, expect, test } from 'vitest';
import { neighbourShares } from '../../src/align/heads/choose.ts';
import { fitLogistic, type LogisticHead, type LogisticOptions } from '../../src/align/heads/logistic.ts';
import { minimise } from '../../src/align/linear-algebra/lbfgs.ts';
import type { Features } from '../../src/align/matrix.ts';
import { accuracy } from '../../src/align/metrics/head.ts';
import { compilePart, runPart } from '../stdlib/run-part.ts';
import { greatestDifference, testKernels } from './kernel-session.ts';
import { askNumpy, numpyMissing } from './numpy.ts';
import { twoSpaces } from './spaces.ts';

const kernels = testKernels();
afterAll(() => kernels.close());

const noNumpy = numpyMissing();
if (noNumpy !== undefined) console.log(`skipped: comparisons with numpy, for ${noNumpy}`);

/** Classes that overlap, as they do behind real encoders: where a plane divides them, the weights run away. */
const { x, labels } = twoSpaces({ rows: 300, seed: 4, noise: 8 });
/** Columns whose sizes differ by a factor of 1,000, as those of real encoders may. */
const uneven: Features = { ...x, data: x.data.map((value, at) => value * 10 ** (-3 * ((at % 16) / 15))) };

async function fit(features: Features, options: LogisticOptions): Promise<LogisticHead> {
  const fitted = await fitLogistic(kernels, features, labels, options);
  if (!fitted.ok) throw new Error(fitted.finding.message);
  return fitted.value;
}

describe('L-BFGS', () => {
  test('finds the bottom of a narrow valley', async () => {
    // (x - 1)² + 1,000 (y + 2)² + (x + y)⁴ has its gradient 0 in one place.
    const found = await minimise(
      async ([a = 0, b = 0]) => {
        const quartic = (a + b) ** 3;
        return {
          value: (a - 1) ** 2 + 1000 * (b + 2) ** 2 + (a + b) * quartic,
          gradient: Float64Array.of(2 * (a - 1) + 4 * quartic, 2000 * (b + 2) + 4 * quartic),
        };
      },
      Float64Array.of(5, 5),
      { tolerance: 1e-18, maxIterations: 200 },
    );
    expect(found.converged).toBe(true);
    const [a, b] = found.point as unknown as [number, number];
    expect(Math.abs(2 * (a - 1) + 4 * (a + b) ** 3)).toBeLessThan(1e-9);
    expect(Math.abs(b + 2)).toBeLessThan(0.01);
  });
  test('says that it did not come to an end', async () => {
    const slow = async (point: Float64Array) => ({ value: Math.exp(-point[0]!), gradient: point.map((a) => -Math.exp(-a)) });
    expect(await minimise(slow, Float64Array.of(0), { tolerance: 1e-12, maxIterations: 3 })).toMatchObject({ converged: false, iterations: 3 });
  });
});

describe.skipIf(noNumpy !== undefined)("Newton's method in numpy finds the same", () => {
  const newton = `
n, d = x.shape; k = int(labels.max()) + 1; a = np.c_[x.astype("f8"), np.ones(n)]; y = np.eye(k)[labels.ravel().astype(int)]
m = np.full((d + 1, 1), penalty); m[-1] = 0; w = np.zeros((d + 1, k))
def objective(w):
    z = a @ w; z = z - z.max(1, keepdims=True)
    return -(y * (z - np.log(np.exp(z).sum(1, keepdims=True)))).sum() / n + (m * w * w).sum() / 2
for step in range(100):
    z = a @ w; p = np.exp(z - z.max(1, keepdims=True)); p = p / p.sum(1, keepdims=True)
    g = a.T @ (p - y) / n + m * w
    if abs(g).max() < 1e-12: break
    h = np.einsum("ni,nj,na,ab->iajb", a, a, p, np.eye(k)) - np.einsum("ni,nj,na,nb->iajb", a, a, p, p)
    h = h.reshape((d + 1) * k, -1) / n + np.diag(np.repeat(m.ravel(), k))
    s = np.linalg.lstsq(h, g.ravel(), rcond=1e-13)[0].reshape(w.shape)
    t = 1.0
    while objective(w - t * s) > objective(w) and t > 1e-9: t = t / 2
    w = w - t * s
loss = np.array([objective(w)])`;
  test.each([
    ['even', x, 1 / 300],
    ['uneven', uneven, 1 / 300],
    ['uneven, weakly penalised', uneven, 1e-6],
  ])('on columns that are %s', async (_, features, penalty) => {
    const [loss] = askNumpy(`penalty = ${penalty}\n${newton}`, { x: features, labels: { rows: 300, columns: 1, data: Float32Array.from(labels) } }, ['loss']);
    const found = await fit(features, { classes: 4, penalty });
    expect(found.converged).toBe(true);
    // It ends where a part of 1e-7 is left by the curvature that it saw; ten times that is what it is held to.
    expect(Math.abs(found.loss - loss![0]!)).toBeLessThan(1e-6 * loss![0]!);
  });
});

test.skipIf(noNumpy !== undefined)('what the nearest rows say is what numpy counts', async () => {
  const k = 7;
  const [shares] = askNumpy(
    `c = x.astype("f8") - x.astype("f8").mean(0); c /= np.linalg.norm(c, axis=1)[:, None]; s = c @ c.T; np.fill_diagonal(s, -9)
near = np.argsort(-s, axis=1, kind="stable")[:, :${k}]; shares = np.eye(4)[labels.ravel().astype(int)][near].mean(1)`,
    { x, labels: { rows: 300, columns: 1, data: Float32Array.from(labels) } },
    ['shares'],
  );
  const found = await neighbourShares(kernels, { x, labels: Uint32Array.from(labels), classes: 4 }, k);
  expect(greatestDifference(found.data, shares!)).toBeLessThan(1e-6);
});

test('uneven columns take hardly more steps than even ones', async () => {
  const [even, odd] = [await fit(x, { classes: 4, penalty: 1e-5 }), await fit(uneven, { classes: 4, penalty: 1e-5 })];
  expect(odd.iterations).toBeLessThan(2 * even.iterations + 10);
});

test("the library's linear_classifier reads the weights, and answers as the head does", async () => {
  const { head } = await fit(x, { classes: 4 });
  const logits = await head.predict(kernels, x);
  expect(accuracy(logits, labels)).toBeGreaterThan(0.6);
  const { bytes } = compilePart({
    module: 'std/heads',
    part: 'linear_classifier',
    call: 'x |> linear_classifier(classes: 4)',
    types: { x: 'f32[batch, 16]' },
    result: 'f32[batch, 4]',
    weights: Object.fromEntries(head.tensors.map(({ name, dims, data }) => [`linear_classifier.${name}`, { dims, data: [...data] }])),
    opset: 18,
  });
  const answer = await runPart(bytes, { x: { dims: [300, 16], data: [...x.data] } });
  const softmax = Float64Array.from(logits.data, (value, at) => {
    const row = logits.data.subarray(at - (at % 4), at - (at % 4) + 4);
    return Math.exp(value) / row.reduce((sum, z) => sum + Math.exp(z), 0);
  });
  expect(greatestDifference(answer.data, softmax)).toBeLessThan(1e-5);
});

test('too few rows are refused', async () => {
  const few = await fitLogistic(kernels, { rows: 5, columns: 16, data: x.data.subarray(0, 80) }, labels, { classes: 4 });
  expect(few.ok ? '' : few.finding.message).toBe('`logistic` cannot be fitted from 5 rows: it needs 8, two for each class.');
});
