/** What a head answers before and after a swap: confusions, calibration, and which examples it now gets wrong. */
import { shareOf, someGroups, type Features, type RowGroups } from '../../align/index.ts';
import type { Column } from '../data/table.ts';
import { classesFound } from '../verify/measure.ts';
import type { Head } from '../fit/heads.ts';
import { showExample } from './example.ts';
import type { AnswerStudy, Bin, Counts, Flips, GivenAnswer } from './study.ts';

const bins = 10;
const mostExamples = 12;
/** More rows and columns than anybody reads. */
const mostClasses = 24;

/** One side of the swap, on the rows that are judged. */
export interface Side {
  readonly found: Uint32Array;
  /** Of the class that was found. */
  readonly confidence: Float64Array | undefined;
}

/** @param rows those that are judged, by their numbers; `together` of all rows, which belong together; `columns` are what the model reads */
export function studyAnswers({ name, measured, isProbability }: Head, rows: readonly number[], together: RowGroups | undefined, columns: ReadonlyMap<string, Column>): AnswerStudy {
  const labels = measured.own.labels!;
  const { prediction } = measured.own;
  const names = measured.type?.shape.axes.at(-1)?.classes?.values;
  const count = Math.max(2, prediction.columns);
  const nameOf = (c: number): string => names?.[c] ?? String(c);
  const [own, swapped] = [measured.own.prediction, measured.swapped.prediction].map((features) => sideOf(features, isProbability)) as [Side, Side];
  const merged = mergeClasses(count, rows, labels, own, swapped);
  const reliability = isProbability ? { own: binsOf(own, labels, rows, together), swapped: binsOf(swapped, labels, rows, together) } : undefined;
  return {
    head: name,
    rows: rows.length,
    classes: [...merged.kept.map(nameOf), ...(merged.kept.length < count ? [`${count - merged.kept.length} others`] : [])],
    confusion: { own: confusionOf(own, labels, rows, merged), swapped: confusionOf(swapped, labels, rows, merged) },
    ...(reliability === undefined ? {} : { reliability }),
    flips: flipsOf(own, swapped, labels, rows, { nameOf, columns }),
  };
}

function sideOf(features: Features, isProbability: boolean): Side {
  const found = classesFound(features);
  return { found, confidence: isProbability ? Float64Array.from(found, (c, i) => features.data[i * features.columns + c]!) : undefined };
}

interface Merged {
  readonly kept: readonly number[];
  /** Of each class. */
  readonly place: Uint32Array;
  readonly size: number;
}

/** The classes with the most errors, in their order, and one for all others. */
function mergeClasses(count: number, rows: readonly number[], labels: ArrayLike<number>, ...sides: readonly Side[]): Merged {
  const all = Array.from({ length: count }, (_, c) => c);
  if (count <= mostClasses) return { kept: all, place: Uint32Array.from(all), size: count };
  const errors = new Uint32Array(count);
  for (const { found } of sides) for (const row of rows) if (found[row] !== labels[row]) errors[labels[row]!]! += 1;
  const kept = all.toSorted((a, b) => errors[b]! - errors[a]! || a - b).slice(0, mostClasses - 1).sort((a, b) => a - b);
  return { kept, place: Uint32Array.from(all, (c) => (kept.includes(c) ? kept.indexOf(c) : kept.length)), size: mostClasses };
}

function confusionOf({ found }: Side, labels: ArrayLike<number>, rows: readonly number[], { place, size }: Merged): Counts {
  const counts = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  for (const row of rows) counts[place[labels[row]!]!]![place[found[row]!]!]! += 1;
  return counts;
}

/** Bins of equal numbers of rows, the least sure first; intervals by groups where rows belong together. */
function binsOf({ found, confidence }: Side, labels: ArrayLike<number>, rows: readonly number[], together: RowGroups | undefined): readonly Bin[] {
  const sorted = rows.toSorted((a, b) => confidence![a]! - confidence![b]!);
  const count = Math.min(bins, sorted.length);
  return Array.from({ length: count }, (_, b) => {
    const members = sorted.slice(Math.floor((b * sorted.length) / count), Math.floor(((b + 1) * sorted.length) / count));
    const right = members.map((row) => found[row] === labels[row]);
    return { rows: members.length, confidence: members.reduce((sum, row) => sum + confidence![row]!, 0) / members.length, accuracy: right.filter(Boolean).length / members.length, interval: shareOf(right, someGroups(together, members)).interval };
  });
}

export interface Shower {
  nameOf(c: number): string;
  readonly columns: ReadonlyMap<string, Column>;
}

export function flipsOf(own: Side, swapped: Side, labels: ArrayLike<number>, rows: readonly number[], { nameOf, columns }: Shower): Flips {
  const negative = rows.filter((row) => own.found[row] === labels[row] && swapped.found[row] !== labels[row]);
  const positive = rows.filter((row) => own.found[row] !== labels[row] && swapped.found[row] === labels[row]);
  const answer = ({ found, confidence }: Side, row: number): GivenAnswer => ({ label: nameOf(found[row]!), ...(confidence === undefined ? {} : { probability: confidence[row]! }) });
  const surest = negative.toSorted((a, b) => (swapped.confidence?.[b] ?? 0) - (swapped.confidence?.[a] ?? 0) || a - b).slice(0, mostExamples);
  return {
    negative: negative.length,
    positive: positive.length,
    examples: surest.map((row) => ({ row: row + 1, label: nameOf(labels[row]!), own: answer(own, row), swapped: answer(swapped, row), shown: showExample(columns, row) })),
  };
}
