/** What reports are drawn from: answers counted by hand, spaces made by hand, and what is kept of them. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Features } from '../../src/align/index.ts';
import { studyAnswers } from '../../src/toolkit/study/answers.ts';
import { showExample } from '../../src/toolkit/study/example.ts';
import { keepStudy, keptStudy, studyKey } from '../../src/toolkit/study/keep.ts';
import { pngOf } from '../../src/toolkit/study/png.ts';
import { principalOf, project } from '../../src/toolkit/study/principal.ts';
import { groupingOf, studySpaces } from '../../src/toolkit/study/spaces.ts';
import { findUmap, hasUmap } from '../../src/toolkit/study/umap.ts';
import { arrayInMemory } from '../../src/toolkit/data/array-column.ts';
import type { Column } from '../../src/toolkit/data/table.ts';
import type { Head } from '../../src/toolkit/fit/heads.ts';
import { testKernels } from '../align/kernel-session.ts';
import { createFolder } from '../cli/harness.ts';
import { verifyStudy } from '../report/studies.ts';

const kernels = testKernels();
afterAll(() => kernels.close());
const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));
function newFolder(): string {
  const folder = createFolder();
  folders.push(folder);
  return folder.path;
}

const features = (rows: readonly (readonly number[])[]): Features => ({ rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) });

describe('answers', () => {
  const labels = Uint32Array.from([0, 0, 1, 1, 0]);
  const own = features([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.9, 0.1]]);
  const swapped = features([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]);
  const head: Head = { name: 'kind', index: 0, measured: { own: { prediction: own, labels }, swapped: { prediction: swapped, labels }, type: undefined, given: { prediction: '0 prediction' } }, margin: 0.02, isProbability: true };
  const columns = new Map<string, Column>([['text', { kind: 'values', values: ['a', 'b', 'c', 'd', 'e'] }]]);

  test('are counted on the rows that are judged', () => {
    // Row 4 (the fifth) is not judged. Found before: 0 0 1 0, now: 0 1 1 1.
    const { confusion, flips, classes } = studyAnswers(head, [0, 1, 2, 3], undefined, columns);
    expect(classes).toEqual(['0', '1']);
    expect(confusion).toEqual({ own: [[2, 0], [1, 1]], swapped: [[1, 1], [0, 2]] });
    expect([flips.negative, flips.positive]).toEqual([1, 1]);
    expect(flips.examples).toEqual([{ row: 2, label: '0', own: { label: '0', probability: expect.closeTo(0.8) as number }, swapped: { label: '1', probability: expect.closeTo(0.6) as number }, shown: { kind: 'text', text: 'b' } }]);
  });

  test('the surest of the wrong ones come first', () => {
    expect(studyAnswers(head, [0, 1, 2, 3, 4], undefined, columns).flips.examples.map(({ row }) => row)).toEqual([5, 2]);
  });

  test('are sorted into bins by their confidence', () => {
    const { reliability } = studyAnswers(head, [0, 1, 2, 3], undefined, columns);
    // The four before are .6 (wrong), .7, .8 and .9 sure.
    expect(reliability!.own.map(({ rows, confidence, accuracy }) => [rows, confidence.toFixed(2), accuracy])).toEqual([[1, '0.60', 0], [1, '0.70', 1], [1, '0.80', 1], [1, '0.90', 1]]);
  });

  test('are as unsure as groups of them are where rows belong together', () => {
    // Ten groups of four rows, each in a bin of its own; all are right.
    const rows = Array.from({ length: 40 }, (_, i) => i);
    const answers = features(rows.map((i) => [0.55 + 0.04 * Math.floor(i / 4), 0.45 - 0.04 * Math.floor(i / 4)]));
    const sure: Head = { ...head, measured: { own: { prediction: answers, labels: new Uint32Array(40) }, swapped: { prediction: answers, labels: new Uint32Array(40) }, type: undefined, given: { prediction: '0 prediction' } } };
    const lows = (together: Parameters<typeof studyAnswers>[2]): number[] => studyAnswers(sure, rows, together, columns).reliability!.own.map(({ interval }) => interval.low);
    // Wilson's lower end where all of n are right is n / (n + 1.96²): of four rows, and of one group that is four copies.
    for (const low of lows(undefined)) expect(low).toBeCloseTo(4 / (4 + 1.959964 ** 2), 6);
    for (const low of lows({ of: Uint32Array.from(rows, (i) => Math.floor(i / 4)), count: 10, words: 'groups' })) expect(low).toBeCloseTo(1 / (1 + 1.959964 ** 2), 6);
  });

  test('of many classes are told for those with the most errors, and all others together', () => {
    const count = 40;
    const rows = Array.from({ length: count }, (_, i) => i);
    const right = features(rows.map((i) => rows.map((j) => Number(i === j))));
    // Only the last class is ever wrong.
    const wrong = features(rows.map((i) => rows.map((j) => Number((i === count - 1 ? 0 : i) === j))));
    const many: Head = { ...head, measured: { own: { prediction: right, labels: Uint32Array.from(rows) }, swapped: { prediction: wrong, labels: Uint32Array.from(rows) }, type: undefined, given: { prediction: '0 prediction' } } };
    const { classes, confusion } = studyAnswers(many, rows, undefined, columns);
    expect([classes.length, classes.at(-2), classes.at(-1)]).toEqual([24, '39', '17 others']);
    expect([confusion.own.flat().reduce((a, b) => a + b, 0), confusion.swapped[22]![0], confusion.swapped[23]![23]]).toEqual([40, 1, 17]);
  });
});

describe('examples', () => {
  const bytes = Uint8Array.from({ length: 2 * 48 }, (_, i) => i);
  const shownOf = (dims: readonly number[]) => showExample(new Map<string, Column>([['image', arrayInMemory('u8', dims, bytes)]]), 1);

  test.each([[[6, 8], 8, 6, 1], [[4, 4, 3], 4, 4, 3], [[3, 4, 4], 4, 4, 3], [[1, 6, 8], 8, 6, 1]] as const)('bytes of %j are a picture', (dims, width, height, channels) => {
    const shown = shownOf(dims);
    if (shown.kind !== 'picture') throw new Error('no picture');
    const png = Buffer.from(shown.png, 'base64');
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([width, height, 8, channels === 1 ? 0 : 2]);
    const lines = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
    const pixels = Array.from({ length: height }, (_, y) => [...lines.subarray(y * (width * channels + 1) + 1, (y + 1) * (width * channels + 1))]).flat();
    const own = [...bytes.subarray(48)];
    expect(pixels).toEqual(dims[0] === 3 ? Array.from({ length: 16 }, (_, i) => [own[i], own[16 + i], own[32 + i]]).flat() : own);
  });

  test('the check sums of a PNG file are those that its makers publish', () => {
    // The IEND chunk, the same in every file: https://www.w3.org/TR/png-3/#11IEND
    expect(pngOf({ width: 1, height: 1, channels: 1, pixels: Uint8Array.of(0) }).subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });

  test('a long text is cut, fields are named, and what is no picture is told', () => {
    const values = (name: string, value: unknown): [string, Column] => [name, { kind: 'values', values: [value] }];
    expect(showExample(new Map([values('text', '😀'.repeat(300))]), 0)).toEqual({ kind: 'text', text: `${'😀'.repeat(280)}…` });
    expect(showExample(new Map([values('a', 1), values('b', [2, 3])]), 0)).toEqual({ kind: 'text', text: 'a: 1\nb: [2,3]' });
    expect(shownOf([48])).toEqual({ kind: 'text', text: 'image: u8[48]' });
  });
});

describe('spaces', () => {
  // Along (3, 4) / 5, and a little across it: variances 100 and 1.
  const line = features(Array.from({ length: 40 }, (_, i) => { const [a, b] = [i % 2 === 0 ? 10 : -10, i % 4 < 2 ? 1 : -1]; return [0.6 * a - 0.8 * b + 7, 0.8 * a + 0.6 * b - 2]; }));

  test('have their principal directions', async () => {
    const found = await principalOf(kernels, line, 0);
    expect([...found.mean]).toEqual([expect.closeTo(7, 4), expect.closeTo(-2, 4)]);
    expect([...found.axes[0]]).toEqual([expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)]);
    expect([...found.shares]).toEqual([expect.closeTo(100 / 101, 5), expect.closeTo(1 / 101, 5)]);
    expect(project(line, found)[0]).toEqual([expect.closeTo(10, 4), expect.closeTo(-1, 4)]);
  });

  test('are the same seen from rows as from columns', async () => {
    const random = Float32Array.from({ length: 12 * 1100 }, (_, i) => Math.sin(i * i));
    const wide = { rows: 12, columns: 1100, data: random };
    const { shares, axes } = await principalOf(kernels, wide, 0);
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    expect(Math.hypot(...axes[0])).toBeCloseTo(1, 6);
    const first = project(wide, await principalOf(kernels, wide, 0)).map(([x]) => x);
    // The variance along the first direction is its share of all.
    const mean = first.reduce((a, b) => a + b, 0) / 12;
    const columnMean = (j: number): number => Array.from({ length: 12 }, (_, i) => random[i * 1100 + j]!).reduce((a, b) => a + b, 0) / 12;
    const means = Array.from({ length: 1100 }, (_, j) => columnMean(j));
    const all = random.reduce((sum, value, at) => sum + (value - means[at % 1100]!) ** 2, 0);
    expect(first.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all).toBeCloseTo(shares[0]!, 5);
  });

  test('are wholly alike when one is the other turned and scaled; shown on the axes that were asked for', async () => {
    const turned = { ...line, data: Float32Array.from(line.data, (_, at) => 2 * (at % 2 === 0 ? line.data[at + 1]! : -line.data[at - 1]!)) };
    const rows = Array.from({ length: 40 }, (_, i) => i);
    const { cka, maps, withoutUmap } = await studySpaces([{ name: 'a', features: line }, { name: 'b', features: turned, on: 0 }], rows, groupingOf(undefined, undefined, 40), { kernels, umap: undefined });
    expect(cka.values.flat()).toEqual([1, 1, 1, 1].map((value) => expect.closeTo(value, 5) as number));
    expect([maps.length, maps[0]!.panels.map(({ frame, points }) => [frame, points.length]), withoutUmap?.includes('umap-js')]).toEqual([1, [[0, 40], [0, 40]], true]);
  });

  test('are coloured by the most frequent classes', () => {
    const labels = Array.from({ length: 60 }, (_, i) => (i < 12 ? i : i % 3));
    const { groups, group } = groupingOf(labels, labels.map((label) => `class ${label}`), 60);
    expect([groups.length, groups[0], groups.at(-1), group[11]]).toEqual([10, 'class 0', 'others', 9]);
  });
});

describe('UMAP', () => {
  test('is found where it is installed, and not where it is absent or broken', () => {
    const folder = newFolder();
    const file = pathToFileURL(path.join(folder, 'a.mdl')).href;
    expect([hasUmap(file), findUmap(file)]).toEqual([false, undefined]);
    mkdirSync(path.join(folder, 'node_modules/umap-js'), { recursive: true });
    writeFileSync(path.join(folder, 'node_modules/umap-js/index.js'), 'exports.UMAP = class { constructor({ nNeighbors }) { this.k = nNeighbors; } fit(rows) { return rows.map(([x]) => [x, this.k]); } };');
    expect(hasUmap(file)).toBe(true);
    const umap = findUmap(file)!;
    const broken = newFolder();
    mkdirSync(path.join(broken, 'node_modules/umap-js'), { recursive: true });
    writeFileSync(path.join(broken, 'node_modules/umap-js/index.js'), 'throw new Error("no");');
    expect(findUmap(pathToFileURL(path.join(broken, 'a.mdl')).href)).toBeUndefined();
    expect(umap(features([[1, 2], [3, 4], [5, 6]]))).toEqual([[1, 2], [3, 2], [5, 2]]);
  });
});

test('spaces that share their axes are fitted together', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => i);
  const of = (columns: number, shift: number): Features => ({ rows: 20, columns, data: Float32Array.from({ length: 20 * columns }, (_, i) => Math.sin(i * i) + shift) });
  const asked: number[][] = [];
  const umap = (all: Features): readonly (readonly [number, number])[] => {
    asked.push([all.rows, all.columns]);
    return Array.from({ length: all.rows }, (_, i) => [i, all.columns] as const);
  };
  const { maps, withoutUmap } = await studySpaces([{ name: 'old', features: of(4, 0) }, { name: 'new', features: of(3, 1) }, { name: 'bridged', features: of(4, 2), on: 0 }], rows, groupingOf(undefined, undefined, 20), { kernels, umap });
  expect([asked, withoutUmap]).toEqual([[[40, 4], [20, 3]], undefined]);
  expect(maps[1]!.panels.map(({ frame, points }) => [frame, points[0], points.length])).toEqual([[0, [0, 4], 20], [1, [0, 3], 20], [0, [20, 4], 20]]);
});

describe('what is kept', () => {
  test('comes back as it was, with numbers that JSON has none for; nothing else does', () => {
    const cache = newFolder();
    const grounds = { kind: 'verify', name: 'Upgrade', file: 'a.mdl', inputs: { 'a.mdl': 'ab' }, version: '0.1.0', umap: false };
    const key = studyKey(grounds);
    expect(keptStudy(cache, key)).toBeUndefined();
    keepStudy(cache, key, verifyStudy);
    // A lone surrogate and NUL are written as JSON escapes.
    expect(keptStudy(cache, key)).toEqual(verifyStudy);
    for (const other of [{ inputs: { 'a.mdl': 'cd' } }, { umap: true }, { version: '0.1.1' }]) expect(keptStudy(cache, studyKey({ ...grounds, ...other }))).toBeUndefined();
    const file = path.join(cache, 'studies', readdirSync(path.join(cache, 'studies'))[0]!);
    const bytes = readFileSync(file);
    for (const broken of [bytes.subarray(0, 500), Buffer.concat([bytes.subarray(0, 200), Buffer.from([bytes[200]! ^ 1]), bytes.subarray(201)]), Buffer.alloc(0)]) {
      writeFileSync(file, broken);
      expect(keptStudy(cache, key)).toBeUndefined();
    }
  });
});
