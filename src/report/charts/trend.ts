/** A number by runs: how a score went, and what came of each run. */
import type { Table } from '../document.ts';
import { numberCell, showNumber } from '../numbers.ts';
import { element, type Markup } from '../markup.ts';
import type { TrendChart } from './chart.ts';
import { line, picture, showTick, text } from './frame.ts';
import { extent, linear, padded, px, type Range } from './scale.ts';

const size = { width: 440, height: 170 };
const box = { left: 58, top: 12, right: 430, bottom: 128 };

export function drawTrend(chart: TrendChart): Markup {
  const { runs } = chart;
  const x = linear([0, Math.max(1, runs.length - 1)], [box.left + 10, box.right - 10]);
  const y = linear(padded(spanOf(runs.map(({ value }) => value)), 0.1), [box.bottom, box.top], 3);
  const path = runs.map(({ value }, i) => `${i === 0 ? 'M' : 'L'}${px(x(i))} ${px(y(value))}`).join('');
  const marks = runs.map(({ at, value, mark }, i) =>
    element('g', { class: `run ${mark?.toLowerCase() ?? 'plain'}` }, mark === 'changed' ? line(x(i), box.top, x(i), box.bottom, 'change') : undefined, element('circle', { cx: px(x(i)), cy: px(y(value)), r: 4 }), element('title', {}, `${at}: ${showNumber(value)}`)),
  );
  const ends = runs.length === 1 ? [0] : [0, runs.length - 1];
  return picture(
    chart,
    size.width,
    size.height,
    'trend',
    y.ticks.flatMap((tick) => [line(box.left, y(tick), box.right, y(tick), 'grid'), text(box.left - 8, y(tick) + 4, showTick(tick), { class: 'tick', 'text-anchor': 'end' })]),
    element('path', { class: 'line g0', d: path }),
    marks,
    ends.map((i) => text(x(i), box.bottom + 24, runs[i]!.at, { class: 'tick', 'text-anchor': runs.length === 1 ? 'middle' : i === 0 ? 'start' : 'end' })),
  );
}

/** What differs by less than a thousandth from run to run is the same to the eye: the last digits of a loss are no trend. */
function spanOf(values: readonly number[]): Range {
  const [low, high] = extent(values);
  const least = 0.001 * Math.max(Math.abs(low), Math.abs(high));
  const more = Math.max(0, least - (high - low)) / 2;
  return [low - more, high + more];
}

export const tabulateTrend = ({ title, runs }: TrendChart): Table => ({
  caption: title,
  columns: ['run', 'value'],
  rows: runs.map(({ at, value }) => [at, numberCell(value)]),
});
