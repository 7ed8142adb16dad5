/** A report as Markdown (GitHub's): charts are tables of their numbers, and pictures of examples stay away. */
import { tabulateChart } from './charts/index.ts';
import type { Block, Cell, ReportDocument, Section, Table } from './document.ts';
import { writable } from './writable.ts';

export function renderMarkdown({ title, about, tiles, sections }: ReportDocument): string {
  const first: Table = { caption: '', columns: ['', '', ''], rows: tiles.map(({ label, value, note, verdict }) => [label, verdict ?? value, note]) };
  const blocks = [`# ${escape(title)}`, about.map(escape).join('  \n'), ...(tiles.length === 0 ? [] : [tableText(first)]), ...sections.flatMap((section) => sectionText(section, 2))];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const sectionText = ({ title, blocks, sections = [] }: Section, level: number): readonly string[] => [
  `${'#'.repeat(Math.min(level, 6))} ${escape(title)}`,
  ...blocks.flatMap(blockText),
  ...sections.flatMap((inner) => sectionText(inner, level + 1)),
];

function blockText(block: Block): readonly string[] {
  switch (block.kind) {
    case 'text':
      return [escape(block.text)];
    case 'list':
      return [block.items.map((item) => `- ${escape(item)}`).join('\n')];
    case 'table':
      return captioned(block);
    case 'figure':
      return [escape(block.caption), ...block.charts.flatMap((chart) => captioned(tabulateChart(chart)))];
    case 'gallery': {
      const rows = block.items.map(({ title, lines, shown }) => [title, lines.join('; '), shown.kind === 'text' ? shown.text : 'a picture']);
      return captioned({ caption: block.caption, columns: ['example', 'answers', 'shown'], rows });
    }
  }
}

const captioned = (table: Table): readonly string[] => [`**${escape(table.caption)}**`, tableText(table)];

/** Small pictures stand beside the numbers that they show: they are left out. */
function tableText({ columns, rows }: Table): string {
  const shown = columns.map((_, i) => i).filter((i) => !rows.some((row) => isBullet(row[i])));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rules = shown.map((i) => (rows.some((row) => isNumber(row[i])) ? '---:' : '---'));
  return [line(shown.map((i) => escape(columns[i]!))), line(rules), ...rows.map((row) => line(shown.map((i) => cellText(row[i] ?? ''))))].join('\n');
}

const isBullet = (cell: Cell | undefined): boolean => typeof cell === 'object' && cell.kind === 'bullet';
const isNumber = (cell: Cell | undefined): boolean => typeof cell === 'object' && cell.kind === 'number';

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return escape(cell);
  return cell.kind === 'verdict' ? cell.verdict : cell.kind === 'bullet' ? '' : escape(cell.text);
}

/** Text on one line. Names between backticks are code, as in the page; nothing else means anything in Markdown, nor in the HTML that it may hold. */
const escape = (text: string): string =>
  writable(text)
    .replace(/\s+/g, ' ')
    .split(codeSpans)
    .map((part, i) => (i % 2 === 1 ? `\`${part}\`` : escapePlain(part)))
    .join('')
    .replace(/^[-+](?=\s)/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s)/, '$1\\$2');

/** In code nothing can be escaped: names with what a table or HTML would take for its own stay text. */
const codeSpans = /`([^`|<>&\\\s](?:[^`|<>&\\]*[^`|<>&\\\s])?)`/;

const escapePlain = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]#|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
