/** A foreign graph in which some inner tensors are given from outside: what makes them otherwise is left out. */
import type { ForeignModel, Graph } from '../graph.ts';
import { inferModel, inferredModel, type InferredGraph } from './index.ts';

export interface CutModel {
  readonly model: ForeignModel;
  readonly inferred: InferredGraph;
}

const known = new WeakMap<ForeignModel, Map<string, CutModel>>();

/** The tensors have the dtypes and shapes that they had, but none of the values. Found out once for each header and choice of tensors. */
export function cutModel(model: ForeignModel, tensors: readonly string[]): CutModel {
  if (tensors.length === 0) return { model, inferred: inferredModel(model) };
  const cuts = known.get(model) ?? new Map<string, CutModel>();
  known.set(model, cuts);
  const key = JSON.stringify(tensors.toSorted());
  const found = cuts.get(key) ?? cut(model, new Set(tensors));
  cuts.set(key, found);
  return found;
}

function cut(model: ForeignModel, tensors: ReadonlySet<string>): CutModel {
  const before = inferredModel(model).tensors;
  const graph = withInputs(model.graph, tensors);
  const opened = { ...model, graph };
  const inputs = new Map([...tensors].map((name) => [name, { dtype: before.get(name)?.dtype, dims: before.get(name)?.dims }]));
  return { model: opened, inferred: inferModel(opened, { inputs }) };
}

/** "" is an output that nobody asks for. */
function withInputs(graph: Graph, tensors: ReadonlySet<string>): Graph {
  const nodes = graph.nodes.map((node) => (node.outputs.some((name) => tensors.has(name)) ? { ...node, outputs: node.outputs.map((name) => (tensors.has(name) ? '' : name)) } : node));
  const initializers = new Map([...graph.initializers].filter(([name]) => !tensors.has(name)));
  return { ...graph, inputs: [...graph.inputs, ...[...tensors].filter((name) => !graph.inputs.includes(name))], nodes, initializers };
}
