/** Weights of equal content are stored once, across files and heads, and nothing else is shared. */
import { expect, test } from 'vitest';
import type { Program } from '../../src/ir/program.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { opener, valueOf } from './helpers.ts';
import { decodeModel, encodeModel, floats, node, readBytes, valueInfo } from './models.ts';
import { f32, numbersOf, runModel } from './oracles.ts';
import { info, link, operation, port, program } from './programs.ts';

const size = 1000;
const ramp = (from: number): number[] => Array.from({ length: size }, (_, i) => from + i / 8);
/** y = x · first + second, with names of its own. */
const model = (prefix: string, first: number[], second: number[]): Uint8Array =>
  encodeModel({
    node: [node('Mul', ['x', `${prefix}w`], [`${prefix}h`]), node('Add', [`${prefix}h`, `${prefix}v`], ['y'])],
    input: [valueInfo('x', ['batch', size])],
    output: [valueInfo('y', ['batch', size])],
    initializer: [floats(`${prefix}w`, [size], first), floats(`${prefix}v`, [size], second)],
  });

function compose(files: Record<string, Uint8Array>, from: (file: (name: string) => ReturnType<typeof readBytes>) => Program): Uint8Array {
  const memory = new Map(Object.entries(files).map(([name, bytes]) => [`memory:///${name}.onnx`, bytes]));
  const models = new Map([...memory].map(([uri, bytes]) => [uri, readBytes(bytes, uri)]));
  const whole = from((name) => models.get(`memory:///${name}.onnx`)!);
  return materialize(valueOf(composeProgram(whole, models, { producer: 'mdl', producerVersion: '0' }, opener(memory))).pieces, opener(memory));
}

const wide = info('f32', 'n', size);
const x = f32([1, size], ramp(1));
const both = (file: (name: string) => ReturnType<typeof readBytes>): Program =>
  program({
    inputs: [port('in')],
    outputs: [port('p'), port('q')],
    steps: [link('A', file('a'), { x: 'in' }, { y: 'p' }), link('B', file('b'), { x: 'in' }, { y: 'q' })],
    types: { in: wide, p: wide, q: wide },
  });
const constantsOf = (bytes: Uint8Array): string[] => decodeModel(bytes).graph!.initializer!.map(({ name }) => name!);

test('two files of one encoder, whose names differ, have its weights once', async () => {
  const bytes = compose({ a: model('one.', ramp(2), ramp(3)), b: model('two.', ramp(2), ramp(3)) }, both);
  expect(constantsOf(bytes)).toEqual(['one.w', 'one.v']);
  const found = await runModel(bytes, { in: x });
  const expected = ramp(1).map((value, i) => Math.fround(Math.fround(value * (2 + i / 8)) + 3 + i / 8));
  expect(numbersOf(found['p'])).toEqual(expected);
  expect(numbersOf(found['q'])).toEqual(expected);
});

test('a weight that differs in its last bit is another one', async () => {
  const last = ramp(2);
  last[size - 1]! += 2 ** -14;
  const bytes = compose({ a: model('one.', ramp(2), ramp(3)), b: model('two.', last, ramp(3)) }, both);
  expect(constantsOf(bytes)).toEqual(['one.w', 'one.v', 'B/two.w']);
  const found = await runModel(bytes, { in: x });
  expect(numbersOf(found['p'])[size - 1]).not.toBe(numbersOf(found['q'])[size - 1]);
});

test('equal bytes of another shape are another weight', () => {
  const flat = encodeModel({
    node: [node('Mul', ['x', 'flat'], ['y'])],
    input: [valueInfo('x', ['batch', size])],
    output: [valueInfo('y', ['batch', size])],
    initializer: [floats('flat', [1, size], ramp(2))],
  });
  expect(constantsOf(compose({ a: model('one.', ramp(2), ramp(3)), b: flat }, both))).toEqual(['one.w', 'one.v', 'B/flat']);
});

test('heads that were trained as one have their weights once', async () => {
  const tensor = (name: string, from: number) => ({ name, dtype: 'f32', dims: [size], bytes: new Uint8Array(Float32Array.from(ramp(from)).buffer) }) as const;
  const bytes = compose({}, () =>
    program({
      inputs: [port('in')],
      outputs: [port('p'), port('q'), port('r', 'third')],
      steps: [operation('Mul', ['in', 'first'], ['p'], new Map(), 'p'), operation('Mul', ['in', 'second'], ['q'], new Map(), 'q')],
      initializers: [tensor('first', 2), tensor('second', 2), tensor('third', 2)],
      types: { in: wide, p: wide, q: wide, first: info('f32', size), third: info('f32', size) },
    }),
  );
  expect(constantsOf(bytes)).toEqual(['first']);
  const found = await runModel(bytes, { in: x });
  expect(numbersOf(found['q'])).toEqual(numbersOf(found['p']));
  expect(numbersOf(found['r'])).toEqual(ramp(2));
});
