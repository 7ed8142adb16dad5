/** Columns of a data file as what asks for them takes them: inputs of a model, classes, numbers. */
import { createHash } from 'node:crypto';
import type { Features } from '../../align/index.ts';
import type { CheckedData, ColumnTerm } from '../../check/tools/model.ts';
import { describe, parseJson } from '../../data/json.ts';
import { canonicalJson } from '../../data/splits.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { rowOf } from '../../runtime/inputs/elements.ts';
import type { Model } from '../../runtime/index.ts';
import { suggest } from '../../text/suggest.ts';
import { bytesOf, isCarried } from '../../types/dtype.ts';
import { fromHalf } from '../../types/half.ts';
import { refuse } from '../errors.ts';
import { imageRows } from './image-input.ts';
import { rowBytes, type ArrayColumn } from './array-column.ts';
import { rowsInMemory, wholeOf, type FeatureRows } from './feature-rows.ts';
import type { Values } from './row-values.ts';
import type { Column, Table } from './table.ts';

export type Tables = ReadonlyMap<CheckedData, Table>;

/** The column that a term names; one that is not there is refused, with what was probably meant. */
export function columnOf({ data, column, location }: ColumnTerm, tables: Tables): Column {
  const table = tables.get(data)!;
  const found = table.columns.get(column);
  if (found !== undefined) return found;
  const known = [...table.columns.keys()];
  const near = suggest(column, known);
  const end = { uri: location.uri, span: { start: location.span.end - column.length, end: location.span.end } };
  return refuse(toolkitCodes.finding('data-column', { file: table.name, column, columns: known }), location, {
    label: 'no such column',
    fixes: near === undefined ? [] : [{ title: `write \`${near}\``, edits: [{ location: end, text: near }] }],
  });
}

/** What one example is in these columns, as a digest: equal for equal examples, in whatever file they stand. */
export function rowKey(columns: readonly Column[], row: number): Buffer {
  const hash = createHash('sha256');
  for (const column of columns) {
    if (column.kind === 'values') hash.update(`v${canonicalJson(column.values.at(row) ?? null)}\n`);
    else if (column.kind === 'images') {
      const digest = column.digest(row);
      hash.update(`i${digest.ok ? digest.value : ''}\n`);
    } else hash.update(`a${column.dtype}[${column.dims.join(',')}]\n`).update(column.bytes(row, row + 1));
  }
  return hash.digest();
}

// ---------------------------------------------------------------- inputs of a model

/** What NumPy calls element types that it calls otherwise. */
const numpyNames: Readonly<Record<string, string>> = { f16: 'float16', f32: 'float32', f64: 'float64', i8: 'int8', i16: 'int16', i32: 'int32', i64: 'int64', u8: 'uint8', u16: 'uint16', u32: 'uint32', u64: 'uint64' };

/** The inputs of a run on some rows. A row may be asked for more than once. */
export async function inputsOf(model: Model, columns: ReadonlyMap<string, ColumnTerm>, tables: Tables, rows: readonly number[]): Promise<Record<string, unknown>> {
  const inputs: Record<string, unknown> = {};
  for (const port of model.inputs) {
    const term = columns.get(port.name)!;
    const column = columnOf(term, tables);
    if (column.kind === 'array') inputs[port.name] = arrayRows(column, term, tables, rows, port.tensor?.dtype);
    else if (column.kind === 'images') inputs[port.name] = await imageRows(column, port, term, rows);
    else inputs[port.name] = rows.map((row) => ofShape(inputValue(column.values.at(row), port.tokenizer !== undefined, { term, row, tables }), port.tensor?.dims, { term, row, tables }));
  }
  return inputs;
}

/** @param wanted what the input takes: nothing is cast silently */
function arrayRows(column: ArrayColumn, term: ColumnTerm, tables: Tables, rows: readonly number[], wanted: string | undefined) {
  const { dtype, dims } = column;
  if (wanted !== undefined && wanted !== dtype) refuse(toolkitCodes.finding('data-rows', { file: tables.get(term.data)!.name, reason: `\`${term.column}\` holds ${dtype}, and the input takes ${wanted}` }, [`Nothing is cast silently. Save it as ${wanted}: \`a.astype(${JSON.stringify(numpyNames[wanted] ?? wanted)})\`.`]), term.location);
  const kind = isCarried(dtype) ? rowOf(dtype).array : undefined;
  if (kind === undefined) return refuse(toolkitCodes.finding('data-rows', { file: tables.get(term.data)!.name, reason: `\`${term.column}\` holds ${dtype}, which ONNX Runtime does not take` }), term.location);
  const size = rowBytes(column);
  const bytes = new Uint8Array(size * rows.length);
  rows.forEach((row, i) => bytes.set(column.bytes(row, row + 1), i * size));
  return { dims: [rows.length, ...dims], data: new kind(bytes.buffer, 0, dims.reduce((product, dim) => product * dim, rows.length)) };
}

interface Place {
  readonly term: ColumnTerm;
  readonly row: number;
  readonly tables: Tables;
}

function inputValue(value: unknown, isText: boolean, place: Place): unknown {
  if (isText) return typeof value === 'string' ? value : wrongValue(place, 'a text', value);
  const read = typeof value === 'string' ? numberIn(value) : value;
  if (typeof read === 'number' || Array.isArray(read)) return read;
  const notes = typeof value === 'string' ? noNumber(value) ?? [...textsIn(place), 'Names of classes are what `cross_entropy` takes; texts go into a part whose input has a tokenizer.'] : [];
  return wrongValue(place, 'a number or a list of numbers', value, notes);
}

/** A single number in the place of a vector is told of its row: rows that go through together would be taken for its elements. */
function ofShape(value: unknown, dims: readonly { readonly size: number | string }[] | undefined, place: Place): unknown {
  if (typeof value !== 'number' || dims === undefined || dims.length < 2) return value;
  const size = dims.length === 2 ? dims[1]!.size : undefined;
  const width = typeof size === 'number' ? ` of ${size.toLocaleString('en-US')} numbers` : '';
  return wrongValue(place, `a list${width}`, value, [`A vector stands in one column: in a cell of CSV as \`"[0.5, 1]"\`, in JSONL as \`{"${place.term.column}": [0.5, 1]}\`; or give an .npy file, a row for each example.`]);
}

/** Why a text that was meant as numbers is none; undefined of other texts. */
function noNumber(text: string): readonly string[] | undefined {
  const missing = /(?:^|[[,\s])([-+]?(?:nan|inf(?:inity)?|null|none|n\/a))(?=[\],\s]|$)/i.exec(text)?.[1];
  const isList = text.trimStart().startsWith('[');
  if (missing !== undefined) return [`\`${missing}\` is no number that anything can be learned from: leave the row out, or say what it is.`];
  return isList ? ['A list stands in a cell as JSON has it: `"[0.5, 1]"`, with commas between the numbers.'] : text.trim() === '' ? ['The cell is empty: leave the row out, or say what it is.'] : undefined;
}

/** A CSV file holds texts only: `0.5`, and `[0.5, 1]` for a vector, as JSON has it. */
export function numberIn(text: string): unknown {
  if (!text.trimStart().startsWith('[')) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  const json = parseJson(text);
  return json.ok ? json.value : text;
}

/** Which texts a column holds, where they are so few that they may be names of classes. */
function textsIn({ term, tables }: Place): readonly string[] {
  const column = columnOf(term, tables);
  const found = new Set<string>();
  if (column.kind === 'values')
    for (const value of column.values) if (typeof value === 'string' && found.size <= 100) found.add(value);
  const texts = [...found];
  const shown = texts.slice(0, 5).map((text) => `"${text.slice(0, 40)}"`);
  return texts.length > 100 ? [] : [`The column holds ${texts.length} different texts: ${shown.join(', ')}${texts.length > shown.length ? ` and ${texts.length - shown.length} more` : ''}.`];
}

function wrongValue({ term, row, tables }: Place, needs: string, value: unknown, notes: readonly string[] = []): never {
  const { name: file, lineOf } = tables.get(term.data)!;
  const finding = toolkitCodes.finding('data-value', { file, column: term.column, row: row + 1, line: lineOf?.(row), needs, found: value === undefined ? 'nothing' : typeof value === 'string' ? `"${value.slice(0, 60)}"` : describe(value) }, notes);
  return refuse(finding, term.location);
}

// ---------------------------------------------------------------- classes and numbers

/** What a head tells apart: names, or only their number. */
export interface Classes {
  readonly count: number;
  readonly names?: readonly string[];
}

/** The class of each row by its number. Texts are names of classes, whole numbers are theirs; a column holds one or the other. */
export function classesOf(term: ColumnTerm, { count, names }: Classes, tables: Tables): Uint32Array {
  const column = columnOf(term, tables);
  const { rows } = tables.get(term.data)!;
  const numbers = new Map(names?.map((name, i) => [name, i]));
  // The elements of a wider array would be taken for those of other rows.
  if (column.kind === 'array' && rows > 0 && widthOf(column) !== 1) refuseSeveral(column, count, { term, tables });
  const values = column.kind === 'values' ? column.values : elementsOf(column, term, tables);
  let [firstNamed, firstNumbered] = [-1, -1];
  const classes = Uint32Array.from({ length: rows }, (_, row) => {
    const value = values.at(row);
    const named = typeof value === 'string' ? numbers.get(value) : undefined;
    if (named !== undefined) {
      if (firstNamed < 0) firstNamed = row;
      return named;
    }
    const number = typeof value === 'bigint' || (typeof value === 'string' && /^\d+$/.test(value)) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < count) {
      if (firstNumbered < 0) firstNumbered = row;
      return number;
    }
    const near = typeof value === 'string' && names !== undefined ? suggest(value, names) : undefined;
    const notes = [...(near === undefined ? [] : [`Did you mean "${near}"?`]), ...(Array.isArray(value) ? [aloneNote(value, count)] : []), ...(names === undefined ? [] : [classesAre(names)])];
    return wrongValue({ term, row, tables }, neededOf(count, names, typeof number === 'number' && firstNamed < 0, firstNumbered >= 0), value, notes);
  });
  if (firstNamed >= 0 && firstNumbered >= 0) refuseTwoReadings(values, { firstNamed, firstNumbered }, { term, names: names!, tables });
  return classes;
}

/** A column of numbers is told which numbers would do: it may hold names instead, and not both. */
function neededOf(count: number, names: readonly string[] | undefined, isNumber: boolean, hasNumbers: boolean): string {
  if (names === undefined) return `a class from 0 to ${count - 1}`;
  if (!isNumber) return 'the name of a class';
  return hasNumbers ? `the number of a class, 0 to ${count - 1}` : `the name of a class, or its number, 0 to ${count - 1}`;
}

/** Says that a row of an array holds several numbers, where the class of the row is asked for. */
function refuseSeveral(column: ArrayColumn, count: number, { term, tables }: Omit<Place, 'row'>): never {
  const first = Array.from(elementsOf(column, term, tables, (array) => new Uint8Array(array.bytes(0, 1))), Number);
  const { rows } = tables.get(term.data)!;
  return wrongValue({ term, row: 0, tables }, `one number, a class from 0 to ${count - 1}`, first, [`The array is ${column.dtype}[${[rows, ...column.dims].join(', ')}]. ${aloneNote(first, count)}`]);
}

/** What to do with a row of several values in the place of a class. */
function aloneNote(row: readonly unknown[], count: number): string {
  if (row.length !== count || !row.every((value) => typeof value === 'number' && value >= 0 && value <= 1)) return 'A row has one class. Of texts with a class for each token, let each token be a row.';
  const ones = row.filter((value) => value === 1).length;
  const isOneHot = ones === 1 && row.every((value) => value === 0 || value === 1);
  return isOneHot ? 'It is one-hot: save the place of the 1, `y.argmax(1)`.' : 'Save the place of the largest, `y.argmax(1)`; several labels of a row are what `binary_cross_entropy` takes.';
}

const classesAre = (names: readonly string[]): string => `The classes are ${names.slice(0, 12).map((name) => `"${name}"`).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}.`;

/** Where classes are called "1", "2" and "3", a column of 0, 1 and 2 would be read half as names and half as numbers, and two classes as one. */
function refuseTwoReadings(values: { at(row: number): unknown }, { firstNamed, firstNumbered }: { readonly firstNamed: number; readonly firstNumbered: number }, { term, names, tables }: Omit<Place, 'row'> & { readonly names: readonly string[] }): never {
  const [name, number] = [String(values.at(firstNamed)), Number(values.at(firstNumbered))];
  const notes = [
    `Row ${firstNamed + 1} holds "${name}", which is the name of a class; a column holds names or numbers, and not both.`,
    classesAre(names),
    `Write names in all rows: the class of number ${number}, counted from 0, is called "${names[number]!}".`,
  ];
  return wrongValue({ term, row: firstNumbered, tables }, 'the name of a class, as in other rows', values.at(firstNumbered), notes);
}

/** Numbers of a row. */
const widthOf = ({ dims }: ArrayColumn): number => dims.reduce((product, dim) => product * dim, 1);

/** A column of numbers or of vectors, as what is to be predicted. */
export const numbersOf = (term: ColumnTerm, tables: Tables): Features => wholeOf(numberRowsOf(term, tables));

/** The same, of an array read as it is asked for. */
export function numberRowsOf(term: ColumnTerm, tables: Tables): FeatureRows {
  const column = columnOf(term, tables);
  const { rows } = tables.get(term.data)!;
  if (column.kind === 'values') return Array.isArray(column.values) ? rowsInMemory(vectorsOf(column.values, 0, rows, { term, tables })) : vectorRows(column.values, { term, tables });
  const columns = column.kind === 'array' ? widthOf(column) : 0;
  const single = (elements: ReturnType<typeof elementsOf>): Float32Array => (elements instanceof Float32Array ? elements : Float32Array.from(elements, Number));
  const read = (from: number, to: number): Features => ({ rows: to - from, columns, data: single(elementsOf(column, term, tables, (array) => new Uint8Array(array.bytes(from, to)))) });
  const pick = (picked: ArrayLike<number>): Float32Array => single(elementsOf(column, term, tables, (array) => array.pick(picked)));
  // What is no number is refused at once.
  read(0, Math.min(rows, 1));
  return { rows, columns, read, pick };
}

/** Vectors that are read as they are asked for; all of them have the length of the first. */
function vectorRows(values: Values, column: Omit<Place, 'row'>): FeatureRows {
  const { columns } = vectorsOf(values, 0, Math.min(1, values.length), column);
  return { rows: values.length, columns, read: (from, to) => vectorsOf(values, from, to, { ...column, width: columns }) };
}

function vectorsOf(values: Values, from: number, to: number, { width, ...column }: Omit<Place, 'row'> & { readonly width?: number }): Features {
  const rows = to - from;
  const vectors = Array.from({ length: rows }, (_, i) => {
    const read = inputValue(values.at(from + i), false, { ...column, row: from + i });
    return Array.isArray(read) ? (read as unknown[]) : [read];
  });
  const columns = width ?? vectors[0]!.length;
  const data = new Float32Array(rows * columns);
  vectors.forEach((vector, i) => {
    if (vector.length !== columns || !vector.every((v) => typeof v === 'number')) wrongNumbers(vector, columns, values.at(from + i), { ...column, row: from + i });
    data.set(vector as number[], i * columns);
  });
  return { rows, columns, data };
}

/** A list is told by what in it is no number, and by its length where all are. */
function wrongNumbers(vector: readonly unknown[], columns: number, value: unknown, place: Place): never {
  const other = vector.find((item) => typeof item !== 'number');
  if (other === undefined) return wrongValue(place, `${columns} number${columns === 1 ? '' : 's'}, as in the first row`, value);
  const notes = typeof other === 'string' ? ['A list of names of labels is what `binary_cross_entropy` learns from, and what `accuracy`, `f1` and `auc` judge.'] : [];
  return wrongValue(place, 'numbers', other, notes);
}

type Elements = ArrayLike<number | bigint> & Iterable<number | bigint> & { at(index: number): number | bigint | undefined };

function elementsOf(column: Exclude<Column, { kind: 'values' }>, term: ColumnTerm, tables: Tables, bytesIn = (array: ArrayColumn): Uint8Array => new Uint8Array(array.bytes())): Elements {
  if (column.kind === 'images') return refuse(toolkitCodes.finding('data-rows', { file: tables.get(term.data)!.name, reason: `\`${term.column}\` holds pictures, which are no numbers here` }), term.location);
  const kind = isCarried(column.dtype) ? rowOf(column.dtype).array : undefined;
  if (kind === undefined) return refuse(toolkitCodes.finding('data-rows', { file: tables.get(term.data)!.name, reason: `\`${term.column}\` holds ${column.dtype}, which is no number here` }), term.location);
  // The elements may begin at an odd address, which a typed array does not.
  const copy = bytesIn(column);
  const elements = new kind(copy.buffer as ArrayBuffer, 0, copy.length / bytesOf(column.dtype, 1));
  return column.dtype === 'f16' ? Float32Array.from(elements as Uint16Array, fromHalf) : elements;
}
