/** Graphs of steps that each keep the shape, and what ONNX Runtime answers to their rows together and alone. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { load } from '../../src/runtime/index.ts';
import { buildText, type Built } from '../runtime/built.ts';
import { seed } from '../seed.ts';
import { traced, type Trace } from './infer/exporters/trace.ts';

export const width = 8;
export type Step = (t: Trace, x: string) => string;

export const rows = (t: Trace): string => t.size('mask', 0);
export const places = (t: Trace): string => t.size('mask', 1);
export const unsqueeze = (t: Trace, x: string, ...axes: readonly number[]): string => t.op('Unsqueeze', [x, t.list(...axes)]);

/** What keeps the shape after each step, and the size. */
export const chain = (steps: readonly Step[], opset = 17): Built => {
  let y = '';
  const bytes = traced(inputs, (t) => [(y = steps.reduce((x, step) => t.reshape(t.op('Tanh', [step(t, x)]), rows(t), places(t), width), 'x'))], opset);
  const source = `backbone Net { source "./net.onnx" input x: f32[batch, seq, 8] from "x" input mask: i64[batch, seq] from "mask" output y: f32[batch, seq, 8] from "${y}" }
    model M { input x: f32[batch, seq, 8] input mask: i64[batch, seq] output y = Net(x, mask).y }`;
  return buildText(source, { 'net.onnx': bytes });
};

const inputs = [
  { name: 'x', dims: ['batch', 'seq', width] },
  { name: 'mask', dims: ['batch', 'seq'], below: 2 },
] as const;

interface Rows {
  readonly x: readonly Float32Array[];
  readonly mask: readonly BigInt64Array[];
}

/** Ties would let a rounding choose another place: no two numbers are alike. The second row has NaN in it, the third infinities. */
function drawn(from: number, seq: number): Rows {
  const noise = (i: number): number => Math.sin(from + i * 12.9898);
  const x = [0, 1, 2].map((row) => Float32Array.from({ length: seq * width }, (_, i) => noise(row * 1000 + i)));
  x[1]![seq] = Number.NaN;
  x[2]!.set([Infinity, -Infinity], 1);
  return { x, mask: [0, 1, 2].map((row) => BigInt64Array.from({ length: seq }, (_, i) => (noise(row * 77 + i) > 0 ? 1n : 0n))) };
}

interface Idioms {
  readonly apart: readonly Step[];
  readonly mixing: readonly Step[];
  /** How far answers may be from one another. */
  readonly tolerance: number;
}

/** Random chains of three steps at most are apart where each step is, and then answer a row of a batch as they answer it alone. Answers with how many there were of each kind. */
export async function answerRowsAlone({ apart, mixing, tolerance }: Idioms): Promise<{ readonly apart: number; readonly mixing: number }> {
  const isNear = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= tolerance;
  const all = [...apart, ...apart, ...mixing];
  const seen = { apart: 0, mixing: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(all.length - 1), { minLength: 1, maxLength: 3 }), fc.nat(1000), fc.integer({ min: 2, max: 6 }), async (picks, from, seq) => {
      const { folder, manifest } = chain(picks.map((pick) => all[pick]!));
      const isApart = manifest.rows?.independent === true;
      seen[isApart ? 'apart' : 'mixing']++;
      expect(isApart).toBe(picks.every((pick) => apart.includes(all[pick]!)));
      if (!isApart) return;
      await using model = await load(folder, { device: 'cpu', verify: false });
      const { x, mask } = drawn(from, seq);
      const answer = async (of: readonly number[]): Promise<Float32Array> => {
        const data = Float32Array.from(of.flatMap((row) => [...x[row]!]));
        const masks = BigInt64Array.from(of.flatMap((row) => [...mask[row]!]));
        const { y } = await model.run({ x: { data, dims: [of.length, seq, width] }, mask: { data: masks, dims: [of.length, seq] } });
        return y!.data as Float32Array;
      };
      const together = await answer([0, 1, 2]);
      for (const row of [0, 1, 2]) {
        const alone = await answer([row]);
        expect([...alone].filter((value, i) => !isNear(value, together[row * seq * width + i]!))).toEqual([]);
      }
    }),
    { seed, numRuns: 40 },
  );
  return seen;
}
