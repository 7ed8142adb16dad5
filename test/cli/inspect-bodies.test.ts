/** `mdl inspect --inner`: what branches, loops and functions hold inside. */
import { expect, test } from 'vitest';
import { attributeTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
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
});
