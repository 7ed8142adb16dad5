/** What charts have in common: the picture with its name, axes, a legend. */
import { element, type Child, type Markup } from '../markup.ts';
import { px, type Scale } from './scale.ts';

export interface Named {
  readonly title: string;
  readonly summary: string;
}

/** A picture with an accessible name; the same words are its tooltip. */
export const picture = ({ title, summary }: Named, width: number, height: number, className: string, ...children: readonly Child[]): Markup =>
  element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', class: `chart ${className}`, viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${title}. ${summary}` },
    element('title', {}, title),
    element('desc', {}, summary),
    children,
  );

export const text = (x: number, y: number, words: string, attributes: Readonly<Record<string, string | number | undefined>> = {}): Markup =>
  element('text', { x: px(x), y: px(y), ...attributes }, words);

export const line = (x1: number, y1: number, x2: number, y2: number, className: string): Markup =>
  element('line', { x1: px(x1), y1: px(y1), x2: px(x2), y2: px(y2), class: className });

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Lines of a grid with their numbers, and what both axes are. */
export function axes({ left, top, right, bottom }: Box, x: Scale, y: Scale, titles: readonly [x: string, y: string], show: (value: number) => string): Markup[] {
  return [
    ...y.ticks.flatMap((tick) => [line(left, y(tick), right, y(tick), 'grid'), text(left - 8, y(tick) + 4, show(tick), { class: 'tick', 'text-anchor': 'end' })]),
    ...x.ticks.flatMap((tick) => [line(x(tick), bottom, x(tick), bottom + 5, 'axis'), text(x(tick), bottom + 20, show(tick), { class: 'tick', 'text-anchor': 'middle' })]),
    line(left, bottom, right, bottom, 'axis'),
    text((left + right) / 2, bottom + 40, titles[0], { class: 'axis-title', 'text-anchor': 'middle' }),
    text(left, top - 10, titles[1], { class: 'axis-title' }),
  ];
}

/** Numbers of an axis, without needless digits. */
export const showTick = (value: number): string => (value !== 0 && Math.abs(value) < 0.001 ? value.toExponential().replace('e-', 'e−') : String(value));

/** About as wide as words are, for what must not run into each other. */
export const widthOf = (words: string, size = 12): number => [...words].length * size * 0.6;

export const shorten = (words: string, most: number): string => {
  const characters = [...words];
  return characters.length <= most ? words : `${characters.slice(0, most - 1).join('')}…`;
};
