/** Every part at two shapes and four opsets, in ONNX Runtime, against its formula in double arithmetic. */
import { describe, expect, test } from 'vitest';
import type { Compiled, Tensor } from './run-part.ts';
import { compilePart, holdsOf, rowsOf, runPart } from './run-part.ts';
import { library } from '../check/world.ts';
import { cases, type Case } from './cases.ts';

/** Operators changed their forms at 10, 11, 12, 13, 17, 18 and 20. */
const opsets = [11, 13, 18, 20];
const shapes = [
  { batch: 3, seq: 4, others: 2, d: 4, h: 2, w: 3 },
  { batch: 5, seq: 3, others: 6, d: 9, h: 4, w: 2 },
];
type Sizes = (typeof shapes)[number];

/** Numbers that f32 holds exactly, the same at every run (Park and Miller's generator). */
function numbers(seed: number): (low: number, high: number) => number {
  let state = seed;
  return (low, high) => {
    state = (state * 48271) % 2147483647;
    return Math.fround(low + (high - low) * Math.round((state / 2147483647) * 1024) / 1024);
  };
}

const sizeOf = (dim: string, sizes: Sizes): number => (/^\d+$/.test(dim) ? Number(dim) : sizes[dim as keyof Sizes]);

function makeInput(name: string, type: string, sizes: Sizes, { between = [-3, 3] }: Case, next: ReturnType<typeof numbers>): Tensor {
  const dims = /\[([^\]]*)\]/.exec(type)![1]!.split(',').map((dim) => sizeOf(dim.trim(), sizes));
  const count = dims.reduce((a, b) => a * b, 1);
  const width = dims.at(-1)!;
  if (name === 'mask') {
    // The first text has no token, the second is full, the third is padded before and behind where it can be.
    const present = (i: number): number => (i < width ? 0 : i < 2 * width ? 1 : Number(i % width === 1));
    return { dims, data: Array.from({ length: count }, (_, i) => present(i)), dtype: 'i64' };
  }
  const range = name === 'w' ? ([0, 2] as const) : between;
  if (type.startsWith('u8')) return { dims, data: Array.from({ length: count }, (_, i) => (i * 53) % 256), dtype: 'u8' };
  const data = Array.from({ length: count }, () => next(...range));
  // The first row is one of zeros, the second of equal numbers.
  for (let i = 0; i < width; i++) data[i] = 0;
  if (dims.length === 2 && name === 'x') for (let i = width; i < 2 * width; i++) data[i] = between[1];
  return { dims, data };
}

function weightsOf(one: Case, sizes: Sizes, next: ReturnType<typeof numbers>): Record<string, Tensor> | undefined {
  if (one.weights === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(one.weights).map(([name, written]) => {
      const dims = written.split(',').map((dim) => sizeOf(dim, sizes));
      const data = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => next(-1, 1));
      return [name, { dims, data }];
    }),
  );
}

const withWidth = (type: string, d: number): string => type.replace(/\bd\b/, String(d));

function compile(one: Case, sizes: Sizes, weights: Record<string, Tensor> | undefined, opset: number): Compiled {
  return compilePart({
    ...one,
    types: Object.fromEntries(Object.entries(one.types).map(([name, type]) => [name, withWidth(type, sizes.d)])),
    ...(one.result ? { result: withWidth(one.result, sizes.d) } : {}),
    ...(weights ? { weights } : {}),
    opset,
  } as Parameters<typeof compilePart>[0]);
}

/**
 * A sum of n products is off by at most n u Σ|a b| (Higham 2002, 3.1), u = 2^-24; the factors here are at most 3 and 2, and
 * a few roundings of a runtime's own exp, tanh and erf come with it (16 u). `growth` carries that through what follows.
 */
const toleranceOf = (one: Case, sizes: Sizes): number => 2 ** -24 * (6 * sizes.d * (sizes.d + sizes.seq) + 16) * (one.growth ?? 1);

test('every part of the library has its case', () => {
  const parts = Object.entries(library).flatMap(([module, source]) => [...source.matchAll(/^part (\w+)/gm)].map(([, name]) => `std/${module} ${name}`));
  // padding.test.ts has the part with two results.
  const covered = [...cases.map((one) => `${one.module} ${one.part}`), 'std/heads span'];
  expect(covered.sort()).toEqual(parts.sort());
});

describe.each(cases)('$module $part', (one) => {
  test.each(shapes)('computes its formula at batch $batch, seq $seq, width $d', async (sizes) => {
    const next = numbers(17 + sizes.d);
    const inputs = Object.fromEntries(Object.entries(one.types).map(([name, type]) => [name, makeInput(name, type, sizes, one, next)]));
    const weights = weightsOf(one, sizes, next);
    const rows = Object.fromEntries(Object.entries({ ...inputs, ...weights }).map(([name, tensor]) => [name, rowsOf(tensor)]));
    const expected = one.compute({ rows, seq: sizes.seq, d: sizes.d });
    const tolerance = toleranceOf(one, sizes);
    for (const opset of opsets) {
      const { bytes, output } = compile(one, sizes, weights, opset);
      const found = await runPart(bytes, inputs);
      expect(found.data.length, `opset ${opset}`).toBe(expected.length);
      const apart = Math.max(...found.data.map((value, i) => Math.abs(value - expected[i]!)));
      expect(apart, `opset ${opset}`).toBeLessThanOrEqual(tolerance);
      for (const fact of output.type.kind === 'tensor' ? output.type.facts : []) {
        expect(holdsOf(fact, found, tolerance), `${fact.kind} at opset ${opset}`).toBe(true);
      }
    }
  });
});
