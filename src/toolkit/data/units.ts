/**
 * What belongs together and must not be divided between learning and testing: examples with the same `group`, a person or a
 * page; without such a column, equal examples.
 */
import { randomFolds, type Split } from '../../align/index.ts';
import type { ColumnTerm } from '../../check/tools/model.ts';
import { createRandom, permutation } from '../../data/random.ts';
import { partOf } from '../../data/splits.ts';
import { columnOf, rowKey, type Tables } from './columns.ts';

export const groupColumn = 'group';

/** The group of each row, by the column `group` of the first data file; undefined where it has none. */
export function groupsOf(tables: Tables): readonly string[] | undefined {
  const table = [...tables.values()][0];
  const column = table?.columns.get(groupColumn);
  if (table === undefined || column === undefined) return undefined;
  return Array.from({ length: table.rows }, (_, row) => (column.kind === 'values' ? String(column.values.at(row) ?? `row ${row + 1}`) : rowKey([column], row).toString('hex')));
}

/** A key for each row: equal where rows belong together. */
export function unitsOf(terms: Iterable<ColumnTerm>, tables: Tables): readonly string[] {
  const groups = groupsOf(tables);
  if (groups !== undefined) return groups;
  const columns = [...terms].map((term) => columnOf(term, tables));
  const { rows } = [...tables.values()][0]!;
  return Array.from({ length: rows }, (_, row) => rowKey(columns, row).toString('hex'));
}

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

const folds = 5;

/** The fold of each row, those of a unit in one; as equal in size as the units let them be. The same for the same seed; undefined of fewer than 5 units. */
export function foldsOf(units: readonly string[], seed: number): Uint8Array | undefined {
  const different = new Set(units).size;
  if (different < folds) return undefined;
  if (different === units.length) return randomFolds(units.length, seed);
  const rows = new Map<string, number[]>();
  for (const [row, unit] of units.entries()) {
    const known = rows.get(unit);
    if (known === undefined) rows.set(unit, [row]);
    else known.push(row);
  }
  const members = [...rows.values()];
  const order = Array.from(permutation(members.length, createRandom(seed)), (i) => members[i]!);
  const sizes = new Uint32Array(folds);
  const found = new Uint8Array(units.length);
  // The largest first: what comes last evens out.
  for (const unit of order.toSorted((a, b) => b.length - a.length)) {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold]! += unit.length;
    for (const row of unit) found[row] = fold;
  }
  return found;
}

/** Rows to learn from, and a share of them that is held out; those of a unit on one side. */
export function splitOf(units: readonly string[], share: number, seed: number): Split {
  const sides = units.map((unit) => (share === 0 ? 'train' : partOf(unit, { train: 1 - share, held: share }, seed)));
  const rowsIn = (side: string): Uint32Array => Uint32Array.from([...sides.keys()].filter((row) => sides[row] === side));
  return { train: rowsIn('train'), held: rowsIn('held') };
}
