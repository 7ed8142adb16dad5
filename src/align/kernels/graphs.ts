/** The table of kernels: what ONNX Runtime computes for this room. */
import type { KernelGraph, KernelNode, KernelValue } from './graph.ts';

const single = (name: string, rank = 2): KernelValue => ({ name, dtype: 'f32', rank });
const double = (name: string, rank = 2): KernelValue => ({ name, dtype: 'f64', rank });
const node = (output: string, op: string, inputs: string, attributes?: KernelNode['attributes']): KernelNode => ({
  op,
  inputs: inputs.split(' '),
  output,
  ...(attributes && { attributes }),
});

/** TensorProto.DataType. */
const f64 = 11;

const product = (transA: 0 | 1, transB: 0 | 1): KernelGraph => ({
  name: 'product',
  inputs: [double('a'), double('b')],
  nodes: [node('c', 'Gemm', 'a b', { transA, transB })],
  outputs: [double('c')],
});

const addedProduct = (transA: 0 | 1, transB: 0 | 1): KernelGraph => ({
  name: 'added_product',
  inputs: [double('a'), double('b'), double('c')],
  nodes: [node('sum', 'Gemm', 'a b c', { transA, transB })],
  outputs: [double('sum')],
});

/** The product of shifted rows, on the sum so far: differences and product in the given precision, the sum in f64. */
const accumulate = (precision: 'f32' | 'f64'): KernelGraph => {
  const sides = ['a', 'b'];
  const operands = sides.flatMap((side) => [side, `centre_${side}`]);
  const of = (name: string): string => (precision === 'f32' ? name : `double_${name}`);
  const added = [node('single', 'Gemm', 'shifted_a shifted_b', { transA: 1 }), node('part', 'Cast', 'single', { to: f64 }), node('whole', 'Add', 'sum part')];
  return {
    name: 'accumulate',
    inputs: [...sides.flatMap((side) => [single(side), single(`centre_${side}`, 1)]), double('sum')],
    nodes: [
      ...(precision === 'f32' ? [] : operands.map((name) => node(of(name), 'Cast', name, { to: f64 }))),
      ...sides.map((side) => node(`shifted_${side}`, 'Sub', `${of(side)} ${of(`centre_${side}`)}`)),
      ...(precision === 'f32' ? added : [node('whole', 'Gemm', 'shifted_a shifted_b sum', { transA: 1 })]),
    ],
    outputs: [double('whole')],
  };
};

/** The sum of the cross-entropies of softmax(x w + b) against the rows of y, and its gradients; the sum is always in f64. */
const softmaxLoss = (precision: 'f32' | 'f64'): KernelGraph => {
  const value = precision === 'f32' ? single : double;
  const rows = (name: string): string => (precision === 'f32' ? name : `double_${name}`);
  return {
    name: 'softmax_loss',
    inputs: [single('x'), single('y'), value('w'), value('b', 1), value('ones')],
    nodes: [
      ...(precision === 'f32' ? [] : ['x', 'y'].map((name) => node(rows(name), 'Cast', name, { to: f64 }))),
      // Gemm takes twice as long where there are few classes.
      node('product', 'MatMul', `${rows('x')} w`),
      node('logits', 'Add', 'product b'),
      node('log_p', 'LogSoftmax', 'logits', { axis: -1 }),
      node('likelihoods', 'Mul', `${rows('y')} log_p`),
      node('exact_likelihoods', 'Cast', 'likelihoods', { to: f64 }),
      node('likelihood', 'ReduceSum', 'exact_likelihoods'),
      node('loss', 'Neg', 'likelihood'),
      node('p', 'Exp', 'log_p'),
      node('excess', 'Sub', `p ${rows('y')}`),
      node('gradient_w', 'Gemm', `${rows('x')} excess`, { transA: 1 }),
      node('gradient_b', 'MatMul', 'ones excess'),
    ],
    outputs: [double('loss'), value('gradient_w'), value('gradient_b')],
  };
};

export const kernelGraphs = {
  'a b': product(0, 0),
  "a' b": product(1, 0),
  "a b'": product(0, 1),
  "c + a' b": addedProduct(1, 0),
  "c + a b'": addedProduct(0, 1),
  'accumulate f32': accumulate('f32'),
  'accumulate f64': accumulate('f64'),
  'softmax loss f32': softmaxLoss('f32'),
  'softmax loss f64': softmaxLoss('f64'),
  /** x w + b in f32, as the library's `affine` does it. */
  affine: {
    name: 'affine',
    inputs: [single('x'), single('w'), single('b', 1)],
    nodes: [node('product', 'MatMul', 'x w'), node('y', 'Add', 'product b')],
    outputs: [single('y')],
  },
  /** x y' in f32, for similarities of rows. */
  "x y'": {
    name: 'similarities',
    inputs: [single('x'), single('y')],
    nodes: [node('s', 'Gemm', 'x y', { transB: 1 })],
    outputs: [single('s')],
  },
  /** x y' of f32 rows in f64. */
  "x y' f64": {
    name: 'gram',
    inputs: [single('x'), single('y')],
    nodes: [
      node('double_x', 'Cast', 'x', { to: f64 }),
      node('double_y', 'Cast', 'y', { to: f64 }),
      node('s', 'Gemm', 'double_x double_y', { transB: 1 }),
    ],
    outputs: [double('s')],
  },
} as const satisfies Record<string, KernelGraph>;

export type KernelName = keyof typeof kernelGraphs;
