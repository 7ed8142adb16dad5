/** `mdl lsp --stdio` of the last build, spoken to as an editor does. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { CodeAction, Hover, TextEdit } from 'vscode-languageserver/node';
import { applied, launch, positionOf, root } from './client.ts';

const folder = path.join(root, 'examples/glosses');
const uri = pathToFileURL(path.join(folder, 'wrong.mdl')).href;
const text = readFileSync(path.join(folder, 'wrong.mdl'), 'utf8');

beforeAll(() => {
  if (!existsSync(path.join(root, 'dist/js/cli.cjs'))) throw new Error('run `npm run build` first');
});

test('the wrong joint of the example: seen, explained, mended, formatted', async () => {
  const { client, exited } = launch();
  const { capabilities } = await client.initialize(pathToFileURL(folder).href);
  expect(capabilities).toMatchObject({ positionEncoding: 'utf-16', hoverProvider: true, documentFormattingProvider: true });

  client.open(uri, text);
  const { diagnostics } = await client.diagnostics(uri);
  expect(diagnostics).toHaveLength(1);
  const start = positionOf(text, 'tokens))');
  const range = { start, end: { line: start.line, character: start.character + 'tokens'.length } };
  expect(diagnostics[0]).toMatchObject({ code: 'tokenizer-mismatch', severity: 1, source: 'mdl', range });
  expect(diagnostics[0]!.relatedInformation!.map(({ location }) => path.basename(location.uri))).toContain('encoder.mdl');

  const hover = await client.ask<Hover>('hover', uri, { position: positionOf(text, 'Encode(', 2) });
  expect(JSON.stringify(hover.contents)).toContain('adapter Encode(tokens: Sentences) -> Embedding');

  const actions = await client.ask<CodeAction[]>('codeAction', uri, { range, context: { diagnostics } });
  const edits = actions[0]!.edit!.changes![uri]!;
  const mended = applied(text, edits);
  client.change(uri, mended);
  const after = await client.diagnostics(uri, ({ version }) => version === 2);
  expect(after.diagnostics.filter(({ severity }) => severity === 1)).toEqual([]);

  client.change(uri, mended.replace('output topic =', 'output   topic='));
  const formatting = await client.ask<TextEdit[]>('formatting', uri, { options: { tabSize: 8, insertSpaces: false } });
  expect(applied(mended.replace('output topic =', 'output   topic='), formatting)).toBe(mended);

  await client.rpc.sendRequest('shutdown');
  void client.notify('exit', {});
  expect(await exited).toBe(0);
});

test('exits with 1 where nobody said shutdown, and where the client goes away', async () => {
  const first = launch();
  await first.client.initialize();
  void first.client.notify('exit', {});
  expect(await first.exited).toBe(1);

  const second = launch();
  await second.client.initialize();
  second.child.stdin!.end();
  expect(await second.exited).toBe(1);
});
