/** How often answers of some confidence are right: on the diagonal where a head knows how sure it is. */
import type { Table } from '../document.ts';
import { numberCell, countCell, showInterval } from '../numbers.ts';
import { element, type Markup } from '../markup.ts';
import type { ReliabilityChart } from './chart.ts';
import { axes, line, picture, showTick, text } from './frame.ts';
import { linear, px } from './scale.ts';

const size = { width: 400, height: 400 };
const box = { left: 52, top: 34, right: 386, bottom: 346 };

export function drawReliability(chart: ReliabilityChart): Markup {
  const x = linear([0, 1], [box.left, box.right]);
  const y = linear([0, 1], [box.bottom, box.top]);
  const marks = chart.bins.flatMap(({ confidence, accuracy, low, high }) => [
    line(x(confidence), y(confidence), x(confidence), y(accuracy), 'gap'),
    line(x(confidence), y(low), x(confidence), y(high), 'whisker'),
    element('circle', { class: 'dot g0', cx: px(x(confidence)), cy: px(y(accuracy)), r: 4.5 }),
  ]);
  return picture(
    chart,
    size.width,
    size.height,
    'reliability',
    axes(box, x, y, ['mean confidence of the answers', 'accuracy'], showTick),
    line(x(0), y(0), x(1), y(1), 'diagonal'),
    text(x(0.03), y(0.93), 'too cautious', { class: 'hint' }),
    text(x(0.97), y(0.04), 'too sure', { class: 'hint', 'text-anchor': 'end' }),
    marks,
  );
}

export const tabulateReliability = ({ title, bins }: ReliabilityChart): Table => ({
  caption: title,
  columns: ['mean confidence', 'accuracy', '95 % interval', 'rows'],
  rows: bins.map(({ confidence, accuracy, low, high, rows }) => [numberCell(confidence), numberCell(accuracy), { kind: 'number', text: showInterval({ low, high }) }, countCell(rows)]),
});
