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
