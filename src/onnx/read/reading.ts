/** What the readers of one file's parts share. */
import type { Graph } from '../../ir/graph.ts';
import type { Field, Wire } from './wire.ts';

export interface Reading {
  readonly wire: Wire;
  readonly values: Set<string>;
  readonly nodes: Set<string>;
  readonly dims: Set<string>;
  readonly operators: Set<string>;
}

/** Reads a graph in an attribute; more than one field where the singular field occurs more than once. */
export type ReadSubgraph = (fields: readonly Field[]) => { readonly graph: Graph; readonly external: boolean };

/** A list without room for more: one that grew by pushing has room for seventeen. */
export const compact = <T>(list: readonly T[]): readonly T[] => list.slice();

export const startReading = (wire: Wire): Reading => ({
  wire,
  values: new Set(),
  nodes: new Set(),
  dims: new Set(),
  operators: new Set(),
});
