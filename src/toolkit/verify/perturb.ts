/** Examples that are not quite as they were: what G6 asks the heads to bear. The same for the same seed. */
import { createRandom, type Random } from '../../data/random.ts';
import { rowOf } from '../../runtime/inputs/elements.ts';
import { bytesOf, isCarried } from '../../types/dtype.ts';
import { arrayInMemory, rowBytes } from '../data/array-column.ts';
import { numberIn } from '../data/columns.ts';
import type { ImageColumn } from '../data/image-folder.ts';
import type { Column, Table } from '../data/table.ts';
import { changedPictures, somePictures } from './perturb-pictures.ts';

export interface Perturbation {
  /** Behind the name of a head: `topic, with typing errors`. */
  readonly words: string;
  /** The column as it is then; undefined for a column of another kind. */
  apply(column: Column, seed: number): Column | undefined;
}

/** What a perturbation of these words does. */
type ChangeOf = (words: string) => Perturbation['apply'];

/** All that are known. */
export const perturbations: readonly Perturbation[] = Object.entries<ChangeOf>({
  'with typing errors': onTexts((text, random) => onWords(text, random, 0.2, exchangeLetters)),
  'with words left out': onTexts((text, random) => onWords(text, random, 0.1, () => '')),
  'in lower case without punctuation': onTexts((text) => text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, '').replace(/\s+/g, ' ').trim() || text),
  'with noise of 5 % of the deviation': onNumbers(1, (random, { deviation }) => () => 0.05 * deviation * random.normal()),
  'brighter or darker by up to 10 % of the range': onNumbers(2, () => () => 0, (random, range) => 0.1 * (range.high - range.low) * (2 * random.uniform() - 1)),
  'moved by a pixel': onPictures,
}).map(([words, change]) => ({ words, apply: change(words) }));

/** The rows of a table, with these columns in place of its own. */
export function rowsOfTable(table: Table, rows: readonly number[]): Table {
  const columns = new Map([...table.columns].map(([name, column]): [string, Column] => {
    if (column.kind === 'values') return [name, { kind: 'values', values: rows.map((row) => column.values.at(row)) }];
    if (column.kind === 'images') return [name, somePictures(column, rows)];
    const size = rowBytes(column);
    const bytes = new Uint8Array(size * rows.length);
    rows.forEach((row, i) => bytes.set(column.bytes(row, row + 1), i * size));
    return [name, arrayInMemory(column.dtype, column.dims, bytes)];
  }));
  return { ...table, rows: rows.length, columns };
}

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

// ---------------------------------------------------------------- texts

function onTexts(change: (text: string, random: Random) => string): ChangeOf {
  return () => (column, seed) => {
    const values = column.kind === 'values' ? [...column.values] : [];
    if (column.kind !== 'values' || !values.every((value) => typeof value === 'string') || !values.some((value) => /\p{L}{2}/u.test(value))) return undefined;
    const random = createRandom(seed);
    return { kind: 'values', values: values.map((text) => change(text, random)) };
  };
}

/** Words by themselves; a text keeps at least its first one. */
function onWords(text: string, random: Random, share: number, change: (word: string, random: Random) => string): string {
  const changed = text.split(' ').map((word) => (random.uniform() < share ? change(word, random) : word)).filter((word) => word !== '').join(' ');
  return changed === '' ? text : changed;
}

/** Two neighbours in each other's place (Damerau 1964: among the commonest errors). */
function exchangeLetters(word: string, random: Random): string {
  const letters = [...word];
  if (letters.length < 2) return word;
  const at = random.integer(letters.length - 1);
  [letters[at], letters[at + 1]] = [letters[at + 1]!, letters[at]!];
  return letters.join('');
}

// ---------------------------------------------------------------- numbers and pictures

interface Range {
  readonly low: number;
  readonly high: number;
  /** The standard deviation of all elements. */
  readonly deviation: number;
}

type Numbers = Uint8Array | Float32Array | Float64Array;

interface Elements {
  readonly values: Numbers;
  readonly dims: readonly number[];
  readonly put: (values: Float64Array) => Column;
}

/** The elements of an array column whose numbers are measured, not ids. */
function elements(column: Exclude<Column, ImageColumn>): Elements | undefined {
  if (column.kind === 'values') {
    const rows = Array.from(column.values, (value) => (typeof value === 'string' ? numberIn(value) : value));
    if (!rows.every((row): row is readonly number[] => Array.isArray(row) && row.length === (rows[0] as readonly number[]).length && row.every((value) => typeof value === 'number'))) return undefined;
    // Whole numbers may be ids.
    if (rows.every((row) => row.every(Number.isInteger))) return undefined;
    const width = rows[0]?.length ?? 0;
    return { values: Float64Array.from(rows.flat()), dims: [width], put: (values) => ({ kind: 'values', values: rows.map((_, i) => [...values.subarray(i * width, (i + 1) * width)]) }) };
  }
  const { dtype, dims } = column;
  const kind = isCarried(dtype) && (dtype === 'u8' || dtype === 'f32' || dtype === 'f64') ? rowOf(dtype).array : undefined;
  // Bytes in a row may be ids; in a picture they are not.
  if (kind === undefined || dims.length === 0 || (dtype === 'u8' && dims.length < 2)) return undefined;
  const copy = new Uint8Array(column.bytes());
  const values = new kind(copy.buffer, 0, copy.length / bytesOf(dtype, 1)) as Numbers;
  return {
    values,
    dims,
    put: (changed) => {
      const array = new kind(changed.length) as Numbers;
      for (const [i, value] of changed.entries()) array[i] = dtype === 'u8' ? Math.round(value) : value;
      return arrayInMemory(dtype, dims, new Uint8Array(array.buffer));
    },
  };
}

function rangeOf(values: Numbers): Range {
  let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { low, high, deviation: Math.sqrt(Math.max(0, squares / values.length - mean * mean)) };
}

/** What is added to each element, and to each row; within the range that there was, which a contract may ask for. */
function onNumbers(leastRank: number, each: (random: Random, range: Range) => () => number, row?: (random: Random, range: Range) => number): ChangeOf {
  /** One row, whose elements all get what `row` draws. */
  const disturb = (values: Numbers, range: Range, random: Random, add: () => number): Float64Array => {
    const shared = row?.(random, range) ?? 0;
    return Float64Array.from(values, (value) => Math.min(range.high, Math.max(range.low, value + shared + add())));
  };
  return (words) => (column, seed) => {
    if (column.kind === 'images') {
      // A file gives bytes, and any of them. The deviation is that of the picture, so that it is the same picture wherever it stands.
      return changedPictures(column, words, seed, ({ pixels }, random) => {
        const range = { ...rangeOf(pixels), low: 0, high: 255 };
        return disturb(pixels, range, random, each(random, range));
      });
    }
    const found = elements(column);
    if (found === undefined || found.dims.length < leastRank) return undefined;
    const range = rangeOf(found.values);
    const random = createRandom(seed);
    const add = each(random, range);
    return rowByRow(found, (values) => disturb(values, range, random, add));
  };
}

/** Colours are the axis of at most four, at either end. */
const mostColours = 4;

function onPictures(words: string): Perturbation['apply'] {
  return (column, seed) => {
    if (column.kind === 'images') return changedPictures(column, words, seed, ({ pixels, height, width, channels }, random) => moved(pixels, [height, width, channels], random));
    const found = elements(column);
    if (found === undefined || found.dims.length < 2 || found.dims.length > 3) return undefined;
    const random = createRandom(seed);
    return rowByRow(found, (values) => moved(values, found.dims, random));
  };
}

/** A picture moved by at most a pixel each way; the edge stays where nothing is moved in. */
function moved(values: Numbers, dims: readonly number[], random: Random): Float64Array {
  const [a = 1, b = 1, c = 1] = dims;
  const isFirst = dims.length === 3 && a <= mostColours && c > mostColours;
  const [height, width] = isFirst ? [b, c] : [a, b];
  const stride = isFirst ? { y: c, x: 1, colour: b * c, colours: a } : { y: b * c, x: c, colour: 1, colours: c };
  const [down, right] = [random.integer(3) - 1, random.integer(3) - 1];
  const within = (at: number, count: number): number => Math.min(count - 1, Math.max(0, at));
  const result = new Float64Array(values.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let colour = 0; colour < stride.colours; colour++)
        result[y * stride.y + x * stride.x + colour * stride.colour] = values[within(y - down, height) * stride.y + within(x - right, width) * stride.x + colour * stride.colour]!;
  return result;
}

function rowByRow({ values, dims, put }: Elements, change: (row: Numbers) => Float64Array): Column {
  const size = sizeOf(dims);
  const result = new Float64Array(values.length);
  for (let from = 0; from < values.length; from += size) result.set(change(values.subarray(from, from + size)), from);
  return put(result);
}
