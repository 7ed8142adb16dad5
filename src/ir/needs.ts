/** What the nodes of a graph need from it. */
import type { Graph, Node } from './graph.ts';

const known = new WeakMap<Node, ReadonlySet<string>>();

/** Tensors that a node needs from its graph: its inputs, and what its subgraphs take from around them. Found out once for each node. */
export function neededBy(node: Node): ReadonlySet<string> {
  const needed = known.get(node) ?? needsOf(node);
  known.set(node, needed);
  return needed;
}

function needsOf(node: Node): ReadonlySet<string> {
  const needed = new Set(node.inputs);
  for (const attribute of node.attributes.values())
    if (attribute.type === 'graph') for (const name of capturesOf(attribute.value)) needed.add(name);
  needed.delete('');
  return needed;
}

/** Names that a subgraph uses and does not define. */
export function capturesOf(graph: Graph): ReadonlySet<string> {
  const used = new Set(graph.outputs);
  for (const node of graph.nodes) for (const name of neededBy(node)) used.add(name);
  for (const name of definedIn(graph)) used.delete(name);
  return used;
}

/** Names that a graph defines: its inputs, its constants, and its nodes' outputs. */
export function definedIn(graph: Graph): Set<string> {
  const defined = new Set([...graph.inputs, ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const name of node.outputs) defined.add(name);
  defined.delete('');
  return defined;
}

/** The part of a graph that some of its tensors need. */
export interface Reach {
  /** Indices of nodes. */
  readonly nodes: ReadonlySet<number>;
  /** All tensors met: the wanted ones, and what the nodes need. */
  readonly values: ReadonlySet<string>;
}

/** Walks from the `wanted` tensors to what they are made of; it ends at those that are `fed`, and looks at nothing behind them. */
export function reach(graph: Graph, wanted: Iterable<string>, fed: { has(name: string): boolean }): Reach {
  const makers = new Map<string, number>();
  graph.nodes.forEach((node, index) => node.outputs.forEach((name) => makers.set(name, index)));
  const nodes = new Set<number>();
  const values = new Set(wanted);
  // A set that grows while it is walked.
  for (const name of values) {
    const maker = fed.has(name) ? undefined : makers.get(name);
    if (maker === undefined || nodes.has(maker)) continue;
    nodes.add(maker);
    for (const needed of neededBy(graph.nodes[maker]!)) values.add(needed);
  }
  return { nodes, values };
}
