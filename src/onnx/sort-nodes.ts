/** The order of a graph's nodes. */
import type { Graph, Node } from '../ir/graph.ts';

/** Tensors that a node needs from its graph: its inputs, and what its subgraphs take from around them. */
export function neededBy(node: Node): ReadonlySet<string> {
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
export function definedIn(graph: Graph): ReadonlySet<string> {
  const defined = new Set([...graph.inputs, ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const name of node.outputs) defined.add(name);
  return defined;
}

/**
 * Indices of the nodes in an order in which each stands after those whose results it needs, keeping the given order
 * where it can; undefined where the given order is such already. Nodes on a cycle, and after one, are left at the end.
 */
export function sortNodes(graph: Graph): readonly number[] | undefined {
  const makers = new Map<string, number>();
  graph.nodes.forEach((node, index) => node.outputs.forEach((name) => makers.set(name, index)));
  const needs = graph.nodes.map((node) => [
    ...new Set([...neededBy(node)].map((name) => makers.get(name)).filter((maker) => maker !== undefined)),
  ]);
  if (needs.every((before, index) => before.every((maker) => maker < index))) return undefined;
  return settle(needs);
}

/** Kahn's algorithm. */
function settle(needs: readonly (readonly number[])[]): readonly number[] {
  const waiting = needs.map((before) => before.length);
  const users = needs.map((): number[] => []);
  needs.forEach((before, index) => before.forEach((maker) => users[maker]!.push(index)));
  const order = needs.map((_, index) => index).filter((index) => waiting[index] === 0);
  for (let next = 0; next < order.length; next++)
    for (const user of users[order[next]!]!) {
      waiting[user]!--;
      if (waiting[user] === 0) order.push(user);
    }
  const stuck = needs.map((_, index) => index).filter((index) => waiting[index]! > 0);
  return [...order, ...stuck];
}
