/** `mdl inspect --inner`: what branches, loops and functions hold inside. */
import { expect, test } from 'vitest';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, valueInfo } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';

const branch = (name: string, op: string) => ({ name, type: attributeTypes.GRAPH, g: { name, node: [node(op, ['x'], [`${name}_y`])], output: [{ name: `${name}_y` }] } });
const model = encodeModel({
  input: [valueInfo('when', [], 9), valueInfo('x', ['n', 4])],
  output: [{ name: 'y' }],
  node: [{ ...node('If', ['when'], ['y'], { attribute: [branch('then_branch', 'Relu'), branch('else_branch', 'Neg')] }), name: 'choice' }],
});

test('branches are told with their nodes and the types of their tensors', async () => {
  const folder = createFolder({ 'choice.onnx': model });
  const { stdout } = await mdl(folder.path, ['inspect', 'choice.onnx', '--inner', '--json']);
  const { bodies } = JSON.parse(stdout).inner;
  expect(bodies).toMatchObject([
    { path: ['If "choice" then_branch'], nodes: [{ op: 'Relu', inputs: ['x'] }], tensors: [{ name: 'then_branch_y', dtype: 'f32', dims: ['n', 4], evidence: 'inferred' }] },
    { path: ['If "choice" else_branch'], nodes: [{ op: 'Neg' }], tensors: [{ name: 'else_branch_y' }] },
  ]);
  const listing = await mdl(folder.path, ['inspect', 'choice.onnx', '--inner']);
  expect(listing.stdout).toContain('inside If "choice" then_branch\n');
  expect(listing.stdout).toMatch(/^ {2}then_branch_y +f32\[n, 4\] +\[0, inf\]$/m);
});

const turns = { name: 'body', input: [valueInfo('turn', [], dataTypes.INT64), valueInfo('go', [], dataTypes.BOOL), { name: 'state' }], output: [{ name: 'still' }, { name: 'next' }], node: [node('Identity', ['go'], ['still']), node('Mul', ['state', 'half'], ['next'])] };
const halving = encodeModel(
  {
    input: [valueInfo('x', ['n', 4])],
    output: [{ name: 'y' }],
    initializer: [floats('half', [], [0.5]), { name: 'turns', dims: [], dataType: dataTypes.INT64, int64Data: [3] }],
    node: [
      { opType: 'Probability', domain: 'local', name: 'one', input: ['x'], output: ['p'] },
      { ...node('Loop', ['turns', '', 'p'], ['y'], { attribute: [graphAttribute('body', turns)] }), name: 'thrice' },
    ],
  },
  { opsetImport: [{ domain: '', version: 17 }, { domain: 'local', version: 1 }], functions: [{ name: 'Probability', domain: 'local', input: ['a'], output: ['b'], opsetImport: [{ domain: '', version: 17 }], node: [node('Softmax', ['a'], ['s']), node('Sub', ['s', 's'], ['b'])] }] } as Parameters<typeof encodeModel>[1],
);

test('what is known of the values inside: of a function at its call, and of a loop in each turn', async () => {
  const folder = createFolder({ 'halving.onnx': halving });
  const { stdout } = await mdl(folder.path, ['inspect', 'halving.onnx', '--inner', '--json']);
  const { bodies } = JSON.parse(stdout).inner;
  const factsOf = (name: string): readonly object[] => bodies.flatMap((body: { tensors: { name: string; facts: object[] }[] }) => body.tensors).find((tensor: { name: string }) => tensor.name === name).facts;
  expect(factsOf('s')).toContainEqual(expect.objectContaining({ kind: 'sum', axis: -1, evidence: 'proved' }));
  expect(factsOf('turn')).toContainEqual({ kind: 'range', low: 0, high: 2, evidence: 'proved' });
  // The difference of two probabilities, halved again and again.
  for (const name of ['state', 'next']) expect(factsOf(name)).toContainEqual({ kind: 'range', low: expect.closeTo(name === 'state' ? -1 : -0.5, 4), high: expect.closeTo(name === 'state' ? 1 : 0.5, 4), evidence: 'proved' });
});
