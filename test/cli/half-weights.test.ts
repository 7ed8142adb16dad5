/** `mdl build --weights f16`: what is stored, what is measured, and what is refused. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { codeOf, opener, valueOf } from '../onnx/helpers.ts';
import { dataTypes, decodeModel, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { bitsOf, f32, numbersOf, runModel } from '../onnx/oracles.ts';
import { info, operation, port, program } from '../onnx/programs.ts';
import { createFolder, mdl } from './harness.ts';
import { expectShown } from './shown-calls.ts';

const bytesOf = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const weights = (tensors: Readonly<Record<string, readonly [dims: readonly number[], values: readonly number[]]>>): Uint8Array =>
  writeSafetensors(Object.entries(tensors).map(([name, [dims, values]]) => ({ name, dtype: 'f32', dims, bytes: bytesOf(values) })));

/** y = 100000 (x - 0.1): small differences of its input become large ones. */
const magnifier = encodeModel({
  node: [node('Sub', ['x', 'c'], ['d']), node('Mul', ['d', 'k'], ['y'])],
  input: [valueInfo('x', ['batch', 2])],
  output: [valueInfo('y', ['batch', 2])],
  initializer: [floats('c', [1], [0.1]), floats('k', [1], [100000])],
});

const source = `
import { linear, softmax } from "std/nn"

labels Side = ["left", "right"]
contract Point = f32[batch, 2] where range [-2, 2]
backbone Magnifier @ 1.0.0 {
  source "./magnifier.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2] where range [-1, 1]
}
adapter Turn(x: Point) -> f32[batch, 2] weights "./turn.safetensors" { x |> linear(out: 2) }
adapter Constant(x: Point) -> f32[batch, 2] weights "./constant.safetensors" { x |> linear(out: 2) }
head Choose(x: Point) -> f32[batch, Side] where range [0, 1] weights "./choose.safetensors" { x |> linear(out: Side) |> softmax }
adapter Squared(x: Point) -> f32[batch, 2] weights "./squared.safetensors" {
  param w: f32[2]
  x * (w * w)
}
adapter Huge(x: Point) -> f32[batch, 2] weights "./weights/huge.safetensors" { x |> linear(out: 2) }

model Turned {
  input point: Point
  output turned = Turn(point)
  output side = Choose(point)
  output point_again = point
}
model Broken {
  input point: Point
  output y = Magnifier(Constant(point)).y
}
model Large {
  input point: Point
  output y = Huge(point)
}
model Square {
  input point: Point
  output y = Squared(point)
}
model Bare {
  input x: f32[batch, 2]
  output y = Magnifier(x).y
}
`;

const folder = createFolder({
  'package.json': '{ "name": "halves" }',
  'halves.mdl': source,
  'magnifier.onnx': magnifier,
  'turn.safetensors': weights({ 'linear.w': [[2, 2], [0.1, -0.7, 1 / 3, 1e-6]], 'linear.b': [[2], [0.3, -0.01]] }),
  'constant.safetensors': weights({ 'linear.w': [[2, 2], [0, 0, 0, 0]], 'linear.b': [[2], [0.1, 0.1]] }),
  'choose.safetensors': weights({ 'linear.w': [[2, 2], [5, -5, 0.123, 0.124]], 'linear.b': [[2], [0, 0.0001]] }),
  'weights/huge.safetensors': weights({ 'linear.w': [[2, 2], [1, 2, 70000, 4]], 'linear.b': [[2], [0, 0]] }),
  // Float16 has both, and not their squares: 90000 is beyond it, and 1e-8 would be 0.
  'squared.safetensors': weights({ w: [[2], [300, 1e-4]] }),
  'points.json': '[[0.5, -1.5], [2, 1], [-1, 0.25]]',
  'far.json': '[[0.5, -3]]',
});
afterAll(() => folder.remove());
const build = (...args: string[]) => mdl(folder.path, ['build', 'halves.mdl', ...args]);
const builtModel = (out: string, name: string): Uint8Array => readFileSync(path.join(folder.path, out, name, 'model.onnx'));
const manifestOf = (out: string, name: string): Manifest => JSON.parse(readFileSync(path.join(folder.path, out, name, 'manifest.json'), 'utf8')) as Manifest;

describe('the numbers of a sample', () => {
  const points = [0.5, -1.5, 2, 1, -1, 0.25];

  test('are those that ONNX Runtime gives for the two files', async () => {
    await build('--model', 'Turned', '--out', 'plain');
    const { code, stdout } = await build('--model', 'Turned', '--out', 'half', '--weights', 'f16', '--sample', 'point=points.json');
    expect(code).toBe(0);
    const { tensors, measured } = manifestOf('half', 'Turned').weights!;
    expect([tensors, measured!.sample]).toEqual([4, { files: ['points.json'], runs: 1 }]);
    const [before, after] = await Promise.all(['plain', 'half'].map((out) => runModel(builtModel(out, 'Turned'), { point: f32([3, 2], points) })));
    for (const output of ['turned', 'side']) {
      const [a, b] = [numbersOf(before![output]), numbersOf(after![output])];
      const off = a.map((value, i) => Math.abs(value - b[i]!));
      const rows = [0, 2, 4].map((at) => Math.hypot(off[at]!, off[at + 1]!) / Math.hypot(a[at]!, a[at + 1]!));
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const round = (value: number) => Number(value.toPrecision(3));
      expect(Math.max(...off)).toBeGreaterThan(0);
      expect(measured!.outputs[output]).toMatchObject({
        absolute: { max: round(Math.max(...off)), mean: round(mean(off)) },
        relative: { max: round(Math.max(...rows)), mean: round(mean(rows)) },
      });
    }
    expect(measured!.outputs['side']!.topClass).toEqual({ rows: 3, changed: 0 });
    expect(measured!.outputs['point_again']!.absolute).toEqual({ max: 0, mean: 0 });
    expect(stdout).toContain('float16 weights leave `point_again` as it was');
  });

  test('are of inputs that meet the contract where none are given, the same each time', async () => {
    const measured = [];
    for (const out of ['first', 'second']) {
      expect((await build('--model', 'Turned', '--out', out, '--weights', 'f16')).code).toBe(0);
      measured.push(manifestOf(out, 'Turned').weights!.measured);
    }
    expect(measured[0]!.sample).toEqual({ seed: 1, runs: 16 });
    expect(measured[1]).toEqual(measured[0]);
    expect((await mdl(folder.path, ['audit', 'first/Turned'])).code).toBe(0);
  });

  test('are not guessed: a sample that the contract excludes ends the build, and leaves nothing behind', async () => {
    const { code, stderr } = await build('--model', 'Turned', '--out', 'far', '--weights', 'f16', '--sample', 'point=far.json');
    expect([code, stderr]).toEqual([2, expect.stringContaining('promises values from -2 to 2, found -3 at [0, 1]')]);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

test('only our weights are halved, in fused and in split files; what was foreign passes', async () => {
  await build('--model', 'Broken', '--out', 'foreign');
  await build('--model', 'Turned', '--out', 'parts', '--split', '--weights', 'f16');
  const types = (bytes: Uint8Array) => decodeModel(bytes).graph!.initializer!.map(({ dataType }) => dataType);
  expect(types(builtModel('half', 'Turned')).every((type) => type === dataTypes.FLOAT16)).toBe(true);
  for (const head of ['turned', 'side']) expect(types(readFileSync(path.join(folder.path, 'parts/Turned', `head.${head}.onnx`)))).toEqual([dataTypes.FLOAT16, dataTypes.FLOAT16]);
  const { stdout } = await build('--model', 'Bare', '--out', 'bare', '--weights', 'f16');
  expect(stdout).toContain('--weights changes nothing');
  expect(types(builtModel('bare', 'Bare'))).toEqual([dataTypes.FLOAT, dataTypes.FLOAT]);
});

test('a bound that a foreign file kept for the weights as they were, and does not keep any more', async () => {
  await expectShown(folder.path, 'half-fact', { args: ['build', 'halves.mdl', '--model', 'Broken', '--out', 'broken', '--weights', 'f16'], code: 1, onlyErrors: true });
  const { stderr } = await build('--model', 'Broken', '--out', 'broken', '--weights', 'f16');
  // float16's nearest to 0.1 is 0.0999755859375, which 100000 times is 2.4 too low.
  expect(stderr).toMatch(/error\[weights-fact\]: with float16 weights `y` is no longer as its contract says: .*-1 to 1, found -2\.44/);
});

test('a weight that float16 does not reach', () =>
  expectShown(folder.path, 'half-weight', { args: ['build', 'halves.mdl', '--model', 'Large', '--out', 'large', '--weights', 'f16'], code: 1, onlyErrors: true }));

test('what folding computes of weights is no weight, and keeps its precision', async () => {
  const { code, stderr } = await build('--weights', 'f16', '--model', 'Square', '--out', 'squared', '--sample', 'point=points.json');
  expect([code, stderr]).toEqual([0, '']);
  const model = builtModel('squared', 'Square');
  expect(decodeModel(model).graph!.node!.map(({ opType }) => opType)).not.toContain('Cast');
  const { y } = await runModel(model, { point: f32([1, 2], [1, 1]) });
  expect(numbersOf(y)).toEqual([90000, Math.fround(Math.fround(1e-4) * Math.fround(1e-4))]);
});

test('a weight beyond 65504 is named', async () => {
  const { code, stderr } = await build('--model', 'Large', '--out', 'large', '--weights', 'f16');
  expect([code, stderr]).toEqual([1, expect.stringContaining('The weight `Huge/linear.w` cannot be stored as float16: its element [1, 0], from `')]);
});

test('where nothing can be written, that is said', async () => {
  const { code, stderr } = await build('--model', 'Turned', '--out', 'halves.mdl/under', '--weights', 'f16');
  expect([code, stderr]).toEqual([2, expect.stringContaining('error[write-failed]')]);
});

test('--sample is for --weights', async () => {
  const { code, stderr } = await build('--sample', 'point=points.json');
  expect([code, stderr]).toEqual([2, expect.stringContaining('there is no --weights')]);
});

describe('the stored weights', () => {
  const meta = { producer: 'mdl', producerVersion: '0' };
  /** y = x + w, the weight as it comes or through ONNX Runtime's own float16 and back. */
  const sum = (values: readonly number[], from?: string) =>
    program({
      inputs: [port('x')],
      outputs: [port('y')],
      steps: [operation('Add', ['x', 'w'], ['y'])],
      types: { x: info('f32', values.length), w: info('f32', values.length), y: info('f32', values.length) },
      initializers: [{ name: 'w', dtype: 'f32', dims: [values.length], bytes: bytesOf(values), ...(from === undefined ? {} : { weights: from }) }],
    });
  const rounded = (count: number): Uint8Array => {
    const cast = (from: string, to: string, type: number) => node('Cast', [from], [to], { attribute: [{ name: 'to', type: 2, i: type }] });
    return encodeModel({ node: [cast('w', 'h', dataTypes.FLOAT16), cast('h', 'y', dataTypes.FLOAT)], input: [valueInfo('w', [count])], output: [valueInfo('y', [count])] });
  };

  test('are the nearest float16, as ONNX Runtime rounds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.float({ min: -65504, max: 65504, noNaN: true }), { minLength: 8, maxLength: 40 }), async (values) => {
        const all = [...values, 65504, -65519, 2 ** -24, 2 ** -25, 6e-5, 1 + 2 ** -11, 1 + 3 * 2 ** -11, Infinity, -0];
        const composed = materialize(valueOf(composeProgram(sum(all, 'memory:///w'), new Map(), meta, opener(), { weights: 'f16' })).pieces, opener());
        const zeros = f32([all.length], all.map(() => -0));
        const expected = (await runModel(rounded(all.length), { w: f32([all.length], all) }))['y'];
        expect(bitsOf((await runModel(composed, { x: zeros }))['y'])).toBe(bitsOf(expected));
      }),
      { numRuns: 8 },
    );
  });

  test('take half the room, and a session computes with them at every level alike', async () => {
    const values = Array.from({ length: 4096 }, (_, i) => Math.sin(i));
    const bytes = (weightsOf?: 'f16') => materialize(valueOf(composeProgram(sum(values, 'memory:///w'), new Map(), meta, opener(), weightsOf ? { weights: weightsOf } : {})).pieces, opener());
    expect(bytes().length - bytes('f16').length).toBeGreaterThan(4096 * 2 - 200);
    const x = f32([4096], values);
    const session = await ort.InferenceSession.create(bytes('f16'), { graphOptimizationLevel: 'all', logSeverityLevel: 4 });
    expect(bitsOf((await session.run({ x }))['y'])).toBe(bitsOf((await runModel(bytes('f16'), { x }))['y']));
    await session.release();
  });

  test('are not constants of the source: those stay', () => {
    const composed = materialize(valueOf(composeProgram(sum([1e-12]), new Map(), meta, opener(), { weights: 'f16' })).pieces, opener());
    expect(decodeModel(composed).graph!.initializer![0]!.dataType).toBe(dataTypes.FLOAT);
  });

  test.each([[65519.996, 'ok'], [65520, 'weights-overflow'], [-70000, 'weights-overflow'], [Infinity, 'ok']])('%d: %s', (value, expected) => {
    expect(codeOf(composeProgram(sum([1, value], 'memory:///w'), new Map(), meta, opener(), { weights: 'f16' }))).toBe(expected);
  });
});

