/** Where answers are lost, and why. */
import { describe, expect, test } from 'vitest';
import { lostAnswers } from '../../../src/ir/infer/lost.ts';
import { graphOf, modelOf, node, weight, type Made } from '../costs/made.ts';

const lost = (made: Made) => Object.fromEntries([...lostAnswers(modelOf(made), made.outputs)].map(([name, { tensor, operator, why }]) => [name, [tensor, operator, why]]));
const x = { x: ['f32', 'n', 4] } as const;

describe('a lost shape', () => {
  test('is none where all follows from the inputs', () => {
    expect(lost({ inputs: x, outputs: ['y'], nodes: [node('Relu', ['x'], ['y'])] })).toEqual({});
  });

  test('is told at the operator that nobody knows, however far behind', () => {
    const nodes = [node('Own', ['x'], ['a'], {}, 'acme'), node('Relu', ['a'], ['b']), node('MatMul', ['b', 'w'], ['y'])];
    expect(lost({ inputs: x, outputs: ['y'], weights: [weight('w', [4, 4])], nodes })).toEqual({ y: ['a', 'acme.Own', 'nothing is known of this operator'] });
  });

  test('is told at what depends on values, with the list of sizes that is not known', () => {
    expect(lost({ inputs: x, outputs: ['y', 'z'], nodes: [node('NonZero', ['x'], ['y']), node('Relu', ['x'], ['z'])] })).toEqual({ y: ['y', 'NonZero', 'it is as large as the values of its operands say'] });
    expect(lost({ inputs: { ...x, to: ['i64', 2] }, outputs: ['y'], nodes: [node('Reshape', ['x', 'to'], ['r']), node('Relu', ['r'], ['y'])] })).toEqual({
      y: ['r', 'Reshape', 'it is as large as the values of the input `to` say'],
    });
  });

  test('is told at branches that differ', () => {
    const branch = (name: string, op: string) => graphOf({ outputs: [`${name}.y`], nodes: [node(op, ['x'], [`${name}.y`], op === 'Concat' ? { axis: 0 } : {})] });
    const nodes = [node('If', ['c'], ['y'], { then_branch: branch('a', 'Transpose'), else_branch: branch('b', 'Size') })];
    expect(lost({ inputs: { ...x, c: ['bool'] }, outputs: ['y'], nodes })).toEqual({ y: ['y', 'If', 'its branches differ, and its condition is not known'] });
  });
});
