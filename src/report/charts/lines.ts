/** Lines over ranks: spectra. */
import type { Table } from '../document.ts';
import { numberCell, showNumber } from '../numbers.ts';
import { element, type Markup } from '../markup.ts';
import type { LineChart } from './chart.ts';
import { axes, line, picture, showTick, text } from './frame.ts';
import { logarithmic, px } from './scale.ts';

const size = { width: 640, height: 360 };
const box = { left: 64, top: 34, right: 620, bottom: 300 };
/** Of the largest: less is rounding. */
const floor = 1e-6;

export function drawLines(chart: LineChart): Markup {
  const longest = Math.max(2, ...chart.series.map(({ values }) => values.length));
  const shown = chart.series.map(({ name, values }) => ({ name, values: values.filter((value) => value > floor) }));
  const all = shown.flatMap(({ values }) => values);
  const least = Math.max(floor, Math.min(...all, 0.1));
  const x = logarithmic([1, longest], [box.left, box.right]);
  const y = logarithmic([10 ** Math.floor(Math.log10(least)), 1], [box.bottom, box.top]);
  const paths = shown.map(({ values }, i) => element('path', { class: `line g${i}`, d: values.map((value, k) => `${k === 0 ? 'M' : 'L'}${px(x(k + 1))} ${px(y(value))}`).join('') }));
  return picture(chart, size.width, size.height, 'lines', axes(box, x, y, [chart.x, chart.y], showTick), paths, legend(shown.map(({ name }) => name)));
}

/** Down in the left corner, which falling lines leave free. */
const legend = (names: readonly string[]): Markup[] =>
  names.flatMap((name, i) => {
    const y = box.bottom - 16 - 20 * (names.length - 1 - i);
    return [line(box.left + 14, y - 4, box.left + 38, y - 4, `line g${i}`), text(box.left + 46, y, name, { class: 'legend' })];
  });

/** Ranks 1, 2, 5, 10, 20 and so on, and how many directions hold a part of the variance. */
export function tabulateLines({ title, series }: LineChart): Table {
  const longest = Math.max(...series.map(({ values }) => values.length));
  const ranks = [1, 2, 5, 10, 20, 50, 100, 200].filter((rank) => rank <= longest);
  const needed = (values: readonly number[], part: number): string => {
    let sum = 0;
    const at = values.findIndex((value) => (sum += value) >= part);
    return at < 0 ? `more than ${values.length}` : showNumber(at + 1);
  };
  return {
    caption: title,
    columns: ['', ...series.map(({ name }) => name)],
    rows: [
      ...ranks.map((rank) => [`share of direction ${rank}`, ...series.map(({ values }) => (values[rank - 1] === undefined ? '' : numberCell(values[rank - 1]!)))]),
      ...[0.5, 0.9, 0.99].map((part) => [`directions that hold ${100 * part} %`, ...series.map(({ values }) => ({ kind: 'number' as const, text: needed(values, part) }))]),
    ],
  };
}
