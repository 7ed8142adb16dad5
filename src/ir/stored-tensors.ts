import type { Graph, Tensor } from './graph.ts';

/** The constants of a graph, in attributes and subgraphs too. */
export function* storedTensors(graph: Graph): Generator<Tensor> {
  yield* graph.initializers.values();
  for (const node of graph.nodes)
    for (const attribute of node.attributes.values()) {
      if (attribute.type === 'tensor') yield attribute.value;
      else if (attribute.type === 'graph') yield* storedTensors(attribute.value);
    }
}
