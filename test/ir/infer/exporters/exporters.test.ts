/** Networks as exporters write them: every tensor in the inputs' own symbols, as ONNX Runtime computes it at three sizes. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { inferGraph } from '../../../../src/ir/infer/index.ts';
import { sizeOfText } from '../../../../src/runtime/inputs/size-text.ts';
import { showDim } from '../../../../src/types/dim.ts';
import { readBytes } from '../../../onnx/models.ts';
import { compare } from '../observed.ts';
import { randomNumbers } from '../random/drawing.ts';
import { observe } from '../random/graphs.ts';
import { withInnerOutputs } from '../inner-outputs.ts';
import { architectures, encodeArchitecture, type Architecture } from './architectures.ts';
import { idioms } from './idioms.ts';

function feedsOf({ inputs, sizes }: Architecture, random: () => number): Record<string, ort.Tensor> {
  const drawn = new Map(Object.entries(sizes).map(([name, [from, to]]) => [name, from + Math.floor(random() * (to - from + 1))]));
  return Object.fromEntries(
    inputs.map(({ name, dims, below }) => {
      const shape = dims.map((dim) => sizeOfText(dim, (size) => drawn.get(size))!);
      const count = shape.reduce((a, b) => a * b, 1);
      if (below === undefined) return [name, new ort.Tensor('float32', Float32Array.from({ length: count }, () => random() * 2 - 1), shape)];
      return [name, new ort.Tensor('int64', BigInt64Array.from({ length: count }, (_, i) => BigInt(i % (shape.at(-1) ?? 1) === 0 ? below - 1 : Math.floor(random() * below))), shape)];
    }),
  );
}

const cases = Object.entries({ ...architectures, ...idioms }).flatMap(([name, architecture]) => architecture.opsets.map((opset) => ({ name, opset, architecture })));

describe('exports', () => {
  test.each(cases)('$name, opset $opset', async ({ architecture, opset }) => {
    const bytes = encodeArchitecture(architecture, opset);
    const model = readBytes(bytes);
    const inferred = inferGraph(model, { ignoreDeclared: true });
    expect(model.graph.outputs.map((name) => inferred.get(name)?.dims?.map(showDim).join(', '))).toEqual(architecture.outputs);
    const random = randomNumbers(opset);
    const wide = architecture.isSequence === true ? bytes : withInnerOutputs(bytes, model);
    for (let run = 0; run < 3; run++) {
      const feeds = feedsOf(architecture, random);
      const observed = await observe(wide, feeds);
      expect(observed).toBeDefined();
      const { wrong, exact, seen } = compare(model, feeds, observed!);
      expect(wrong).toEqual([]);
      if (architecture.isOpen !== true) expect(exact).toBe(seen);
    }
  });
});
