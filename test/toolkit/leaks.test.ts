/** What was learned from is found in what is tested on, whatever the format of either file and wherever the `fit` stands. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { integrityGate } from '../../src/align/verify/integrity.ts';
import type { Column } from '../../src/toolkit/data/table.ts';
import { arrayInMemory } from '../../src/toolkit/data/array-column.ts';
import { exampleKeys } from '../../src/toolkit/data/example-key.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, swapSource, world } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const values = (...list: unknown[]): Column => ({ kind: 'values', values: list });
const keyOf = (column: Column): string => exampleKeys([column], 1)[0]!;
const bytesOf = (array: Float32Array | Float64Array | BigInt64Array | Int32Array): Uint8Array => new Uint8Array(array.buffer);

test('numbers are the same by their values, in JSON, in CSV and in arrays', () => {
  const vector = keyOf(arrayInMemory('f32', [2], bytesOf(Float32Array.of(0.1, -2.5))));
  // The shortest decimals that tell numbers of single precision apart, and those of double precision that they came from.
  for (const same of [values([0.1, -2.5]), values('[0.1, -2.5]'), values([[0.1], [-2.5]]), arrayInMemory('f64', [2], bytesOf(Float64Array.of(0.1, -2.5)))]) expect(keyOf(same)).toBe(vector);
  for (const other of [values([0.1, -2.25]), values([-2.5, 0.1]), values([0.1]), values('0.1, -2.5')]) expect(keyOf(other)).not.toBe(vector);
  // Ids that single precision cannot tell apart.
  const id = keyOf(arrayInMemory('i64', [], bytesOf(BigInt64Array.of(16_777_217n))));
  expect(keyOf(values('16777217'))).toBe(id);
  expect(keyOf(values(16_777_216))).not.toBe(id);
});

test('texts are the same by their letters', () => {
  expect(keyOf(values('a text'))).toBe(keyOf(values('a text')));
  expect(keyOf(values('007'))).not.toBe(keyOf(values('7')));
  expect(keyOf(values('[sic]'))).not.toBe(keyOf(values('sic')));
});

test('G0 stays open where something that was learned from could not be looked at, and fails for what was seen all the same', () => {
  const unseen = ['`Back` was learned from pairs.jsonl, which is not there.'];
  const input = { fingerprints: [], features: [], learned: [{ name: 'the bridge', keys: ['a', 'b'] }], unseen };
  expect(integrityGate({ ...input, judged: { name: 'test', keys: ['c'] } })).toMatchObject({ verdict: 'INCONCLUSIVE', reason: unseen[0] });
  expect(integrityGate({ ...input, judged: { name: 'test', keys: ['a'] } })).toMatchObject({ verdict: 'FAIL', reason: expect.stringContaining(unseen[0]!) as string });
});

/** The bytes of a .npy file, version 1.0 of its format. */
function npy(descr: string, dims: readonly number[], content: Uint8Array): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(padded, 'latin1'), content]);
}

interface Row {
  readonly z: readonly number[];
  readonly label: string;
}
const rowsOf = (lines: string): readonly Row[] => lines.trimEnd().split('\n').map((line) => JSON.parse(line) as Row);
const csv = (lines: string): string => `z,label\n${rowsOf(lines).map(({ z, label }) => `"${JSON.stringify(z)}",${label}\n`).join('')}`;

const inTwo = (() => {
  const fits = swapSource.split('\n').filter((line) => line.startsWith('fit '));
  const verification = swapSource.slice(swapSource.indexOf('verify Swap'));
  return {
    'package.json': '{ "name": "swaps" }',
    'parts.mdl': swapSource.slice(0, swapSource.indexOf('fit Tell')),
    'fits.mdl': `import { Back, Old, Tell, first, second } from "./parts.mdl"\n${fits.join('\n')}\n`,
    'verify.mdl': `import { Before, New, Old } from "./parts.mdl"\n${verification}`,
    'heads.jsonl': jsonl(world(60, 1)),
  };
})();

/** G0, as the verification has it. */
async function integrity(folder: string): Promise<{ readonly verdict: string; readonly reason: string }> {
  const { stdout } = await mdl(folder, ['verify', 'verify.mdl', '--json', '--no-history']);
  const [result] = (JSON.parse(stdout) as { results: { swaps: { gates: { gate: string; verdict: string; reason: string }[] }[] }[] }).results;
  const { verdict, reason } = result!.swaps[0]!.gates.find(({ gate }) => gate.startsWith('G0'))!;
  return { verdict, reason };
}

async function fitted(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const made = createFolder({ ...inTwo, ...files });
  folders.push(made);
  expect(await mdl(made.path, ['fit', 'fits.mdl'])).toMatchObject({ code: 0 });
  return made.path;
}

const pairs = jsonl(world(60, 2));
const leaked = `${jsonl(world(60, 3))}${pairs.split('\n').slice(0, 20).join('\n')}\n`;

test('a fit in a module that nothing imports is found by the weights; where its data are gone, or others, nothing is passed', async () => {
  const folder = await fitted({ 'pairs.jsonl': pairs, 'test.jsonl': leaked });
  expect(await integrity(folder)).toEqual({ verdict: 'FAIL', reason: '20 examples stand in both the data of fit Back and the data of this verify, among them row 1 there and row 61 here.' });
  writeFileSync(path.join(folder, 'pairs.jsonl'), jsonl(world(60, 4)));
  expect(await integrity(folder)).toEqual({ verdict: 'INCONCLUSIVE', reason: expect.stringMatching(/^`Back` was learned from pairs\.jsonl, which has been changed since/) as string });
  rmSync(path.join(folder, 'pairs.jsonl'));
  // The head answers on both sides: of its data nothing is asked that cannot be.
  rmSync(path.join(folder, 'heads.jsonl'));
  expect(await integrity(folder)).toEqual({ verdict: 'INCONCLUSIVE', reason: '`Back` was learned from pairs.jsonl, which is not there: whether examples of it stand here, too, is not known.' });
});

test('examples of a fit are found in a test file of another format: JSONL, CSV and .npy', async () => {
  const z = Float32Array.from(rowsOf(pairs).flatMap((row) => row.z));
  const folder = await fitted({ 'pairs.jsonl': pairs, 'test.jsonl': leaked, 'test.csv': csv(leaked), 'p.z.npy': npy('<f4', [60, 32], bytesOf(z)) });
  const [verification, fits] = [inTwo['verify.mdl'], inTwo['fits.mdl']];
  writeFileSync(path.join(folder, 'verify.mdl'), verification.replace('test.jsonl', 'test.csv'));
  expect((await integrity(folder)).reason).toMatch(/^20 examples stand in both/);
  writeFileSync(path.join(folder, 'fits.mdl'), fits.replace('./pairs.jsonl', './p.*.npy'));
  expect(await mdl(folder, ['fit', 'fits.mdl', 'Back'])).toMatchObject({ code: 0 });
  expect((await integrity(folder)).reason).toMatch(/^20 examples stand in both/);
  writeFileSync(path.join(folder, 'verify.mdl'), verification);
  expect((await integrity(folder)).reason).toMatch(/^20 examples stand in both/);
});
