/** A network of whose output nothing follows: a sum of two inverses. */
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

export const opaqueFile = encodeModel({
  node: [node('Reciprocal', ['x'], ['r']), node('Add', ['r', 'c'], ['y'])],
  input: [valueInfo('x', ['batch', 4])],
  output: [valueInfo('y', ['batch', 4])],
  initializer: [floats('c', [4], [1, 2, 3, 4])],
});
