/**
 * What belongs together and must not be divided between learning and testing: examples with the same `group`, a person or a
 * page; without such a column, equal examples.
 */
import { groupRows, type RowGroups, type Split } from '../../align/index.ts';
import type { ColumnTerm } from '../../check/tools/model.ts';
import { partOf } from '../../data/splits.ts';
import { columnOf, rowKey, type Tables } from './columns.ts';
import { scalarText } from './example-key.ts';

export const groupColumn = 'group';

/** The group of each row, by the column `group` of the first data file; undefined where it has none. */
export function groupsOf(tables: Tables): readonly string[] | undefined {
  const table = [...tables.values()][0];
  const column = table?.columns.get(groupColumn);
  if (table === undefined || column === undefined) return undefined;
  // A group has the same name in every file format: that of a fit may be one of a verification.
  const nameOf = (row: number): string | undefined => (column.kind === 'values' ? String(column.values.at(row) ?? `row ${row + 1}`) : column.kind === 'array' ? scalarText(column, row) : undefined);
  return Array.from({ length: table.rows }, (_, row) => nameOf(row) ?? rowKey([column], row).toString('hex'));
}

/** A key for each row: equal where rows belong together. */
export function unitsOf(terms: Iterable<ColumnTerm>, tables: Tables): readonly string[] {
  const groups = groupsOf(tables);
  if (groups !== undefined) return groups;
  const columns = [...terms].map((term) => columnOf(term, tables));
  const { rows } = [...tables.values()][0]!;
  return Array.from({ length: rows }, (_, row) => rowKey(columns, row).toString('hex'));
}

/** The same by number, for what counts and draws; undefined where each row stands alone. */
export const togetherOf = (units: readonly string[], isByColumn: boolean): RowGroups | undefined => groupRows(units, isByColumn ? 'groups' : 'different examples');

/** How many examples differ, whatever groups they stand in. */
export function differentOf(units: readonly string[], terms: Iterable<ColumnTerm>, tables: Tables): number {
  if (groupsOf(tables) === undefined) return new Set(units).size;
  const columns = [...terms].map((term) => columnOf(term, tables));
  return new Set(units.map((_, row) => rowKey(columns, row).toString('latin1'))).size;
}

/** The unit of each row, and its fold: that of its unit. */
export interface Divided {
  readonly units: readonly string[];
  /** Examples that differ. */
  readonly different: number;
  readonly folds: Uint8Array;
}

/** Rows to learn from, and a share of them that is held out; those of a unit on one side. */
export function splitOf(units: readonly string[], share: number, seed: number): Split {
  const sides = units.map((unit) => (share === 0 ? 'train' : partOf(unit, { train: 1 - share, held: share }, seed)));
  const rowsIn = (side: string): Uint32Array => Uint32Array.from([...sides.keys()].filter((row) => sides[row] === side));
  return { train: rowsIn('train'), held: rowsIn('held') };
}
