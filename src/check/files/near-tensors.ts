/** Which tensors of a file a mistyped name may have been meant for. */
import type { Graph } from '../../ir/graph.ts';
import { definedIn } from '../../ir/needs.ts';
import { editDistance } from '../../text/suggest.ts';

/** A large network has a hundred thousand tensors: only so many are compared letter by letter. */
const compared = 256;
const shown = 3;

/** The nearest names first; none where none is near. The name of a node stands for the first tensor that it makes. */
export function nearTensors(name: string, graph: Graph): string[] {
  const maker = graph.nodes.find((node) => node.name === name)?.outputs.find((output) => output !== '');
  if (maker !== undefined) return [maker];
  const bound = Math.max(1, Math.floor(name.length / 3));
  const likely = [...definedIn(graph)]
    .map((candidate) => ({ candidate, common: commonEnds(name, candidate) }))
    .sort((a, b) => b.common - a.common)
    .slice(0, compared);
  return likely
    .map(({ candidate }) => ({ candidate, distance: editDistance(name, candidate, bound) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, shown)
    .map(({ candidate }) => candidate);
}

/** Letters that two names have in common at their beginnings and at their ends. */
function commonEnds(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let before = 0;
  while (before < most && a[before] === b[before]) before++;
  let behind = 0;
  while (behind < most - before && a[a.length - 1 - behind] === b[b.length - 1 - behind]) behind++;
  return before + behind;
}
