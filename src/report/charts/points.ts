/** Points of groups on two axes: the same examples in several spaces. */
import type { Table } from '../document.ts';
import { countCell, numberCell } from '../numbers.ts';
import { element, type Markup } from '../markup.ts';
import type { PointChart } from './chart.ts';
import { picture, shorten, text, widthOf } from './frame.ts';
import { linear, px } from './scale.ts';

const size = { width: 300, height: 326 };
const box = { left: 1, top: 1, right: 299, bottom: 299 };

export function drawPoints(chart: PointChart): Markup {
  const x = linear(chart.reach.x, [box.left, box.right]);
  const y = linear(chart.reach.y, [box.bottom, box.top]);
  // Lines of no length with round ends are points, and take a third of the bytes of circles.
  const clouds = chart.groups.map((_, g) => element('path', { class: `cloud g${g}`, d: membersOf(chart, g).map(([a, b]) => `M${px(x(a))} ${px(y(b))}h0`).join('') }));
  const centres = centresOf(chart).flatMap(({ name, count, centre }, g) => (count === 0 ? [] : [{ g, words: shorten(name, 16), x: x(centre[0]), y: y(centre[1]) + 4 }]));
  const labels = chart.groups.length < 2 ? [] : apart(centres).map((label) => text(label.x, label.y, label.words, { class: `centre t${label.g}`, 'text-anchor': 'middle' }));
  return picture(
    chart,
    size.width,
    size.height,
    'points',
    element('rect', { class: 'plot', x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }),
    clouds,
    labels,
    text((box.left + box.right) / 2, box.bottom + 20, `→ ${chart.axes[0]}, ↑ ${chart.axes[1]}`, { class: 'axis-title', 'text-anchor': 'middle' }),
  );
}

interface Label {
  readonly g: number;
  readonly words: string;
  readonly x: number;
  readonly y: number;
}

const lineHeight = 14;

/** From the top down, each moved below those that it would cover, and into the frame. */
function apart(labels: readonly Label[]): readonly Label[] {
  const placed: Label[] = [];
  for (const label of labels.toSorted((a, b) => a.y - b.y)) {
    const half = widthOf(label.words, 13) / 2;
    const inside = Math.min(Math.max(label.x, box.left + half), box.right - half);
    const covers = (y: number): Label | undefined => placed.find((other) => Math.abs(other.y - y) < lineHeight && Math.abs(other.x - inside) < half + widthOf(other.words, 13) / 2);
    let y = Math.max(label.y, box.top + lineHeight);
    for (let other = covers(y); other !== undefined; other = covers(y)) y = other.y + lineHeight;
    placed.push({ ...label, x: inside, y });
  }
  return placed;
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
