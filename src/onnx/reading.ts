/** What the readers of one file's parts share. */
import type { Wire } from './wire.ts';

export interface Reading {
  readonly wire: Wire;
  readonly values: Set<string>;
  readonly nodes: Set<string>;
  readonly dims: Set<string>;
  readonly operators: Set<string>;
}

export const startReading = (wire: Wire): Reading => ({
  wire,
  values: new Set(),
  nodes: new Set(),
  dims: new Set(),
  operators: new Set(),
});
