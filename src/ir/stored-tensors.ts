import type { ForeignModel, Graph, Tensor } from './graph.ts';

/** The constants of a graph, in attributes and subgraphs too. */
export function* storedTensors(graph: Graph): Generator<Tensor> {
  yield* graph.initializers.values();
  for (const node of graph.nodes)
    for (const attribute of node.attributes.values()) {
      if (attribute.type === 'tensor') yield attribute.value;
      else if (attribute.type === 'graph') yield* storedTensors(attribute.value);
    }
}

/** URIs of a network's file and of those beside it in which its weights lie: together they are what the network is. */
export function filesOfNetwork({ uri, graph, functions }: Pick<ForeignModel, 'uri' | 'graph' | 'functions'>): readonly string[] {
  const files = new Set([uri]);
  for (const own of [graph, ...functions.map((local) => local.graph)])
    for (const { bytes } of storedTensors(own)) if (bytes !== undefined && !(bytes instanceof Uint8Array)) files.add(bytes.uri);
  return [...files];
}
