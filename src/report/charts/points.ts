/** Points of groups on two axes: the same examples in several spaces. */
import type { Table } from '../document.ts';
import { countCell, numberCell } from '../numbers.ts';
import { element, type Markup } from '../markup.ts';
import type { PointChart } from './chart.ts';
import { picture, shorten, text } from './frame.ts';
import { linear, px } from './scale.ts';

const size = { width: 400, height: 430 };
const box = { left: 10, top: 10, right: 390, bottom: 390 };

export function drawPoints(chart: PointChart): Markup {
  const x = linear(chart.reach.x, [box.left, box.right]);
  const y = linear(chart.reach.y, [box.bottom, box.top]);
  // Lines of no length with round ends are points, and take a third of the bytes of circles.
  const clouds = chart.groups.map((_, g) => element('path', { class: `cloud g${g}`, d: membersOf(chart, g).map(([a, b]) => `M${px(x(a))} ${px(y(b))}h0`).join('') }));
  const labels = chart.groups.length < 2 ? [] : centresOf(chart).flatMap(({ name, count, centre }, g) => (count === 0 ? [] : [text(x(centre[0]), y(centre[1]) + 4, shorten(name, 16), { class: `centre t${g}`, 'text-anchor': 'middle' })]));
  return picture(
    chart,
    size.width,
    size.height,
    'points',
    element('rect', { class: 'plot', x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }),
    clouds,
    labels,
    text((box.left + box.right) / 2, box.bottom + 26, `${chart.axes[0]} →   ${chart.axes[1]} ↑`, { class: 'axis-title', 'text-anchor': 'middle' }),
  );
}

const membersOf = ({ points, group }: PointChart, wanted: number): (readonly [number, number])[] => points.filter((_, i) => group[i] === wanted);

function centresOf(chart: PointChart) {
  return chart.groups.map((name, g) => {
    const members = membersOf(chart, g);
    const mean = (axis: 0 | 1): number => members.reduce((sum, point) => sum + point[axis], 0) / members.length;
    return { name, count: members.length, centre: [mean(0), mean(1)] as const };
  });
}

/** Where the middle of each group lies. */
export const tabulatePoints = (chart: PointChart): Table => ({
  caption: chart.title,
  columns: ['group', 'examples', chart.axes[0], chart.axes[1]],
  rows: centresOf(chart).filter(({ count }) => count > 0).map(({ name, count, centre }) => [name, countCell(count), numberCell(centre[0]), numberCell(centre[1])]),
});
