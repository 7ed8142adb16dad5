/** Real models: every inner tensor as inferred, at three sizes. `MDL_MODELS` names further files. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { inferGraph } from '../../../src/ir/infer/index.ts';
import { createNodeHost } from '../../../src/host/node.ts';
import type { OnnxFile } from '../../../src/onnx/index.ts';
import { openConstants } from '../../../src/read-constants.ts';
import { constantOf, intDim, multipleOf, substituteDim } from '../../../src/types/dim.ts';
import { useLitePath } from '../../onnx/helpers.ts';
import { readBytes } from '../../onnx/models.ts';
import { withInnerOutputs } from './inner-outputs.ts';
import { compare } from './observed.ts';
import { randomNumbers } from './random/drawing.ts';
import { publish, regressions, summarize, type Measured, type Tightness } from './tightness.ts';
import { plainSession } from '../../plain-session.ts';

/** Small sizes, but none below what convolutions over images and sound need. */
const leastOf = (name: string): number => ({ height: 64, width: 64, h: 64, w: 64, frames: 16, samples: 1000 })[name] ?? 1;

/** Random tensors for the inputs: ids that every vocabulary has, masks of ones, numbers between -1 and 1. */
function feedsOf(file: OnnxFile, random: () => number): Record<string, ort.Tensor> {
  const { graph } = file;
  const inferred = inferGraph(file);
  const sizes = new Map<string, number>();
  const draw = (least: number): number => least + Math.floor(random() * (7 + least));
  // Of `14*h` some are as many as are needed.
  const sizeOf = (name: string, isMultiple: boolean): number => sizes.get(name) ?? sizes.set(name, draw(isMultiple ? 2 : leastOf(name))).get(name)!;
  return Object.fromEntries(
    graph.inputs.map((name) => {
      const { dtype, dims = [] } = inferred.get(name)!;
      const shape = dims.map((dim) => constantOf(substituteDim(dim, (symbol) => intDim(sizeOf(symbol.name, (multipleOf(dim)?.factor ?? 1) > 1))))!);
      const count = shape.reduce((product, n) => product * n, 1);
      if (dtype === 'i64') return [name, new ort.Tensor('int64', BigInt64Array.from({ length: count }, () => (name.includes('mask') ? 1n : BigInt(Math.floor(random() * 20)))), shape)];
      return [name, new ort.Tensor('float32', Float32Array.from({ length: count }, () => random() * 2 - 1), shape)];
    }),
  );
}

const all = new Map<string, Tightness>();
const example = (file: string): string => fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url));
const paths = [useLitePath, ...['fashion/models/encoder_a_cnn128.onnx', 'fashion/models/encoder_b_mixer64.onnx', 'glosses/models/gloss-bytes/model.onnx', 'two-towers/models/gloss-word/model.onnx'].map(example).filter((path) => existsSync(path)), ...(process.env['MDL_MODELS'] ?? '').split(':').filter((path) => path !== '')];

describe.each(paths)('%s', (path) => {
  test('has the shapes that are inferred, from its inputs alone', async () => {
    const bytes = readFileSync(path);
    const file = readBytes(bytes, pathToFileURL(path).href);
    const session = await ort.InferenceSession.create(withInnerOutputs(bytes, file), plainSession);
    const random = randomNumbers(7);
    // Of these the bounds are what is of interest; their sizes are fixed.
    const isSmall = path.includes('fashion') || path.includes('two-towers');
    const constants = openConstants(createNodeHost());
    const [tightness, outputs]: [Measured[], Measured[]] = [[], []];
    for (let run = 0; run < (isSmall ? 1 : 3); run++) {
      const feeds = feedsOf(file, random);
      const observed = new Map(Object.entries(await session.run(feeds)));
      const { wrong, exact, seen, measured } = compare(file, feeds, observed, constants.read);
      tightness.push(...measured.values());
      for (const name of file.graph.outputs) outputs.push(measured.get(name)!);
      expect(wrong).toEqual([]);
      // Nothing in these depends on values.
      expect(exact).toBe(seen);
      expect(seen).toBeGreaterThanOrEqual(file.graph.nodes.length);
    }
    await session.release();
    constants.close();
    const name = path.replace(/^.*examples\//, '');
    all.set(name, summarize(tightness));
    all.set(`${name}:outputs`, summarize(outputs));
  });
});

test('bounds are no wider than published', () => {
  const known = new Map([...all].filter(([name]) => !name.startsWith('/')));
  if (process.env['UPDATE_GOLDEN']) publish('models', known);
  expect(regressions('models', known)).toEqual([]);
});
