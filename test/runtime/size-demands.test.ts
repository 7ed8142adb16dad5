/** Comparisons of sizes that depend on a model's inputs: in the manifest, and tested when it runs. */
import { expect, test } from 'vitest';
import { buildText, loadText } from './built.ts';

const source = `contract Picture = f32[batch, h, w] where h >= 2, w <= 4
contract Square = f32[batch, h, w] where h == w

part symmetric(image: Square) -> f32[batch, h, h] {
  image + onnx.Transpose(image, perm: [0, 2, 1])
}

model Pictures {
  input image: Picture(h: rows, w: columns)
  output y = symmetric(image)
}
`;
const cells = (rows: number, columns: number) => ({ image: { data: Float32Array.from({ length: rows * columns }, (_, i) => i), dims: [1, rows, columns] } });

test('the manifest lists them', () => {
  expect(buildText(source).manifest.sizes).toEqual([
    { left: 'rows', op: '>=', right: 2, by: 'image' },
    { left: 'columns', op: '<=', right: 4, by: 'image' },
    { left: 'rows', op: '==', right: 'columns', by: 'symmetric.image' },
  ]);
});

test('sizes that meet them run', async () => {
  await using model = await loadText(source);
  const { y } = await model.run(cells(2, 2));
  expect(Array.from(y!.data as Float32Array)).toEqual([0, 3, 3, 6]);
});

test.each([
  [1, 1, '`rows` is 1, and `image` demands rows >= 2'],
  [5, 5, '`columns` is 5, and `image` demands columns <= 4'],
  [2, 3, '`rows` is 2 and `columns` is 3, and `symmetric.image` demands rows == columns'],
])('[1, %d, %d] is refused', async (rows, columns, why) => {
  await using model = await loadText(source);
  await expect(model.run(cells(rows, columns))).rejects.toMatchObject({ code: 'input-shape', message: expect.stringContaining(why) as string });
});

// ---------------------------------------------------------------- what operators need

const tokens = `import { truncate } from "std/text"

part places(x: f32[batch, seq, 2], by: f32[3, 2]) -> f32[batch, 3, 2] {
  onnx.Slice(x, axis: 1, start: 0, end: 3) + by
}

model Tokens {
  input x: f32[batch, seq, 2]
  input by: f32[3, 2]
  input v: f32[batch, d] where d >= 4
  output second = onnx.Slice(x, axis: 1, start: 1, end: 2)
  output sum = places(x, by)
  output short = truncate(v, to: 4)
  output long = truncate(v, to: 5)
}
`;

test('what operators of a body need of inputs is demanded once, the most of it', () => {
  expect(buildText(tokens).manifest.sizes).toEqual([
    { left: 'd', op: '>=', right: 4, by: 'v' },
    { left: 'seq', op: '>=', right: 3, by: 'onnx.Slice' },
    { left: 'd', op: '>=', right: 5, by: 'truncate' },
  ]);
});

const given = (seq: number, d: number) => ({
  x: { data: new Float32Array(seq * 2).fill(1), dims: [1, seq, 2] },
  by: { data: new Float32Array(6), dims: [3, 2] },
  v: { data: new Float32Array(d), dims: [1, d] },
});

test('sizes that operators need, and others', async () => {
  await using model = await loadText(tokens);
  const { sum, long } = await model.run(given(3, 5));
  expect([sum!.dims, long!.dims]).toEqual([[1, 3, 2], [1, 5]]);
  const why = (text: string) => ({ code: 'input-shape', message: expect.stringContaining(text) as string });
  await expect(model.run(given(2, 5))).rejects.toMatchObject(why('`seq` is 2, and `onnx.Slice` demands seq >= 3'));
  await expect(model.run(given(3, 4))).rejects.toMatchObject(why('`d` is 4, and `truncate` demands d >= 5'));
});

test('where a file chooses the size, what was cut is looked at', async () => {
  await using model = await loadText(`backbone Detect @ 1.0.0 {
  source "./nameless.onnx"
  input x: f32[batch, 8]
  output y: f32[some n, 8]
}

model First {
  input x: f32[batch, 8]
  output two = onnx.Slice(Detect(x).y, axis: 0, start: 0, end: 2)
}
`);
  const rows = (count: number) => ({ x: { data: new Float32Array(count * 8), dims: [count, 8] } });
  expect((await model.run(rows(2))).two!.dims).toEqual([2, 8]);
  await expect(model.run(rows(1))).rejects.toMatchObject({ code: 'guard-rejected' });
});
