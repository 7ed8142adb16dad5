/** What charts draw, against places worked out by hand, and what they write as tables. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerSections } from '../../src/report/sections/answer-section.ts';
import { drawBullet } from '../../src/report/charts/bullet.ts';
import type { MatrixChart } from '../../src/report/charts/chart.ts';
import { drawChart, tabulateChart } from '../../src/report/charts/index.ts';
import { linear, logarithmic, ticksOf } from '../../src/report/charts/scale.ts';
import { showNumber } from '../../src/report/numbers.ts';
import type { AnswerStudy } from '../../src/toolkit/study/study.ts';

const named = { title: 'T', summary: 'S' };
const attributesOf = (markup: string, tag: string, className: string): Record<string, string>[] =>
  [...markup.matchAll(new RegExp(`<${tag} ([^>]*)>`, 'g'))].map(([, text]) => Object.fromEntries([...text!.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]))).filter((one) => (one['class'] ?? '').split(' ').includes(className));

describe('scales', () => {
  test('ticks are round, even, and inside', () => {
    expect(ticksOf([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksOf([-0.03, 0.021], 3)).toEqual([-0.02, 0, 0.02]);
    expect(logarithmic([0.001, 1], [0, 30]).ticks).toEqual([0.001, 0.01, 0.1, 1]);
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 9 }), (from, width, count) => {
        const ticks = ticksOf([from, from + width], count);
        const steps = ticks.slice(1).map((tick, i) => tick - ticks[i]!);
        return ticks.every((tick) => tick >= from - 1e-6 * width && tick <= from + width * (1 + 1e-6)) && steps.every((step) => Math.abs(step - steps[0]!) < 1e-6 * width) && ticks.length <= count + 2;
      }),
    );
  });

  test('places lie between the ends', () => {
    expect([linear([0, 10], [100, 200])(2.5), logarithmic([1, 100], [0, 40])(10)]).toEqual([125, 20]);
  });
});

test('a reliability diagram has its points where confidence and accuracy say', () => {
  const chart = { ...named, kind: 'reliability' as const, bins: [{ rows: 8, confidence: 0.5, accuracy: 0.75, low: 0.25, high: 1 }] };
  const { markup } = drawChart(chart);
  // 334 wide from 52, and 312 high up from 346.
  expect(attributesOf(markup, 'circle', 'dot')).toMatchObject([{ cx: '219', cy: '112' }]);
  expect(attributesOf(markup, 'line', 'whisker')).toMatchObject([{ x1: '219', y1: '268', y2: '34' }]);
  expect(attributesOf(markup, 'line', 'gap')).toMatchObject([{ y1: '190', y2: '112' }]);
  expect(tabulateChart(chart).rows).toEqual([[{ kind: 'number', text: '0.5000' }, { kind: 'number', text: '0.7500' }, { kind: 'number', text: '0.2500 to 1' }, { kind: 'number', text: '8' }]]);
});

describe('a matrix', () => {
  const chart = (values: number[][], shade: MatrixChart['shade']): MatrixChart => ({ ...named, kind: 'matrix', rows: { title: 'is', names: ['a', 'b'] }, columns: { title: 'taken for', names: ['a', 'b'] }, values, shade });
  const shadesOf = (values: number[][], shade: MatrixChart['shade']): string[] => [...drawChart(chart(values, shade)).markup.matchAll(/class="cell (\w+)"/g)].map(([, name]) => name!);

  test('is shaded by the root of the share of the line', () => {
    // The roots of .75, .25, .96 and .04 are .866, .5, .98 and .2.
    expect(shadesOf([[3, 1], [4, 96]], 'share')).toEqual(['s8', 's5', 's2', 's9']);
    expect(shadesOf([[0, 0], [0, 7]], 'share')).toEqual(['s0', 's0', 's0', 's9']);
  });

  test('is shaded by the value where that is a share already; what is no number is nothing', () => {
    expect(shadesOf([[1, 0.25], [-0.02, NaN]], 'unit')).toEqual(['s9', 's2', 's0', 's0']);
  });

  test('tells changes for the better from those for the worse', () => {
    // More on the diagonal is better, more beside it worse; 4 steps by the root of the share of the largest.
    expect(shadesOf([[16, 4], [-1, -16]], 'change')).toEqual(['better4', 'worse2', 'better1', 'worse4']);
  });

  test('has the numbers in it, and in its table', () => {
    const one = chart([[3, 1], [4, 96]], 'share');
    expect([...drawChart(one).markup.matchAll(/<text[^>]*middle">(\d+)<\/text>/g)].map(([, text]) => text)).toEqual(['3', '1', '4', '96']);
    expect(tabulateChart(one)).toEqual({ caption: 'T', columns: ['is \\ taken for', 'a', 'b'], rows: [['a', '3', '1'], ['b', '4', '96']].map(([name, ...cells]) => [name, ...cells.map((text) => ({ kind: 'number', text }))]) });
  });
});

test('of many classes those that are confused most are drawn, and all others count as one', () => {
  const size = 30;
  // Class 29 is taken for 5 ten times, class 3 once for 4 after the swap; all others are right.
  const counts = (wrong: readonly (readonly [number, number, number])[]): number[][] =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => wrong.find(([a, b]) => a === i && b === j)?.[2] ?? (i === j ? 20 : 0)));
  const answer = { head: 'kind', rows: 600, classes: Array.from({ length: size }, (_, i) => `c${i}`), confusion: { own: counts([[29, 5, 10], [29, 20, 3]]), swapped: counts([[3, 4, 1]]) }, flips: { negative: 0, positive: 0, examples: [] } };
  const drawn = (of: AnswerStudy): { readonly caption: string; readonly charts: readonly MatrixChart[] } => {
    const block = answerSections(of, '')[0]!.blocks[0]!;
    if (block.kind !== 'figure') throw new Error('confusions are a figure');
    return { caption: block.caption, charts: block.charts as readonly MatrixChart[] };
  };
  const { caption, charts } = drawn(answer);
  const names = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 29].map((i) => `c${i}`);
  expect(caption).toContain('Of 30 classes, the 16 that are confused most');
  expect(charts.map(({ rows, columns }) => [rows.names, columns.names])).toEqual(Array.from({ length: 3 }, () => [names, [...names, 'another class']]));
  expect(charts[0]!.values.at(-1)).toEqual([0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 3, 20, 0]);
  const few = drawn({ ...answer, classes: answer.classes.slice(0, 2), confusion: { own: [[1, 2], [3, 4]], swapped: [[1, 2], [3, 4]] } });
  expect(few).toMatchObject({ charts: [{ columns: { names: ['c0', 'c1'] }, values: [[1, 2], [3, 4]] }, {}, {}] });
  // Classes 15 and 28 are the last of those with one row: 28 counts in the last column.
  const [own] = drawn({ ...answer, confusion: { own: counts([[29, 5, 10], [0, 1, 1], [2, 3, 1], [4, 6, 1], [7, 8, 1], [9, 10, 1], [11, 12, 1], [13, 14, 1], [29, 28, 1]]), swapped: counts([]) } }).charts;
  expect([own!.rows.names.at(-1), own!.values.at(-1)!.slice(-2)]).toEqual(['c29', [20, 1]]);
});

test('a spectrum falls by equal steps for equal factors, and says how many directions hold how much', () => {
  const chart = { ...named, kind: 'lines' as const, x: 'x', y: 'y', series: [{ name: 'a', values: [0.9, 0.09, 0.009, 0.0009, 0.0001] }] };
  const [path] = attributesOf(drawChart(chart).markup, 'path', 'line');
  const places = [...path!['d']!.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  // From 1e-4 to 1 over 266 pixels: 66.5 a power of ten. 556 pixels over log10(5) for the ranks.
  expect(places.map(([x]) => x)).toEqual([1, 2, 3, 4, 5].map((rank) => Number((64 + (556 * Math.log10(rank)) / Math.log10(5)).toFixed(1))));
  places.slice(1, 4).forEach(([, y], i) => expect(y! - places[i]![1]!).toBeCloseTo(66.5, 0));
  expect(tabulateChart(chart).rows.slice(-3).map(([, cell]) => cell)).toEqual([1, 1, 2].map((count) => ({ kind: 'number', text: String(count) })));
});

test('a bullet has its value, interval and bar in proportion, and the better side tinted', () => {
  const { markup } = drawBullet({ kind: 'bullet', value: 0.5, interval: { low: 0.25, high: 1 }, bar: { op: '>=', value: 0 }, words: 'w' });
  // From 0 to 1 with 18 % beside: 160 pixels over 1.36, from 4.
  const at = (value: number): string => String(Math.round((4 + ((value + 0.18) / 1.36) * 160) * 10) / 10);
  expect(attributesOf(markup, 'circle', 'dot')).toMatchObject([{ cx: at(0.5) }]);
  expect(attributesOf(markup, 'line', 'whisker')).toMatchObject([{ x1: at(0.25), x2: at(1) }]);
  expect(attributesOf(markup, 'rect', 'good')).toMatchObject([{ x: at(0), width: String(Math.round((168 - Number(at(0))) * 10) / 10) }]);
});

test('points of a group lie where they are, and its table says where their middle is', () => {
  const chart = { ...named, kind: 'points' as const, axes: ['a', 'b'] as const, points: [[0, 0], [10, 10], [5, 0]] as const, group: [0, 1, 1], groups: ['p', 'q'], reach: { x: [0, 10], y: [0, 10] } as const };
  const { markup } = drawChart(chart);
  expect(attributesOf(markup, 'path', 'cloud').map(({ d }) => d)).toEqual(['M1 299h0', 'M299 1h0M150 299h0']);
  expect(tabulateChart(chart).rows).toEqual([['p', '1', '0', '0'], ['q', '2', '7.5000', '5']].map(([name, ...cells]) => [name, ...cells.map((text) => ({ kind: 'number', text }))]));
});

test('a trend does not blow up the last digits of single precision, and its ticks fit beside it', () => {
  const { markup } = drawChart({ ...named, kind: 'trend', runs: [{ at: 'one', value: 0.9173792 }, { at: 'two', value: 0.9173795 }] });
  const [first, second] = [...markup.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(Math.abs(first! - second!)).toBeLessThan(1);
  for (const [, tick] of markup.matchAll(/text-anchor="end">([\d.]+)</g)) expect(tick!.length).toBeLessThanOrEqual(7);
  // What does differ is drawn from near the bottom to near the top, 116 high.
  const far = drawChart({ ...named, kind: 'trend', runs: [{ at: 'one', value: 0.91 }, { at: 'two', value: 0.93 }] });
  const [low, high] = [...far.markup.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(low! - high!).toBeGreaterThan(90);
});

test('a trend has its runs in their order, marked by their verdicts', () => {
  const { markup } = drawChart({ ...named, kind: 'trend', runs: [{ at: 'one', value: 0, mark: 'PASS' }, { at: 'two', value: 1, mark: 'FAIL' }, { at: 'three', value: 0.5 }] });
  expect([...markup.matchAll(/<g class="run (\w+)"><circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, mark, x, y]) => [mark, x, y])).toEqual([['pass', '68', '118.3'], ['fail', '244', '21.7'], ['plain', '420', '70']]);
});

test.each([[0.8910239, '0.8910'], [5000, '5,000'], [0.000412, '4.1e-4'], [-0.0169, '-0.0169'], [12.3456, '12.35'], [1234.5, '1,235'], [NaN, 'not a number'], [Infinity, 'infinite']])('%d is written %s', (value, text) => {
  expect(showNumber(value)).toBe(text);
});
