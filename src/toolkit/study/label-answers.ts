/** What a head that gives several labels at once answers before and after a swap: of each label what is found, missed and made up, and which examples it now gets wrong. */
import type { Features } from '../../align/index.ts';
import type { Head } from '../fit/heads.ts';
import { setsFound } from '../verify/label-sets.ts';
import { flipsOf, type Shower } from './answers.ts';
import type { LabelCounts, LabelStudy } from './study.ts';

/** More lines than anybody reads. */
const mostLabels = 24;

/** @param rows those that are judged, by their numbers; `columns` are what the model reads; undefined of a head that chooses one class */
export function studyLabels({ name, measured: { own, swapped, type } }: Head, rows: readonly number[], columns: Shower['columns']): LabelStudy | undefined {
  const { sets } = own;
  if (sets === undefined) return undefined;
  const names = type?.shape.axes.at(-1)?.classes?.values;
  const labelOf = (label: number): string => names?.[label] ?? String(label);
  const labels = Array.from({ length: own.prediction.columns }, (_, label) => ({ at: label, label: labelOf(label), own: countsOf(own.prediction, sets.truth, label, rows), swapped: countsOf(swapped.prediction, sets.truth, label, rows) }));
  const errors = ({ own: a, swapped: b }: (typeof labels)[number]): number => a.missed + a.wrong + b.missed + b.wrong;
  const told = labels.toSorted((a, b) => errors(b) - errors(a) || a.at - b.at).slice(0, mostLabels).sort((a, b) => a.at - b.at);
  const found = [own, swapped].map(({ prediction }) => ({ found: setsFound(prediction, sets), confidence: undefined }));
  const keys = new Map([...sets.numbers].map(([key, number]) => [number, key]));
  const nameOf = (set: number): string => [...keys.get(set)!].flatMap((digit, label) => (digit === '1' ? [labelOf(label)] : [])).join(', ') || 'none';
  return { head: name, rows: rows.length, count: labels.length, labels: told.map((one) => ({ label: one.label, own: one.own, swapped: one.swapped })), flips: flipsOf(found[0]!, found[1]!, own.labels!, rows, { nameOf, columns }) };
}

function countsOf({ columns, data }: Features, truth: Features, label: number, rows: readonly number[]): LabelCounts {
  let [found, missed, wrong] = [0, 0, 0];
  for (const row of rows) {
    const [is, there] = [data[row * columns + label]! > 0.5, truth.data[row * columns + label] === 1];
    if (is && there) found++;
    else if (there) missed++;
    else if (is) wrong++;
  }
  return { found, missed, wrong };
}
