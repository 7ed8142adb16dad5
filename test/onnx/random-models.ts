/** Models of any shape, from a grammar: what is well formed as protobuf, and sound or unsound as a graph. */
import type { onnx } from 'onnx-proto';
import { attributeTypes, dataTypes, encodeModel, valueInfo, type Dims } from './models.ts';

/** Numbers in [0, 1). */
export type Random = () => number;

const operators = [
  'Neg', 'Add', 'Softmax', 'LogSoftmax', 'Hardmax', 'Squeeze', 'Unsqueeze', 'ReduceSum', 'ReduceMean', 'ReduceMax', 'Clip', 'Pad', 'Slice',
  'Split', 'TopK', 'Upsample', 'Resize', 'BatchNormalization', 'Dropout', 'Scatter', 'RoiAlign', 'GridSample', 'DFT', 'GroupNormalization',
  'Scan', 'Loop', 'Constant', 'Identity', 'Local', 'Cast', 'Attention', 'RMSNormalization', 'RotaryEmbedding', 'LayerNormalization', 'Swish', 'Gelu',
  'TensorScatter', 'BitCast', 'CumProd', 'Reshape', 'Shape', 'ConstantOfShape', 'Gather', 'MatMul', 'Conv', 'Gemm', 'Concat', 'Where', 'Expand', 'Range',
  'Einsum', 'OneHot', 'QuantizeLinear', 'DequantizeLinear', 'LSTM', 'SequenceMap', 'Optional', 'NonZero', 'Softplus', 'Tile',
];
/** Attributes by the kind that operators have them in. */
const kinds: Readonly<Record<string, string>> = {
  axis: 'int', axes: 'ints', k: 'int', starts: 'ints', ends: 'ints', split: 'ints', scales: 'floats', min: 'float', max: 'float', pads: 'ints',
  value: 'float', mode: 'string', spatial: 'int', ratio: 'float', num_groups: 'int', to: 'int', coordinate_transformation_mode: 'string', equation: 'string',
  kernel_shape: 'ints', strides: 'ints', group: 'int', q_num_heads: 'int', kv_num_heads: 'int', is_causal: 'int', num_scan_inputs: 'int', hidden_size: 'int',
  transA: 'int', stash_type: 'int', block_size: 'int', interleaved: 'int',
};
const attributes = Object.keys(kinds);
/** Operators with graphs of their own, by the attributes in which they have them. */
const bodies: Readonly<Record<string, readonly string[]>> = { If: ['then_branch', 'else_branch'], Loop: ['body'], Scan: ['body'], SequenceMap: ['body'] };
/** What the operators that changed most were told by attributes: without these, nearly all conversions would be refused. */
const own: Readonly<Record<string, readonly string[]>> = {
  Clip: ['min', 'max'], Pad: ['pads', 'value', 'mode'], Upsample: ['scales', 'mode'], Resize: ['mode'], Squeeze: ['axes'], Unsqueeze: ['axes'],
  Split: ['split', 'axis'], TopK: ['k', 'axis'], Slice: ['starts', 'ends', 'axes'], GroupNormalization: ['num_groups'],
  BatchNormalization: ['spatial'], Dropout: ['ratio'], Softmax: ['axis'], LogSoftmax: ['axis'], Hardmax: ['axis'], ReduceSum: ['axes'], ReduceMean: ['axes'],
  Conv: ['kernel_shape', 'pads', 'strides', 'group'], Attention: ['q_num_heads', 'kv_num_heads', 'is_causal'], Einsum: ['equation'], Scan: ['num_scan_inputs'],
  LSTM: ['hidden_size'], Gemm: ['transA'], Concat: ['axis'], Gather: ['axis'], OneHot: ['axis'], RMSNormalization: ['axis', 'stash_type'], LayerNormalization: ['axis'],
  QuantizeLinear: ['axis', 'block_size'], RotaryEmbedding: ['interleaved', 'num_heads'],
};
const names = ['x', 'y', 'a', 'b', 'c', 'd', 'e', 'w', ''];
const types = [...Array.from({ length: 17 }, (_, i) => i), 24, 99];

export function randomModel(random: Random): Uint8Array {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const count = (most: number): number => Math.floor(random() ** 2 * (most + 1));
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: count(most) }, make);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const dims = (): Dims => some(3, () => pick<number | string>([0, 1, 2, 3, -1, 'n', 'm', '', 2 ** 31]));

  const tensor = (name: string): onnx.ITensorProto => {
    // A large one now and then, as only those are shared and referred to.
    const sizes = random() < 0.05 ? [300] : some(3, () => pick([0, 1, 2, 3]));
    const elements = sizes.reduce((a, b) => a * b, 1);
    const proto: onnx.ITensorProto = { name, dims: random() < 0.95 ? sizes : [2 ** 31, 2 ** 31, 2 ** 31], dataType: random() < 0.7 ? pick([1, 7]) : pick(types) };
    const width = proto.dataType === 7 ? 8 : 4;
    switch (pick(['raw', 'raw', 'typed', 'external', 'wrong', 'none'])) {
      case 'raw':
        return { ...proto, rawData: elements < 300 ? bytes(elements * width) : new Uint8Array(elements * width) };
      case 'typed':
        return { ...proto, floatData: Array.from({ length: elements }, random), int64Data: Array.from({ length: elements }, () => 1) };
      case 'external': {
        const entries = { location: pick(['w.bin', 'a/w.bin', '../w.bin', '/w', '']), offset: pick(['0', '4096', '-1', '1e9']), length: pick([`${elements * width}`, '7']) };
        return { ...proto, dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) };
      }
      case 'wrong':
        return { ...proto, rawData: bytes(count(40)) };
      default:
        return proto;
    }
  };

  const attribute = (depth: number, known: readonly string[] = []): onnx.IAttributeProto => {
    const name = known.length > 0 ? pick(known) : random() < 0.9 ? pick(attributes) : pick(['then_branch', 'else_branch', 'body']);
    const kind = kinds[name] !== undefined && random() < (known.length > 0 ? 0.95 : 0.6) ? kinds[name] : random() < 0.15 && depth < 4 ? 'graph' : pick(['int', 'int', 'ints', 'ints', 'float', 'floats', 'string', 'strings', 'tensor', 'reference', 'wrong', 'graphs', 'sparse']);
    switch (kind) {
      case 'graph':
        return { name, type: attributeTypes.GRAPH, g: graph(depth + 1) };
      case 'graphs':
        return depth < 4 ? { name, type: attributeTypes.GRAPHS, graphs: some(2, () => graph(depth + 2)) } : { name };
      case 'int':
        return { name, type: attributeTypes.INT, i: pick([0, 1, -1, 2, 7, 2 ** 40]) };
      case 'ints':
        return { name, type: attributeTypes.INTS, ints: some(4, () => pick([0, 1, -1, 2])) };
      case 'float':
        return { name, type: attributeTypes.FLOAT, f: pick([0, 1, -1, Infinity, NaN, 1e38]) };
      case 'floats':
        return { name, type: attributeTypes.FLOATS, floats: some(4, () => pick([1, 2, 0.5])), ...(random() < 0.1 ? { type: attributeTypes.INTS } : {}) };
      case 'string':
        return { name, type: attributeTypes.STRING, s: pick([Buffer.from('nearest'), Buffer.from('linear'), Buffer.from('bilinear'), Buffer.from('tf_half_pixel_for_nn'), Buffer.from('ij,jk->ik'), bytes(3)]) };
      case 'strings':
        return { name, type: attributeTypes.STRINGS, strings: some(3, () => bytes(2)) };
      case 'tensor':
        return { name, type: attributeTypes.TENSOR, t: tensor('') };
      case 'sparse':
        return { name, type: attributeTypes.SPARSE_TENSOR, sparseTensor: { values: tensor('s'), indices: tensor(''), dims: [4] } };
      case 'reference':
        return { name, type: attributeTypes.INT, refAttrName: 'outer' };
      default:
        return { name, type: pick(types), i: 1, f: 2, ints: [1] };
    }
  };

  const node = (depth: number): onnx.INodeProto => {
    const opType = random() < 0.1 ? 'If' : pick(operators);
    const told = random() < 0.5 ? own[opType] : undefined;
    const inner = depth < 3 && random() < 0.5 ? (bodies[opType] ?? []) : [];
    const attributesOf = [...(told ?? []).map((name) => attribute(depth, [name])), ...inner.map((name) => ({ name, type: attributeTypes.GRAPH, g: graph(depth + 1) }))];
    return { ...anyNode(depth), opType, ...(attributesOf.length === 0 ? {} : { domain: '', attribute: attributesOf }) };
  };

  const anyNode = (depth: number): onnx.INodeProto => ({
    name: random() < 0.7 ? `n${Math.floor(random() * 1e6)}` : pick(names),
    domain: pick(['', '', '', '', 'ai.onnx', 'ai.onnx.ml', 'local', 'com.microsoft']),
    input: some(4, () => pick(names)),
    output: random() < 0.8 ? [`t${Math.floor(random() * 1e6)}`] : some(3, () => pick(names)),
    attribute: some(3, () => attribute(depth)),
  });

  const graph = (depth: number): onnx.IGraphProto => {
    const nodes = some(depth === 0 ? 8 : 3, () => node(depth));
    const made = nodes.flatMap((each) => each.output ?? []);
    // Mostly of what there is, so that many models hold together.
    for (const each of nodes) each.input = each.input!.map((name) => (random() < 0.8 ? pick([...made, 'x', 'w', '']) : name));
    return {
      name: pick(['g', '']),
      node: nodes,
      input: depth === 0 || random() < 0.3 ? [valueInfo('x', dims(), random() < 0.9 ? 1 : pick(types))] : [],
      output: [...new Set(some(2, () => pick([...made, 'x'])))].map((name) => valueInfo(name, dims())),
      initializer: random() < 0.7 && depth === 0 ? [tensor('w'), ...some(2, () => tensor(pick(names)))] : [],
      valueInfo: some(2, () => valueInfo(pick(made.length === 0 ? names : made), dims(), random() < 0.8 ? 1 : pick(types))),
      sparseInitializer: random() < 0.1 ? [{ values: tensor('s'), indices: { ...tensor(''), dataType: dataTypes.INT64 }, dims: [4] }] : [],
      quantizationAnnotation: random() < 0.1 ? [{ tensorName: 'x', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'w' }] }] : [],
    };
  };

  const opset = pick([1, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18, 20, 21, 26, 30]);
  return encodeModel(graph(0), {
    irVersion: pick([0, 3, 7, 8, 8, 8, 10, 99]),
    opsetImport: [{ domain: '', version: opset }, ...some(2, () => ({ domain: pick(['ai.onnx', 'ai.onnx.ml', 'local', 'com.microsoft']), version: pick([1, 2, 3]) }))],
    metadataProps: some(2, () => ({ key: pick(['k', 'org.mdl-lang.digest']), value: pick(['', 'v']) })),
    functions: some(2, () => ({
      name: pick(['Local', 'Other']),
      domain: pick(['local', '']),
      input: ['x'],
      output: ['y'],
      opsetImport: [{ domain: '', version: opset }],
      node: some(3, () => node(1)),
    })),
  });
}

/** mulberry32: numbers in [0, 1) that a seed repeats. */
export function randomNumbers(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
