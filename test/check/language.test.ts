/**
 * The examples of docs/language.md: each is compiled, and after each that is marked `error CODE` stands what the
 * compiler prints for it. `UPDATE_GOLDEN=1` writes that anew, to be read. An example whose first line is a comment with
 * a file's name can be imported by those below it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/diagnostics/index.ts';
import { examplesOf, type Example } from './language-examples.ts';
import { compilerFor, encoder, safetensors, tokenizerJson, uriOf, worldOf } from './world.ts';

const page = new URL('../../docs/language.md', import.meta.url);
const foreign = {
  'encoder.onnx': encoder(),
  'words.tokenizer.json': tokenizerJson(20),
  'pieces.tokenizer.json': tokenizerJson(20),
  'shift.safetensors': safetensors({ 'down.w': { dims: [1, 2] }, 'down.b': { dims: [2] }, 'up.w': { dims: [2, 1] }, 'up.b': { dims: [1] } }),
  'sentiment.safetensors': safetensors({ weight: { dims: [2, 8] }, bias: { dims: [2] } }, { classes: '["negative","positive"]' }),
};

const markdown = readFileSync(page, 'utf8');
const examples = examplesOf(markdown);
const modules = Object.fromEntries(examples.filter((e) => e.name !== 'main.mdl').map((e) => [e.name, e.text]));

function check(example: Example) {
  const host = worldOf({ ...foreign, ...modules, [example.name]: example.text });
  const { diagnostics, sources } = compilerFor(host).check([uriOf(example.name)]);
  // Where in the library something stands changes with it; the page does not show it.
  const ours = diagnostics.map((d) => ({ ...d, related: d.related.filter(({ location }) => !location.uri.startsWith('std:')) }));
  const printed = renderDiagnostics(ours, { sources, display: host.display });
  return { codes: [...new Set(diagnostics.map((d) => d.code))], printed };
}

/** Each section with what its paragraphs are headed by. */
function contentsOf(text: string): string {
  const [, ...sections] = text.split(/^(?=## )/m);
  const lines = sections.map((section) => {
    const title = /^## (.+)/.exec(section)![1]!;
    const inner = [...section.matchAll(/^\*\*(.+?)\*\*/gm)].map(([, heading]) => heading!.replace(/\.$/, ''));
    return `- [${title}](#${title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')})${inner.length === 0 ? '' : `: ${inner.join(' · ')}`}\n`;
  });
  return `<!-- contents -->\n${lines.join('')}<!-- end of contents -->`;
}

const contents = /<!-- contents -->[^]*?<!-- end of contents -->/;
const withContents = (text: string): string => text.replace(contents, () => contentsOf(text));

if (process.env['UPDATE_GOLDEN']) {
  const renewed = examples.toReversed().reduce((text, example) => {
    if (example.code === undefined) return text;
    return `${text.slice(0, example.end)}\n\`\`\`text\n${check(example).printed}\`\`\`\n${text.slice(example.printedEnd)}`;
  }, markdown);
  writeFileSync(page, withContents(renewed));
}

/** Headings that describe no construct of their own, and what is missing below them. */
const exceptions: Readonly<Record<string, string>> = {
  Types: 'an introduction: element types, sizes and labels have sections of their own',
  'What is read but not built yet': 'nothing that compiles yet',
};

/** Each heading, and each paragraph that begins with the name of a construct, with what stands below it. */
const sections = [...markdown.matchAll(/^(?:## (.+)|\*\*(.+?)\*\*)/gm)].map((match, i, all) => ({ heading: match[1] ?? match[2]!, text: markdown.slice(match.index, all[i + 1]?.index) }));

test('the contents are those of the page', () => {
  const text = readFileSync(page, 'utf8');
  expect(contents.exec(text)?.[0]).toBe(contentsOf(text));
});

describe('constructs of the language', () => {
  test.each(sections.map(({ heading, text }) => [heading, text] as const))('%s: an example that compiles, and one with its error', (heading, text) => {
    const found = examplesOf(text);
    const complete = found.some(({ code }) => code === undefined) && found.some(({ code, printed }) => code !== undefined && printed !== '');
    expect(complete).toBe(!Object.hasOwn(exceptions, heading));
  });
});

describe('examples of the language', () => {
  test.each(examplesOf(readFileSync(page, 'utf8')).map((example, i) => [`${i + 1} ${example.code ?? ''}`, example] as const))('%s', (_, example) => {
    const { codes, printed } = check(example);
    expect(codes).toEqual(example.code === undefined ? [] : [example.code]);
    if (example.code !== undefined) expect(printed).toBe(example.printed);
  });
});
