/**
 * HTML and SVG as text. Whatever is a string is escaped when it becomes markup, and nothing else can become markup; the result is
 * well-formed XML, too, and has the same tree when it is read as HTML.
 */
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

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Characters that neither HTML nor XML can hold become one that says so. */
export const escape = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- these are what both forbid
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
    .replace(/\r\n?/g, '\n')
    .replace(/[&<>"']/g, (character) => entities[character]!);
