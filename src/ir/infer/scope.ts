/** What inference has found so far in a graph, and in those around it. */
import type { Known } from '../../ops/foreign/known.ts';
import { symbolDim, type Dim } from '../../types/dim.ts';
import type { Attribute, ForeignModel, Graph, LocalFunction, Node } from '../graph.ts';

/** How a tensor's type is known: through the operators, or at some place on the file's word. */
export type InferenceEvidence = 'inferred' | 'declared';

export interface Entry {
  readonly known: Known;
  readonly evidence: InferenceEvidence;
}

/** An optional input of a local function that a call leaves out. */
export const omitted: Entry = { known: {}, evidence: 'inferred' };

export interface Scope {
  readonly entries: Map<string, Entry>;
  /** The graph around a subgraph; a local function sees nothing around it. */
  readonly outer: Scope | undefined;
  /** Domain to version. */
  readonly opsets: ReadonlyMap<string, number>;
  /** In a local function: what its attributes are at this call. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** What was found in the subgraphs and functions of its nodes; of a loop in the round that settled it. */
  readonly bodies: Map<Node, Map<Graph, Scope>>;
}

export const openScope = (opsets: Scope['opsets'], attributes: Scope['attributes'] = new Map()): Scope => ({ entries: new Map(), outer: undefined, opsets, attributes, bodies: new Map() });
export const openInner = (outer: Scope): Scope => ({ ...outer, entries: new Map(), outer, bodies: new Map() });

export function keepBody(scope: Scope, node: Node, body: Graph, inner: Scope): void {
  const kept = scope.bodies.get(node) ?? new Map<Graph, Scope>();
  scope.bodies.set(node, kept.set(body, inner));
}

export function lookUp(scope: Scope, name: string): Entry | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const entry = at.entries.get(name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** A size that is negative in no run in which a node takes part, and the first tensor that this node makes. */
export interface Room {
  readonly size: Dim;
  readonly made: string;
}

/** One run over a model. What is left bounds its time on hostile graphs. */
export interface Inference {
  /** By domain, name and overload. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** A size that depends on values or on what is not known. */
  readonly size: () => Dim;
  /** Keys of the sizes that axes of the main graph have: no run has a negative one. */
  readonly sizes: Set<string>;
  /** What windows leave of axes of the main graph. */
  readonly rooms: Room[];
  /** Nodes of subgraphs and local functions that may still be visited. */
  nodesLeft: number;
  /** Elements of small tensors that may still be followed. */
  valuesLeft: number;
  /** How many subgraphs and functions are being visited, each inside the one before. */
  depth: number;
}

export const deepest = 40;

export const functionKey = (domain: string, name: string, overload = ''): string => `${domain}\n${name}\n${overload}`;

export function startInference(model: Pick<ForeignModel, 'uri' | 'functions'>): Inference {
  let count = 0;
  const size = (): Dim => {
    count++;
    return symbolDim({ key: `${model.uri}#${count}`, name: `?${count}`, kind: 'foreign' });
  };
  const functions = new Map(model.functions.map((f) => [functionKey(f.domain, f.name, f.overload), f]));
  return { functions, size, sizes: new Set(), rooms: [], nodesLeft: 200_000, valuesLeft: 4_000_000, depth: 0 };
}
