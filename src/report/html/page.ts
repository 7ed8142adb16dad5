/** A report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere, and nothing that could ask for one. */
import type { ReportDocument, Section, Tile } from '../document.ts';
import { element, type Markup } from '../markup.ts';
import { renderBlock } from './blocks.ts';
import { style } from './style.ts';
import { verdictMark } from './verdict.ts';

/** The page is well-formed XML, too, so that a reader of either finds the same tree. */
export function renderHtml({ title, about, tiles, sections }: ReportDocument): string {
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'; style-src 'unsafe-inline'; img-src data:" }),
    element('title', {}, title),
    { markup: `<style>${style}</style>` },
  );
  const body = element(
    'body',
    {},
    element('a', { class: 'skip', href: '#report' }, 'To the report'),
    element('nav', { 'aria-label': 'Contents' }, element('p', { class: 'nav-title' }, title), contents(sections, 's')),
    element(
      'main',
      { id: 'report' },
      element('header', {}, element('h1', {}, title), about.map((line) => element('p', { class: 'about' }, line)), element('div', { class: 'tiles' }, tiles.map(renderTile))),
      sections.map((section, i) => renderSection(section, `s${i + 1}`, 2)),
    ),
  );
  return `<!DOCTYPE html>\n${element('html', { lang: 'en', xmlns: 'http://www.w3.org/1999/xhtml' }, head, body).markup}\n`;
}

const contents = (sections: readonly Section[], prefix: string): Markup =>
  element('ol', {}, sections.map(({ title, sections: inner }, i) => element('li', {}, element('a', { href: `#${prefix}${i + 1}` }, title), inner === undefined || inner.length === 0 ? undefined : contents(inner, `${prefix}${i + 1}-`))));

const renderTile = ({ label, value, note, verdict }: Tile): Markup =>
  element('div', { class: `tile ${verdict?.toLowerCase() ?? 'plain'}` }, element('p', { class: 'label' }, label), element('p', { class: 'value' }, verdict === undefined ? value : verdictMark(verdict)), element('p', { class: 'note' }, note));

const renderSection = ({ title, blocks, sections = [] }: Section, id: string, level: number): Markup =>
  element('section', { id }, element(`h${Math.min(level, 6)}`, {}, title), blocks.map(renderBlock), sections.map((inner, i) => renderSection(inner, `${id}-${i + 1}`, level + 1)));
