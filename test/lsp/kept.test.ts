/** What `mdl verify` and `mdl probe` left in the lock, judged by the editor as by `mdl check`: the same codes at the same places. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { kernelModel } from '../../src/align/kernels/graph.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { connect, type Client } from './client.ts';

const turned = kernelModel({ name: 'turned', inputs: [{ name: 'x', dtype: 'f32', rank: 2 }], nodes: [{ op: 'Neg', inputs: ['x'], output: 'e' }], outputs: [{ name: 'e', dtype: 'f32', rank: 2 }] });

const source = `backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input x: f32[batch, 4]
  output e: f32[batch, 4] where norm(-1) == 1 +- 1e-3 from "e"
}
adapter Old(x: f32[batch, 4]) -> f32[batch, 4] { Encoder(x).e }
adapter New(x: f32[batch, 4]) -> f32[batch, 4] { x * 2 }
model Vectors {
  input x: f32[batch, 4]
  output e = Old(x)
}
probe Space { data "./x.jsonl" through Encoder }
verify Upgrade {
  swap Old with New in Vectors
  data d = "./x.jsonl"
  require cosine(Vectors(d.x).e, d.x) >= 0.5
}
`;

const folder = createFolder({ 'package.json': '{ "name": "vectors" }', 'a.mdl': source, 'encoder.onnx': turned, 'x.jsonl': Array.from({ length: 20 }, (_, i) => `{ "x": [${i}, 1, 2, 3] }\n`).join('') });
afterAll(() => folder.remove());
const uri = pathToFileURL(path.join(folder.path, 'a.mdl')).href;

type Told = readonly (readonly [code: unknown, line: number, character: number])[];

async function byCheck(): Promise<Told> {
  const { stdout } = await mdl(folder.path, ['check', 'a.mdl', '--json']);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; range: { start: { line: number; character: number } } }[] };
  return diagnostics.map(({ code, range: { start } }) => [code, start.line, start.character] as const);
}

async function byEditor(client: Client, awaited: string): Promise<Told> {
  const { diagnostics } = await client.diagnostics(uri, (found) => found.diagnostics.some(({ code }) => code === awaited));
  return diagnostics.map(({ code, range }) => [code, range.start.line, range.start.character] as const);
}

test('a measurement that contradicts, then one of something else, and a verdict on something else', async () => {
  expect((await mdl(folder.path, ['probe', 'a.mdl'])).code).toBe(0);
  const client = connect();
  await client.initialize(pathToFileURL(folder.path).href);
  client.open(uri, source);
  const contradicted = await byEditor(client, 'measured-contradicts');
  expect(contradicted).toEqual([['measured-contradicts', 3, 32]]);
  expect(contradicted).toEqual(await byCheck());

  const lockFile = path.join(folder.path, 'mdl.lock');
  const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as { verdicts?: object; probes: Record<string, { fingerprint: string }> };
  lock.probes['a.mdl#Space']!.fingerprint = '0'.repeat(64);
  lock.verdicts = { 'a.mdl#Upgrade': { verdict: 'PASS', date: '2026-11-22', rows: 20, fingerprint: '0'.repeat(64), gates: { G0: 'PASS' } } };
  writeFileSync(lockFile, JSON.stringify(lock));
  void client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(lockFile).href, type: 2 }] });
  const stale = await byEditor(client, 'verdict-stale');
  expect(new Set(stale.map(([code]) => code))).toEqual(new Set(['probe-stale', 'verdict-stale']));
  expect(stale).toEqual(await byCheck());
  // Of a text with an error nothing is said.
  client.change(uri, `${source}part`);
  await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0 && diagnostics.every(({ code }) => code !== 'verdict-stale'));
});

test('hover says by which probe a fact was measured, as soon as diagnostics were told', async () => {
  const unit = `${source.slice(0, source.indexOf('verify'))}`.replace('x.jsonl', 'unit.jsonl');
  writeFileSync(path.join(folder.path, 'unit.mdl'), unit);
  writeFileSync(path.join(folder.path, 'unit.jsonl'), Array.from({ length: 20 }, (_, i) => `{ "x": [${Math.sin(i)}, ${Math.cos(i)}, 0, 0] }\n`).join(''));
  expect((await mdl(folder.path, ['probe', 'unit.mdl'])).code).toBe(0);
  const unitUri = pathToFileURL(path.join(folder.path, 'unit.mdl')).href;
  const client = connect();
  await client.initialize(pathToFileURL(folder.path).href);
  client.open(unitUri, unit);
  await client.diagnostics(unitUri, () => true);
  const position = { line: 3, character: 10 };
  expect(JSON.stringify(await client.ask('hover', unitUri, { position }))).toMatch(/norm\(-1\) == 1 \+- 0\.001`: measured \(probe Space on [\d-]+: a norm of 1 on 20 rows\)/);
});
