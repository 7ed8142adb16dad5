/** A case of the table with numbers: its inputs and weights at given sizes, what it is to compute, and how exactly. */
import type { Case } from './cases.ts';
import { compilePart, rowsOf, type Compiled, type Tensor } from './run-part.ts';

export interface Sizes {
  readonly batch: number;
  readonly seq: number;
  readonly others: number;
  readonly d: number;
  readonly h: number;
  readonly w: number;
}

export interface Drawn {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly weights: Readonly<Record<string, Tensor>> | undefined;
  /** By the formula, in double arithmetic. */
  readonly expected: readonly number[];
  readonly tolerance: number;
}

/** The same numbers at every run. */
export function draw(one: Case, sizes: Sizes): Drawn {
  const next = numbers(17 + sizes.d);
  const inputs = Object.fromEntries(Object.entries(one.types).map(([name, type]) => [name, makeInput(name, type, sizes, one, next)]));
  const weights = weightsOf(one, sizes, next);
  const rows = Object.fromEntries(Object.entries({ ...inputs, ...weights }).map(([name, tensor]) => [name, rowsOf(tensor)]));
  return { inputs, weights, expected: one.compute({ rows, seq: sizes.seq, d: sizes.d }), tolerance: toleranceOf(one, sizes) };
}

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
      const dims = (written === '' ? [] : written.split(',')).map((dim) => sizeOf(dim, sizes));
      const data = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => next(-1, 1));
      return [name, { dims, data }];
    }),
  );
}

const withWidth = (type: string, d: number): string => type.replace(/\bd\b/, String(d));

export function compile(one: Case, sizes: Sizes, { weights }: Drawn, opset: number): Compiled {
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
