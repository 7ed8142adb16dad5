/** A number for each pair of names, as shades: confusions, and how alike spaces are. */
import type { Table } from '../document.ts';
import { countCell, numberCell, showNumber } from '../numbers.ts';
import { element, type Markup } from '../markup.ts';
import type { MatrixChart } from './chart.ts';
import { picture, shorten, text, widthOf } from './frame.ts';
import { px } from './scale.ts';

const most = { nameLength: 16, cellsWithText: 14 };
const shades = 10;
const changeShades = 4;

export function drawMatrix(chart: MatrixChart): Markup {
  const { rows, columns, values } = chart;
  const hasText = columns.names.length <= most.cellsWithText;
  const cell = columns.names.length <= 5 ? 64 : hasText ? 38 : 20;
  const names = [rows, columns].map((side) => side.names.map((name) => shorten(name, most.nameLength)));
  const [left, head] = names.map((side) => 24 + Math.max(...side.map((name) => widthOf(name)))) as [number, number];
  const width = Math.max(left + cell * columns.names.length + 8, left + widthOf(columns.title) + 8);
  const height = head + cell * rows.names.length + 28;
  const top = head + 4;
  const marks = values.flatMap((line, i) =>
    line.map((value, j) =>
      element(
        'g',
        { class: `cell ${shadeOf(chart, i, j)}` },
        element('rect', { x: px(left + j * cell), y: px(top + i * cell), width: cell - 1, height: cell - 1, rx: 2 }),
        hasText && value !== 0 ? text(left + (j + 0.5) * cell - 0.5, top + (i + 0.5) * cell + 4, showValue(chart, value), { 'text-anchor': 'middle' }) : undefined,
        element('title', {}, `${rows.names[i]} · ${columns.names[j]}: ${showValue(chart, value)}`),
      ),
    ),
  );
  return picture(
    chart,
    Math.ceil(width),
    Math.ceil(height),
    'matrix',
    names[0]!.map((name, i) => text(left - 8, top + (i + 0.5) * cell + 4, name, { class: 'tick', 'text-anchor': 'end' })),
    names[1]!.map((name, j) => {
      const x = px(left + (j + 0.5) * cell + 4);
      return text(x, top - 8, name, { class: 'tick', transform: `rotate(-90 ${x} ${px(top - 8)})` });
    }),
    text(left, height - 8, columns.title, { class: 'axis-title' }),
    text(left - 8, height - 8, rows.title, { class: 'axis-title', 'text-anchor': 'end' }),
    marks,
  );
}

const showValue = ({ shade }: MatrixChart, value: number): string => (shade === 'unit' ? (Number.isFinite(value) ? value.toFixed(2) : '–') : shade === 'change' && value > 0 ? `+${value}` : showNumber(value));

/** The class of a cell, of which the style sheet knows fill and text in both themes. */
function shadeOf({ shade, values }: MatrixChart, i: number, j: number): string {
  const value = values[i]![j]!;
  if (shade === 'change') return changeOf(value, i === j, Math.max(1, ...values.flat().map(Math.abs)));
  const sum = values[i]!.reduce((a, b) => a + b, 0);
  // The root lets the few that are wrong be seen beside the many that are right.
  const part = shade === 'unit' ? value : sum === 0 ? 0 : Math.sqrt(value / sum);
  return `s${Number.isFinite(part) ? Math.min(shades - 1, Math.max(0, Math.floor(part * shades))) : 0}`;
}

function changeOf(value: number, isDiagonal: boolean, largest: number): string {
  if (value === 0) return 's0';
  const strength = Math.min(changeShades, Math.ceil(Math.sqrt(Math.abs(value) / largest) * changeShades));
  return `${value > 0 === isDiagonal ? 'better' : 'worse'}${strength}`;
}

export const tabulateMatrix = ({ title, rows, columns, values, shade }: MatrixChart): Table => ({
  caption: title,
  columns: [rows.title === '' ? '' : `${rows.title} \\ ${columns.title}`, ...columns.names],
  rows: values.map((line, i) => [rows.names[i]!, ...line.map((value) => (shade === 'unit' ? numberCell(value) : countCell(value)))]),
});
