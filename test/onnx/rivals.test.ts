/** Situations in which users of other merge tools were hurt. Each is composed, run, and compared with its parts run one by one. */
import { describe, expect, test } from 'vitest';
import type { onnx } from 'onnx-proto';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import type { Program } from '../../src/ir/program.ts';
import { checkText } from '../check/world.ts';
import { opener, valueOf } from './helpers.ts';
import { dataTypes, decodeModel, encodeModel, floats, node, readBytes, valueInfo, type Dims } from './models.ts';
import { askChecker, bitsOf, checkerMissing, f32, numbersOf, runModel } from './oracles.ts';
import { info, link, operation, port, program } from './programs.ts';

const meta = { producer: 'mdl', producerVersion: '0' };
const x = f32([2, 2], [1, -2, 3, -4]);

/** y = |x| · w */
const scale = (w: readonly number[], rest: onnx.IModelProto = {}): Uint8Array =>
  encodeModel(
    {
      node: [node('Abs', ['x'], ['h']), node('Mul', ['h', 'w'], ['y'])],
      input: [valueInfo('x', ['batch', 2])],
      output: [valueInfo('y', ['batch', 2])],
      initializer: [floats('w', [2], w)],
    },
    rest,
  );

function load(files: Record<string, Uint8Array>) {
  const memory = new Map(Object.entries(files).map(([name, bytes]) => [`memory:///${name}.onnx`, bytes]));
  const models = new Map([...memory].map(([uri, bytes]) => [uri, readBytes(bytes, uri)]));
  return {
    file: (name: string) => models.get(`memory:///${name}.onnx`)!,
    compose: (from: Program): Uint8Array =>
      materialize(valueOf(composeProgram(from, models, meta, opener(memory))).pieces, opener(memory)),
  };
}

const pair = info('f32', 'n', 2);
const typed = (...names: string[]) => Object.fromEntries(names.map((name) => [name, pair]));

/** Runs the composed model, and has ONNX's own checker look at it where there is one. */
async function run(bytes: Uint8Array, feeds: Parameters<typeof runModel>[1] = { in: x }) {
  if (checkerMissing() === undefined) expect(askChecker(bytes)).toBe('');
  return runModel(bytes, feeds);
}

describe('three models of the same names on one input', () => {
  const files = { a: scale([1, 2]), b: scale([3, 4]), c: scale([5, 6]) };
  const { file, compose } = load(files);
  const bytes = compose(
    program({
      inputs: [port('in')],
      outputs: ['p', 'q', 'r'].map((name) => port(name)),
      steps: [link('A', file('a'), { x: 'in' }, { y: 'p' }), link('B', file('b'), { x: 'in' }, { y: 'q' }), link('C', file('c'), { x: 'in' }, { y: 'r' })],
      types: typed('in', 'p', 'q', 'r'),
    }),
  );

  test('each computes what it does alone', async () => {
    const found = await run(bytes);
    for (const [output, part] of [['p', files.a], ['q', files.b], ['r', files.c]] as const)
      expect(bitsOf(found[output])).toBe(bitsOf((await runModel(part, { x }))['y']));
  });

  test('the first keeps its names', () => {
    expect(decodeModel(bytes).graph!.initializer!.map(({ name }) => name)).toEqual(['w', 'B/w', 'C/w']);
  });
});

test('different IR versions and metadata never stand in the way, and both metadata survive', async () => {
  const { file, compose } = load({
    old: scale([1, 2], { irVersion: 4, metadataProps: [{ key: 'author', value: 'one' }, { key: 'same', value: 's' }] }),
    young: scale([3, 4], { irVersion: 10, metadataProps: [{ key: 'author', value: 'two' }, { key: 'same', value: 's' }] }),
  });
  const bytes = compose(
    program({
      inputs: [port('in')],
      outputs: [port('p'), port('q')],
      steps: [link('Old', file('old'), { x: 'in' }, { y: 'p' }), link('Young', file('young'), { x: 'p' }, { y: 'q' })],
      types: typed('in', 'p', 'q'),
    }),
  );
  const { irVersion, metadataProps } = decodeModel(bytes);
  expect(Number(irVersion)).toBe(10);
  expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([['author', 'one'], ['same', 's'], ['Young/author', 'two']]);
  expect(numbersOf((await runModel(bytes, { in: x }))['q'])).toEqual([3, 16, 9, 32]);
});

test('an output that is consumed, too: |x| · w is given and scaled again', async () => {
  const { file, compose } = load({ a: scale([1, 2]), b: scale([10, 10]) });
  const bytes = compose(
    program({
      inputs: [port('in')],
      outputs: [port('first', 'p'), port('again', 'p'), port('second', 'q'), port('echo', 'in')],
      steps: [link('A', file('a'), { x: 'in' }, { y: 'p' }), link('B', file('b'), { x: 'p' }, { y: 'q' })],
      types: typed('in', 'p', 'q'),
    }),
  );
  const found = await run(bytes);
  expect(['first', 'again', 'second', 'echo'].map((name) => numbersOf(found[name]))).toEqual([[1, 4, 3, 8], [1, 4, 3, 8], [10, 40, 30, 80], [1, -2, 3, -4]]);
});

test('an initializer and an input that are outputs of the file itself', async () => {
  const odd = encodeModel({
    node: [node('Neg', ['x'], ['y'])],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2]), valueInfo('w', [2]), valueInfo('x', ['batch', 2])],
    initializer: [floats('w', [2], [7, 8])],
  });
  const { file, compose } = load({ odd, other: scale([1, 1]) });
  const bytes = compose(
    program({
      inputs: [port('in')],
      outputs: [port('y', 'n'), port('weights', 'v'), port('same', 'e'), port('scaled', 's')],
      steps: [link('Odd', file('odd'), { x: 'in' }, { y: 'n', w: 'v', x: 'e' }), link('Other', file('other'), { x: 'e' }, { y: 's' })],
      types: { ...typed('in', 'n', 'e', 's'), v: info('f32', 2) },
    }),
  );
  const found = await run(bytes);
  expect(['y', 'weights', 'same', 'scaled'].map((name) => numbersOf(found[name]))).toEqual([[-1, 2, -3, 4], [7, 8], [1, -2, 3, -4], [1, 2, 3, 4]]);
});

test('a default that an initializer gives to an input may be overridden, in one of two links', async () => {
  const optional = encodeModel({
    node: [node('Mul', ['x', 'w'], ['y'])],
    input: [valueInfo('x', ['batch', 2]), valueInfo('w', [2])],
    output: [valueInfo('y', ['batch', 2])],
    initializer: [floats('w', [2], [2, 3])],
  });
  const { file, compose } = load({ optional });
  const bytes = compose(
    program({
      inputs: [port('in'), port('factor')],
      outputs: [port('p'), port('q')],
      steps: [link('A', file('optional'), { x: 'in' }, { y: 'p' }), link('B', file('optional'), { x: 'in', w: 'factor' }, { y: 'q' })],
      types: { ...typed('in', 'p', 'q'), factor: info('f32', 2) },
    }),
  );
  const found = await run(bytes, { in: x, factor: f32([2], [10, 100]) });
  expect([numbersOf(found['p']), numbersOf(found['q'])]).toEqual([[2, -6, 6, -12], [10, -200, 30, -400]]);
});

test('our own node between two foreign ones whose inner names are those of ours', async () => {
  const { file, compose } = load({ a: scale([1, 2]), b: scale([3, 4]) });
  const bytes = compose(
    program({
      inputs: [port('in')],
      outputs: [port('y', 'z')],
      steps: [link('A', file('a'), { x: 'in' }, { y: 'w' }), operation('Neg', ['w'], ['h'], new Map(), 'Abs_h'), link('B', file('b'), { x: 'h' }, { y: 'z' })],
      types: typed('in', 'w', 'h', 'z'),
    }),
  );
  expect(numbersOf((await run(bytes))['y'])).toEqual([3, 16, 9, 32]);
});

describe('joints that merge_models and its checker let pass are errors here', () => {
  const relay = (dims: Dims, dtype: number = dataTypes.FLOAT): Uint8Array =>
    encodeModel({ node: [node('Identity', ['x'], ['y'])], input: [valueInfo('x', dims, dtype)], output: [valueInfo('y', dims, dtype)] });
  const show = (dims: Dims, dtype = 'f32'): string => `${dtype}[${dims.join(', ')}]`;
  const join = (first: [Dims, string?], second: [Dims, string?]): readonly string[] => {
    const bytes = ([dims, dtype = 'f32']: [Dims, string?]): Uint8Array => relay(dims, dtype === 'f64' ? dataTypes.DOUBLE : dataTypes.FLOAT);
    const part = (name: string, [dims, dtype]: [Dims, string?]): string =>
      `backbone ${name} @ 1.0.0 {\n  source "./${name}.onnx"\n  input x: ${show(dims, dtype)}\n  output y: ${show(dims, dtype)}\n}\n`;
    const source = `${part('First', first)}\n${part('Second', second)}\nmodel M {\n  input x: ${show(...first)}\n  output y = Second(First(x).y).y\n}\n`;
    return checkText(source, { 'First.onnx': bytes(first), 'Second.onnx': bytes(second) }).diagnostics.map(({ code }) => code);
  };

  /** Two backbones in a row, declared by these types, made of files of those dims. */
  const joined = (first: string, second: string, files: readonly [Dims, Dims]) => {
    const part = (name: string, type: string): string => `backbone ${name} @ 1.0.0 {\n  source "./${name}.onnx"\n  input x: ${type}\n  output y: ${type}\n}\n`;
    const source = `${part('First', first)}\n${part('Second', second)}\nmodel M {\n  input x: ${first}\n  output y = Second(First(x).y).y\n}\n`;
    return checkText(source, { 'First.onnx': relay(files[0]), 'Second.onnx': relay(files[1]) });
  };
  const codesOf = (...given: Parameters<typeof joined>): readonly string[] => [...new Set(joined(...given).diagnostics.map(({ code }) => code))];

  test('a size of which the first file says only a name, to 8: the name is no 8, and both are shown', () => {
    expect(codesOf('f32[n, d]', 'f32[n, 8]', [['n', 'd'], ['n', 8]])).toEqual(['shape-mismatch']);
    const [first] = joined('f32[n, d]', 'f32[n, 8]', [['n', 'd'], ['n', 8]]).diagnostics;
    for (const said of ['takes 8', 'has d']) expect(first!.message).toContain(said);
  });

  test('a size that the first file leaves open, as -1 elsewhere, does not hide that the other demands 8', () => {
    expect(codesOf('f32[n, 5]', 'f32[n, 8]', [['n', ''], ['n', 8]])).toEqual(['shape-mismatch']);
  });

  test('an image to a recording of the same sizes: the labels of the axes differ', () => {
    expect(codesOf('f32[N: n, C: 3, H: 4, W: 4]', 'f32[N: n, T: 3, C: 4, D: 4]', [['n', 3, 4, 4], ['n', 3, 4, 4]])).toEqual(['label-mismatch']);
  });

  test('channels of a backbone and of what stands on it: both numbers are said', () => {
    const { diagnostics } = joined('f32[n, 256]', 'f32[n, 512]', [['n', 256], ['n', 512]]);
    for (const number of ['256', '512']) expect(diagnostics[0]!.message).toContain(number);
  });

  test('as a control, what fits passes', () => {
    expect(join([['n', 4]], [['n', 4]])).toEqual([]);
  });

  test.each<[string, [Dims, string?], [Dims, string?], string]>([
    ['float to double', [['n', 4]], [['n', 4], 'f64'], 'dtype-mismatch'],
    ['[n, 5] to [n, 4]', [['n', 5]], [['n', 4]], 'shape-mismatch'],
    ['[n, 4] to four axes', [['n', 4]], [['n', 3, 8, 8]], 'rank-mismatch'],
    ['channels last to channels first', [['n', 8, 8, 3]], [['n', 3, 8, 8]], 'shape-mismatch'],
    ['labelled axes of equal sizes in another order', [['N: n', 'H: 3', 'W: 3', 'C: 3']], [['N: n', 'C: 3', 'H: 3', 'W: 3']], 'label-mismatch'],
  ])('%s', (name, first, second, code) => {
    if (name.startsWith('labelled')) {
      const plain = (dims: Dims): Dims => dims.map((dim) => (typeof dim === 'string' && dim.endsWith('3') ? 3 : 'n'));
      const part = (label: string, [dims]: [Dims, string?]): string => `backbone ${label} @ 1.0.0 {\n  source "./${label}.onnx"\n  input x: ${show(dims)}\n  output y: ${show(dims)}\n}\n`;
      const source = `${part('First', first)}\n${part('Second', second)}\nmodel M {\n  input x: ${show(first[0])}\n  output y = Second(First(x).y).y\n}\n`;
      const codes = checkText(source, { 'First.onnx': relay(plain(first[0])), 'Second.onnx': relay(plain(second[0])) }).diagnostics.map((d) => d.code);
      expect(codes).toEqual([code]);
    } else expect(new Set(join(first, second))).toEqual(new Set([code]));
  });
});

test('sizes that have names keep them when a file is put into another', async () => {
  const { file, compose } = load({ a: scale([1, 2]), b: scale([3, 4]) });
  const bytes = compose(
    program({
      inputs: [port('in')],
      outputs: [port('q')],
      steps: [link('A', file('a'), { x: 'in' }, { y: 'p' }), link('B', file('b'), { x: 'p' }, { y: 'q' })],
      types: typed('in', 'p', 'q'),
    }),
  );
  const sizes = decodeModel(bytes).graph!.output!.map(({ type }) => type!.tensorType!.shape!.dim!.map(({ dimParam, dimValue }) => dimParam || Number(dimValue)));
  expect(sizes).toEqual([['n', 2]]);
  // A batch that the exporter did not have in mind.
  const wide = f32([5, 2], Array.from({ length: 10 }, (_, i) => -i));
  expect(numbersOf((await run(bytes, { in: wide }))['q'])).toEqual(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? i * 3 : i * 8)));
});

test('two heads on one encoder take its weights once, and one head more costs its own nodes alone', () => {
  const encoder = encodeModel({
    node: [node('MatMul', ['x', 'w'], ['y'])],
    input: [valueInfo('x', ['batch', 64])],
    output: [valueInfo('y', ['batch', 64])],
    initializer: [floats('w', [64, 64], Array.from({ length: 64 * 64 }, (_, i) => i / 4096))],
  });
  const { file, compose } = load({ encoder, a: scale([1, 2]), b: scale([3, 4]) });
  const wide = (...names: string[]) => Object.fromEntries(names.map((name) => [name, info('f32', 'n', 64)]));
  const heads = (count: number): number => {
    const names = Array.from({ length: count }, (_, i) => `h${i}`);
    return compose(
      program({
        inputs: [port('in')],
        outputs: names.map((name) => port(name)),
        steps: names.flatMap((name, i) => [link(`E${i}`, file('encoder'), { x: 'in' }, { y: `e${i}` }), operation('Neg', [`e${i}`], [name], new Map(), name)]),
        types: { ...wide('in', ...names, ...names.map((_, i) => `e${i}`)) },
      }),
    ).length;
  };
  expect(heads(8) - heads(1)).toBeLessThan(64 * 64 * 4);
});
