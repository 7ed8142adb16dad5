/** The page in a real browser: nothing asked for, nothing complained of, readable in every theme, and the same tree as HTML and as XML. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeReport, renderHtml } from '../../src/report/index.ts';
import { noBrowser, openInBrowser, type Page } from './browser.ts';
import { hostile, input } from './studies.ts';

if (noBrowser !== undefined) console.log(`skipped: ${noBrowser}`);

const html = renderHtml(composeReport(input));
/** What a text becomes that no page can hold as it is. */
const shown = hostile.replace('\u0000', '\ufffd').replace('\ud800', '\ufffd');

/** A tree as text, without the white space between elements. */
const flat = `(node) => node.nodeType === 3 ? node.data : '<' + node.localName + [...node.attributes].map((a) => ' ' + a.name + '=' + a.value).sort().join('') + '>' + [...node.childNodes].filter((n) => n.nodeType !== 3 || n.data.trim() !== '').map(flat).join('') + '</>'`;

/** Texts whose contrast with what is behind them is below what WCAG 2.2 (1.4.3) asks for. */
const pale = `(() => {
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
  const mix = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
  const channel = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ({ r, g, b }) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    if (element === null) return { r: 255, g: 255, b: 255, a: 1 };
    const cell = element.closest('g.cell');
    if (cell !== null) return parse(getComputedStyle(cell.querySelector('rect')).fill);
    const back = parse(getComputedStyle(element).backgroundColor);
    return back.a === 1 ? back : mix(back, behind(element.parentElement));
  };
  document.querySelectorAll('details').forEach((details) => { details.open = true; });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = { texts: 0, pale: [] };
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || ['title', 'desc', 'style'].includes(element.localName) || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const front = mix(parse(element instanceof SVGElement ? style.fill : style.color), back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    found.texts += 1;
    if (ratio < 4.5) found.pale.push(element.localName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2) + ' ' + node.data.slice(0, 40));
  }
  return found;
})()`;

describe.skipIf(noBrowser !== undefined)('a report in a browser', () => {
  let page: Page;
  beforeAll(async () => {
    page = await openInBrowser(html);
  });
  afterAll(() => page.close());

  test('asks for nothing, complains of nothing, and holds no script', async () => {
    const scripts = await page.evaluate<readonly unknown[]>(`[document.scripts.length, window.hacked ?? null, document.querySelectorAll('[onerror],[onload],iframe,object,embed,link').length]`);
    expect(scripts).toEqual([0, null, 0]);
    expect(page.requests.filter((url) => !url.startsWith('data:')).map((url) => url.slice(0, 5))).toEqual(['file:']);
    expect(page.complaints).toEqual([]);
    expect(await page.evaluate(`[...document.images].map((image) => [image.naturalWidth, image.naturalHeight, image.alt !== ''])`)).toEqual([[6, 4, true]]);
  });

  test('is the same tree as HTML and as XML; every link leads somewhere, and no name is given twice', async () => {
    const read = (type: string): Promise<string> => page.evaluate<string>(`(() => { const flat = ${flat}; return flat(new DOMParser().parseFromString(${JSON.stringify(html)}, '${type}').documentElement); })()`);
    const xml = await read('application/xhtml+xml');
    expect(xml).not.toContain('parsererror');
    expect(await read('text/html')).toBe(xml);
    expect(await page.evaluate(`[...document.querySelectorAll('a')].filter((a) => document.getElementById(a.getAttribute('href').slice(1)) === null).length`)).toBe(0);
    expect(await page.evaluate(`(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.length - new Set(ids).size; })()`)).toBe(0);
  });

  test('shows hostile names and texts as they are, everywhere', async () => {
    const places = ['h1 ~ p, section > p', 'td', '.chart-title', 'svg text title, svg title', 'blockquote', '.item-title', 'td code, th code, td', 'caption, figcaption, li'];
    const holding = await page.evaluate<readonly number[]>(`${JSON.stringify(places)}.map((place) => [...document.querySelectorAll(place)].filter((e) => e.textContent.includes(${JSON.stringify(shown)})).length)`);
    holding.forEach((count, i) => expect([places[i], count > 0]).toEqual([places[i], true]));
  });

  test('has charts with names, and a table of the numbers of each', async () => {
    const charts = await page.evaluate<number>(`document.querySelectorAll('svg').length`);
    expect(charts).toBeGreaterThan(15);
    const names = await page.pictures();
    expect([names.length, names.filter((name) => name.length < 10)]).toEqual([charts + 1, []]);
    expect(names).toContain('difference of kind: -0.1000, from -0.1500 to -0.0500, to be at least -0.02. Drawn against its bar, to be to the right of it');
    expect(await page.evaluate(`[...document.querySelectorAll('svg')].every((svg) => svg.firstChild.localName === 'title' && svg.firstChild.textContent !== '')`)).toBe(true);
    expect(await page.evaluate(`[...document.querySelectorAll('figure.charts')].every((figure) => figure.querySelectorAll('details table').length === figure.querySelectorAll('svg').length)`)).toBe(true);
  });

  test.each([['light', 'screen', 'rgb(246, 246, 243)'], ['dark', 'screen', 'rgb(19, 22, 26)'], ['dark', 'print', 'rgb(255, 255, 255)']] as const)('can be read in the %s theme on %s', async (scheme, media, back) => {
    await page.look({ scheme, media });
    const found = await page.evaluate<{ readonly texts: number; readonly pale: readonly string[] }>(pale);
    expect([found.texts > 250, found.pale]).toEqual([true, []]);
    expect(await page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`)).toBe(back);
  });

  test('would be found out if a text were pale', async () => {
    await page.look({ scheme: 'light' });
    await page.evaluate(`document.querySelector('h1').style.color = '#9a9a9a'`);
    const found = await page.evaluate<{ readonly pale: readonly string[] }>(pale);
    await page.evaluate(`document.querySelector('h1').style.color = ''`);
    // #9a9a9a has a luminance of .3231, the page one of .9194: (.9694) / (.3731) = 2.6.
    expect(found.pale.map((line) => line.slice(0, 12))).toEqual(['h1.null 2.60']);
  });

  test.each([360, 800, 1280, 1600])('needs no sideways scrolling %i pixels wide', async (width) => {
    await page.look({ scheme: 'light', width });
    await page.evaluate(`document.querySelectorAll('details').forEach((details) => { details.open = true; })`);
    expect(await page.evaluate(`document.documentElement.scrollWidth <= window.innerWidth`)).toBe(true);
  });

  test('prints', async () => {
    const pdf = (await page.pdf()).toString('latin1');
    expect([pdf.slice(0, 5), Number(/\/Count (\d+)/.exec(pdf)?.[1]) >= 3]).toEqual(['%PDF-', true]);
  });
});

test('names between backticks are code, wherever sentences stand, and what has no partner stays as it is', () => {
  const told = 'Take `onnx.Sum` of `a<b>`; a lone ` stays.';
  const page = renderHtml({
    title: 'T',
    about: [],
    tiles: [],
    sections: [{ title: 'S', blocks: [{ kind: 'text', text: told }, { kind: 'list', items: [told] }, { kind: 'table', caption: 'C', columns: ['a', 'b'], rows: [['x', told]] }] }],
  });
  const shownAs = 'Take <code class="name">onnx.Sum</code> of <code class="name">a&lt;b&gt;</code>; a lone ` stays.';
  expect([`<p>${shownAs}</p>`, `<li>${shownAs}</li>`, `>${shownAs}</td>`].map((part) => page.includes(part))).toEqual([true, true, true]);
});
