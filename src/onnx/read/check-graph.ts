/** What a graph's names must fulfil before anybody builds on it: defined once, defined at all, and not in a circle. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import { definedIn, neededBy } from '../../ir/needs.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import type { OnnxFile } from './file.ts';

/** The first thing that is wrong with the names of a file's graphs, which messages call `file`; undefined where nothing is. */
export function checkGraph({ graph, layout }: Pick<OnnxFile, 'graph' | 'layout'>, file: string): Finding | undefined {
  const at = (index: number): readonly string[] => [`The node lies at byte ${layout.nodes[index]!.start}.`];
  return checkScope(graph, { file, isOuter: () => false, at });
}

interface Scope {
  readonly file: string;
  /** Whether one of the graphs around this one defines a tensor. */
  readonly isOuter: (name: string) => boolean;
  /** Where a node of this graph lies. */
  readonly at: (index: number) => readonly string[];
}

function checkScope(graph: Graph, scope: Scope): Finding | undefined {
  return (
    findDuplicateTensor(graph, scope) ??
    findContradiction(graph, scope) ??
    findDuplicateNode(graph, scope) ??
    findUnknownName(graph, scope) ??
    findCycle(graph, scope) ??
    checkSubgraphs(graph, scope)
  );
}

function findDuplicateTensor(graph: Graph, { file, at }: Scope): Finding | undefined {
  const seen = new Set(graph.initializers.keys());
  for (const name of graph.inputs) {
    if (seen.has(name)) return onnxCodes.finding('onnx-duplicate-name', { file, kind: 'input', name });
    seen.add(name);
  }
  for (const [index, node] of graph.nodes.entries())
    for (const name of node.outputs) {
      if (name === '') continue;
      if (seen.has(name)) return onnxCodes.finding('onnx-duplicate-name', { file, kind: 'tensor', name }, at(index));
      seen.add(name);
    }
  return undefined;
}

/** A constant whose declared type is not the stored one: of two truths, ONNX Runtime takes whichever it meets first. */
function findContradiction(graph: Graph, { file }: Scope): Finding | undefined {
  for (const [name, tensor] of graph.initializers) {
    const declared = graph.types.get(name);
    if (declared === undefined || name === '') continue;
    const { dtype, dims } = declared;
    const sizes = dims?.map(constantOf);
    const fits =
      (dtype === undefined || dtype === tensor.dtype) &&
      (sizes === undefined || (sizes.length === tensor.dims.length && sizes.every((size, axis) => size === undefined || size === tensor.dims[axis])));
    if (fits) continue;
    const shown = `${dtype ?? 'a tensor'}${dims === undefined ? '' : `[${dims.map(showDim).join(', ')}]`}`;
    const reason = `the constant \`${name}\` is declared as ${shown} and stored as ${tensor.dtype}[${tensor.dims.join(', ')}]`;
    return onnxCodes.finding('onnx-inconsistent', { file, reason });
  }
  return undefined;
}

function findDuplicateNode(graph: Graph, { file, at }: Scope): Finding | undefined {
  const seen = new Set<string>();
  for (const [index, { name }] of graph.nodes.entries()) {
    if (name !== '' && seen.has(name))
      return onnxCodes.finding('onnx-duplicate-name', { file, kind: 'node', name }, at(index));
    seen.add(name);
  }
  return undefined;
}

function findUnknownName(graph: Graph, { file, isOuter, at }: Scope): Finding | undefined {
  const defined = definedIn(graph);
  const isKnown = (name: string): boolean => name === '' || defined.has(name) || isOuter(name);
  for (const [index, node] of graph.nodes.entries()) {
    const name = node.inputs.find((input) => !isKnown(input));
    if (name !== undefined)
      return onnxCodes.finding('onnx-unknown-name', { file, name, user: `the node ${showNode(node)}` }, at(index));
  }
  // A node may leave out an output; a graph may not.
  if (graph.outputs.includes('')) return onnxCodes.finding('onnx-inconsistent', { file, reason: `an output of the graph \`${graph.name}\` has no name` });
  const name = graph.outputs.find((output) => !isKnown(output));
  if (name === undefined) return undefined;
  return onnxCodes.finding('onnx-unknown-name', { file, name, user: `an output of the graph \`${graph.name}\`` });
}

/** The reader has ordered the nodes as far as it goes: a need that is met only later lies on a circle or behind one. */
function findCycle(graph: Graph, { file, at }: Scope): Finding | undefined {
  const makers = new Map<string, number>();
  graph.nodes.forEach((node, index) => node.outputs.forEach((name) => name !== '' && makers.set(name, index)));
  const laterMaker = (index: number): number | undefined =>
    [...neededBy(graph.nodes[index]!)]
      .map((name) => makers.get(name))
      .find((maker) => maker !== undefined && maker >= index);
  const start = graph.nodes.findIndex((_, index) => laterMaker(index) !== undefined);
  return start < 0 ? undefined : describeCycle(graph, start, { file, makers, at });
}

interface Circle {
  readonly file: string;
  readonly makers: ReadonlyMap<string, number>;
  readonly at: (index: number) => readonly string[];
}

/** How many nodes of a circle are named. */
const shownNodes = 8;

/** Follows needs backwards from a stuck node until one comes again. */
function describeCycle(graph: Graph, start: number, { file, makers, at }: Circle): Finding | undefined {
  const path = new Set<number>();
  let index: number | undefined = start;
  while (index !== undefined && !path.has(index)) {
    path.add(index);
    const needs: readonly number[] = [...neededBy(graph.nodes[index]!)].flatMap((name) => makers.get(name) ?? []);
    index = needs.find((maker) => maker >= start);
  }
  if (index === undefined) return undefined;
  const steps = [...path];
  const circle = [...steps.slice(steps.indexOf(index)), index].reverse();
  const nodes = circle.slice(0, shownNodes).map((i) => showNode(graph.nodes[i]!));
  return onnxCodes.finding('onnx-cycle', { file, nodes }, at(index));
}

function checkSubgraphs(graph: Graph, scope: Scope): Finding | undefined {
  let defined: ReadonlySet<string> | undefined;
  const isOuter = (name: string): boolean => {
    defined ??= definedIn(graph);
    return defined.has(name) || scope.isOuter(name);
  };
  for (const [index, node] of graph.nodes.entries())
    for (const attribute of node.attributes.values()) {
      if (attribute.type !== 'graph') continue;
      const problem = checkScope(attribute.value, { file: scope.file, isOuter, at: () => scope.at(index) });
      if (problem !== undefined) return problem;
    }
  return undefined;
}

const showNode = (node: Node): string => `\`${node.name || node.outputs[0] || '(unnamed)'}\` (${node.op})`;
