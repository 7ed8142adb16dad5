/** Multiples as sizes of inputs (`14*h`), and `div`, `mod`, `min`, `max` behind them: checked, demanded, run. */
import { expect, test } from 'vitest';
import { checkText } from '../check/world.ts';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
import { buildText, loadText } from './built.ts';

/** Patches of 2 by 3, one after the other: `x` of h by w makes (h div 2) * (w div 3) rows, as a vision transformer does. */
const patches = encodeModel(
  {
    node: [
      node('MaxPool', ['x'], ['cells'], { attribute: [{ name: 'kernel_shape', type: 7, ints: [2, 3] }, { name: 'strides', type: 7, ints: [2, 3] }] }),
      node('Constant', [], ['flat'], { attribute: [{ name: 'value', type: 4, t: { dataType: 7, dims: [3], int64Data: [0, 0, -1] } }] }),
      node('Reshape', ['cells', 'flat'], ['rows']),
    ],
    input: [valueInfo('x', ['batch', 4, 'h', 'w'])],
    output: [{ name: 'rows', type: { tensorType: { elemType: 1 } } }],
  },
  { irVersion: 10, opsetImport: [{ domain: '', version: 18 }] },
);
const files = { 'patches.onnx': patches };
const backbone = `backbone Patches @ 1.0.0 {
  source "./patches.onnx"
  input x: f32[batch, 4, 2 * h, 3 * w]
  output rows: f32[batch, 4, h * w]
}
`;
const picture = (height: number, width: number) => ({ x: { data: Float32Array.from({ length: 4 * height * width }, (_, i) => i), dims: [1, 4, height, width] } });
const sizesOf = (text: string) => buildText(text, files).manifest.sizes?.map(({ left, op, right, by }) => `${by}: ${left} ${op} ${right}`) ?? [];
const refused = (why: string) => ({ code: 'input-shape', message: expect.stringContaining(why) as string });

test('a model that takes multiples demands no more than that there is something, and names the one that is none', async () => {
  const text = `${backbone}model Direct { input x: f32[batch, 4, 2 * h, 3 * w] output y: f32[batch, 4, h * w] = Patches(x).rows }`;
  expect(sizesOf(text)).toEqual(['Patches: 2*h >= 2', 'Patches: 3*w >= 3']);
  await using model = await loadText(text, files);
  expect((await model.run(picture(4, 9))).y!.dims).toEqual([1, 4, 6]);
  await expect(model.run(picture(5, 9))).rejects.toMatchObject(refused('axis 2 is 5, and `2*h` is a multiple of 2'));
});

const loose = `${backbone}
part rows(x: f32[batch, 4, a, b]) -> f32[batch, 4, (a div 2) * (b div 3)] { Patches(x).rows }
model Loose { input x: f32[batch, 4, height, width] output y = rows(x) }`;

test('of other names the multiple is demanded, through the bodies of parts', async () => {
  expect(sizesOf(loose)).toEqual(expect.arrayContaining(['Patches: height mod 2 == 0', 'Patches: width mod 3 == 0']));
  await using model = await loadText(loose, files);
  expect((await model.run(picture(4, 9))).y!.dims).toEqual([1, 4, 6]);
  await expect(model.run(picture(4, 10))).rejects.toMatchObject(refused('`width` is 10, and `Patches` demands width mod 3 == 0'));
});

test('of a size that a file chooses the argument is tested', async () => {
  const chosen = encodeModel(
    { node: [node('Compress', ['x', 'which'], ['y'], { attribute: [{ name: 'axis', type: 2, i: 3 }] })], input: [valueInfo('x', ['batch', 4, 'h', 'w']), { name: 'which', type: { tensorType: { elemType: 9, shape: { dim: [{ dimParam: 'w' }] } } } }], output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }] },
    { irVersion: 10, opsetImport: [{ domain: '', version: 18 }] },
  );
  await using model = await loadText(`backbone Keep @ 1.0.0 {
  source "./keep.onnx"
  input x: f32[batch, 4, h, w]
  input which: bool[w]
  output y: f32[batch, 4, h, some n]
}
${backbone}
model Kept {
  input x: f32[batch, 4, 2 * h, w]
  input which: bool[w]
  output y = Patches(Keep(x, which).y).rows
}
`, { ...files, 'keep.onnx': chosen });
  const run = (kept: number) => model.run({ ...picture(4, 9), which: { data: Uint8Array.from({ length: 9 }, (_, i) => Number(i < kept)), dims: [9] } });
  expect((await run(6)).y!.dims).toEqual([1, 4, 4]);
  await expect(run(7)).rejects.toMatchObject({ code: 'guard-rejected' });
});

test.each([
  ['4, 9', '4, 6', undefined],
  ['5, 9', '4, 6', '`Patches.x` takes a multiple of 2 on its third axis, but `x` has 5'],
  ['2 * n + 1, 9', '4, k', '`Patches.x` takes a multiple of 2 on its third axis, but `x` has 2*n + 1'],
])('sizes that are known are judged: [%s]', (sizes, _, why) => {
  const inputs = sizes.includes('n') ? 'input of: f32[n] input x' : 'input x';
  const { diagnostics } = checkText(`${backbone}model M { ${inputs}: f32[batch, 4, ${sizes}] output y = Patches(x).rows }`, files);
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual(why === undefined ? [] : [why]);
});

test('what a declaration says of an output is refuted with sizes', () => {
  const { diagnostics } = checkText(backbone.replace('h * w', 'h * w + 1'), files);
  expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining('with h = 32')]);
});

test('a tensor of one number, and states, are as large as what a multiple tells', async () => {
  const text = `backbone Two @ 1.0.0 {
  source "./two.onnx"
  input a: f32[batch, 2 * n]
  input b: f32[batch, n] = 3
  output y: f32[batch, n]
}
model Filled { input a: f32[batch, 2 * n] state last: f32[n] = 1 output y = Two(a).y + last next last = last }
`;
  const two = encodeModel(
    {
      node: [
        node('Constant', [], ['halves'], { attribute: [{ name: 'value', type: 4, t: { dataType: 7, dims: [3], int64Data: [0, 2, -1] } }] }),
        node('Reshape', ['a', 'halves'], ['pair']),
        node('ReduceMax', ['pair'], ['top'], { attribute: [{ name: 'axes', type: 7, ints: [1] }, { name: 'keepdims', type: 2, i: 0 }] }),
        node('Add', ['top', 'b'], ['y']),
      ],
      input: [valueInfo('a', ['batch', 'm']), valueInfo('b', ['batch', 'k'])],
      output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }],
    },
    { irVersion: 8, opsetImport: [{ domain: '', version: 17 }] },
  );
  await using model = await loadText(text, { 'two.onnx': two });
  const { y } = await model.run({ a: { data: Float32Array.of(1, 2, 3, 4, 9, 1), dims: [1, 6] } });
  // The greater of 1 and 4, 2 and 9, 3 and 1, and 3 + 1.
  expect([y!.dims, Array.from(y!.data as Float32Array)]).toEqual([[1, 3], [8, 13, 7]]);
});

test('div, mod, min and max are compared in their normal form', () => {
  const errors = (result: string, body: string) => checkText(`part f(x: f32[n, 8]) -> f32[${result}] { ${body} }\nmodel M { input x: f32[n, 8] output y = f(x) }`).diagnostics.map(({ code }) => code);
  expect(errors('n - n mod 1, min(8, 8 + n)', 'x')).toEqual([]);
  expect(errors('(2 * n + 1) div 2, max(8, 3)', 'x')).toEqual([]);
  expect(errors('n div 2, 8', 'x')).toEqual(['shape-mismatch']);
  expect(errors('n div 0, 8', 'x')).toEqual(['invalid-size']);
});

test('behind the demand a multiple is its whole: what is cut into blocks and put together again has the size that it had', async () => {
  const text = `part enlarge(cells: f32[batch, h, w], like: f32[batch, 2 * h, 3 * w]) -> f32[batch, 2 * h, 3 * w] {
  let blocks = onnx.Expand(onnx.Reshape(cells, shape: [batch, h, 1, w, 1]), like: onnx.Reshape(like, shape: [batch, h, 2, w, 3]))
  onnx.Reshape(blocks, shape: [batch, 2 * h, 3 * w])
}
part shrink(image: f32[batch, 2 * h, 3 * w]) -> f32[batch, h, w] {
  onnx.ReduceMean(onnx.Reshape(image, shape: [batch, h, 2, w, 3]), axes: [2, 4], keepdims: false)
}
model Smooth {
  input image: f32[batch, height, width]
  output y: f32[batch, height, width] = image + enlarge(shrink(image), image)
}
`;
  await using model = await loadText(text);
  const { y } = await model.run({ image: { data: Float32Array.from({ length: 12 }, (_, i) => i), dims: [1, 2, 6] } });
  // Means of the blocks: (0 + 1 + 2 + 6 + 7 + 8) / 6 is 4, and of the next three columns 7.
  expect([y!.dims, Array.from(y!.data as Float32Array)]).toEqual([[1, 2, 6], [4, 5, 6, 10, 11, 12, 10, 11, 12, 16, 17, 18]]);
  await expect(model.run({ image: { data: new Float32Array(12), dims: [1, 3, 4] } })).rejects.toMatchObject(refused('`height` is 3, and `shrink.image` demands height mod 2 == 0'));
});

test('a demand on a quotient is told of the whole', () => {
  expect(sizesOf(loose)).toEqual(['Patches: height mod 2 == 0', 'Patches: width mod 3 == 0', 'Patches: height >= 2', 'Patches: width >= 3']);
});
