/** Drawn inputs against the tests that the runtime makes of every input: those know nothing of how they were drawn. */
import { describe, expect, test } from 'vitest';
import type { Manifest, ManifestFact, ManifestPort, ManifestTensor } from '../../src/bundle/manifest.ts';
import { drawSample } from '../../src/cli/build/draw-sample.ts';
import { createInputReader } from '../../src/runtime/inputs/inputs.ts';

const tensor = (onnx: string, dtype: string, sizes: (number | string)[], ...facts: ManifestFact[]): ManifestTensor => ({
  onnx,
  dtype,
  dims: sizes.map((size) => ({ size })),
  facts: facts.map((fact) => ({ ...fact, evidence: 'declared' })),
});
const port = (name: string, dtype: string, sizes: (number | string)[], ...facts: ManifestFact[]): ManifestPort => ({ name, tensor: tensor(name, dtype, sizes, ...facts) });
const manifestOf = (inputs: readonly ManifestPort[], sizes: Manifest['sizes'] = []): Manifest => ({ inputs, sizes }) as unknown as Manifest;
const draw = (manifest: Manifest, batches = 8) => drawSample(manifest, { seed: 3, batches, vocabularySize: () => 50 });
const texts = { encode: () => Promise.reject(new Error('no text here')), vocabularySize: () => 50 };
const accept = async (manifest: Manifest) => {
  const drawn = draw(manifest)!;
  return Promise.all(drawn.map(createInputReader(manifest.inputs, texts, manifest.sizes)));
};

const reduction = (kind: 'norm' | 'sum', axis: number, value: number): ManifestFact => ({ kind, axis, value, tolerance: 1e-4 });
const cases: readonly [string, ManifestPort[], Manifest['sizes']?][] = [
  ['a range', [port('x', 'f32', ['n', 3], { kind: 'range', low: -0.1, high: 0.7 })]],
  ['a range with one end', [port('x', 'f64', ['n', 3], { kind: 'range', low: 2, high: 'inf' }), port('y', 'f32', ['n'], { kind: 'range', low: '-inf', high: -1 })]],
  ['a range of each channel', [port('x', 'f32', ['n', 2, 4], { kind: 'range', low: -3, high: 9, rows: { axis: 1, ends: [{ low: -3, high: -2 }, { low: 8, high: 9 }] } })]],
  ['unit vectors', [port('x', 'f32', ['n', 16], reduction('norm', -1, 1), { kind: 'nonzero' })]],
  ['a norm along another axis', [port('x', 'f32', [5, 'n'], reduction('norm', 0, 2))]],
  ['probabilities', [port('x', 'f32', ['n', 7], { kind: 'range', low: 0, high: 1 }, reduction('sum', -1, 1))]],
  ['masks and one-hot rows', [port('x', 'i64', ['n', 's'], { kind: 'mask' }), port('y', 'f32', ['n', 4], { kind: 'one_hot' })]],
  ['whole numbers', [port('x', 'f32', ['n', 4], { kind: 'integer' }, { kind: 'range', low: 3, high: 9 }), port('y', 'u8', ['n', 2]), port('z', 'i32', ['n'], { kind: 'range', low: -5, high: 5 })]],
  ['booleans and half precision', [port('x', 'bool', ['n']), port('y', 'f16', ['n', 3], { kind: 'range', low: -1, high: 1 })]],
  ['sizes that hang together', [port('x', 'f32', ['n', 'h', 'w']), port('y', 'f32', ['2*h + 1', 'n'])], [{ left: 'h', op: '>=', right: 32, by: 'x' }, { left: 'w', op: '<=', right: 'h', by: 'x' }]],
  ['ids of a tokenizer in a record, and records in records', [
    { name: 'tokens', tokenizer: 't', fields: { ids: tensor('tokens.ids', 'i64', ['n', 's'], { kind: 'tokenizer', id: 'p#t', version: '1.0.0' }), mask: tensor('tokens.mask', 'i64', ['n', 's'], { kind: 'mask' }) } },
    { name: 'deep', fields: { 'a.x': tensor('deep.a.x', 'f32', ['n']), 'a.y': tensor('deep.a.y', 'f32', ['n', 2]) } },
  ]],
];

describe('what is drawn meets the contract', () => {
  test.each(cases)('%s', async (_, inputs, sizes = []) => {
    expect(await accept(manifestOf(inputs, sizes))).toHaveLength(8);
  });
});

test('equal seeds draw equal inputs, and batches differ', () => {
  const manifest = manifestOf([port('x', 'f32', ['n', 3])]);
  expect(draw(manifest)).toEqual(draw(manifest));
  const [first, second] = draw(manifest)!;
  expect(first).not.toEqual(second);
});

test('sizes that nothing meets are given up', () => {
  expect(draw(manifestOf([port('x', 'f32', ['n'])], [{ left: 'n', op: '>=', right: 5, by: 'x' }, { left: 'n', op: '<=', right: 4, by: 'x' }]))).toBeUndefined();
});

test('large inputs come in small batches', () => {
  const [{ x }] = draw(manifestOf([port('x', 'f32', ['n', 3, 1024, 1024])]), 1) as [{ x: { dims: number[] } }];
  expect(x.dims[0]).toBe(1);
});
