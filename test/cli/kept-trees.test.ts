/** Trees that are kept between calls: they are what the parser would say, or they are not there. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeptParser } from '../../src/cli/project/kept-trees.ts';
import { parse } from '../../src/syntax/index.ts';
import { createSource } from '../../src/text/source.ts';

const root = path.resolve(import.meta.dirname, '../..');
let cache = '';
beforeEach(() => void (cache = mkdtempSync(path.join(tmpdir(), 'mdl-trees-'))));
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const trees = (): readonly string[] => (existsSync(path.join(cache, 'trees')) ? readdirSync(path.join(cache, 'trees')) : []);

/** What a fresh call reads a text as, and how often it had to begin for that: once where the tree is kept. */
async function read(text: string, { build = 'build-1', uri = 'file:///a.mdl', folder = cache }: { build?: string; uri?: string; folder?: string } = {}) {
  const parser = createKeptParser(folder, build);
  let begun = 0;
  const parsed = await parser.loadedFor(() => {
    begun++;
    return parser.parse(createSource(uri, text));
  });
  return { value: parsed.value, diagnostics: parsed.diagnostics, begun };
}

const fresh = (text: string) => parse(createSource('file:///a.mdl', text));
const space = 'space one @ 1.0.0\n';

describe('a kept tree', () => {
  const files = ['stdlib', 'examples', 'test/cases'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.mdl') && !name.includes('node_modules'))
      .map((name) => path.join(root, folder, name)),
  );

  test('is the one that the parser makes', async () => {
    let kept = 0;
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const expected = fresh(text);
      await read(text);
      const { value, diagnostics, begun } = await read(text);
      expect(value, file).toStrictEqual(expected.value);
      expect(diagnostics, file).toEqual(expected.diagnostics);
      expect(begun, file).toBe(expected.diagnostics.length === 0 ? 1 : 2);
      if (begun === 1) kept++;
    }
    expect(kept).toBeGreaterThan(30);
  });

  test.each(['range [0, inf]', 'range [-inf, -0]', 'range [1e999, inf]'])('holds numbers that JSON has none for: %s', async (fact) => {
    const text = `contract A = f32[n] where ${fact}\n`;
    await read(text);
    const { value, diagnostics } = await read(text);
    expect({ value, diagnostics }).toStrictEqual({ value: fresh(text).value, diagnostics: fresh(text).diagnostics });
  });

  test('is not mistaken by strings that look like its numbers', async () => {
    const text = 'labels L = ["number Infinity", "1e999"]\n';
    await read(text);
    expect((await read(text)).value).toStrictEqual(fresh(text).value);
  });
});

describe('no tree is kept', () => {
  test('for another text, another build or another place', async () => {
    await read(space);
    expect((await read(space)).begun).toBe(1);
    expect(await read('space two @ 1.0.0\n')).toMatchObject({ begun: 2, value: { declarations: [{ name: { text: 'two' } }] } });
    expect((await read(space, { build: 'build-2' })).begun).toBe(2);
    expect((await read(space, { uri: 'file:///b.mdl' })).begun).toBe(2);
  });

  test('of a text with findings', async () => {
    expect((await read('space')).diagnostics).not.toEqual([]);
    expect(trees()).toEqual([]);
    expect((await read('space')).diagnostics).toEqual(fresh('space').diagnostics);
  });

  test.each(['', '{', 'null', '[]', '{"build":"build-1"}'])('where its file is damaged: %j', async (damage) => {
    await read(space);
    for (const name of trees()) writeFileSync(path.join(cache, 'trees', name), damage);
    expect((await read(space)).value).toStrictEqual(fresh(space).value);
    expect((await read(space)).begun).toBe(1);
  });

  test('where nobody can write', async () => {
    const file = path.join(cache, 'file');
    writeFileSync(file, '');
    expect((await read(space, { folder: file })).value).toStrictEqual(fresh(space).value);
  });
});

test('the folder of trees stays bounded', async () => {
  for (let i = 0; i < 520; i++) await read(space, { uri: `file:///${i}.mdl` });
  expect(trees().length).toBeLessThanOrEqual(500);
  expect((await read(space, { uri: 'file:///519.mdl' })).begun).toBe(1);
});
