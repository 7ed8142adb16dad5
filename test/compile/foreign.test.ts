/** Foreign graphs in models, run against the files by themselves without optimisation: equal to the last bit. */
import type * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { safetensors } from '../check/world.ts';
import { attributeTypes, dataTypes, decodeModel, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { askChecker, bitsOf, checkerMissing, f32, i64, runModel } from '../onnx/oracles.ts';
import { buildText } from './build.ts';
import { edited, network, networkText } from './network.ts';

const files = { 'net.onnx': network() };
const ids = i64([2, 3], [1, 2, 3, 7, 5, 0]);
const mask = i64([2, 3], [1, 1, 1, 1, 1, 0]);
const feeds = { 'tokens.ids': ids, 'tokens.mask': mask };
const zeros = i64([2, 3], [0, 0, 0, 0, 0, 0]);
const alone = { input_ids: ids, attention_mask: mask, token_type_ids: zeros };
const opsOf = (bytes: Uint8Array): string[] => decodeModel(bytes).graph!.node!.map((each) => each.opType!);
const weightsOf = (bytes: Uint8Array): string[] => decodeModel(bytes).graph!.initializer!.map((tensor) => tensor.name!);

/** Runs a file with inner tensors as outputs, too. */
async function inspect(bytes: Uint8Array, tensors: readonly string[]): Promise<Record<string, ort.Tensor>> {
  const model = decodeModel(bytes);
  const output = [...model.graph!.output!, ...tensors.map((name) => valueInfo(name, ['batch', 'seq', 4]))];
  return runModel(encodeModel({ ...model.graph!, output }), alone);
}

describe('a default for an input', () => {
  const { bytes, model } = buildText(`${networkText()}\nmodel M { input tokens: Tokens output hidden = Net(tokens).hidden }`, files);

  test('is fed as large as the others, and is no input of the model', async () => {
    expect(model.program.inputs.map((port) => port.name)).toEqual(['tokens.ids', 'tokens.mask']);
    expect(bitsOf((await runModel(bytes, feeds))['hidden'])).toBe(bitsOf((await runModel(files['net.onnx'], alone))['last_hidden_state']));
  });

  test('gives way to an argument', async () => {
    const given = buildText(`${networkText()}\nmodel M { input tokens: Tokens input types: i64[batch, seq] output hidden = Net(tokens, types: types).hidden }`, files);
    const types = i64([2, 3], [0, 1, 1, 0, 0, 1]);
    const found = await runModel(given.bytes, { ...feeds, types });
    expect(bitsOf(found['hidden'])).toBe(bitsOf((await runModel(files['net.onnx'], { ...alone, token_type_ids: types }))['last_hidden_state']));
    expect(opsOf(given.bytes)).not.toContain('Expand');
  });

  test('is a constant where the sizes are', async () => {
    const fixed = buildText(`${networkText()}\ncontract Two { ids: i64[2, 3] mask: i64[2, 3] where mask }\nmodel M { input tokens: Two output hidden = Net(tokens).hidden }`, files);
    expect(opsOf(fixed.bytes)).not.toContain('Shape');
    expect(bitsOf((await runModel(fixed.bytes, feeds))['hidden'])).toBe(bitsOf((await runModel(files['net.onnx'], alone))['last_hidden_state']));
  });

  test.each([
    ['f32', '0.5', 'f32[batch, 2]', '[batch, 2]'],
    ['bool', 'true', 'bool[batch]', '[batch]'],
    ['i64', '-7', 'i64[]', '[]'],
  ])('may be %s', async (_, value, type) => {
    const dims = /\[(.*)\]/.exec(type)![1]!.split(', ').filter((d) => d !== '').map((d) => (d === 'batch' ? d : Number(d)));
    const dtype = { f32: dataTypes.FLOAT, bool: dataTypes.BOOL, i64: dataTypes.INT64 }[type.split('[')[0]!]!;
    const file = encodeModel({
      node: [node('Identity', ['d'], ['z']), node('Identity', ['x'], ['y'])],
      input: [valueInfo('x', ['batch']), valueInfo('d', dims, dtype)],
      output: [valueInfo('y', ['batch']), valueInfo('z', dims, dtype)],
    });
    const text = `backbone B @ 1.0.0 { source "./b.onnx" input x: f32[batch] input d: ${type} = ${value} output y: f32[batch] output z: ${type} }
model M { input x: f32[batch] output z = B(x).z output y = B(x).y }`;
    const found = await runModel(buildText(text, { 'b.onnx': file }).bytes, { x: f32([3], [1, 2, 3]) });
    const { data, dims: given } = found['z']!;
    expect(given).toEqual(dims.map((d) => (d === 'batch' ? 3 : d)));
    expect([...new Set(Array.from(data as Float32Array, Number))]).toEqual([value === 'true' ? 1 : Number(value)]);
  });
});

describe('a tap', () => {
  const { bytes } = buildText(`${networkText()}\nmodel M { input tokens: Tokens output first = Net(tokens).first }`, files);

  test('is the tensor inside the file', async () => {
    expect(bitsOf((await runModel(bytes, feeds))['first'])).toBe(bitsOf((await inspect(files['net.onnx'], ['/layer.0/out']))['/layer.0/out']));
  });

  test('brings along what it is made of and no more', () => {
    expect(weightsOf(bytes).filter((name) => name.startsWith('layer'))).toEqual(['layer.0.w', 'layer.0.b']);
    expect(opsOf(bytes).filter((op) => op === 'Tanh').length).toBe(1);
  });

  test('leaves an input of the file alone that it does not need', () => {
    const text = `backbone B @ 1.0.0 { source "./net.onnx" input ids: i64[batch, seq] from "input_ids" tap word: f32[batch, seq, 4] }
model M { input ids: i64[batch, seq] output word = B(ids).word }`;
    expect(opsOf(buildText(text, files).bytes)).toEqual(['Identity', 'Gather']);
  });
});

const adapter = (weights: string): string => `
import { linear } from "std/nn"
adapter Law(x: f32[batch, seq, 4]) -> f32[batch, seq, 4] weights "./${weights}" {
  let down = x |> linear(out: 2)
  let up = onnx.Tanh(down) |> linear(out: 4)
  x + up
}
`;
const bottleneck = {
  down: [0.3, -0.2, 0.1, 0.7, -0.4, 0.2, 0.9, -0.1],
  up: [0.2, 0.1, -0.3, 0.5, -0.6, 0.4, 0.05, -0.7],
};
const lawFile = safetensors({
  'down.w': { dims: [4, 2], values: bottleneck.down },
  'down.b': { dims: [2], values: [0.1, -0.2] },
  'up.w': { dims: [2, 4], values: bottleneck.up },
  'up.b': { dims: [4], values: [0.01, 0.02, -0.03, 0.04] },
});
const lawNodes = (old: string, to: string) => [
  node('MatMul', [old, 'dw'], ['d1']),
  node('Add', ['d1', 'db'], ['d2']),
  node('Tanh', ['d2'], ['d3']),
  node('MatMul', ['d3', 'uw'], ['u1']),
  node('Add', ['u1', 'ub'], ['u2']),
  node('Add', [old, 'u2'], [to]),
];
const lawWeights = [floats('dw', [4, 2], bottleneck.down), floats('db', [2], [0.1, -0.2]), floats('uw', [2, 4], bottleneck.up), floats('ub', [4], [0.01, 0.02, -0.03, 0.04])];
const byHand = edited('/layer.0/out', (old) => lawNodes(old, '/layer.0/out'), lawWeights);
const lawText = `${adapter('law.safetensors')}${networkText()}
space law @ 1.0.0
backbone LawNet @ 1.0.0 = Net {
  replace first = first |> Law
  output hidden: f32[batch, seq, 4] where space law
  output pooled: f32[batch, 4] where space law
}
`;
const lawFiles = { ...files, 'law.safetensors': lawFile };

describe('an adapter in the middle of a backbone', () => {
  const { bytes } = buildText(`${lawText}\nmodel M { input tokens: Tokens let e = LawNet(tokens) output hidden = e.hidden output pooled = e.pooled output first = e.first }`, lawFiles);

  test('gives what the file gives after the same edit by hand', async () => {
    const found = await runModel(bytes, feeds);
    const expected = await inspect(byHand, ['/layer.0/out']);
    expect(bitsOf(found['hidden'])).toBe(bitsOf(expected['last_hidden_state']));
    expect(bitsOf(found['pooled'])).toBe(bitsOf(expected['pooled']));
    // Who reads the tap reads what the network reads.
    expect(bitsOf(found['first'])).toBe(bitsOf(expected['/layer.0/out']));
  });

  test('no weight is there twice', () => expect(weightsOf(bytes).length).toBe(new Set(weightsOf(bytes)).size));

  test('beside its base, both share what they have in common', async () => {
    const both = buildText(`${lawText}\nmodel M { input tokens: Tokens output old = Net(tokens).hidden output new = LawNet(tokens).hidden }`, lawFiles);
    const found = await runModel(both.bytes, feeds);
    expect(bitsOf(found['old'])).toBe(bitsOf((await runModel(files['net.onnx'], alone))['last_hidden_state']));
    expect(bitsOf(found['new'])).toBe(bitsOf((await runModel(byHand, alone))['last_hidden_state']));
    const foreign = decodeModel(files['net.onnx']).graph!.initializer!.length;
    const ours = weightsOf(both.bytes).filter((name) => !/Law|constant/.test(name));
    expect(ours.length).toBe(foreign);
    // One first layer, two second ones, and the adapter's.
    expect(opsOf(both.bytes).filter((op) => op === 'Tanh').length).toBe(4);
    const missing = checkerMissing();
    if (missing === undefined) expect(askChecker(both.bytes)).toBe('');
    else console.log(`not checked: ${missing}`);
  });

  test('can be adapted again, and replace what only one of its outputs reads', async () => {
    const text = `${lawText}
space twice @ 1.0.0
backbone Twice @ 1.0.0 = LawNet {
  tap word: f32[batch, seq, 4]
  tap last: f32[batch, seq, 4] from "/layer.1/out"
  replace last = last + word * 0.5
  output hidden: f32[batch, seq, 4] where space twice
  output pooled: f32[batch, 4]
}
model M { input tokens: Tokens output hidden = Twice(tokens).hidden }`;
    const graph = decodeModel(byHand).graph!;
    const nodes = graph.node!.flatMap((each) =>
      each.output![0] === '/layer.1/out' ? [{ ...each, output: ['older'] }, node('Mul', ['word', 'half'], ['w2']), node('Add', ['older', 'w2'], ['/layer.1/out'])] : [each],
    );
    const twice = encodeModel({ ...graph, node: nodes, initializer: [...graph.initializer!, floats('half', [], [0.5])] });
    const found = await runModel(buildText(text, lawFiles).bytes, feeds);
    expect(bitsOf(found['hidden'])).toBe(bitsOf((await runModel(twice, alone))['last_hidden_state']));
  });

  test('can be adapted again in the same place, where it goes on from what the base has put there', async () => {
    const text = `${lawText}
space further @ 1.0.0
backbone Further @ 1.0.0 = LawNet {
  replace first = onnx.Tanh(first) * 0.5
  output hidden: f32[batch, seq, 4] where space further
  output pooled: f32[batch, 4] where space further
}
model M { input tokens: Tokens let e = Further(tokens) output hidden = e.hidden output pooled = e.pooled output first = e.first output before = LawNet(tokens).hidden }`;
    const further = edited('/layer.0/out', (old) => [...lawNodes(old, 'adapted'), node('Tanh', ['adapted'], ['bounded']), { ...node('Mul', ['bounded', 'half'], ['/layer.0/out']), name: 'halved' }], [...lawWeights, floats('half', [], [0.5])]);
    const { bytes: built, model } = buildText(text, lawFiles);
    const [found, expected] = [await runModel(built, feeds), await runModel(further, alone)];
    expect(bitsOf(found['hidden'])).toBe(bitsOf(expected['last_hidden_state']));
    expect(bitsOf(found['pooled'])).toBe(bitsOf(expected['pooled']));
    expect(bitsOf(found['before'])).toBe(bitsOf((await runModel(byHand, alone))['last_hidden_state']));
    // What is known of the tap is of the last replacement.
    const first = model.outputs.find(({ name }) => name === 'first')!.type;
    expect(first.kind === 'tensor' ? first.facts : []).toMatchObject([{ kind: 'range', low: expect.closeTo(-0.5, 5), high: expect.closeTo(0.5, 5) }]);
  });
});

describe('a part that is a file', () => {
  const head = encodeModel({
    node: [node('MatMul', ['x', 'w'], ['m']), node('Add', ['m', 'b'], ['logits']), node('Softmax', ['logits'], ['p'], { attribute: [{ name: 'axis', type: attributeTypes.INT, i: -1 }] })],
    input: [valueInfo('x', ['N', 4])],
    output: [valueInfo('logits', ['N', 2]), valueInfo('p', ['N', 2])],
    initializer: [floats('w', [4, 2], [1, -1, 0.5, 0.25, -2, 1, 0.1, 3]), floats('b', [2], [0.5, -0.5])],
  });
  const all = { ...files, 'head.onnx': head };

  test.each([
    ['one result', 'head Old(e: f32[batch, 4]) -> f32[batch, 2] source "./head.onnx" from "x" to "logits"', 'Old(e)'],
    ['a map for one input', 'head Old(e: f32[batch, 4]) -> f32[batch, 2] source "./head.onnx" from { e: "x" } to "logits"', 'Old(e)'],
    ['a record of results', 'contract Both { logits: f32[batch, 2] sure: f32[batch, 2] }\nhead Old(x: f32[batch, 4]) -> Both source "./head.onnx" to { logits: "logits", sure: "p" }', 'Old(e).logits'],
    ['a record as input', 'contract One { e: f32[batch, 4] }\nhead Old(one: One) -> f32[batch, 2] source "./head.onnx" from { e: "x" } to "logits"', 'Old({ e: e })'],
  ])('with %s answers as the file does', async (_, declaration, call) => {
    const { bytes } = buildText(`${networkText()}\n${declaration}\nmodel M { input tokens: Tokens let e = Net(tokens).pooled output y = ${call} }`, all);
    const found = await runModel(bytes, feeds);
    const pooled = (await runModel(files['net.onnx'], alone))['pooled']!;
    expect(bitsOf(found['y'])).toBe(bitsOf((await runModel(head, { x: pooled }))['logits']));
  });

  test('is linked, not written anew: its bytes are in the model', () => {
    const { bytes } = buildText('head Old(e: f32[batch, 4]) -> f32[batch, 2] source "./head.onnx" from "x" to "p"\nmodel M { input e: f32[batch, 4] output y = Old(e) }', all);
    const weight = Buffer.from(Float32Array.from([1, -1, 0.5, 0.25, -2, 1, 0.1, 3]).buffer);
    expect(Buffer.from(bytes).includes(weight)).toBe(true);
    expect(opsOf(bytes).filter((op) => op !== 'Identity')).toEqual(['MatMul', 'Add', 'Softmax']);
  });
});

describe('several encoders', () => {
  const two = { 'net.onnx': network(), 'other.onnx': network(9) };

  test('of equal inner names, their features side by side', async () => {
    const text = `${networkText()}
space other @ 1.0.0
backbone Other @ 1.0.0 {
  source "./other.onnx"
  input tokens: Tokens from { ids: "input_ids", mask: "attention_mask" }
  input types: i64[batch, seq] = 0 from "token_type_ids"
  output pooled: f32[batch, 4] where space other
}
part fuse(a: float[..., d1], b: float[..., d2]) -> float[..., d1 + d2] { onnx.Concat(a, b, axis: -1) }
model M { input tokens: Tokens output both = fuse(Net(tokens).pooled, Other(tokens).pooled) }`;
    const { bytes } = buildText(text, two);
    const found = (await runModel(bytes, feeds))['both']!;
    const [a, b] = [await runModel(two['net.onnx'], alone), await runModel(two['other.onnx'], alone)];
    const rows = [0, 1].flatMap((row) => [a, b].flatMap((each) => Array.from((each['pooled']!.data as Float32Array).subarray(row * 4, row * 4 + 4))));
    expect(bitsOf(found)).toBe(bitsOf(f32([2, 8], rows)));
  });

  test('of one file at two inputs, the second batch of another size', async () => {
    const text = `${networkText()}
contract Titles { ids: i64[titles, letters] mask: i64[titles, letters] where mask }
model M {
  input tokens: Tokens
  input titles: Titles
  output similarity = onnx.MatMul(Net(tokens).pooled, onnx.Transpose(Net(titles).pooled, perm: [1, 0]))
}`;
    const { bytes } = buildText(text, files);
    const titles = { ids: i64([3, 2], [4, 9, 11, 12, 3, 0]), mask: i64([3, 2], [1, 1, 1, 1, 1, 0]) };
    const found = (await runModel(bytes, { ...feeds, 'titles.ids': titles.ids, 'titles.mask': titles.mask }))['similarity']!;
    const left = (await runModel(files['net.onnx'], alone))['pooled']!;
    const right = (await runModel(files['net.onnx'], { input_ids: titles.ids, attention_mask: titles.mask, token_type_ids: i64([3, 2], [0, 0, 0, 0, 0, 0]) }))['pooled']!;
    const product = encodeModel({
      node: [node('Transpose', ['b'], ['t'], { attribute: [{ name: 'perm', type: attributeTypes.INTS, ints: [1, 0] }] }), node('MatMul', ['a', 't'], ['y'])],
      input: [valueInfo('a', ['m', 4]), valueInfo('b', ['n', 4])],
      output: [valueInfo('y', ['m', 'n'])],
    });
    expect(found.dims).toEqual([2, 3]);
    expect(bitsOf(found)).toBe(bitsOf((await runModel(product, { a: left, b: right }))['y']));
    expect(weightsOf(bytes).filter((name) => name === 'words').length).toBe(1);
  });
});

describe('what is said travels', () => {
  const text = `${networkText('card { license "Apache-2.0" trained_on "rhymes" }').replace('backbone Net', '/// Reads twenty words.\nbackbone Net')}
space law @ 1.0.0
/// The same, twice as loud.
backbone Loud @ 2.0.0 = Net {
  replace first = first * 2
  output hidden: f32[batch, seq, 4] where space law
  output pooled: f32[batch, 4]
  card { trained_on "nothing more" }
}
/// Two poolings.
model M {
  /// The words.
  input tokens: Tokens
  /// Loudly.
  output pooled = Loud(tokens).pooled
  output plain = Net(tokens).pooled
}`;
  const { bytes, manifest } = buildText(text, files);

  test('cards into the manifest, and into the file itself', () => {
    const cards = [
      { name: 'Loud', at: 'main.mdl:17:10', version: '2.0.0', doc: 'The same, twice as loud.', base: 'Net', source: 'net.onnx', card: { license: 'Apache-2.0', trained_on: 'nothing more' } },
      { name: 'Net', at: 'main.mdl:5:10', version: '1.0.0', doc: 'Reads twenty words.', source: 'net.onnx', card: { license: 'Apache-2.0', trained_on: 'rhymes' } },
    ];
    expect(manifest.backbones).toEqual(cards);
    const line = decodeModel(bytes).metadataProps.find(({ key }) => key!.endsWith('backbones'))!;
    expect(JSON.parse(line.value!)).toEqual(cards);
  });

  test('comments into the doc strings of the model, its inputs and its outputs', () => {
    const model = decodeModel(bytes);
    expect(model.docString).toBe('Two poolings.');
    expect(model.graph!.input!.map((input) => [input.name, input.docString])).toEqual([['tokens.ids', 'The words.'], ['tokens.mask', 'The words.']]);
    // The last one counts the sizes of `Loud` that are not as declared.
    expect(model.graph!.output!.map((output) => output.docString)).toEqual(['Loudly.', '', '']);
  });
});

describe('sizes of what an opaque file gives', () => {
  const own = encodeModel({ input: [valueInfo('x', ['n', 'd'])], output: [{ name: 'y' }, { name: 'z' }], node: [node('NonZero', ['x'], ['places']), node('Cast', ['places'], ['y'], { attribute: [{ name: 'to', type: attributeTypes.INT, i: 1 }] }), node('Identity', ['x'], ['z'])] });
  const text = `
backbone Places @ 1.0.0 {
  source "./places.onnx"
  input x: f32[n, d]
  output y: f32[2, 3 * n - 2]
  output z: f32[n, d]
}
model M {
  input x: f32[batch, 2]
  let places = Places(x)
  output y = places.y
  output z = places.z
}`;
  const { bytes, manifest } = buildText(text, { 'places.onnx': own });

  test('are guarded where they do not follow from its graph, and listed', () => {
    expect(manifest.guards).toMatchObject([{ to: 'Places.y', from: '"y" of places.onnx', what: 'f32[2, 3*n - 2]', action: 'reject', outputs: ['y'] }]);
  });

  test('are told as they are and as they should be, with the number of axes', async () => {
    expect(manifest.guards![0]!.axes).toEqual([0, 1]);
    const sizes = async (x: number[]): Promise<number[]> => Array.from((await runModel(bytes, { x: f32([2, 2], x) }))[manifest.guards![0]!.tensor!]!.data as Int32Array);
    // Of two rows of two numbers: as many places as are not 0, each of two indices.
    expect(await sizes([1, 1, 1, 1])).toEqual([2, 4, 2, 2, 4, 2]);
    expect(await sizes([1, 0, 1, 1])).toEqual([2, 3, 2, 2, 4, 2]);
    expect(await sizes([0, 0, 0, 0])).toEqual([2, 0, 2, 2, 4, 2]);
  });
});
