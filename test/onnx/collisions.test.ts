import { describe, expect, test } from 'vitest';
import proto, { type onnx } from 'onnx-proto';
import type { Link, Program } from '../../src/ir/program.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { opener, valueOf } from './helpers.ts';
import {
  attributeTypes,
  dataTypes,
  decodeModel,
  encodeModel,
  floats,
  graphAttribute,
  node,
  readBytes,
  valueInfo,
} from './models.ts';
import { askChecker, checkerMissing, f32, numbersOf, runModel } from './oracles.ts';
import { info, link, port, program } from './programs.ts';

const { NodeProto } = proto.onnx;
const meta = { producer: 'mdl', producerVersion: '0.1.0' };

/** Foreign files by a short name. */
function load(files: Record<string, Uint8Array>) {
  const memory = new Map(Object.entries(files).map(([name, bytes]) => [`memory:///${name}.onnx`, bytes]));
  const models = new Map([...memory].map(([uri, bytes]) => [uri, readBytes(bytes, uri)]));
  return {
    file: (name: string) => models.get(`memory:///${name}.onnx`)!,
    compose: (from: Program): Uint8Array => {
      const composed = valueOf(composeProgram(from, models, meta, opener(memory)));
      return materialize(composed.pieces, opener(memory));
    },
  };
}

/** A program of links over two inputs, a [m, 2] and b [n, 2], with the outputs p and q. */
const twoTowers = (steps: readonly Link[]): Program =>
  program({
    inputs: [port('a'), port('b')],
    outputs: [port('p'), port('q')],
    steps,
    types: {
      a: info('f32', 'm', 2),
      b: info('f32', 'n', 2),
      p: info('f32', 'm', 2),
      q: info('f32', 'n', 2),
    },
  });

const feeds = { a: f32([1, 2], [1, -2]), b: f32([3, 2], [1, 2, 3, 4, 5, -6]) };

/** y = |x| * w + 1, with a weight, a Constant node, an inner type and an annotation. */
const scale = (w: readonly number[]): Uint8Array =>
  encodeModel({
    node: [
      node('Constant', [], ['one'], {
        attribute: [{ name: 'value', type: attributeTypes.TENSOR, t: floats('', [], [1]) }],
      }),
      node('Abs', ['x'], ['h']),
      node('Mul', ['h', 'w'], ['s']),
      node('Add', ['s', 'one'], ['y']),
    ],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
    valueInfo: [valueInfo('h', ['batch', 2])],
    initializer: [floats('w', [2], w)],
    quantizationAnnotation: [{ tensorName: 'h', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'w' }] }],
  });

describe('one file linked twice', () => {
  const { file, compose } = load({ scale: scale([10, 100]) });
  const bytes = compose(
    twoTowers([link('F', file('scale'), { x: 'a' }, { y: 'p' }), link('F2', file('scale'), { x: 'b' }, { y: 'q' })]),
  );
  const graph = decodeModel(bytes).graph!;

  test('computes both, each with its own batch size', async () => {
    const found = await runModel(bytes, feeds);
    expect(numbersOf(found['p'])).toEqual([11, 201]);
    expect(numbersOf(found['q'])).toEqual([11, 201, 31, 401, 51, 601]);
  });

  test('stores weights and constants once', () => {
    expect(graph.initializer!.map((tensor) => tensor.name)).toEqual(['w']);
    expect(graph.node!.filter((each) => each.opType === 'Constant').length).toBe(1);
  });

  test('keeps the names of the first and prefixes those of the second', () => {
    const outputs = graph.node!.map((each) => each.output![0]);
    expect(outputs).toEqual(['x', 'one', 'h', 's', 'y', 'F2/x', 'F2/h', 'F2/s', 'F2/y', 'p', 'q']);
    expect(graph.quantizationAnnotation!.map(({ tensorName }) => tensorName)).toEqual(['h', 'F2/h']);
    const [, second] = graph.quantizationAnnotation!;
    expect(second!.quantParameterTensorNames![0]!.value).toBe('w');
  });

  test("does not let one size's name stand for two sizes", () => {
    const sizes = new Map(
      graph.valueInfo!.map((each) => [each.name!, each.type!.tensorType!.shape!.dim![0]!.dimParam!]),
    );
    expect(sizes.get('h')).toBe('batch');
    expect(sizes.get('F2/h')).toBe('n');
  });

  test('is accepted by the checker', (context) => {
    const missing = checkerMissing();
    if (missing !== undefined) console.log(`not checked: ${missing}`);
    context.skip(missing !== undefined, missing);
    expect(askChecker(bytes)).toBe('');
  });
});

test('two files with equal names: each computes with its own weights', async () => {
  const { file, compose } = load({ one: scale([10, 100]), two: scale([1, 2]) });
  const bytes = compose(
    twoTowers([link('One', file('one'), { x: 'a' }, { y: 'p' }), link('Two', file('two'), { x: 'b' }, { y: 'q' })]),
  );
  const found = await runModel(bytes, feeds);
  expect(numbersOf(found['p'])).toEqual([11, 201]);
  expect(numbersOf(found['q'])).toEqual([2, 5, 4, 9, 6, 13]);
  expect(decodeModel(bytes).graph!.initializer!.map((tensor) => tensor.name)).toEqual(['w', 'Two/w']);
});

test('the name of an output that means something else in the file moves the file, not the output', async () => {
  const { file, compose } = load({ scale: scale([10, 100]) });
  const bytes = compose(
    program({
      inputs: [port('x', 'a')],
      outputs: [port('h', 'p')],
      steps: [link('F', file('scale'), { x: 'a' }, { y: 'p' })],
      types: { a: info('f32', 'm', 2), p: info('f32', 'm', 2) },
    }),
  );
  const found = await runModel(bytes, { x: feeds.a });
  expect(numbersOf(found['h'])).toEqual([11, 201]);
});

test('a prefix that is taken already is numbered', async () => {
  const odd = encodeModel({
    node: [node('Neg', ['F2/h'], ['x']), node('Abs', ['in'], ['F2/h'])],
    input: [valueInfo('in', ['batch', 2])],
    output: [valueInfo('x', ['batch', 2])],
  });
  const { file, compose } = load({ odd, scale: scale([10, 100]) });
  const bytes = compose(
    twoTowers([link('F1', file('odd'), { in: 'a' }, { x: 'p' }), link('F2', file('scale'), { x: 'b' }, { y: 'q' })]),
  );
  expect(decodeModel(bytes).graph!.initializer!.map((tensor) => tensor.name)).toEqual(['F2_2/w']);
  expect(numbersOf((await runModel(bytes, feeds))['q'])).toEqual([11, 201, 31, 401, 51, 601]);
});

/** y = x < 0 anywhere ? x * w : inner If that captures across two graphs. */
function branches(w: readonly number[]): Uint8Array {
  const sub = (name: string, nodes: onnx.INodeProto[], rest: onnx.IGraphProto = {}): onnx.IGraphProto => ({
    name,
    node: nodes,
    output: [valueInfo('out', ['batch', 2])],
    ...rest,
  });
  const innerThen = sub('innerThen', [node('Add', ['h', 'own'], ['out'])], {
    initializer: [floats('own', [1], [1000])],
  });
  const innerElse = sub('innerElse', [node('Clip', ['h', '', 'top'], ['out'])]);
  const thenBranch = sub('then', [node('Mul', ['h', 'w'], ['out'])]);
  const elseBranch = sub('else', [
    node('Not', ['low'], ['high']),
    node('If', ['high'], ['out'], {
      name: 'innerIf',
      attribute: [graphAttribute('then_branch', innerThen), graphAttribute('else_branch', innerElse)],
    }),
  ]);
  return encodeModel({
    node: [
      node('Identity', ['x'], ['h']),
      node('ReduceMin', ['x'], ['least'], { attribute: [{ name: 'keepdims', type: attributeTypes.INT, i: 0 }] }),
      node('Less', ['least', 'zero'], ['low']),
      node('If', ['low'], ['y'], {
        attribute: [graphAttribute('then_branch', thenBranch), graphAttribute('else_branch', elseBranch)],
      }),
    ],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
    initializer: [floats('w', [2], w), floats('zero', [], [0]), floats('top', [], [9])],
  });
}

test('names inside branches follow, captures and omitted inputs too', async () => {
  const { file, compose } = load({ one: branches([2, 3]), two: branches([5, 7]) });
  const bytes = compose(
    twoTowers([link('One', file('one'), { x: 'a' }, { y: 'p' }), link('Two', file('two'), { x: 'b' }, { y: 'q' })]),
  );
  const low = await runModel(bytes, { a: f32([1, 2], [-1, 1]), b: f32([1, 2], [-1, 1]) });
  expect(numbersOf(low['p'])).toEqual([-2, 3]);
  expect(numbersOf(low['q'])).toEqual([-5, 7]);
  const high = await runModel(bytes, { a: f32([1, 2], [1, 2]), b: f32([2, 2], [3, 4, 5, 6]) });
  expect(numbersOf(high['p'])).toEqual([1001, 1002]);
  expect(numbersOf(high['q'])).toEqual([1003, 1004, 1005, 1006]);
  const ifs = decodeModel(bytes).graph!.node!.filter((each) => each.opType === 'If');
  const inner = ifs[1]!.attribute![1]!.g!.node![1]!.attribute![1]!.g!.node![0]!;
  expect(inner.input).toEqual(['Two/h', '', 'Two/top']);
});

test('one file with branches linked twice shares what the branches capture', async () => {
  const { file, compose } = load({ one: branches([2, 3]) });
  const bytes = compose(
    twoTowers([link('One', file('one'), { x: 'a' }, { y: 'p' }), link('Two', file('one'), { x: 'b' }, { y: 'q' })]),
  );
  expect(decodeModel(bytes).graph!.initializer!.length).toBe(3);
  const found = await runModel(bytes, { a: f32([1, 2], [-1, 1]), b: f32([1, 2], [3, 4]) });
  expect([numbersOf(found['p']), numbersOf(found['q'])]).toEqual([
    [-2, 3],
    [1003, 1004],
  ]);
});

test('a branch of very many nodes can be renamed', () => {
  const count = 40_000;
  const chain = Array.from({ length: count }, (_, i) => node('Neg', [i === 0 ? 'x' : `t${i - 1}`], [`t${i}`]));
  const branch = { name: 'b', node: chain, output: [valueInfo(`t${count - 1}`, ['batch', 2])] };
  const short = { name: 's', node: [node('Abs', ['x'], ['r'])], output: [valueInfo('r', ['batch', 2])] };
  const deep = encodeModel({
    node: [
      node('If', ['c'], ['y'], {
        attribute: [graphAttribute('then_branch', branch), graphAttribute('else_branch', short)],
      }),
    ],
    input: [valueInfo('x', ['batch', 2]), valueInfo('c', [], dataTypes.BOOL)],
    output: [valueInfo('y', ['batch', 2])],
  });
  const { file, compose } = load({ deep });
  const bytes = compose(
    program({
      inputs: [port('x', 'a'), port('c', 'k')],
      outputs: [port('t0', 'p')],
      steps: [link('Deep', file('deep'), { x: 'a', c: 'k' }, { y: 'p' })],
      types: { a: info('f32', 'm', 2), k: info('bool'), p: info('f32', 'm', 2) },
    }),
  );
  const inner = decodeModel(bytes).graph!.node!.find((each) => each.opType === 'If')!.attribute![0]!.g!;
  expect(inner.node!.at(-1)!.output).toEqual([`Deep/t${count - 1}`]);
});

describe('local functions', () => {
  /** y = local.Outer(x), Outer calls Inner, Inner multiplies by a number. */
  const withFunctions = (factor: number, prefix: string): Uint8Array => {
    const opsetImport = [
      { domain: '', version: 15 },
      { domain: 'local', version: 1 },
    ];
    const value = { name: 'value_float', type: attributeTypes.FLOAT, f: factor };
    const inner: onnx.IFunctionProto = {
      name: 'Inner',
      domain: 'local',
      input: ['x'],
      output: ['y'],
      opsetImport,
      node: [node('Constant', [], ['c'], { attribute: [value] }), node('Mul', ['x', 'c'], ['y'])],
    };
    const outer: onnx.IFunctionProto = {
      name: 'Outer',
      domain: 'local',
      input: ['x'],
      output: ['y'],
      opsetImport,
      node: [node('Inner', ['x'], ['y'], { domain: 'local' })],
    };
    return encodeModel(
      {
        node: [node('Outer', [`${prefix}x`], [`${prefix}y`], { domain: 'local' })],
        input: [valueInfo(`${prefix}x`, ['batch', 2])],
        output: [valueInfo(`${prefix}y`, ['batch', 2])],
      },
      { opsetImport, functions: [inner, outer] },
    );
  };
  const towers = ({ file }: ReturnType<typeof load>): Program => ({
    ...twoTowers([
      link('One', file('one'), { x: 'a' }, { y: 'p' }),
      link('Two', file('two'), { 'two.x': 'b' }, { 'two.y': 'q' }),
    ]),
    opsets: new Map([['', 15]]),
  });

  test('equal ones are shared', async () => {
    const loaded = load({ one: withFunctions(2, ''), two: withFunctions(2, 'two.') });
    const bytes = loaded.compose(towers(loaded));
    expect(decodeModel(bytes).functions.map(({ name }) => name)).toEqual(['Inner', 'Outer']);
    expect(Number(decodeModel(bytes).irVersion)).toBe(8);
    const found = await runModel(bytes, feeds);
    expect(numbersOf(found['p'])).toEqual([2, -4]);
    expect(numbersOf(found['q'])).toEqual([2, 4, 6, 8, 10, -12]);
  });

  test('different ones of one name are told apart, those that call them too', async () => {
    const loaded = load({ one: withFunctions(2, ''), two: withFunctions(3, 'two.') });
    const bytes = loaded.compose(towers(loaded));
    expect(decodeModel(bytes).functions.map(({ name }) => name)).toEqual(['Inner', 'Outer', 'Two/Inner', 'Two/Outer']);
    const found = await runModel(bytes, feeds);
    expect(numbersOf(found['p'])).toEqual([2, -4]);
    expect(numbersOf(found['q'])).toEqual([3, 6, 9, 12, 15, -18]);
  });

  test('a function does not capture an operator that another file takes from the runtime', async () => {
    const gelu = encodeModel(
      {
        node: [node('Gelu', ['two.x'], ['two.y'], { domain: 'com.microsoft' })],
        input: [valueInfo('two.x', ['batch', 2])],
        output: [valueInfo('two.y', ['batch', 2])],
      },
      {
        opsetImport: [
          { domain: '', version: 15 },
          { domain: 'com.microsoft', version: 1 },
        ],
      },
    );
    const negating = encodeModel(
      {
        node: [node('Gelu', ['x'], ['y'], { domain: 'com.microsoft' })],
        input: [valueInfo('x', ['batch', 2])],
        output: [valueInfo('y', ['batch', 2])],
      },
      {
        opsetImport: [
          { domain: '', version: 15 },
          { domain: 'com.microsoft', version: 1 },
        ],
        functions: [
          {
            name: 'Gelu',
            domain: 'com.microsoft',
            input: ['x'],
            output: ['y'],
            opsetImport: [{ domain: '', version: 15 }],
            node: [node('Neg', ['x'], ['y'])],
          },
        ],
      },
    );
    const loaded = load({ one: negating, two: gelu });
    const found = await runModel(loaded.compose(towers(loaded)), feeds);
    expect(numbersOf(found['p'])).toEqual([-1, 2]);
    // Gelu(6) is 6 within a float's rounding, of -6 nearly 0: no negation.
    expect(numbersOf(found['q'])[4]).toBeCloseTo(5, 4);
  });
});

test('fields that no version knows yet pass, in renamed nodes and in the graph', () => {
  const { file, compose } = load({ one: scale([1, 1]), two: withFutureFields(scale([10, 100])) });
  const composed = compose(
    twoTowers([
      link('One', file('one'), { x: 'a' }, { y: 'p' }),
      link('Two', file('two'), { x: 'b' }, { y: 'q', future: 'seen' }),
    ]),
  );
  for (const text of ['a future node field', 'a future graph field'])
    expect(Buffer.from(composed).includes(Buffer.from(text))).toBe(true);
  expect(decodeModel(composed).graph!.node!.some((each) => each.output![0] === 'Two/future')).toBe(true);
});

/** A short length-delimited field of a number above 15. */
function futureField(number: number, text: string): Buffer {
  const tag = number * 8 + 2;
  return Buffer.concat([Buffer.of((tag % 128) + 128, Math.floor(tag / 128), text.length), Buffer.from(text)]);
}

/** The model with a node that has an unknown field, and a graph that has one, appended by protobuf's merging. */
function withFutureFields(bytes: Uint8Array): Uint8Array {
  const known = NodeProto.encode(node('Neg', ['h'], ['future'])).finish();
  const future = Buffer.concat([known, futureField(99, 'a future node field')]);
  const graph = Buffer.concat([Buffer.of(0x0a, future.length), future, futureField(98, 'a future graph field')]);
  return Buffer.concat([bytes, Buffer.of(0x3a, graph.length), graph]);
}

test('constants without a name are left out', () => {
  const nameless = (w: readonly number[]): Uint8Array =>
    encodeModel({
      node: [node('Mul', ['x', 'w'], ['y'])],
      input: [valueInfo('x', ['batch', 2])],
      output: [valueInfo('y', ['batch', 2])],
      initializer: [floats('w', [2], w), floats('', [2], w)],
      quantizationAnnotation: [{ tensorName: 'x', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'w' }] }],
    });
  const { file, compose } = load({ one: nameless([1, 2]), two: nameless([3, 4]) });
  const bytes = compose(
    twoTowers([link('One', file('one'), { x: 'a' }, { y: 'p' }), link('Two', file('two'), { x: 'b' }, { y: 'q' })]),
  );
  expect(decodeModel(bytes).graph!.initializer!.map((tensor) => tensor.name)).toEqual(['w', 'Two/w']);
});

test('sparse initializers are renamed', () => {
  const sparse = encodeModel({
    node: [node('Add', ['x', 'w'], ['y'])],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
    sparseInitializer: [
      {
        values: floats('w', [1], [5]),
        indices: { name: '', dims: [1], dataType: dataTypes.INT64, int64Data: [1] },
        dims: [2],
      },
    ],
  });
  const { file, compose } = load({ one: sparse, two: Uint8Array.from([...sparse, 0x1a, 1, 0x31]) });
  const bytes = compose(
    twoTowers([link('One', file('one'), { x: 'a' }, { y: 'p' }), link('Two', file('two'), { x: 'b' }, { y: 'q' })]),
  );
  const names = decodeModel(bytes).graph!.sparseInitializer!.map((tensor) => tensor.values!.name);
  expect(names).toEqual(['w', 'Two/w']);
});
