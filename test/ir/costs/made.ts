/** Foreign graphs made by hand, weights by their shapes alone. */
import type { Attribute, ForeignModel, Graph, LocalFunction, Node, Tensor } from '../../../src/ir/graph.ts';
import { intDim, symbolDim, type Dim } from '../../../src/types/dim.ts';
import type { DType } from '../../../src/types/dtype.ts';

type Sizes = readonly (number | string)[];
type Values = Readonly<Record<string, number | string | readonly number[] | Graph | Tensor>>;

const dimOf = (size: number | string): Dim => (typeof size === 'number' ? intDim(size) : symbolDim({ key: `file:${size}`, name: size, kind: 'foreign' }));

export const weight = (name: string, dims: readonly number[], dtype: DType = 'f32'): Tensor => ({ name, dtype, dims, bytes: undefined });

export function numbers(name: string, values: readonly number[]): Tensor {
  return { name, dtype: 'i64', dims: [values.length], bytes: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) };
}

function attribute(value: Values[string]): Attribute {
  if (typeof value === 'number') return { type: 'int', value: BigInt(value) };
  if (typeof value === 'string') return { type: 'string', value };
  if ('nodes' in value) return { type: 'graph', value };
  if ('dtype' in value) return { type: 'tensor', value };
  return { type: 'ints', value: value.map(BigInt) };
}

export const node = (op: string, inputs: readonly string[], outputs: readonly string[], values: Values = {}, domain = ''): Node => ({
  name: outputs[0]!,
  op,
  domain,
  inputs,
  outputs,
  attributes: new Map(Object.entries(values).map(([name, value]) => [name, attribute(value)])),
});

export interface Made {
  readonly inputs?: Readonly<Record<string, readonly [DType, ...Sizes]>>;
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly weights?: readonly Tensor[];
}

export const graphOf = ({ inputs = {}, outputs, nodes, weights = [] }: Made): Graph => ({
  name: 'g',
  inputs: Object.keys(inputs),
  outputs,
  nodes,
  initializers: new Map(weights.map((tensor) => [tensor.name, tensor])),
  types: new Map(Object.entries(inputs).map(([name, [dtype, ...sizes]]) => [name, { dtype, dims: sizes.map(dimOf) }])),
});

export const modelOf = (made: Made, functions: readonly LocalFunction[] = [], opset = 17): ForeignModel => ({
  uri: 'file',
  size: 0,
  irVersion: 8,
  producer: 'test',
  opsets: new Map([['', opset], ['com.microsoft', 1], ['local', 1], ['acme', 1]]),
  graph: graphOf(made),
  functions,
});
