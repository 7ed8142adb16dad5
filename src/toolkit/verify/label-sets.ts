/** Heads that give several labels at once: of each row the set that it has, as one number, and the decisions that it is made of. */
import { countOf, type Features, type RowGroups } from '../../align/index.ts';
import type { ColumnTerm } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { TensorType } from '../../types/type.ts';
import { columnOf, type Classes, type Tables } from '../data/columns.ts';
import { holdsLists, labelTarget } from '../data/targets.ts';
import { refuse } from '../errors.ts';

export interface LabelSets {
  /** A row for each example, a column for each label: 1 where it has the label, else 0. */
  readonly truth: Features;
  /** Of the sets that were met, by their ones and zeros: equal sets have equal numbers, on both sides of a swap. */
  readonly numbers: Map<string, number>;
}

/** The labels that a likelihood of more than a half stands for, as the number of their set. */
export function setsFound({ rows, columns, data }: Features, { numbers }: LabelSets): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => {
    let key = '';
    for (let j = 0; j < columns; j++) key += data[row * columns + j]! > 0.5 ? '1' : '0';
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/** Each row and label by itself, as a head of one label gives it: row for row, label for label. */
export const decisionsOf = (prediction: Features, { truth }: LabelSets): { readonly prediction: Features; readonly labels: Uint32Array } => ({
  prediction: { rows: prediction.data.length, columns: 1, data: prediction.data },
  labels: Uint32Array.from(truth.data),
});

/** Decisions belong together as their rows do, and those of one row do. */
export const decisionGroups = ({ rows, columns }: Features, groups: RowGroups | undefined): RowGroups => ({
  of: Uint32Array.from({ length: rows * columns }, (_, i) => groups?.of[Math.floor(i / columns)] ?? Math.floor(i / columns)),
  count: countOf(rows, groups),
  words: groups?.words ?? 'rows',
});

/** One label of all rows. */
export function labelAt(prediction: Features, { truth }: LabelSets, label: number): { readonly prediction: Features; readonly labels: Uint32Array } {
  const { rows, columns } = prediction;
  const at = (data: Float32Array): Float32Array => Float32Array.from({ length: rows }, (_, row) => data[row * columns + label]!);
  return { prediction: { rows, columns: 1, data: at(prediction.data) }, labels: Uint32Array.from(at(truth.data)) };
}

/** What a column says of several labels at once; undefined where it holds one class a row, or one number. */
export function labelSetsOf(metric: string, term: ColumnTerm, classes: Classes, type: TensorType | undefined, tables: Tables): LabelSets | undefined {
  if (!holdsLists(columnOf(term, tables))) return undefined;
  const wrong = (needs: string, found: string, row: number, notes: readonly string[]): never => refuse(toolkitCodes.finding('data-value', { file: tables.get(term.data)!.name, column: term.column, row, needs, found }, notes), term.location);
  if (type?.facts.some(({ kind }) => kind === 'sum')) return wrong('one class', 'a list', 1, ['What the head gives adds up to 1: it chooses one of its classes. Several at once are what a head by `sigmoid` gives.']);
  if (metric === 'balanced_accuracy') return wrong('one class', 'a list', 1, [`\`${metric}\` is of heads that choose one class. Of several labels at once \`recall\` is the mean over the labels of what is found of each.`]);
  const { width, data } = labelTarget(term, classes, tables);
  const unsure = data.findIndex((value) => value !== 0 && value !== 1);
  if (unsure >= 0) return wrong('0 or 1 for each label, or a list of names', String(data[unsure]), Math.floor(unsure / width) + 1, ['What is learned may be a share; what is judged is there or is not.']);
  return { truth: { rows: data.length / width, columns: width, data }, numbers: new Map() };
}
