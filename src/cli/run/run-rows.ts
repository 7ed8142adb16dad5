/** A model's answers, row by row. */
import type { ManifestTensor } from '../../bundle/manifest.ts';
import { harmless, sliceColumns, widthOf } from '../../diagnostics/columns.ts';
import type { Model, TensorOutput } from '../../runtime/index.ts';
import { memberAt } from '../../types/fields.ts';
import { styleOf, type Io } from '../io.ts';
import type { Asked } from './run-inputs.ts';

/** The answers to one text or picture, or to one row of the inputs. */
export interface Row {
  readonly text?: string;
  /** The path of a picture, as the call writes it. */
  readonly image?: string;
  /** By output, `name.field` for the fields of a record. Without the axis of rows, where there is one. */
  readonly outputs: ReadonlyMap<string, TensorOutput>;
}

/**
 * The outputs of which several labels may hold at once: each has a share of its own, and nothing says that they sum up to 1. The one that is
 * likeliest says nothing of the others there.
 */
export function severalLabels({ outputs }: Model): ReadonlySet<string> {
  const tensors = outputs.flatMap(({ name, tensor, fields }) => (tensor ? [[name, tensor] as const] : Object.entries(fields ?? {}).map(([path, field]) => [`${name}.${path}`, field] as const)));
  const isShare = (facts: ManifestTensor['facts']): boolean => facts.some((fact) => fact.kind === 'range' && Number(fact.low) >= 0 && Number(fact.high) <= 1);
  return new Set(tensors.flatMap(([name, { facts }]) => (isShare(facts) && !facts.some(({ kind }) => kind === 'sum' || kind === 'one_hot') ? [name] : [])));
}

/** How many classes are shown: of each output as many, or what suits it. */
export interface Shown {
  readonly top: number | undefined;
  readonly several: ReadonlySet<string>;
}

/** Takes a batch's answers apart; one row of everything where the outputs do not agree in rows. */
export function rowsOf(model: Model, outputs: Readonly<Record<string, unknown>>, { text, image }: Asked): Row[] {
  const tensors = new Map(model.outputs.flatMap(({ name, fields }) => {
    if (fields === undefined) return [[name, outputs[name] as TensorOutput] as const];
    return Object.keys(fields).map((path) => [`${name}.${path}`, memberAt(outputs[name], path) as TensorOutput] as const);
  }));
  const counts = new Set([...tensors.values()].map((tensor) => tensor.dims[0]));
  const [rows = [...counts][0]] = [text, image].flatMap((asked) => (asked === undefined ? [] : [asked.length]));
  if (rows === undefined || counts.size !== 1 || !counts.has(rows)) return [{ outputs: tensors }];
  return Array.from({ length: rows }, (_, i) => ({
    ...(text && { text: text[i]! }),
    ...(image && { image: image[i]! }),
    outputs: new Map([...tensors].map(([name, tensor]) => [name, rowOf(tensor, i)])),
  }));
}

function rowOf({ data, dims, labels }: TensorOutput, row: number): TensorOutput {
  const size = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const slice = data.slice(row * size, (row + 1) * size);
  return { data: slice, dims: dims.slice(1), ...(labels === undefined ? {} : { labels }) };
}

interface RankedClass {
  readonly label: string;
  readonly probability: number;
}

/** The classes with the highest values; undefined where the output counts no classes, or for several rows of them. */
function rank(name: string, { data, dims, labels }: TensorOutput, { top, several }: Shown): RankedClass[] | undefined {
  if (labels === undefined || dims.length !== 1) return undefined;
  const classes = labels.map((label, i) => ({ label, probability: Number(data[i]) }));
  return classes.sort((a, b) => b.probability - a.probability).slice(0, top ?? (several.has(name) ? classes.length : 1));
}

export function printRow({ text, image, outputs }: Row, shown: Shown, io: Io): void {
  const { width } = styleOf(io.stdout, io.env);
  const names = Math.max(...[...outputs.keys()].map((name) => name.length));
  const head = [image, text].map((asked) => (asked === undefined ? '' : `${cut(harmless(asked), width)}\n`)).join('');
  const lines = [...outputs].map(([name, output]) => `  ${name.padEnd(names)}  ${showOutput(name, output, shown)}\n`);
  io.stdout.write(head + lines.join(''));
}

const cut = (line: string, width: number): string =>
  widthOf(line) <= width ? line : `${sliceColumns(line, 0, width - 1)}…`;

const shownElements = 6;

function showOutput(name: string, output: TensorOutput, shown: Shown): string {
  const classes = rank(name, output, shown);
  if (classes !== undefined) return classes.map(({ label, probability }) => `${harmless(label)} ${showShare(probability)}`).join('  ');
  const elements = Array.from(output.data.slice(0, shownElements), showElement);
  const more = output.data.length > shownElements ? ' …' : '';
  return output.dims.length === 0 ? elements.join('') : `[${output.dims.join(', ')}]  ${elements.join(' ')}${more}`;
}

/** A probability as a percentage; a score that is none as it is. */
const showShare = (value: number): string => (value >= 0 && value <= 1 ? `${(value * 100).toFixed(1)}%` : value.toPrecision(4));

const showElement = (value: number | bigint | string): string =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : harmless(String(value));

export function rowToJson({ text, image, outputs }: Row, shown: Shown) {
  return {
    ...(text === undefined ? {} : { text }),
    ...(image === undefined ? {} : { image }),
    outputs: Object.fromEntries([...outputs].map(([name, output]) => [name, outputToJson(name, output, shown)])),
  };
}

function outputToJson(name: string, output: TensorOutput, shown: Shown) {
  const classes = rank(name, output, shown);
  if (classes !== undefined) return { ...classes[0]!, top: classes };
  return { dims: output.dims, data: Array.from(output.data, exactJson) };
}

/** JSON's numbers lose large integers and know no infinity: those are written as strings. */
function exactJson(value: number | bigint | string): number | string {
  if (typeof value === 'string') return value;
  const number = Number(value);
  return typeof value === 'bigint' ? (Number.isSafeInteger(number) ? number : String(value)) : Number.isFinite(number) ? number : String(value);
}
