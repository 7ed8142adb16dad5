/** The values of small tensors whose elements only move: cut out, transposed, repeated, put together. */
import { constantOf, type Dim } from '../../types/dim.ts';
import { mostValues } from './known.ts';
import type { Scalar } from './scalar.ts';

export type Values = readonly (Scalar | undefined)[];

/** Which elements a tensor takes of a flat list, row by row. */
export interface View {
  /** How many along each axis. */
  readonly sizes: readonly number[];
  /** How far apart neighbours along each axis lie; 0 repeats one. */
  readonly strides: readonly number[];
  readonly offset: number;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, n) => all * n, 1);

/** The whole of a tensor; undefined where a size is open. */
export function wholeView(dims: readonly Dim[]): View | undefined {
  const sizes = dims.map(constantOf);
  if (!sizes.every((n) => n !== undefined)) return undefined;
  return { sizes, strides: sizes.map((_, i) => product(sizes.slice(i + 1))), offset: 0 };
}

/** What a view takes of `values`; undefined where that is too much to follow. */
export function viewed(values: Values | undefined, view: View | undefined): Values | undefined {
  if (values === undefined || view === undefined || product(view.sizes) > mostValues) return undefined;
  const from = (axis: number, at: number): Values => {
    const count = view.sizes[axis];
    return count === undefined ? [values[at]] : Array.from({ length: count }, (_, i) => from(axis + 1, at + i * view.strides[axis]!)).flat();
  };
  return product(view.sizes) === 0 ? [] : from(0, view.offset);
}

/** The values of tensors put together along an axis; undefined where one's sizes are open. */
export function joined(tensors: readonly { readonly values: Values; readonly dims: readonly Dim[] }[], axis: number): Values | undefined {
  const views = tensors.map(({ dims }) => wholeView(dims));
  if (!views.every((view) => view !== undefined)) return undefined;
  const rows = product(views[0]?.sizes.slice(0, axis) ?? []);
  const widths = views.map(({ sizes }) => product(sizes.slice(axis)));
  if (rows * widths.reduce((sum, n) => sum + n, 0) > mostValues) return undefined;
  return Array.from({ length: rows }, (_, row) => tensors.flatMap(({ values }, i) => values.slice(row * widths[i]!, (row + 1) * widths[i]!))).flat();
}
