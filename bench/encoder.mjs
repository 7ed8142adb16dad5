/** An encoder as PyTorch exports it: attention and feed-forward layers with the shape arithmetic that tracing leaves behind. */
import proto from 'onnx-proto';

const heads = 12;

/** The bytes of a file of `77 * layers + 1` nodes, whose weights are zeros; `width` is a multiple of 12. */
export function encoder(layers, width = 384) {
  const nodes = [];
  const initializer = [];
  let count = 0;
  const constant = (values, dims = [values.length]) => {
    const name = `c${count++}`;
    initializer.push({ name, dims, dataType: 7, rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) });
    return name;
  };
  const weight = (...dims) => {
    const name = `w${count++}`;
    initializer.push({ name, dims, dataType: 1, rawData: new Uint8Array(4 * dims.reduce((a, b) => a * b, 1)) });
    return name;
  };
  const node = (opType, input, attribute = []) => {
    const name = `t${count++}`;
    nodes.push({ opType, name: `n${count}`, input, output: [name], attribute });
    return name;
  };
  const int = (name, i) => ({ name, type: 2, i });
  const ints = (name, list) => ({ name, type: 7, ints: list });
  const size = (x, axis) => node('Unsqueeze', [node('Gather', [node('Shape', [x]), constant([axis], [])], [int('axis', 0)]), constant([0])]);
  const linear = (x, from, to) => node('Add', [node('MatMul', [x, weight(from, to)]), weight(to)]);
  const split = (x) => node('Transpose', [node('Reshape', [x, node('Concat', [size(x, 0), size(x, 1), constant([heads]), constant([width / heads])], [int('axis', 0)])])], [ints('perm', [0, 2, 1, 3])]);
  const normalise = (x) => {
    const mean = node('ReduceMean', [x], [ints('axes', [-1])]);
    const centred = node('Sub', [x, mean]);
    const deviation = node('Sqrt', [node('Add', [node('ReduceMean', [node('Pow', [centred, weight()])], [ints('axes', [-1])]), weight()])]);
    return node('Add', [node('Mul', [node('Div', [centred, deviation]), weight(width)]), weight(width)]);
  };
  let x = node('Gather', [weight(1000, width), 'ids']);
  for (let i = 0; i < layers; i++) {
    const [q, k, v] = [0, 1, 2].map(() => split(linear(x, width, width)));
    const scores = node('Softmax', [node('Div', [node('MatMul', [q, node('Transpose', [k], [ints('perm', [0, 1, 3, 2])])]), weight()])], [int('axis', -1)]);
    const mixed = node('Transpose', [node('MatMul', [scores, v])], [ints('perm', [0, 2, 1, 3])]);
    const joined = node('Reshape', [mixed, node('Concat', [size(mixed, 0), size(mixed, 1), constant([width])], [int('axis', 0)])]);
    const attended = normalise(node('Add', [linear(joined, width, width), x]));
    const hidden = linear(attended, width, 4 * width);
    const gelu = node('Mul', [hidden, node('Add', [node('Erf', [node('Div', [hidden, weight()])]), weight()])]);
    x = normalise(node('Add', [linear(gelu, 4 * width, width), attended]));
  }
  const info = (name, elemType, ...dims) => ({ name, type: { tensorType: { elemType, shape: { dim: dims.map((dimParam) => ({ dimParam })) } } } });
  const graph = { name: 'encoder', node: nodes, initializer, input: [info('ids', 7, 'batch', 'seq')], output: [{ name: x }] };
  return Buffer.from(proto.onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 13 }], graph }).finish());
}
