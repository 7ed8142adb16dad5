/** A probe: what each space looks like, and what a joint of two needs. */
import type { Readings } from '../../align/index.ts';
import type { ProbeStudy } from '../../toolkit/study/study.ts';
import type { Block, Cell, Section, Tile } from '../document.ts';
import { numberCell, showInterval, showNumber, showRows } from '../numbers.ts';
import { spaceSection } from './space-section.ts';

export const probeSection = ({ name, doc, rows, described, joints, layers, spaces }: ProbeStudy): Section => ({
  title: `${name}: how the spaces lie to each other`,
  blocks: [
    ...(doc === undefined ? [] : [{ kind: 'text' as const, text: doc }]),
    { kind: 'text', text: `The same ${showRows(rows)} through ${described.map(({ part }) => part).join(', ')}.` },
    { kind: 'table', caption: 'What a joint needs', columns: ['joint', 'advice', 'why'], rows: joints.map(({ from, to, advice }) => [`${from} to ${to}`, advice.remedy, advice.reason]) },
  ],
  sections: [
    { title: 'Measured of the joints', blocks: joints.map(({ from, to, readings }) => readingTable(`${from} to ${to}`, readings)) },
    { title: 'Measured of the spaces', blocks: described.map(({ part, columns, readings }) => readingTable(`${part}, ${columns} wide`, readings)) },
    ...(layers.length === 0 ? [] : [{ title: 'Layer by layer', blocks: layers.map(layerFigure) }]),
    spaceSection(spaces, 'The spaces beside each other'),
  ],
});

/** Which layer of one part lies nearest to which of the other. */
function layerFigure({ rows, columns, cka, p, examples, permutations }: ProbeStudy['layers'][number]): Block {
  const pairs = cka.flatMap((line, i) => line.map((value, j) => ({ value, from: rows[i]!, to: columns[j]!, p: p[i]![j]! }))).filter(({ from, to, value }) => from !== to && Number.isFinite(value));
  const nearest = pairs.toSorted((a, b) => b.value - a.value)[0];
  const told = nearest === undefined ? '' : ` The nearest pair is ${nearest.from} and ${nearest.to}: ${showNumber(nearest.value)}, p = ${showNumber(nearest.p)} against the greatest of the whole map in ${permutations} permutations.`;
  return {
    kind: 'figure',
    caption: `Debiased linear CKA of each layer with each, on ${showRows(examples)}.${told}`,
    charts: [{ kind: 'matrix', title: 'CKA by layers', summary: `${rows.length} by ${columns.length} layers.${told}`, rows: { title: '', names: rows }, columns: { title: '', names: columns }, values: cka, shade: 'unit' }],
  };
}

/** Columns that no reading has anything for are left out. */
function readingTable(caption: string, readings: Readings): Block {
  const all = Object.entries(readings);
  const columns: readonly (readonly [name: string, cell: (reading: Readings[string]) => Cell])[] = [
    ['value', ({ value }) => numberCell(value)],
    ['95 % interval', ({ interval }) => ({ kind: 'number', text: showInterval(interval) })],
    ['by chance', ({ chance }) => (chance === undefined ? '' : numberCell(chance))],
    ['p', ({ p }) => (p === undefined ? '' : numberCell(p))],
  ];
  const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : 'text' in cell ? cell.text : '');
  const kept = columns.filter(([, cell]) => all.some(([, reading]) => textOf(cell(reading)) !== ''));
  return { kind: 'table', caption, columns: ['measure', ...kept.map(([name]) => name)], rows: all.map(([name, reading]) => [name, ...kept.map(([, cell]) => cell(reading))]) };
}

export const probeTiles = ({ joints, rows }: ProbeStudy): readonly Tile[] =>
  joints.map(({ from, to, advice, readings }) => ({ label: `${from} to ${to}`, value: advice.remedy, note: `${Object.entries(readings).slice(0, 1).map(([name, { value }]) => `${name} ${showNumber(value)}`).join('')}, on ${showRows(rows)}` }));
