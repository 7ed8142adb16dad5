/** Convolutions, pools, pads and resizes in ONNX Runtime against loops over their definitions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePart, runPart, type Tensor } from '../stdlib/run-part.ts';

const numbers = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 64) / 16 - 2);
const tensor = (dims: readonly number[], seed: number): Tensor => ({ dims, data: numbers(dims.reduce((a, b) => a * b, 1), seed) });
const typeOf = ({ dims }: Tensor): string => `f32[${dims.join(', ')}]`;

async function compute(call: string, inputs: Readonly<Record<string, Tensor>>, opset: number): Promise<Tensor> {
  const types = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, typeOf(one)]));
  return runPart(compilePart({ module: '', part: '', call, types, opset }).bytes, inputs);
}

/** An element of a map, or `outside` beyond its edges. */
const at = ({ dims, data }: Tensor, n: number, c: number, y: number, x: number, outside: number): number => {
  const [, channels, h, w] = dims as [number, number, number, number];
  return y < 0 || y >= h || x < 0 || x >= w ? outside : data[((n * channels + c) * h + y) * w + x]!;
};

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

/** What `of` makes of each window: of the pairs of a place in the kernel and one in the map. */
function overWindows(h: number, w: number, { kernel, strides, pads, dilations }: Window, of: (places: readonly { ky: number; kx: number; y: number; x: number }[]) => number): number[][] {
  const rows: number[][] = [];
  for (let top = -pads[0]; top + (kernel[0] - 1) * dilations[0] < h + pads[2]; top += strides[0]) {
    const row: number[] = [];
    for (let left = -pads[1]; left + (kernel[1] - 1) * dilations[1] < w + pads[3]; left += strides[1]) {
      const places = [];
      for (let ky = 0; ky < kernel[0]; ky++) for (let kx = 0; kx < kernel[1]; kx++) places.push({ ky, kx, y: top + ky * dilations[0], x: left + kx * dilations[1] });
      row.push(of(places));
    }
    rows.push(row);
  }
  return rows;
}

const written = ({ strides, pads, dilations }: Window): string => `strides: [${strides.join(', ')}], pads: [${pads.join(', ')}], dilations: [${dilations.join(', ')}]`;
const few = fc.integer({ min: 1, max: 3 });
const window = fc.record({
  kernel: fc.tuple(few, few),
  strides: fc.tuple(few, few),
  dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  pads: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 2 }))) as fc.Arbitrary<[number, number, number, number]>,
});
const opset = fc.constantFrom(10, 11, 13, 18);
const close = (found: Tensor, expected: readonly number[]): void => {
  expect(found.data.length).toBe(expected.length);
  // At most 27 products of numbers up to 2 by 2: 27 u Σ|ab| (Higham 2002, 3.1).
  const apart = Math.max(...found.data.map((value, i) => Math.abs(value - expected[i]!)));
  expect(apart).toBeLessThanOrEqual(27 * 2 ** -24 * 27 * 4);
};

describe('windows', () => {
  test('Conv sums products, group by group', async () => {
    await fc.assert(
      fc.asyncProperty(window, fc.constantFrom(1, 2), opset, async (how, group, version) => {
        const [h, w] = [7, 6];
        const image = tensor([2, 4, h, w], 3);
        const weights = tensor([6, 4 / group, ...how.kernel], 11);
        const bias = tensor([6], 5);
        const expected: number[] = [];
        for (let n = 0; n < 2; n++) {
          for (let m = 0; m < 6; m++) {
            const first = Math.floor(m / (6 / group)) * (4 / group);
            const rows = overWindows(h, w, how, (places) =>
              places.reduce((sum, { ky, kx, y, x }) => {
                let all = sum;
                for (let c = 0; c < 4 / group; c++) all += at(image, n, first + c, y, x, 0) * at(weights, m, c, ky, kx, 0);
                return all;
              }, bias.data[m]!),
            );
            expected.push(...rows.flat());
          }
        }
        close(await compute(`onnx.Conv(p, q, b, group: ${group}, ${written(how)})`, { p: image, q: weights, b: bias }, version), expected);
      }),
      { numRuns: 40 },
    );
  });

  test('MaxPool takes the greatest, AveragePool the mean of what lies within', async () => {
    // ONNX takes no window that may lie in the padding alone.
    const pools = window.filter(({ kernel, pads }) => pads.every((pad, i) => pad < kernel[i % 2]!));
    await fc.assert(
      fc.asyncProperty(pools, opset, fc.boolean(), async (how, version, counted) => {
        const [h, w] = [7, 6];
        const image = tensor([1, 3, h, w], 3);
        const each = (window_: Window, of: (values: readonly number[], all: number) => number): number[] =>
          [0, 1, 2].flatMap((c) => overWindows(h, w, window_, (places) => of(places.map(({ y, x }) => at(image, 0, c, y, x, NaN)).filter((v) => !Number.isNaN(v)), places.length)).flat());
        const kernel = `kernel_shape: [${how.kernel.join(', ')}]`;
        close(await compute(`onnx.MaxPool(p, ${kernel}, ${written(how)})`, { p: image }, version), each(how, (values) => Math.max(...values)));
        const dense = { ...how, dilations: [1, 1] as const };
        const mean = `onnx.AveragePool(p, ${kernel}, ${written(dense).replace(/, dilations.*/, '')}, count_include_pad: ${counted})`;
        close(await compute(mean, { p: image }, version), each(dense, (values, all) => values.reduce((a, b) => a + b, 0) / (counted ? all : values.length)));
      }),
      { numRuns: 40 },
    );
  });
});

describe('Resize', () => {
  const sizes = fc.integer({ min: 1, max: 9 });

  test.each(['half_pixel', 'asymmetric', 'align_corners'])('draws straight lines between neighbours: %s', async (coordinates) => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, sizes, sizes, fc.constantFrom(9, 11, 13, 19), async (h, w, height, width, version) => {
        const image = tensor([1, 2, h, w], 7);
        const place = (i: number, from: number, to: number): number => {
          if (coordinates === 'align_corners') return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
          return coordinates === 'asymmetric' ? (i * from) / to : ((i + 0.5) * from) / to - 0.5;
        };
        const bound = (value: number, size: number): number => Math.min(Math.max(value, 0), size - 1);
        const between = (c: number, y: number, x: number): number => {
          const [fy, fx] = [Math.floor(y), Math.floor(x)];
          const corner = (dy: number, dx: number): number => at(image, 0, c, bound(fy + dy, h), bound(fx + dx, w), NaN);
          const line = (a: number, b: number, t: number): number => a + (b - a) * t;
          return line(line(corner(0, 0), corner(0, 1), x - fx), line(corner(1, 0), corner(1, 1), x - fx), y - fy);
        };
        const expected = [0, 1].flatMap((c) =>
          Array.from({ length: height * width }, (_, i) => between(c, bound(place(Math.floor(i / width), h, height), h), bound(place(i % width, w, width), w))),
        );
        const call = `onnx.Resize(p, sizes: [${height}, ${width}], mode: "linear", coordinate_transformation_mode: "${coordinates}")`;
        const found = await compute(call, { p: image }, version);
        // Runtimes compute the places in f32: off by 9 · 2 u, times a slope of at most 4, twice.
        expect(Math.max(...found.data.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(2 ** -24 * 9 * 2 * 4 * 2 * 2);
      }),
      { numRuns: 60 },
    );
  });

  test.each(['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'])('takes the same places in all its forms, also in the middle between two: %s', async (coordinates) => {
    for (const nearest of ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) {
      for (const from of [1, 3, 7, 14]) {
        const image: Tensor = { dims: [1, 1, 1, from], data: Array.from({ length: from }, (_, i) => i) };
        // Several sizes in one model, so that there is one session for all of them.
        const widths = Array.from({ length: 18 }, (_, i) => i + 1);
        const parts = widths.map((to) => `onnx.Resize(p, sizes: [1, ${to}], nearest_mode: "${nearest}", coordinate_transformation_mode: "${coordinates}")`);
        const call = `onnx.Concat(${parts.join(', ')}, axis: 3)`;
        const [before, after] = [await compute(call, { p: image }, 9), await compute(call, { p: image }, 13)];
        expect(before.data, `${nearest} from ${from}`).toEqual(after.data);
      }
    }
  });

  test('shrinks with means where it is told to widen its filter', async () => {
    // With a factor of two the triangle of Pillow's bilinear filter has the weights 1/8, 3/8, 3/8, 1/8.
    const row = [3, 1, -2, 5, 0.5, 4, -1, 2];
    const image: Tensor = { dims: [1, 1, 1, 8], data: row };
    const inner = [1, 2].map((i) => (row[2 * i - 1]! + 3 * row[2 * i]! + 3 * row[2 * i + 1]! + row[2 * i + 2]!) / 8);
    const ends = [(3 * row[0]! + 3 * row[1]! + row[2]!) / 7, (row[5]! + 3 * row[6]! + 3 * row[7]!) / 7];
    for (const version of [9, 13, 18, 20]) {
      const found = await compute('onnx.Resize(p, sizes: [1, 4], mode: "linear", antialias: true, exclude_outside: true)', { p: image }, version);
      [ends[0]!, ...inner, ends[1]!].forEach((value, i) => expect(found.data[i]).toBeCloseTo(value, 5));
    }
  });
});
