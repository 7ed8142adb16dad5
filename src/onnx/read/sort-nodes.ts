/** The order of a graph's nodes. */
import type { Graph } from '../../ir/graph.ts';
import { neededBy } from '../../ir/needs.ts';

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
