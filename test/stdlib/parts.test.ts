/** Every part at two shapes and four opsets, in ONNX Runtime, against its formula in double arithmetic. */
import { describe, expect, test } from 'vitest';
import { library } from '../check/world.ts';
import { cases } from './cases.ts';
import { compile, draw } from './draw.ts';
import { holdsOf, runPart } from './run-part.ts';

/** Operators changed their forms at 10, 11, 12, 13, 17, 18 and 20. */
const opsets = [11, 13, 18, 20];
const shapes = [
  { batch: 3, seq: 4, others: 2, d: 4, h: 2, w: 3 },
  { batch: 5, seq: 3, others: 6, d: 9, h: 4, w: 2 },
];

test('every part of the library has its case', () => {
  const parts = Object.entries(library).flatMap(([module, source]) => [...source.matchAll(/^part (\w+)/gm)].map(([, name]) => `std/${module} ${name}`));
  // padding.test.ts has the part with two results.
  const covered = [...cases.map((one) => `${one.module} ${one.part}`), 'std/heads span'];
  expect(covered.sort()).toEqual(parts.sort());
});

describe.each(cases)('$module $part', (one) => {
  test.each(shapes)('computes its formula at batch $batch, seq $seq, width $d', async (sizes) => {
    const drawn = draw(one, sizes);
    const { inputs, expected, tolerance } = drawn;
    for (const opset of opsets) {
      const { bytes, output } = compile(one, sizes, drawn, opset);
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
