/** The model card: what things are for, what they were made from, which files exactly, and under which terms. */
import type { CardStudy, Study } from '../../toolkit/study/study.ts';
import type { Block, Cell, Section } from '../document.ts';
import { countCell, showNumber, showShare } from '../numbers.ts';

export function cardSection(studies: readonly Study[]): Section {
  const card = merged(studies.map((study) => study.card));
  return {
    title: 'Model card',
    blocks: [],
    sections: [
      { title: 'Intended use', blocks: intendedUse(card) },
      { title: 'Data', blocks: [{ kind: 'table', caption: 'What it was judged on', columns: ['file', 'rows', 'SHA-256'], rows: card.data.map(({ file, rows, sha256 }) => [file, countCell(rows), { kind: 'code', text: sha256 }]) }] },
      ...(card.known.length === 0 ? [] : [{ title: 'What is known of the vectors', blocks: [knownTable(card)] }]),
      { title: 'Training', blocks: training(card) },
      { title: 'Evaluation', blocks: [evaluation(studies)] },
      { title: 'Versions and licences', blocks: [backboneTable(card)] },
    ],
  };
}

function merged(cards: readonly CardStudy[]): CardStudy {
  const all = <K extends keyof CardStudy>(key: K): CardStudy[K] => {
    const items = cards.flatMap((card): CardStudy[K][number][] => [...card[key]]);
    return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()] as unknown as CardStudy[K];
  };
  return { parts: all('parts'), known: all('known'), backbones: all('backbones'), learned: all('learned'), data: all('data') };
}

function intendedUse({ parts }: CardStudy): readonly Block[] {
  const said = parts.filter(({ doc }) => doc !== undefined);
  if (said.length === 0) return [{ kind: 'text', text: 'The source says nothing of it: a comment with three slashes above a declaration would stand here.' }];
  return [{ kind: 'table', caption: 'What the source says', columns: ['part', 'role', 'version', 'what it is for'], rows: parts.map(({ name, role, version, doc }) => [name, role, version ?? '', doc ?? '']) }];
}

const knownTable = ({ known }: CardStudy): Block => ({
  kind: 'table',
  caption: 'What is said of what the parts give, and how it is known',
  columns: ['part', 'what', 'how', 'by'],
  rows: known.map(({ of, fact, evidence, because }) => [of, { kind: 'code', text: fact }, evidence, because ?? '']),
});

function training({ learned, backbones }: CardStudy): readonly Block[] {
  const told = backbones.flatMap(({ name, card }) => (card['trained_on'] === undefined ? [] : [`${name} was trained on ${card['trained_on']}, as its card says.`]));
  return [
    ...(told.length === 0 ? [{ kind: 'text' as const, text: 'No card says what the encoders were trained on.' }] : [{ kind: 'list' as const, items: told }]),
    ...learned.map(({ part, file, sha256, record }): Block => ({ kind: 'table', caption: `${part}, learned from data: ${file}`, columns: ['', ''], rows: [...recordRows(record), ['SHA-256 of the weights', { kind: 'code', text: sha256 }]] })),
  ];
}

/** What a fit wrote into its file, whatever that was: values as they are, inner ones under their path. */
const recordRows = (record: Readonly<Record<string, unknown>>, path = ''): readonly (readonly Cell[])[] =>
  Object.entries(record).flatMap(([key, value]): readonly (readonly Cell[])[] => {
    const name = path === '' ? key : `${path}, ${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return recordRows(value as Readonly<Record<string, unknown>>, name);
    if (typeof value === 'number') return [[name, showNumber(value)]];
    if (typeof value !== 'string') return [[name, JSON.stringify(value)]];
    return [[name, /^[0-9a-f]{64}$/.test(value) ? { kind: 'code', text: value } : value]];
  });

/** A line for each declaration, with what it came to; the sections above have the rest. */
const evaluation = (studies: readonly Study[]): Block => ({
  kind: 'table',
  caption: 'What it came to',
  columns: ['declaration', 'rows', 'answer', 'in short'],
  rows: studies.map((study): readonly Cell[] => {
    if (study.kind === 'probe') return [`probe ${study.name}`, countCell(study.rows), '', study.joints.map(({ from, to, advice }) => `${from} to ${to}: ${advice.remedy}`).join('; ')];
    const accuracies = study.swaps.flatMap(({ heads }) => Object.entries(heads).flatMap(([head, { accuracy }]) => (accuracy === undefined ? [] : [`accuracy of ${head} ${showShare(accuracy.own)} before, ${showShare(accuracy.swapped)} after`])));
    return [`verify ${study.name}`, countCell(study.rows), { kind: 'verdict', verdict: study.verdict }, accuracies.join('; ')];
  }),
});

const backboneTable = ({ backbones }: CardStudy): Block => ({
  kind: 'table',
  caption: 'Encoders',
  columns: ['encoder', 'version', 'licence', 'file', 'SHA-256'],
  rows: backbones.map(({ name, version, card, file, sha256 }) => [name, version ?? '', card['license'] ?? 'not stated', file, { kind: 'code', text: sha256 }]),
});
