/** The names of classes that an exporter noted in an ONNX file, against the labels that its output is declared to count. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../../ir/graph.ts';
import type { Location } from '../../text/source.ts';
import type { Classes } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import { reorder } from '../parts/classes.ts';
import type { FilePort } from './file-types.ts';

/** Where names stand: Transformers' `id2label`, Ultralytics' `names`, and what others call them. */
const keys: readonly string[] = ['classes', 'id2label', 'labels', 'names'];

/**
 * The same names in another order: whatever the labels call the classes, one of them stands at another's place. Names of another language, or a file's
 * `LABEL_0`, say nothing. Of a file of several outputs nobody knows whose the names are.
 */
export function otherOrder(outputs: readonly FilePort[], model: ForeignModel, file: string, source: Location, checker: Checker): Diagnostic[] {
  const { graph, metadata } = model;
  const [port, ...others] = outputs;
  const labels = port?.type.shape.axes.findLast(({ classes }) => classes !== undefined)?.classes;
  if (graph.outputs.length !== 1 || labels === undefined || others.length > 0) return [];
  const names = keys.map((key) => namesIn(metadata?.get(key) ?? '')).find((found) => found?.length === labels.values.length);
  const index = names === undefined ? -1 : labels.values.findIndex((value, i) => isElsewhere(value, i, names));
  if (index < 0) return [];
  const args = { labels: labels.name, file, index, declared: `"${labels.values[index]}"`, trained: `"${names![index]}"` };
  return [foreignCodes.report('weight-classes', args, source, { label: 'says which class stands where', related: [declaredAt(labels)], notes: [`The file's classes are [${names!.map((name) => `"${name}"`).join(', ')}]. With another order every answer would carry a wrong name.`], fixes: reorder(labels, names!, checker) })];
}

const declaredAt = ({ location, values }: Classes) => ({ location, text: `${values.length} labels` });

const plain = (name: string): string => name.trim().toLowerCase();

function isElsewhere(value: string, at: number, names: readonly string[]): boolean {
  const found = names.map(plain).indexOf(plain(value));
  return found >= 0 && found !== at && plain(names[at]!) !== plain(value);
}

/** More than any classifier has, and as long as no name is. */
const mostCharacters = 1_000_000;

/** A list of names, or names by their numbers from 0 on; also as Python prints them. */
function namesIn(text: string): readonly string[] | undefined {
  const value = text.length > mostCharacters ? undefined : (parsed(text) ?? parsed(asJson(text)));
  const list = Array.isArray(value) ? (value as unknown[]) : typeof value === 'object' && value !== null ? inOrder(value as Readonly<Record<string, unknown>>) : undefined;
  return list?.every((name) => typeof name === 'string') ? list : undefined;
}

function inOrder(byNumber: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  const count = Object.keys(byNumber).length;
  const all = Array.from({ length: count }, (_, i) => byNumber[String(i)]);
  return count > 0 && all.every((name) => name !== undefined) ? all : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Metadata is free text; only lists and numbered names are a statement about classes.
    return undefined;
  }
}

/** `{0: 'cat', 1: "sea lion's"}`: numbers as keys, and texts in either quotes. */
const asJson = (text: string): string =>
  text.replace(/'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|(\d+)(?=\s*:)/g, (whole, single: string | undefined, key: string | undefined) =>
    single === undefined ? (key === undefined ? whole : `"${key}"`) : JSON.stringify(single.replace(/\\'/g, "'")));
