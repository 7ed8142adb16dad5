/** Comparisons of sizes that depend on a model's inputs: in the manifest, and tested when it runs. */
import { expect, test } from 'vitest';
import { checkText } from '../check/world.ts';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
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

// ---------------------------------------------------------------- what files need

const encode = (graph: Parameters<typeof encodeModel>[0]): Uint8Array => encodeModel(graph, { irVersion: 10, opsetImport: [{ domain: '', version: 18 }] });
const pool = (kernel: number, from: string, to: string) => node('MaxPool', [from], [to], { attribute: [{ name: 'kernel_shape', type: 7, ints: [kernel, kernel] }, { name: 'strides', type: 7, ints: [kernel, kernel] }] });
const f32 = (name: string) => ({ name, type: { tensorType: { elemType: 1 } } });
/** A message with what a graph notes, which the protobuf library does not know: two messages one after the other are one. */
function noting(bytes: Uint8Array, key: string, value: string): Uint8Array {
  const field = (tag: number, content: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(tag < 16 ? [(tag << 3) | 2] : [((tag << 3) & 0x7f) | 0x82, tag >> 4]), Buffer.from([content.length & 0x7f | 0x80, content.length >> 7]), content]);
  const entry = Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]);
  return Buffer.concat([bytes, field(7, field(16, entry))]);
}
const constraints = '{batch: VR[2, int_oo], 3*h: VR[6, 30], h: VR[1, 10], w: VR[4, 9]}';
/** Rows in threes, and columns between which the exporter traced; one output needs larger images than the other. */
const images = noting(
  encode({ node: [pool(3, 'x', 'near'), pool(2, 'near', 'far')], input: [valueInfo('x', ['batch', 1, '3*h', 'w'])], output: [f32('near'), f32('far')] }),
  'pkg.torch.export.ExportedProgram.range_constraints',
  constraints,
);
const net = (outputs: string): string => `backbone Net {
  source "./net.onnx"
  input x: f32[batch, 1, rows, columns]
  ${outputs}
}
`;
const far = 'output far: f32[batch, 1, some a, some b]';
const near = 'output near: f32[batch, 1, some a, some b]';
const plain = (outputs: string): string => `${net(outputs)}
model Places {
  input x: f32[batch, 1, height, width]
  output y = Net(x).${/output (\w+)/.exec(outputs)![1]}
}
`;
const files = { 'net.onnx': images };
const photo = (height: number, width: number, batch = 1) => ({ x: { data: new Float32Array(batch * height * width), dims: [batch, 1, height, width] } });

test('a file that takes multiples, and sizes between bounds, demands them of the model; the windows of other outputs do not count', () => {
  const sizesOf = (outputs: string) => buildText(plain(outputs), files).manifest.sizes?.map(({ left, op, right, by }) => `${by}: ${left} ${op} ${right}`);
  expect(sizesOf(far)).toEqual(['Net: height mod 3 == 0', 'Net: height >= 6', 'Net: height <= 32', 'Net: width >= 6', 'Net: width <= 9']);
  expect(sizesOf(near)).toEqual(['Net: height mod 3 == 0', 'Net: height >= 3', 'Net: height <= 32', 'Net: width >= 4', 'Net: width <= 9']);
});

test.each([
  [6, 6, 1, undefined],
  [30, 9, 3, undefined],
  [7, 6, 1, '`height` is 7, and `Net` demands height mod 3 == 0'],
  [3, 6, 1, '`height` is 3, and `Net` demands height >= 6'],
  [33, 6, 1, '`height` is 33, and `Net` demands height <= 32'],
  [6, 5, 1, '`width` is 5, and `Net` demands width >= 6'],
  [6, 12, 1, '`width` is 12, and `Net` demands width <= 9'],
])('an image of %d by %d', async (height, width, batch, why) => {
  await using model = await loadText(plain(far), files);
  const result = model.run(photo(height, width, batch));
  if (why === undefined) expect((await result).y!.dims).toEqual([batch, 1, Math.floor(height / 6), Math.floor(width / 6)]);
  else await expect(result).rejects.toMatchObject({ code: 'input-shape', message: expect.stringContaining(why) as string });
});

test('sizes that are known are judged when the source is checked', () => {
  const messages = (text: string): readonly string[] => checkText(text, files).diagnostics.map(({ message }) => message);
  const fixed = (height: number, width: number): string => `${net(far)}model M { input x: f32[batch, 1, ${height}, ${width}] output y = Net(x).far }`;
  expect(messages(fixed(12, 8))).toEqual([]);
  expect(messages(fixed(13, 8))).toEqual(['Net: it needs rows mod 3 == 0, and in this model that is 1 == 0']);
  expect(messages(fixed(12, 10))).toEqual(['Net: it needs columns <= 9, and in this model that is 10 <= 9']);
  const declared = (height: number, width: number): string => net(far).replace('rows, columns', `${height}, ${width}`);
  expect(messages(declared(12, 8))).toEqual([]);
  expect(messages(declared(12, 10))).toEqual([expect.stringContaining('the file needs w <= 9, and here that is 10 <= 9')]);
  expect(messages(declared(3, 8))).toEqual([expect.stringContaining('the file needs h >= 2, and here that is 1 >= 2')]);
});

test('sizes that another file chooses are tested behind the call', async () => {
  const chosen = encode({ node: [node('Compress', ['x', 'which'], ['y'], { attribute: [{ name: 'axis', type: 2, i: 3 }] })], input: [valueInfo('x', ['batch', 1, 'h', 'w']), { name: 'which', type: { tensorType: { elemType: 9, shape: { dim: [{ dimParam: 'w' }] } } } }], output: [f32('y')] });
  const text = `backbone Keep {
  source "./keep.onnx"
  input x: f32[batch, 1, h, w]
  input which: bool[w]
  output y: f32[batch, 1, h, some n]
}
${net(far)}
model Kept {
  input x: f32[batch, 1, height, width]
  input which: bool[width]
  output y = Net(Keep(x, which).y).far
}
`;
  await using model = await loadText(text, { ...files, 'keep.onnx': chosen });
  const run = (kept: number) => model.run({ ...photo(6, 8), which: { data: Uint8Array.from({ length: 8 }, (_, i) => Number(i < kept)), dims: [8] } });
  expect((await run(7)).y!.dims).toEqual([1, 1, 1, 1]);
  await expect(run(5)).rejects.toMatchObject({ code: 'guard-rejected' });
});
