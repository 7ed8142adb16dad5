/**
 * HTML and SVG as text. Whatever is a string is escaped when it becomes markup, and nothing else can become markup; the result is
 * well-formed XML, too, and has the same tree when it is read as HTML.
 */
import { writable } from './writable.ts';

export interface Markup {
  readonly markup: string;
}
export type Child = Markup | string | undefined | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** What has no end tag in HTML, or is empty in SVG. */
const empty = new Set(['br', 'circle', 'col', 'img', 'line', 'meta', 'path', 'rect']);

export function element(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escape(String(value))}"`]));
  const open = `<${name}${written.join('')}`;
  return { markup: empty.has(name) ? `${open}/>` : `${open}>${textOf(children)}</${name}>` };
}

export function textOf(child: Child): string {
  if (child === undefined) return '';
  if (typeof child === 'string') return escape(child);
  return 'markup' in child ? child.markup : child.map(textOf).join('');
}

/** Sentences in which names stand between backticks, as diagnostics and Markdown have them; one that has no partner stays as it is. */
export const withCode = (text: string): Child => text.split(/`([^`]+)`/).map((part, i) => (i % 2 === 1 ? element('code', { class: 'name' }, part) : part));

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (text: string): string => writable(text).replace(/[&<>"']/g, (character) => entities[character]!);
