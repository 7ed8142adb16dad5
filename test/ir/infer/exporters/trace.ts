/** Graphs written node by node, as tracing exporters write them: every size comes from a Shape, and goes into a list. */
import type { onnx } from 'onnx-proto';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, valueInfo, type Dims } from '../../../onnx/models.ts';

export type AttributeOf = number | string | readonly number[] | { readonly floats: readonly number[] } | { readonly float: number } | onnx.IGraphProto | onnx.ITensorProto;

export interface TracedInput {
  readonly name: string;
  readonly dims: Dims;
  /** Integers below `below` where it is given, else numbers. */
  readonly below?: number;
}

export const int64 = (name: string, values: readonly number[], dims: readonly number[] = [values.length]): onnx.ITensorProto => ({
  name,
  dims: [...dims],
  dataType: dataTypes.INT64,
  rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
});

function attribute(name: string, value: AttributeOf): onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: attributeTypes.INT, i: value };
  if (typeof value === 'string') return { name, type: attributeTypes.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: attributeTypes.INTS, ints: [...(value as readonly number[])] };
  if ('floats' in value) return { name, type: attributeTypes.FLOATS, floats: [...value.floats] };
  if ('float' in value) return { name, type: attributeTypes.FLOAT, f: value.float };
  if ('dims' in value) return { name, type: attributeTypes.TENSOR, t: value };
  return graphAttribute(name, value as onnx.IGraphProto);
}

/** A value of the graph is its name; a number where a tensor of sizes is taken is a constant. */
export interface Trace {
  readonly op: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeOf>>, outputs?: number) => string;
  readonly ops: (op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeOf>>, outputs: number) => readonly string[];
  readonly weight: (...dims: readonly number[]) => string;
  readonly number: (value: number) => string;
  readonly list: (...values: readonly number[]) => string;
  readonly whole: (value: number) => string;
  /** One size of a tensor, as a number without axes. */
  readonly size: (x: string, axis: number) => string;
  readonly sizes: (...items: readonly (string | number)[]) => string;
  readonly reshape: (x: string, ...items: readonly (string | number)[]) => string;
  readonly slice: (x: string, axis: number, from: string | number, to: string | number, step?: number) => string;
  readonly linear: (x: string, from: number, to: number) => string;
  readonly conv: (x: string, from: number, to: number, kernel: number | readonly number[], attributes?: Readonly<Record<string, AttributeOf>>) => string;
  readonly norm: (x: string, width: number) => string;
}

export const endless = 2 ** 53 - 1;

/** `write` makes the graph and answers with its outputs. */
export function traced(inputs: readonly TracedInput[], write: (t: Trace) => readonly string[], opset = 14): Uint8Array {
  const nodes: onnx.INodeProto[] = [];
  const stored: onnx.ITensorProto[] = [];
  const store = (tensor: onnx.ITensorProto): string => {
    stored.push({ ...tensor, name: `c${stored.length}` });
    return stored.at(-1)!.name!;
  };
  const ops: Trace['ops'] = (op, given, attributes, outputs) => {
    const names = Array.from({ length: outputs }, (_, i) => `t${nodes.length}_${i}`);
    nodes.push(node(op, given, names, { attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)) }));
    return names;
  };
  const op: Trace['op'] = (name, given, attributes = {}, outputs = 1) => ops(name, given, attributes, outputs)[0]!;
  let seed = 0;
  const weight: Trace['weight'] = (...dims) => store(floats('', dims, Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => Math.sin(++seed * 12.9898) * 0.5)));
  const list: Trace['list'] = (...values) => store(int64('', values));
  const whole: Trace['whole'] = (value) => store(int64('', [value], []));
  const size: Trace['size'] = (x, axis) => op('Gather', [op('Shape', [x]), whole(axis)], { axis: 0 });
  const asList = (item: string | number): string => (typeof item === 'number' ? list(item) : opset < 13 ? op('Unsqueeze', [item], { axes: [0] }) : op('Unsqueeze', [item, list(0)]));
  const sizes: Trace['sizes'] = (...items) => op('Concat', items.map(asList), { axis: 0 });
  const slice: Trace['slice'] = (x, axis, from, to, step = 1) => op('Slice', [x, asList(from), asList(to), list(axis), list(step)]);
  const linear: Trace['linear'] = (x, from, to) => op('Add', [op('MatMul', [x, weight(from, to)]), weight(to)]);
  const conv: Trace['conv'] = (x, from, to, kernel, attributes = {}) => {
    const shape = typeof kernel === 'number' ? [kernel, kernel] : kernel;
    const group = typeof attributes['group'] === 'number' ? attributes['group'] : 1;
    return op('Conv', [x, weight(to, from / group, ...shape), weight(to)], { kernel_shape: shape, ...attributes });
  };
  const number: Trace['number'] = (value) => store(floats('', [], [value]));
  const mean = (x: string): string => (opset < 18 ? op('ReduceMean', [x], { axes: [-1] }) : op('ReduceMean', [x, list(-1)]));
  // In small operators, as before opset 17.
  const norm: Trace['norm'] = (x, width) => {
    if (opset >= 17) return op('LayerNormalization', [x, weight(width), weight(width)], { axis: -1 });
    const centred = op('Sub', [x, mean(x)]);
    const deviation = op('Sqrt', [op('Add', [mean(op('Pow', [centred, number(2)])), number(1e-5)])]);
    return op('Add', [op('Mul', [op('Div', [centred, deviation]), weight(width)]), weight(width)]);
  };
  const outputs = write({ op, ops, weight, number, list, whole, size, sizes, reshape: (x, ...items) => op('Reshape', [x, sizes(...items)]), slice, linear, conv, norm });
  return encodeModel(
    { node: nodes, initializer: stored, input: inputs.map(({ name, dims, below }) => valueInfo(name, dims, below === undefined ? dataTypes.FLOAT : dataTypes.INT64)), output: outputs.map((name) => ({ name })) },
    { irVersion: 10, opsetImport: [{ domain: '', version: opset }] },
  );
}
