/** Blocks of a report as HTML. */
import { drawBullet } from '../charts/bullet.ts';
import { drawChart, tabulateChart } from '../charts/index.ts';
import type { Block, Cell, GalleryItem, Table } from '../document.ts';
import { element, withCode, type Child, type Markup } from '../markup.ts';
import { verdictMark } from './verdict.ts';

export function renderBlock(block: Block): Markup {
  switch (block.kind) {
    case 'text':
      return element('p', {}, withCode(block.text));
    case 'list':
      return element('ul', {}, block.items.map((item) => element('li', {}, withCode(item))));
    case 'table':
      return renderTable(block);
    case 'figure':
      return element(
        'figure',
        { class: 'charts' },
        element('figcaption', {}, withCode(block.caption)),
        element('div', { class: block.charts.length > 1 ? `beside ${block.charts[0]!.kind}` : 'alone' }, block.charts.map((chart) => element('div', { class: 'one' }, element('p', { class: 'chart-title' }, chart.title), drawChart(chart)))),
        element('details', {}, element('summary', {}, 'The numbers'), block.charts.map((chart) => renderTable(tabulateChart(chart)))),
      );
    case 'gallery':
      return element('figure', { class: 'gallery' }, element('figcaption', {}, block.caption), element('div', { class: 'items' }, block.items.map(renderItem)));
  }
}

const renderItem = ({ title, lines, shown }: GalleryItem): Markup =>
  element(
    'div',
    { class: 'item' },
    shown.kind === 'picture'
      ? element('img', { src: `data:image/png;base64,${shown.png}`, width: shown.width, height: shown.height, alt: `The picture of ${title}` })
      : element('blockquote', {}, shown.text),
    element('p', { class: 'item-title' }, title),
    lines.map((line) => element('p', {}, withCode(line))),
  );

// ---------------------------------------------------------------- tables

function renderTable({ caption, columns, rows }: Table): Markup {
  const isNumeric = columns.map((_, i) => rows.some((row) => isNumber(row[i])));
  const classOf = (i: number, cell: Cell = ''): string | undefined => (isNumeric[i] === true ? 'number' : isShort(cell) ? 'tight' : undefined);
  return element(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    element(
      'table',
      { class: isTold(columns, rows) ? 'told' : undefined },
      element('caption', {}, element('span', {}, caption)),
      element('thead', {}, element('tr', {}, columns.map((name, i) => element('th', { scope: 'col', class: classOf(i) }, name)))),
      element('tbody', {}, rows.map((row) => element('tr', {}, row.map((cell, i) => (i === 0 ? element('th', { scope: 'row', class: isShort(cell) ? 'tight' : undefined }, renderCell(cell)) : element('td', { class: classOf(i, cell) }, renderCell(cell))))))),
    ),
  );
}

/** Three columns of which the last holds sentences: on a narrow screen they stand below the others. */
const isTold = (columns: Table['columns'], rows: Table['rows']): boolean => columns.length === 3 && rows.some(([, , last]) => typeof last === 'string' && last.length > 60);

/** A word or two, which no line is to break. */
const isShort = (cell: Cell): boolean => typeof cell === 'string' && cell !== '' && cell.length <= 16;
const isNumber = (cell: Cell | undefined): boolean => typeof cell === 'object' && cell.kind === 'number';

function renderCell(cell: Cell): Child {
  if (typeof cell === 'string') return withCode(cell);
  switch (cell.kind) {
    case 'number':
      return cell.text;
    case 'code':
      return element('code', {}, cell.text);
    case 'verdict':
      return verdictMark(cell.verdict);
    case 'bullet':
      return drawBullet(cell);
  }
}
