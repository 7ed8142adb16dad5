/** What `mdl inspect` says of an ONNX file. */
import { plural } from '../diagnostics/index.ts';
import type { Node, Tensor, TensorInfo } from '../ir/graph.ts';
import type { OnnxFile } from '../onnx/index.ts';
import { constantOf, showDim } from '../types/dim.ts';
import { bytesOf } from '../types/dtype.ts';
import type { Section } from './inspect.ts';
import { showBytes } from './show-bytes.ts';

interface Described {
  readonly name: string;
  readonly dtype: string | null;
  /** Numbers and names; null where not even the rank is known. */
  readonly dims: readonly (number | string)[] | null;
}

export function describeModel(file: OnnxFile, inner: boolean) {
  const { graph } = file;
  const named = (name: string): Described => describe(name, graph.types.get(name));
  const ports = new Set([...graph.inputs, ...graph.outputs]);
  const weights = [...graph.initializers.values()];
  return {
    format: 'onnx' as const,
    irVersion: file.irVersion,
    producer: file.producer,
    opsets: Object.fromEntries(file.opsets),
    metadata: Object.fromEntries(file.metadata),
    inputs: graph.inputs.map(named),
    outputs: graph.outputs.map(named),
    nodes: graph.nodes.length,
    operators: countOperators(graph.nodes),
    weights: { tensors: weights.length, bytes: weights.reduce((sum, tensor) => sum + sizeOf(tensor), 0) },
    ...(inner
      ? {
          inner: {
            nodes: graph.nodes.map(({ name, op, domain, inputs, outputs }) => ({ name, op: operatorName(op, domain), inputs, outputs })),
            tensors: [...graph.types.keys()].filter((name) => !ports.has(name)).map(named),
            weights: weights.map(({ name, dtype, dims }) => ({ name, dtype, dims })),
          },
        }
      : {}),
  };
}

export function modelSections(model: ReturnType<typeof describeModel>): Section[] {
  const opsets = Object.entries(model.opsets).map(([domain, version]) => `${domain || 'onnx'} ${version}`);
  const about = [
    ['IR version', String(model.irVersion)],
    ['opsets', opsets.join(', ')],
    ...(model.producer === '' ? [] : [['made by', model.producer]]),
    ['weights', `${showBytes(model.weights.bytes)} in ${plural(model.weights.tensors, 'tensor')}`],
    ...Object.entries(model.metadata),
  ];
  const operators = Object.entries(model.operators).map(([name, count]) => [name, String(count)]);
  const typed = (tensors: readonly Described[]) => tensors.map((tensor) => [tensor.name, showType(tensor)]);
  const { inner } = model;
  return [
    { title: 'model', rows: about },
    { title: 'inputs', rows: typed(model.inputs) },
    { title: 'outputs', rows: typed(model.outputs) },
    { title: plural(model.nodes, 'node'), rows: operators },
    ...(inner === undefined
      ? []
      : [
          { title: 'each node', rows: inner.nodes.map((n) => [n.name || '(unnamed)', n.op, `${n.inputs.join(', ')} -> ${n.outputs.join(', ')}`]) },
          { title: 'inner tensors', rows: typed(inner.tensors) },
          { title: 'weights', rows: inner.weights.map((w) => [w.name, `${w.dtype}[${w.dims.join(', ')}]`]) },
        ]),
  ];
}

const describe = (name: string, info: TensorInfo | undefined): Described => ({
  name,
  dtype: info?.dtype ?? null,
  dims: info?.dims?.map((dim) => constantOf(dim) ?? showDim(dim)) ?? null,
});

const showType = ({ dtype, dims }: Described): string => `${dtype ?? '?'}${dims === null ? '' : `[${dims.join(', ')}]`}`;

const operatorName = (op: string, domain: string): string => (domain === '' ? op : `${domain}.${op}`);

/** The commonest first. */
function countOperators(nodes: readonly Node[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { op, domain } of nodes) counts.set(operatorName(op, domain), (counts.get(operatorName(op, domain)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

const sizeOf = ({ bytes, dtype, dims }: Tensor): number =>
  bytes?.length ?? bytesOf(dtype, dims.reduce((product, dim) => product * dim, 1));
