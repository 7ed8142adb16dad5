/** Columns of data for what an upgrade runs on them: the inputs of models, and the classes of their outputs. */
import { pathToFileURL } from 'node:url';
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedData } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Host } from '../../host/host.ts';
import type { Location } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import { isCarried, rowOf } from '../../runtime/inputs/elements.ts';
import { bytesOf } from '../../types/dtype.ts';
import { refuse } from '../errors.ts';
import { defaultColumn, labelNames } from '../data/default-column.ts';
import { readTable, type Column, type Table } from '../data/table.ts';

export interface DataChoice {
  /** Of inputs, by what the call says: `pictures=images`. */
  readonly columns: ReadonlyMap<string, string>;
  /** The column of the classes, where the call names it. */
  readonly label: string | undefined;
}

export const dataAt = (path: string, location: Location): CheckedData => ({ name: 'd', uri: path.startsWith('file:') ? path : pathToFileURL(path).href, location });

/** The column that each input reads: the one that is named for it, or its default. */
export function bindInputs(inputs: readonly string[], table: Table, { columns, label }: DataChoice, location: Location): ReadonlyMap<string, string> {
  const known = [...table.columns.keys()];
  return new Map(inputs.map((input) => {
    const wanted = columns.get(input) ?? defaultColumn(input, known, label);
    if (wanted !== undefined && known.includes(wanted)) return [input, wanted];
    const notes = wanted === undefined ? [`\`${input}\` reads the column of its name, the only one beside classes and groups, or \`text\`. Name another: --column ${input}=COLUMN.`] : [];
    return refuse(toolkitCodes.finding('data-column', { file: table.name, column: wanted ?? input, columns: known }, notes), location);
  }));
}

/** For each of these outputs that tells classes apart, the column that holds them; others have none. */
export function bindLabels(model: CheckedModel, outputs: readonly string[], table: Table, { label }: DataChoice): ReadonlyMap<string, string> {
  const known = [...table.columns].filter(([name]) => (label === undefined ? true : name === label)).sort(([a], [b]) => rank(a) - rank(b));
  return new Map(model.outputs.flatMap(({ name, type }) => {
    const last = type.kind === 'tensor' ? type.shape.axes.at(-1) : undefined;
    const count = last && constantOf(last.size);
    const names = last?.classes?.values;
    if (!outputs.includes(name) || count === undefined || (names === undefined && label === undefined)) return [];
    const found = known.find(([, column]) => holdsClasses(column, count, names));
    return found === undefined ? [] : [[name, found[0]] as const];
  }));
}

const rank = (name: string): number => (labelNames.includes(name) ? labelNames.indexOf(name) : labelNames.length);

/** Whether every value is the name of a class, or its number. */
function holdsClasses(column: Column, count: number, names: readonly string[] | undefined): boolean {
  const isClass = (value: unknown): boolean => {
    if (typeof value === 'string' && names?.includes(value) === true) return true;
    const number = typeof value === 'bigint' || (typeof value === 'string' && /^\d+$/.test(value)) ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < count;
  };
  if (column.kind === 'values') return [...column.values].every(isClass);
  if (column.kind === 'images') return false;
  const kind = column.dims.length === 0 && isCarried(column.dtype) && column.dtype !== 'f16' ? rowOf(column.dtype).array : undefined;
  if (kind === undefined) return false;
  const copy = new Uint8Array(column.bytes());
  return Array.from<number | bigint>(new kind(copy.buffer, 0, copy.length / bytesOf(column.dtype, 1)) as ArrayLike<number | bigint>).every(isClass);
}

export const openTable = (data: CheckedData, host: Host): Table => readTable(data, host);
