/** What a head answers before and after: calibration, confusions, and the examples that it now gets wrong. */
import type { AnswerStudy, Bin, Counts, LabelStudy } from '../../toolkit/study/study.ts';
import type { MatrixChart, ReliabilityChart } from '../charts/chart.ts';
import type { Block, Cell, GalleryItem, Section } from '../document.ts';
import { showRows, showShare } from '../numbers.ts';

export const answerSections = (answer: AnswerStudy, of: string): readonly Section[] => [
  ...(answer.reliability === undefined ? [] : [{ title: `Calibration of ${answer.head}${of}`, blocks: [calibration(answer, answer.reliability)] }]),
  { title: `Confusions of ${answer.head}${of}`, blocks: [confusion(answer)] },
  { title: `Negative flips of ${answer.head}${of}`, blocks: flips(answer) },
];

function calibration({ head, rows }: AnswerStudy, { own, swapped }: NonNullable<AnswerStudy['reliability']>): Block {
  const chart = (when: string, bins: readonly Bin[]): ReliabilityChart => ({
    kind: 'reliability',
    title: `${head}, ${when}`,
    summary: `Accuracy by mean confidence in ${bins.length} bins of equal size; on the diagonal both are equal.`,
    bins: bins.map(({ rows: count, confidence, accuracy, interval }) => ({ rows: count, confidence, accuracy, low: interval.low, high: interval.high })),
  });
  return {
    kind: 'figure',
    caption: `How often answers of some confidence are right, on ${showRows(rows)} in bins of equal size, as the head gives its probabilities (no temperature set). Below the diagonal it is surer than it is right. Whiskers are 95 % intervals (Wilson).`,
    charts: [chart('before', own), chart('after', swapped)],
  };
}

/** More classes than can be told apart in a picture, and how many are drawn instead. */
const most = { classes: 24, drawn: 16 };

function confusion({ head, rows, classes, confusion: { own, swapped } }: AnswerStudy): Block {
  const drawn = drawnClasses([own, swapped]);
  const names = drawn.map((i) => classes[i]!);
  const isPart = drawn.length < classes.length;
  // What lies in no column of its own counts, too, so that a share of a line is one of all its rows.
  const partOf = (counts: Counts): Counts => (isPart ? drawn.map((i) => [...drawn.map((j) => counts[i]![j]!), counts[i]!.reduce((sum, count, j) => (drawn.includes(j) ? sum : sum + count), 0)]) : counts);
  const chart = (when: string, values: Counts, shade: MatrixChart['shade'], summary: string): MatrixChart => ({
    kind: 'matrix',
    title: `${head}, ${when}`,
    summary,
    rows: { title: 'is', names },
    columns: { title: 'taken for', names: isPart ? [...names, 'another class'] : names },
    values: partOf(values),
    shade,
  });
  const change = swapped.map((line, i) => line.map((count, j) => count - own[i]![j]!));
  return {
    kind: 'figure',
    caption: `How often a class was taken for one, on ${showRows(rows)}. Shades are shares of the line, by their root, so that the few that are wrong can be seen. In the change, blue is for the better and orange for the worse.${isPart ? ` Of ${classes.length} classes, the ${drawn.length} that are confused most, before and after together.` : ''}`,
    charts: [
      chart('before', own, 'share', `${right(own)} of ${rows} right.`),
      chart('after', swapped, 'share', `${right(swapped)} of ${rows} right.`),
      chart('change', change, 'change', `After less before: ${right(swapped) - right(own)} more are right.`),
    ],
  };
}

/** Places of classes, in their order: all, or of many those that most rows are wrongly taken from or for. */
function drawnClasses(all: readonly Counts[]): readonly number[] {
  const places = all[0]!.map((_, i) => i);
  if (places.length <= most.classes) return places;
  const wrong = places.map((i) => all.reduce((sum, counts) => sum + counts.reduce((inner, line, j) => (j === i ? inner : inner + line[i]! + counts[i]![j]!), 0), 0));
  return places.toSorted((a, b) => wrong[b]! - wrong[a]! || a - b).slice(0, most.drawn).sort((a, b) => a - b);
}

const right = (counts: Counts): number => counts.reduce((sum, line, i) => sum + line[i]!, 0);

/** Of several labels at once each by itself: what is there and found, there and missed, and found where it is not. */
export const labelSections = (study: LabelStudy, of: string): readonly Section[] => [
  { title: `Labels of ${study.head}${of}`, blocks: [labelTable(study)] },
  { title: `Negative flips of ${study.head}${of}`, blocks: [{ kind: 'text', text: 'A row is right where all of its labels are.' }, ...flips(study)] },
];

function labelTable({ rows, count, labels }: LabelStudy): Block {
  return {
    kind: 'table',
    caption: `How each label is found, on ${showRows(rows)}: a number of more than a half is an answer.${labels.length < count ? ` Of ${count} labels the ${labels.length} with the most errors.` : ''}`,
    columns: ['label', 'there', 'found, before', 'after', 'missed, before', 'after', 'found where it is not, before', 'after'],
    rows: labels.map(({ label, own, swapped }) => [label, ...[own.found + own.missed, own.found, swapped.found, own.missed, swapped.missed, own.wrong, swapped.wrong].map((value): Cell => ({ kind: 'number', text: value.toLocaleString('en-US') }))]),
  };
}

function flips({ flips: { negative, positive, examples }, rows }: Pick<AnswerStudy, 'flips' | 'rows'>): readonly Block[] {
  const told = `${negative.toLocaleString('en-US')} of ${showRows(rows)} (${showShare(negative / rows)}) were right before and are wrong now; ${positive.toLocaleString('en-US')} (${showShare(positive / rows)}) went the other way.`;
  const items = examples.map(({ row, label, own, swapped, shown }): GalleryItem => ({ title: `Row ${row}: ${label}`, lines: [`before: ${answerText(own)}`, `now: ${answerText(swapped)}`], shown }));
  return [{ kind: 'text', text: told }, ...(items.length === 0 ? [] : [{ kind: 'gallery' as const, caption: `${items.length === negative ? 'All of them' : `${items.length} of them`}, ${examples.every(({ swapped }) => swapped.probability === undefined) ? 'in their order' : 'the surest of the wrong answers first'}.`, items }])];
}

const answerText = ({ label, probability }: { readonly label: string; readonly probability?: number }): string => `${label}${probability === undefined ? '' : `, ${showShare(probability, 1)}`}`;
