/** A measure against its bar, small enough for a line of a table: the better side is tinted, the interval a line, the value a dot. */
import type { Bullet } from '../document.ts';
import { element, type Markup } from '../markup.ts';
import { line, picture } from './frame.ts';
import { extent, linear, padded, px } from './scale.ts';

const size = { width: 168, height: 26 };
const middle = size.height / 2;

export function drawBullet({ value, interval, bar, words }: Bullet): Markup {
  const low = interval?.low ?? value;
  const high = interval?.high ?? value;
  const x = linear(padded(extent([low, value, high, bar.value]), 0.18), [4, size.width - 4]);
  const isHigher = bar.op === '>=' || bar.op === '>';
  const good = bar.op === '=' ? undefined : isHigher ? ([x(bar.value), size.width] as const) : ([0, x(bar.value)] as const);
  return picture(
    { title: words, summary: `Drawn against its bar, ${isHigher ? 'to be to the right of it' : bar.op === '=' ? 'to be on it' : 'to be to the left of it'}` },
    size.width,
    size.height,
    'bullet',
    good === undefined ? undefined : element('rect', { class: 'good', x: px(good[0]), y: 3, width: px(good[1] - good[0]), height: size.height - 6, rx: 3 }),
    line(x(bar.value), 0, x(bar.value), size.height, 'bar'),
    line(x(low), middle, x(high), middle, 'whisker'),
    element('circle', { class: 'dot', cx: px(x(value)), cy: middle, r: 4 }),
  );
}
