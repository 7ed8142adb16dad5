import { describe, expect, test } from 'vitest';
import type { Operation, Program } from '../../src/ir/program.ts';
import { dropUnused } from '../../src/ir/passes/drop-unused.ts';
import { printProgram } from '../../src/ir/print.ts';
import { verify } from '../../src/ir/verify.ts';
import { intDim } from '../../src/types/dim.ts';

const origin = { uri: 'memory:///m.mdl', span: { start: 0, end: 0 } };
const info = { dtype: 'f32', dims: [intDim(2)] } as const;

const operation = (name: string, op: string, inputs: string[]): Operation => ({
  kind: 'operation',
  name,
  op,
  domain: '',
  inputs,
  outputs: [name],
  attributes: new Map(),
  origin,
});

/** y = Relu(x) + c, and z = Neg(x), which nothing reads. */
const program: Program = {
  name: 'P',
  inputs: [{ name: 'x', value: 'x' }],
  outputs: [{ name: 'y', value: 'add' }],
  steps: [operation('relu', 'Relu', ['x']), operation('neg', 'Neg', ['x']), operation('add', 'Add', ['relu', 'c'])],
  initializers: [
    { name: 'c', dtype: 'f32', dims: [2], bytes: new Uint8Array(8) },
    { name: 'd', dtype: 'f32', dims: [2], bytes: new Uint8Array(8) },
  ],
  types: new Map(['x', 'c', 'd', 'relu', 'neg', 'add'].map((name) => [name, info])),
  opsets: new Map([['', 17]]),
};

describe('the verifier', () => {
  test('has nothing to say of a sound program', () => expect(verify(program)).toEqual([]));

  const faulty: [string, Partial<Program>, string][] = [
    ['a use before the making', { steps: program.steps.toReversed() }, 'add uses `relu` before it is made'],
    ['a value made twice', { steps: [...program.steps, operation('relu', 'Abs', ['x'])] }, 'relu makes `relu`, which is made before'],
    ['a value without a type', { types: new Map() }, 'nothing is known of the type of `relu`'],
    ['an output of nothing', { outputs: [{ name: 'y', value: 'nowhere' }] }, 'the output y uses `nowhere` before it is made'],
    ['no output', { outputs: [] }, 'the program has no output'],
    ['an input and an output of one name', { outputs: [{ name: 'x', value: 'add' }] }, 'two ports are called x'],
    ['bytes that do not fit the dims', { initializers: [{ ...program.initializers[0]!, dims: [3] }, program.initializers[1]!] }, 'the initializer `c` has 8 bytes for 3 elements of f32'],
  ];
  test.each(faulty)('finds %s', (_, change, fault) => expect(verify({ ...program, ...change })).toContain(fault));
});

test('unused steps and initializers are dropped, inputs are not', () => {
  const kept = dropUnused({ ...program, inputs: [...program.inputs, { name: 'unused', value: 'd2' }] });
  expect(kept.steps.map((step) => step.name)).toEqual(['relu', 'add']);
  expect(kept.initializers.map((tensor) => tensor.name)).toEqual(['c']);
  expect(kept.inputs.map((port) => port.name)).toEqual(['x', 'unused']);
});

test('a program is printed one step a line', () => {
  expect(printProgram(dropUnused(program))).toBe(
    [
      'program P (onnx@17)',
      'input x = x: f32[2]',
      'initializer c: f32[2]',
      'relu: f32[2] = Relu(x)',
      'add: f32[2] = Add(relu, c)',
      'output y = add',
      '',
    ].join('\n'),
  );
});
