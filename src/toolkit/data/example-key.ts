/**
 * What an example says, whatever the format of its file: numbers by their values, texts by their letters, pictures by their files. It tells
 * whether an example of one file stands in another; features, which must not be mistaken, are kept under `rowKey`.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../data/splits.ts';
import { rowOf } from '../../runtime/inputs/elements.ts';
import { fromHalf } from '../../types/half.ts';
import { bytesOf, isCarried } from '../../types/dtype.ts';
import { parseJson } from '../../data/json.ts';
import type { Column } from './table.ts';

/** A key for each row: equal for equal examples, in whatever order their columns come. */
export const exampleKeys = (columns: readonly Column[], rows: number): readonly string[] =>
  Array.from({ length: rows }, (_, row) => columns.map((column) => cellKey(column, row)).sort().join(' '));

/** A row by its numbers, column for column, and what is none of them as a key. */
export function exampleParts(columns: readonly Column[], row: number): { readonly numbers: readonly number[]; readonly rest: string } {
  const cells = columns.map((column) => numbersOf(column, row) ?? cellKey(column, row));
  return { numbers: cells.flatMap((cell) => (typeof cell === 'string' ? [] : cell)), rest: cells.flatMap((cell) => (typeof cell === 'string' ? cell : [])).sort().join(' ') };
}

/** Undefined of a cell that holds anything else. */
function numbersOf(column: Column, row: number): readonly number[] | undefined {
  if (column.kind === 'images') return undefined;
  return column.kind === 'array' ? numbersIn(column.dtype, column.bytes(row, row + 1)) : numbersSaid(column.values.at(row));
}

function cellKey(column: Column, row: number): string {
  if (column.kind === 'values') return valueKey(column.values.at(row));
  if (column.kind === 'array') {
    const numbers = numbersIn(column.dtype, column.bytes(row, row + 1));
    return numbers === undefined ? keyOf(`a${column.dtype}`, column.bytes(row, row + 1)) : numberKey(numbers);
  }
  const digest = column.digest(row);
  return keyOf('i', digest.ok ? digest.value : '');
}

const keyOf = (kind: string, content: string | Uint8Array): string => createHash('sha256').update(`${kind}\n`).update(content).digest('hex');

/** A CSV file holds texts only: those of numbers and of lists of them are what they say. */
function valueKey(value: unknown): string {
  const numbers = numbersSaid(value);
  if (numbers !== undefined) return numberKey(numbers);
  return typeof value === 'string' ? keyOf('t', value) : keyOf('j', canonicalJson(value ?? null));
}

/** A number or a list of them, perhaps as a text. */
function numbersSaid(value: unknown): readonly number[] | undefined {
  const said = typeof value === 'string' ? numeral(value) : value;
  const numbers: unknown[] = [said].flat(Infinity);
  return said !== undefined && numbers.every((item): item is number => typeof item === 'number') ? numbers : undefined;
}

/** What JSON knows as a number or a list: `007` stays a text. */
function numeral(text: string): unknown {
  if (!/^\s*[[\d.+-]/.test(text)) return undefined;
  const json = parseJson(text.trim());
  return json.ok ? json.value : undefined;
}

/**
 * Whole numbers as they are, for ids are too large for single precision; others in single precision, in which most models read them. Of an array
 * of single precision a file of text holds as many digits as tell its numbers apart.
 */
function numberKey(numbers: ArrayLike<number>): string {
  const told = Float64Array.from(numbers, (value) => (Number.isSafeInteger(value) ? value + 0 : Math.fround(value)));
  return keyOf('n', new Uint8Array(told.buffer));
}

type ArrayOf = Extract<Column, { kind: 'array' }>;

/** Undefined of elements that are no numbers here. */
function elementsIn(dtype: ArrayOf['dtype'], bytes: Uint8Array): readonly (number | bigint)[] | undefined {
  const kind = isCarried(dtype) ? rowOf(dtype).array : undefined;
  if (kind === undefined) return undefined;
  // The elements may begin at an odd address, which a typed array does not.
  const elements = [...(new kind(new Uint8Array(bytes).buffer, 0, bytes.length / bytesOf(dtype, 1)) as Iterable<number | bigint>)];
  return dtype === 'f16' ? elements.map((value) => fromHalf(Number(value))) : elements;
}

const numbersIn = (dtype: ArrayOf['dtype'], bytes: Uint8Array): readonly number[] | undefined => elementsIn(dtype, bytes)?.map(Number);

/** A row of a single number as a file of text has it; undefined for any other. */
export function scalarText(column: ArrayOf, row: number): string | undefined {
  const elements = elementsIn(column.dtype, column.bytes(row, row + 1));
  return elements?.length === 1 ? String(elements[0]) : undefined;
}
