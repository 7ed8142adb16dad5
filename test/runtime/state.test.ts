/** Streams of runs: what one leaves the next begins with, bit for bit as the network run step by step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { load, type Model } from '../../src/runtime/index.ts';
import { emitDeclaration } from '../../src/emit/dts.ts';
import { buildText } from '../compile/build.ts';
import { attributeTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { bitsOf, f32, runModel } from '../onnx/oracles.ts';
import { temporaryFolder } from './bundles.ts';

const chunk = 6;
const tail = 2;
const width = 3;
const numbers = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * 7.1 + seed) * 0.8);

/** h' = tanh(x W + h U), p = sigmoid of its mean. */
const cell = encodeModel({
  node: [
    node('MatMul', ['x', 'w'], ['a']),
    node('MatMul', ['h', 'u'], ['b']),
    node('Add', ['a', 'b'], ['c']),
    node('Tanh', ['c'], ['hn']),
    node('ReduceMean', ['hn'], ['mean'], { attribute: [{ name: 'axes', type: attributeTypes.INTS, ints: [1] }, { name: 'keepdims', type: attributeTypes.INT, i: 0 }] }),
    node('Sigmoid', ['mean'], ['p']),
  ],
  input: [valueInfo('x', ['N', chunk + tail]), valueInfo('h', ['N', width])],
  output: [valueInfo('p', ['N']), valueInfo('hn', ['N', width])],
  initializer: [floats('w', [chunk + tail, width], numbers((chunk + tail) * width, 1)), floats('u', [width, width], numbers(width * width, 2))],
});

const text = `
backbone Cell @ 1.0.0 {
  source "./cell.onnx"
  input x: f32[batch, ${chunk + tail}]
  input h: f32[batch, ${width}]
  output p: f32[batch]
  output h_next: f32[batch, ${width}] from "hn"
}
/// Whether somebody speaks.
model Vad {
  input chunk: f32[batch, ${chunk}] where range [-1, 1]
  /// What the cell remembers.
  state h: f32[batch, ${width}] = 0.25
  state tail: f32[batch, ${tail}] where range [-1, 1] = 0
  let out = Cell(onnx.Concat(tail, chunk, axis: -1), h)
  output speech = out.p
  next h = out.h_next
  next tail = onnx.Slice(chunk, axis: -1, start: ${chunk - tail}, end: ${chunk})
}`;

const built = buildText(text, { 'cell.onnx': cell });
const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));

async function loadVad(): Promise<Model> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.onnx'), built.bytes);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(built.manifest));
  const model = await load(folder, { verify: false, optimization: 'disabled', device: 'cpu' });
  open.push(model);
  return model;
}

const chunks = [1, 2, 3, 4].map((step) => numbers(2 * chunk, step * 10));
const inputOf = (data: readonly number[]) => ({ chunk: { data: Float32Array.from(data), dims: [2, chunk] } });

/** The cell by itself over some chunks, from the first state on. */
async function byHand(steps: readonly (readonly number[])[]): Promise<{ p: string[]; h: ort.Tensor; tails: number[] }> {
  let h = f32([2, width], Array.from({ length: 2 * width }, () => 0.25));
  let tails = Array.from({ length: 2 * tail }, () => 0);
  const p: string[] = [];
  for (const data of steps) {
    const rows = [0, 1].flatMap((row) => [...tails.slice(row * tail, (row + 1) * tail), ...data.slice(row * chunk, (row + 1) * chunk)]);
    const found = await runModel(cell, { x: f32([2, chunk + tail], rows), h });
    p.push(bitsOf(found['p']));
    h = found['hn']!;
    tails = [0, 1].flatMap((row) => data.slice((row + 1) * chunk - tail, (row + 1) * chunk));
  }
  return { p, h, tails };
}

const hex = (data: ArrayLike<number> | ArrayLike<bigint> | readonly string[]): string => Buffer.from((data as Float32Array).slice().buffer).toString('hex');

describe('a stream', () => {
  test('carries the states, in the order in which the runs were asked for', async () => {
    const stream = (await loadVad()).start();
    const found = await Promise.all(chunks.map((data) => stream.run(inputOf(data))));
    const expected = await byHand(chunks);
    expect(found.map(({ speech }) => hex(speech!.data))).toEqual(expected.p);
    expect(hex(stream.state['h']!.data)).toBe(bitsOf(expected.h));
    expect(stream.state['h']!.dims).toEqual([2, width]);
    expect(Array.from(stream.state['tail']!.data as Float32Array)).toEqual(expected.tails.map(Math.fround));
  });

  test('shares nothing with another one, and run begins anew', async () => {
    const model = await loadVad();
    const [one, two] = [model.start(), model.start()];
    await one.run(inputOf(chunks[0]!));
    const first = (await byHand([chunks[1]!])).p[0]!;
    expect(hex((await two.run(inputOf(chunks[1]!))).speech!.data)).toBe(first);
    expect(hex((await model.run(inputOf(chunks[1]!))).speech!.data)).toBe(first);
    expect(hex((await model.run(inputOf(chunks[1]!))).speech!.data)).toBe(first);
  });

  test('goes on from what another one has left, and begins anew when told to', async () => {
    const model = await loadVad();
    const one = model.start();
    for (const data of chunks.slice(0, 2)) await one.run(inputOf(data));
    const two = model.start({ state: JSON.parse(JSON.stringify(one.state, (_, v: unknown) => (v instanceof Float32Array ? [...v] : v))) });
    expect(hex(two.state['h']!.data)).toBe(hex(one.state['h']!.data));
    const expected = await byHand(chunks.slice(0, 3));
    expect(hex((await two.run(inputOf(chunks[2]!))).speech!.data)).toBe(expected.p[2]);
    two.reset();
    expect(hex((await two.run(inputOf(chunks[0]!))).speech!.data)).toBe(expected.p[0]);
  });

  test('is as it was after a run that failed, and its copies are copies', async () => {
    const stream = (await loadVad()).start();
    await stream.run(inputOf(chunks[0]!));
    (stream.state['h']!.data as Float32Array).fill(9);
    await expect(stream.run(inputOf(chunks[1]!.map(() => 2)))).rejects.toMatchObject({ code: 'input-value' });
    await expect(stream.run(inputOf(chunks[1]!), { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const expected = await byHand(chunks.slice(0, 2));
    expect(hex((await stream.run(inputOf(chunks[1]!))).speech!.data)).toBe(expected.p[1]);
  });

  test('refuses a batch of another size than its states have, and says whose', async () => {
    const stream = (await loadVad()).start();
    await stream.run(inputOf(chunks[0]!));
    const other = { chunk: { data: new Float32Array(3 * chunk), dims: [3, chunk] } };
    await expect(stream.run(other)).rejects.toThrow(/state h.*`batch` is 2 here and 3 in `chunk`/);
    stream.reset();
    expect((await stream.run(other)).speech!.dims).toEqual([3]);
  });

  test.each([
    [{ state: { g: [[1]] } }, 'input-unknown'],
    [{ state: [1] }, 'input-kind'],
    [{ state: { h: [1, 2] } }, 'input-shape'],
    [{ state: { tail: { data: Float32Array.of(2, 0), dims: [1, 2] } } }, 'input-value'],
    [{ states: {} }, 'runtime-options'],
  ])('does not start with %j', async (options, code) => {
    const model = await loadVad();
    const attempt = async () => model.start(options as never).run(inputOf(chunks[0]!));
    await expect(attempt()).rejects.toMatchObject({ code });
  });
});

describe('what a build says of states', () => {
  test('the manifest', () => {
    expect(built.manifest.states).toEqual([
      { name: 'h', doc: 'What the cell remembers.', tensor: { onnx: 'h', dtype: 'f32', dims: [{ size: 'batch' }, { size: width }], facts: [] }, next: 'next.h', init: 0.25 },
      {
        name: 'tail',
        tensor: { onnx: 'tail', dtype: 'f32', dims: [{ size: 'batch' }, { size: tail }], facts: [{ kind: 'range', low: -1, high: 1, evidence: 'enforced' }] },
        next: 'next.tail',
        init: 0,
      },
    ]);
    expect(built.manifest.inputs.map((port) => port.name)).toEqual(['chunk']);
    expect(built.manifest.outputs.map((port) => port.name)).toEqual(['speech']);
  });

  test('the declaration', () => {
    const declaration = emitDeclaration(built.manifest);
    expect(declaration).toContain('export interface VadStates {');
    expect(declaration).toContain('readonly h: mdl.TensorOutput<Float32Array>;');
    expect(declaration).toContain('readonly states: VadStates;');
  });

  test('an output that is called as a next state would be', () => {
    const taken = buildText(`contract R { h: f32[n] }
model M { input x: f32[n] state h: f32[n] = 0 output next = { h: x + h } next h = x }`);
    expect(taken.manifest.states![0]!.next).toBe('next.h_2');
  });
});
