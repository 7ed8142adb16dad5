/** The rows of a `golden` declaration: inputs of the model with the outputs that they had, as JSON carries them. */
import type { CheckedGolden } from '../../check/tools/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Host } from '../../host/host.ts';
import { rowOf } from '../../runtime/inputs/elements.ts';
import { suggest } from '../../text/suggest.ts';
import { isCarried } from '../../types/dtype.ts';
import { fromHalf } from '../../types/half.ts';
import { refuse } from '../errors.ts';
import { readTable, type Column } from '../data/table.ts';

/** Golden rows are run before a head takes traffic: as many as that may take. */
const mostRows = 1000;

export interface RecordedRow {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Every column of the file has to be an input or an output of the model, and every input a column. A row has one or more outputs. */
export function goldenRows({ data, location }: CheckedGolden, model: CheckedModel, host: Host): readonly RecordedRow[] {
  const [file] = data;
  const table = readTable(file!, host);
  const [inputs, outputs] = [model.inputs, model.outputs].map((ports) => ports.map(({ name }) => name)) as [string[], string[]];
  const columns = [...table.columns.keys()];
  const lacking = inputs.find((name) => !columns.includes(name));
  if (lacking !== undefined) refuse(toolkitCodes.finding('data-column', { file: table.name, column: lacking, columns }, [`A column of this name holds the values of the input \`${lacking}\`.`]), file!.location);
  const unknown = columns.find((name) => !inputs.includes(name) && !outputs.includes(name));
  if (unknown !== undefined) {
    const near = suggest(unknown, [...inputs, ...outputs]);
    const reason = `\`${model.name}\` has no input or output \`${unknown}\``;
    refuse(toolkitCodes.finding('data-rows', { file: table.name, reason }, near === undefined ? [] : [`Did you mean \`${near}\`?`]), file!.location);
  }
  if (!columns.some((name) => outputs.includes(name))) refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: `none of its columns is an output of \`${model.name}\`: ${outputs.map((name) => `\`${name}\``).join(', ')}` }), file!.location);
  if (table.rows > mostRows) refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: `it has ${table.rows} rows, more than the ${mostRows} that are run before a head takes traffic` }), location);
  const valuesOf = new Map([...table.columns].map(([name, column]) => [name, jsonValues(column, table.rows, name)]));
  const pick = (names: readonly string[], row: number): Record<string, unknown> => Object.fromEntries(names.flatMap((name) => (valuesOf.has(name) ? [[name, valuesOf.get(name)![row]]] : [])));
  return Array.from({ length: table.rows }, (_, row) => {
    const missing = inputs.find((name) => valuesOf.get(name)![row] === undefined);
    if (missing !== undefined) refuse(toolkitCodes.finding('data-value', { file: table.name, column: missing, row: row + 1, needs: `the input \`${missing}\``, found: 'nothing' }), file!.location);
    const recorded = outputs.filter((name) => valuesOf.get(name)?.[row] !== undefined);
    const empty = recorded.find((name) => valuesOf.get(name)![row] === null);
    if (empty !== undefined) refuse(toolkitCodes.finding('data-value', { file: table.name, column: empty, row: row + 1, needs: `what the output \`${empty}\` was`, found: 'null' }, ['Where it is not known, leave it out: a row records the outputs that it names.']), file!.location);
    if (recorded.length === 0) refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: `its row ${row + 1} records no output of \`${model.name}\`: ${outputs.map((name) => `\`${name}\``).join(', ')}` }), file!.location);
    return { inputs: pick(inputs, row), outputs: pick(recorded, row) };
  });

  function jsonValues(column: Column, rows: number, name: string): readonly unknown[] {
    if (column.kind === 'values') return [...column.values];
    if (column.kind === 'images') return refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: `\`${name}\` holds pictures, and a golden batch is written as numbers` }), file!.location);
    const { dtype, dims, bytes } = column;
    if (!isCarried(dtype) || dtype === 'string') return refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: `\`${name}\` holds ${dtype}, which JSON does not carry` }), file!.location);
    // The elements may begin at an odd address, which a typed array does not.
    const kind = rowOf(dtype).array!;
    const elements = new kind(new Uint8Array(bytes()).buffer, 0, dims.reduce((product, dim) => product * dim, rows));
    const numbers = Array.from(elements as ArrayLike<number | bigint>, (value) => (dtype === 'f16' ? fromHalf(Number(value)) : Number(value)));
    return nest(numbers, [rows, ...dims]) as unknown[];
  }
}

/** Row-major numbers as lists in lists. */
function nest(numbers: readonly number[], [size = 1, ...inner]: readonly number[]): unknown {
  const step = numbers.length / Math.max(1, size);
  return Array.from({ length: size }, (_, i) => (inner.length === 0 ? numbers[i] : nest(numbers.slice(i * step, (i + 1) * step), inner)));
}
