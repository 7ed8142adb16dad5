/** Columns of data for what an upgrade runs on them: those that the inputs of models read. */
import { pathToFileURL } from 'node:url';
import type { CheckedData } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Host } from '../../host/host.ts';
import type { Location } from '../../text/source.ts';
import { refuse } from '../errors.ts';
import type { LabelChoice } from './bind-labels.ts';
import { defaultColumn } from '../data/default-column.ts';
import { readTable, type Table } from '../data/table.ts';

export interface DataChoice extends LabelChoice {
  /** Of inputs, by what the call says: `pictures=images`. */
  readonly columns: ReadonlyMap<string, string>;
}

export const dataAt = (path: string, location: Location): CheckedData => ({ name: 'd', uri: path.startsWith('file:') ? path : pathToFileURL(path).href, location });

/** The column that each input reads: the one that is named for it, or its default. */
export function bindInputs(inputs: readonly string[], table: Table, { columns, label, labels }: DataChoice, location: Location): ReadonlyMap<string, string> {
  const labelled = new Set([...(label === undefined ? [] : [label]), ...labels.values()]);
  const known = [...table.columns.keys()];
  return new Map(inputs.map((input) => {
    const wanted = columns.get(input) ?? defaultColumn(input, known, labelled);
    if (wanted !== undefined && known.includes(wanted)) return [input, wanted];
    const notes = wanted === undefined ? [`\`${input}\` reads the column of its name, the only one beside classes and groups, or \`text\`. Name another: --column ${input}=COLUMN.`] : [];
    return refuse(toolkitCodes.finding('data-column', { file: table.name, column: wanted ?? input, columns: known }, notes), location);
  }));
}

export const openTable = (data: CheckedData, host: Host): Table => readTable(data, host);
