/** What the values of a column could be to an output: a class a row, several labels a row, or numbers. */
import { rowOf } from '../../runtime/inputs/elements.ts';
import { isCarried } from '../../types/dtype.ts';
import { bytesOf } from '../../types/dtype.ts';
import { numberIn } from '../data/columns.ts';
import type { ArrayColumn } from '../data/array-column.ts';
import type { Column } from '../data/table.ts';
import type { Answer } from './output-answers.ts';

export type Holding = 'class' | 'labels' | 'numbers';

/** Undefined where it holds nothing that the output could be judged by. */
export function holdingOf(column: Column, answer: Answer): Holding | undefined {
  if (column.kind === 'images') return undefined;
  const names = answer.classes?.values;
  const found = answer.kind === 'numbers' ? undefined : holdsClasses(column, answer.count === 1 ? 2 : answer.count, names) ? 'class' : holdsLabels(column, answer.count, names) ? 'labels' : undefined;
  if (found !== undefined) return answer.count === 1 && answer.kind === 'labels' ? 'labels' : found;
  return answer.kind === 'numbers' && holdsNumbers(column, answer.count) ? 'numbers' : undefined;
}

/** Whether every value is the name of a class, or its number. */
function holdsClasses(column: Exclude<Column, { kind: 'images' }>, count: number, names: readonly string[] | undefined): boolean {
  const isClass = (value: unknown): boolean => {
    if (typeof value === 'string' && names?.includes(value) === true) return true;
    const number = typeof value === 'bigint' || (typeof value === 'string' && /^\d+$/.test(value)) ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < count;
  };
  if (column.kind === 'values') return [...column.values].every(isClass);
  return widthOf(column) === 1 && elementsOf(column)?.every(isClass) === true;
}

/** Whether every row says of each label that it is there or not, or lists the names of those that are. */
function holdsLabels(column: Exclude<Column, { kind: 'images' }>, count: number, names: readonly string[] | undefined): boolean {
  const isSure = (value: unknown): boolean => value === 0 || value === 1;
  if (column.kind === 'array') return widthOf(column) === count && elementsOf(column)?.every((value) => isSure(Number(value))) === true;
  const rows = [...column.values];
  if (!rows.every((row): row is unknown[] => Array.isArray(row))) return false;
  if (rows.every((row) => row.length === count && row.every(isSure))) return true;
  return names !== undefined && rows.some((row) => row.length > 0) && rows.every((row) => row.every((name) => typeof name === 'string' && names.includes(name)));
}

/** Whether every row is so many numbers. */
function holdsNumbers(column: Exclude<Column, { kind: 'images' }>, count: number): boolean {
  if (column.kind === 'array') return widthOf(column) === count && isCarried(column.dtype);
  for (const value of column.values) {
    const read = typeof value === 'string' ? numberIn(value) : value;
    const row: readonly unknown[] = Array.isArray(read) ? read : [read];
    if (row.length !== count || !row.every((item) => typeof item === 'number')) return false;
  }
  return true;
}

const widthOf = ({ dims }: ArrayColumn): number => dims.reduce((product, dim) => product * dim, 1);

/** The elements as numbers; undefined of dtypes that are none here. Halves are no labels. */
function elementsOf(column: ArrayColumn): (number | bigint)[] | undefined {
  const kind = isCarried(column.dtype) && column.dtype !== 'f16' ? rowOf(column.dtype).array : undefined;
  if (kind === undefined) return undefined;
  const copy = new Uint8Array(column.bytes());
  return Array.from<number | bigint>(new kind(copy.buffer, 0, copy.length / bytesOf(column.dtype, 1)) as ArrayLike<number | bigint>);
}
