/** Columns that are aimed at, as a loss takes them: rows of numbers. */
import type { ColumnTerm } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { suggest } from '../../text/suggest.ts';
import { classesOf, columnOf, numbersOf, type Classes, type Tables } from './columns.ts';
import { refuse } from '../errors.ts';
import type { Values } from './row-values.ts';
import type { Column } from './table.ts';

export interface Target {
  /** Numbers of a row. */
  readonly width: number;
  readonly data: Float32Array;
}

export interface ClassOptions {
  /** The share that goes to all classes alike (Szegedy et al. 2016). */
  readonly smoothing: number;
  /** Whether each class counts as much as another, however many rows it has. */
  readonly balanced: boolean;
}

/** A row of the share of each class, times the weight of the row's own. */
export function classTarget(term: ColumnTerm, classes: Classes, { smoothing, balanced }: ClassOptions, tables: Tables): Target {
  const labels = classesOf(term, classes, tables);
  const { count } = classes;
  const counts = new Uint32Array(count);
  for (const label of labels) counts[label]! += 1;
  const seen = counts.filter((number) => number > 0).length;
  const data = new Float32Array(labels.length * count);
  labels.forEach((label, row) => {
    // Weights whose mean over all rows is 1.
    const weight = balanced ? labels.length / (seen * counts[label]!) : 1;
    data.fill((weight * smoothing) / count, row * count, (row + 1) * count);
    data[row * count + label]! += weight * (1 - smoothing);
  });
  return { width: count, data };
}

/** A row of 0 and 1 for each of several labels: given as numbers, or as a list of the names of those that are there. */
export function labelTarget(term: ColumnTerm, { count, names }: Classes, tables: Tables): Target {
  const column = columnOf(term, tables);
  const isNamed = column.kind === 'values' && holdsNames(column.values);
  const data = isNamed && names !== undefined ? namedLabels(column.values, names, term, tables) : numbersOf(term, tables).data;
  const rows = tables.get(term.data)!.rows;
  const wrong = data.length === rows * count ? data.findIndex((value) => !(value >= 0 && value <= 1)) : 0;
  if (wrong < 0) return { width: count, data };
  const found = data.length === rows * count ? String(data[wrong]) : `${data.length / rows} numbers`;
  return wrongLabels(term, Math.floor(wrong / count), `${count} numbers from 0 to 1${names === undefined ? '' : ', or a list of names'}`, found, tables);
}

/** Whether a row says several things of an example: names or numbers in a list. */
export function holdsLists(column: Column): boolean {
  if (column.kind === 'array') return column.dims.reduce((product, dim) => product * dim, 1) > 1;
  if (column.kind === 'images') return false;
  for (const value of column.values) if (Array.isArray(value)) return true;
  return false;
}

export function holdsNames(values: Values): boolean {
  for (const value of values) if (Array.isArray(value) && value.some((item) => typeof item === 'string')) return true;
  return false;
}

function namedLabels(values: Values, names: readonly string[], term: ColumnTerm, tables: Tables): Float32Array {
  const places = new Map(names.map((name, i) => [name, i]));
  const data = new Float32Array(values.length * names.length);
  for (let row = 0; row < values.length; row++) {
    const value = values.at(row);
    for (const name of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const place = typeof name === 'string' ? places.get(name) : undefined;
      if (place === undefined) return wrongLabels(term, row, 'a list of names of labels', typeof name === 'string' ? `"${name}"` : String(name), tables, typeof name === 'string' ? suggest(name, names) : undefined);
      data[row * names.length + place] = 1;
    }
  }
  return data;
}

function wrongLabels(term: ColumnTerm, row: number, needs: string, found: string, tables: Tables, near?: string): never {
  const notes = near === undefined ? [] : [`Did you mean "${near}"?`];
  return refuse(toolkitCodes.finding('data-value', { file: tables.get(term.data)!.name, column: term.column, row: row + 1, line: tables.get(term.data)!.lineOf?.(row), needs, found }, notes), term.location);
}
