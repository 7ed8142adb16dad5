/**
 * A data file as columns. `images.*.npy` stands for several files, a column each: what stands for the `*` is its name.
 * A folder whose files are .npy is the same as `FOLDER/*.npy`; one without them is one of pictures.
 */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CheckedData } from '../../check/tools/model.ts';
import { readExamples } from '../../data/dataset.ts';
import { npyHeaderBytes, readNpyLayout } from '../../data/npy.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { dataCodes } from '../../diagnostics/codes/data.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { fail, succeed, type Finding, type Outcome, type Place } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { withSource, type Host } from '../../host/host.ts';
import { nearFile } from '../../names/near-file.ts';
import { relativePath } from '../../text/paths.ts';
import { refuse, valueOf } from '../errors.ts';
import { keptWhole } from '../memory.ts';
import { arrayInFile, type ArrayColumn } from './array-column.ts';
import { rowsInFile, type Values } from './row-values.ts';
import { digestOfPictures, picturesIn, readImageFolder, type ImageColumn } from './image-folder.ts';

/** One column: values as their file holds them, or the rows of an array. */
export type Column =
  | { readonly kind: 'values'; readonly values: Values }
  | ArrayColumn
  | ImageColumn;

export interface Table {
  /** As the user knows the file. */
  readonly name: string;
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** SHA-256 of the file, or of the names and digests of its files. */
  readonly digest: string;
  /** The line of a file of rows that lies in memory on which a row begins, counted from 1. */
  readonly lineOf?: (row: number) => number;
}

/** ``row 6 of `pairs.csv`, line 7`` */
export const placeOfRow = ({ name, lineOf }: Pick<Table, 'name' | 'lineOf'>, row: number): string => `row ${row + 1} of \`${name}\`${lineOf === undefined ? '' : `, line ${lineOf(row)}`}`;

/**
 * Reads a data file; refuses what cannot be read, and what has no rows.
 * @param most bytes of a file of rows that is kept in memory: those of larger ones are read as they are asked for
 */
export function readTable(data: CheckedData, host: Host, most = keptWhole(Infinity)): Table {
  const found = filesOf(data.uri);
  const read = found.kind === 'arrays' ? readArrays(found.arrays, data, host) : found.kind === 'pictures' ? readImageFolder(found.pictures, data.uri, host) : readRows(data, host, most);
  if (!read.ok && read.finding.code === 'file-not-found') refuse(read.finding, data.location, meantFile(data, host));
  const table = valueOf(read, data.location);
  if (table.rows === 0) refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: 'it has no rows' }), data.location);
  return table;
}

/** A file of the same folder whose name is like that of one that is not there. */
function meantFile({ uri, location }: CheckedData, host: Host): Place {
  const written = relativePath(uri, location.uri);
  const near = nearFile(written.startsWith('.') ? written : `./${written}`, location.uri, host);
  return mistyped(near === undefined ? undefined : JSON.stringify(near), location, 'not found');
}

/** The digest of a data file that is not read; "" where there is none. */
export function digestOfData(uri: string, host: Host): string {
  const digestOf = (file: string): string => {
    const digest = host.sha256(file);
    return digest.ok ? digest.value : '';
  };
  const found = filesOf(uri);
  if (found.kind === 'rows') return digestOf(uri);
  if (found.kind === 'arrays') return found.arrays.length === 0 ? '' : digestOfArrays(found.arrays.map((file) => [file.column, digestOf(file.uri)]));
  const digest = digestOfPictures(found.pictures, uri, host);
  return digest.ok ? digest.value : '';
}

type DataFiles = { readonly kind: 'rows' } | { readonly kind: 'arrays'; readonly arrays: readonly NamedFile[] } | { readonly kind: 'pictures'; readonly pictures: readonly string[] };

/** What a data file is: a folder without .npy files is one of pictures. */
function filesOf(uri: string): DataFiles {
  const arrays = arrayFiles(uri);
  if (arrays === undefined) return { kind: 'rows' };
  const isFolder = statSync(fileURLToPath(uri), { throwIfNoEntry: false })?.isDirectory() === true;
  const pictures = isFolder && arrays.length === 0 ? picturesIn(uri) : [];
  return pictures.length > 0 ? { kind: 'pictures', pictures } : { kind: 'arrays', arrays };
}

const digestOfArrays = (files: readonly (readonly [column: string, sha256: string])[]): string =>
  createHash('sha256').update(files.map(([column, sha256]) => `${column} ${sha256}\n`).join('')).digest('hex');

// ---------------------------------------------------------------- files of rows

function readRows({ uri, location }: CheckedData, host: Host, most: number): Outcome<Table> {
  return withSource(host, uri, (source) => {
    if (source.size > most) {
      const file = rowsInFile((read) => valueOf(withSource(host, uri, (again) => succeed(read(again)), unreadable), location));
      const sha256 = host.sha256(uri);
      if (!sha256.ok) return sha256;
      if (file !== undefined) return succeed({ name: host.display(uri), rows: file.rows, columns: new Map([...file.columns].map(([name, values]): [string, Column] => [name, { kind: 'values', values }])), digest: sha256.value });
    }
    const values = new Map<string, unknown[]>();
    const lines: number[] = [];
    let rows = 0;
    for (const example of readExamples(source)) {
      if (!example.ok) return example;
      for (const [name, value] of Object.entries(example.value.fields)) {
        let column = values.get(name);
        if (column === undefined) values.set(name, (column = []));
        // Rows that lack a field have no value there.
        column[rows] = value;
      }
      lines.push(example.value.at);
      rows += 1;
    }
    const digest = host.sha256(uri);
    if (!digest.ok) return digest;
    const columns = new Map([...values].map(([name, column]): [string, Column] => [name, { kind: 'values', values: Array.from({ length: rows }, (_, i) => column[i]) }]));
    return succeed({ name: host.display(uri), rows, columns, digest: digest.value, lineOf: (row) => lines[row]! });
  }, unreadable);
}

// ---------------------------------------------------------------- arrays

interface NamedFile {
  readonly column: string;
  readonly uri: string;
}

/** The .npy files of a pattern or a folder; undefined where the data are one file of rows. */
function arrayFiles(uri: string): readonly NamedFile[] | undefined {
  const file = fileURLToPath(uri);
  const folder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
  const pattern = folder ? path.join(file, '*.npy') : file;
  const name = path.basename(pattern);
  const star = name.indexOf('*');
  if (star < 0) return file.endsWith('.npy') ? [{ column: path.basename(file, '.npy'), uri }] : undefined;
  const [before, after] = [name.slice(0, star), name.slice(star + 1)];
  const names = listFolder(path.dirname(pattern)).filter((entry) => entry.length > before.length + after.length && entry.startsWith(before) && entry.endsWith(after));
  return names.map((entry) => ({
    column: entry.slice(before.length, entry.length - after.length),
    uri: pathToFileURL(path.join(path.dirname(pattern), entry)).href,
  }));
}

function listFolder(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).sort() : [];
}

function readArrays(files: readonly NamedFile[], { uri, location }: CheckedData, host: Host): Outcome<Table> {
  const name = host.display(uri);
  if (files.length === 0) return fail(fileCodes.finding('file-not-found', { path: name }, ['`*` stands for the name of a column: `test.*.npy` reads `test.images.npy` as the column `images`. A folder holds .npy files, or pictures, which may lie in folders that name their class.']));
  const digests: [string, string][] = [];
  const columns = new Map<string, Column>();
  let first: { readonly column: string; readonly rows: number } | undefined;
  for (const { column, uri: file } of files) {
    const array = withSource(host, file, (source) => readNpyLayout(source.read(0, Math.min(source.size, npyHeaderBytes)), source.size, file), unreadable);
    if (!array.ok) return array;
    const { dtype, dims: [rows, ...dims], start } = array.value;
    if (rows === undefined) return fail(dataCodes.finding('npy-unsupported', { file: host.display(file), reason: 'it holds a single number, and examples are rows: `np.atleast_1d(a)` is an array of one row' }));
    first ??= { column, rows };
    if (rows !== first.rows) return fail(toolkitCodes.finding('data-rows', { file: name, reason: `\`${first.column}\` has ${first.rows} rows and \`${column}\` has ${rows}` }));
    const sha256 = host.sha256(file);
    if (!sha256.ok) return sha256;
    digests.push([column, sha256.value]);
    // A file that was well a moment ago, and is not any more, ends the tool.
    columns.set(column, arrayInFile({ dtype, dims, rows, start, open: (read) => valueOf(withSource(host, file, (source) => succeed(read(source)), unreadable), location) }));
  }
  return succeed({ name, rows: first!.rows, columns, digest: digestOfArrays(digests) });
}

const unreadable = (file: string, reason: string): Finding => dataCodes.finding('data-unreadable', { file, reason });
