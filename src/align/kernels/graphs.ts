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

/** sum + (x - centre_x)' (y - centre_y): differences and product in the given precision, the sum in f64. */
const accumulate = (precision: 'f32' | 'f64'): KernelGraph => {
  const operands = ['x', 'centre_x', 'y', 'centre_y'];
  const cast = operands.map((name) => node(`double_${name}`, 'Cast', name, { to: f64 }));
  const of = (name: string): string => (precision === 'f32' ? name : `double_${name}`);
  return {
    name: 'accumulate',
    inputs: [single('x'), single('centre_x', 1), single('y'), single('centre_y', 1), double('sum')],
    nodes: [
      ...(precision === 'f32' ? [] : cast),
      node('shifted_x', 'Sub', `${of('x')} ${of('centre_x')}`),
      node('shifted_y', 'Sub', `${of('y')} ${of('centre_y')}`),
      node('product', 'Gemm', 'shifted_x shifted_y', { transA: 1 }),
      node('part', 'Cast', 'product', { to: f64 }),
      node('result', 'Add', 'sum part'),
    ],
    outputs: [double('result')],
  };
};

export const kernelGraphs = {
  'a b': product(0, 0),
  "a' b": product(1, 0),
  "a b'": product(0, 1),
  'accumulate f32': accumulate('f32'),
  'accumulate f64': accumulate('f64'),
  /** The sum of the cross-entropies of softmax(x w) against the rows of y, and its gradient by w. */
  'softmax loss': {
    name: 'softmax_loss',
    inputs: [double('x'), double('y'), double('w')],
    nodes: [
      // Gemm takes twice as long where there are few classes.
      node('logits', 'MatMul', 'x w'),
      node('log_p', 'LogSoftmax', 'logits', { axis: -1 }),
      node('likelihoods', 'Mul', 'y log_p'),
      node('likelihood', 'ReduceSum', 'likelihoods'),
      node('loss', 'Neg', 'likelihood'),
      node('p', 'Exp', 'log_p'),
      node('excess', 'Sub', 'p y'),
      node('gradient', 'Gemm', 'x excess', { transA: 1 }),
    ],
    outputs: [double('loss'), double('gradient')],
  },
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
