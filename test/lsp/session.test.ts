import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CancellationTokenSource, LSPErrorCodes, type CodeAction, type Location, type SignatureHelp, type WorkspaceEdit } from 'vscode-languageserver/node';
import { mdl } from '../cli/harness.ts';
import { applied, connect, positionOf, root, type Published } from './client.ts';

const scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'mdl-lsp-')));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
/** A folder of its own with these files; answers their URIs by name. */
function workspace(files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = path.join(scratch, `work space ${folders++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return (name) => pathToFileURL(path.join(folder, name)).href;
}

const codes = ({ diagnostics }: Published): unknown[] => diagnostics.map(({ code }) => code);
const part = 'part f(x: float[..., d]) -> float[..., d] { x }\n';
const user = 'import { f } from "./part.mdl"\npart g(x: float[..., d]) -> float[..., d] { f(x) }\n';

describe('diagnostics', () => {
  test('of every open document that an edit concerns', async () => {
    const uri = workspace({ 'part.mdl': part, 'user.mdl': user, 'other.mdl': part });
    const client = connect();
    await client.initialize(uri('.'));
    for (const [name, text] of [['part.mdl', part], ['user.mdl', user], ['other.mdl', part]] as const) client.open(uri(name), text);
    for (const name of ['part.mdl', 'user.mdl', 'other.mdl']) expect(codes(await client.diagnostics(uri(name)))).toEqual([]);

    client.change(uri('part.mdl'), part.replace('f(', 'h('));
    expect(codes(await client.diagnostics(uri('user.mdl'), ({ diagnostics }) => diagnostics.length > 0))).toEqual(['unknown-export']);
    client.change(uri('part.mdl'), part);
    expect(codes(await client.diagnostics(uri('user.mdl'), ({ diagnostics }) => diagnostics.length === 0))).toEqual([]);
    expect(client.published.get(uri('other.mdl'))?.version).toBe(1);
  });

  test('when a file changes on disk, appears or goes', async () => {
    const uri = workspace({ 'user.mdl': user });
    const client = connect();
    await client.initialize(uri('.'));
    client.open(uri('user.mdl'), user);
    expect(codes(await client.diagnostics(uri('user.mdl')))).toContain('unknown-module');

    const file = new URL(uri('part.mdl'));
    const watched = (type: number): void => void client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('part.mdl'), type }] });
    writeFileSync(file, part);
    watched(1);
    await client.diagnostics(uri('user.mdl'), ({ diagnostics }) => diagnostics.length === 0);
    writeFileSync(file, part.replace('f(', 'h('));
    watched(2);
    await client.diagnostics(uri('user.mdl'), (found) => codes(found).includes('unknown-export'));
    rmSync(file);
    watched(3);
    await client.diagnostics(uri('user.mdl'), (found) => codes(found).includes('unknown-module'));
  });

  test('are cleared when a document is closed, and its file counts again', async () => {
    const uri = workspace({ 'part.mdl': part, 'user.mdl': user });
    const client = connect();
    await client.initialize(uri('.'));
    client.open(uri('user.mdl'), user);
    client.open(uri('part.mdl'), 'part (');
    await client.diagnostics(uri('part.mdl'), ({ diagnostics }) => diagnostics.length > 0);
    await client.diagnostics(uri('user.mdl'), ({ diagnostics }) => diagnostics.length > 0);
    void client.notify('textDocument/didClose', { textDocument: { uri: uri('part.mdl') } });
    const cleared = await client.diagnostics(uri('part.mdl'), ({ diagnostics }) => diagnostics.length === 0);
    expect(cleared.version).toBeUndefined();
    expect(codes(await client.diagnostics(uri('user.mdl'), ({ diagnostics }) => diagnostics.length === 0))).toEqual([]);
  });

  test("go to the client's spelling of a URI", async () => {
    const uri = workspace({ 'part.mdl': part, 'user.mdl': user });
    const spelled = (name: string): string => uri(name).replace(/\.mdl$/, '%2Emdl').replace('space', 'sp%61ce');
    const client = connect();
    await client.initialize(uri('.'));
    client.open(spelled('user.mdl'), user);
    client.open(spelled('part.mdl'), part.replace('f(', 'h('));
    await client.diagnostics(spelled('user.mdl'), (found) => codes(found).includes('unknown-export'));
    const place = await client.ask<Location>('definition', spelled('user.mdl'), { position: positionOf(user, './part') });
    expect(place.uri).toBe(spelled('part.mdl'));
  });

  test('of what the lock says of a file, without writing the lock', async () => {
    const vocabulary = (words: object): string => JSON.stringify({ model: { type: 'WordLevel', unk_token: 'a', vocab: words } });
    const text = 'import { Tokens } from "std/text"\ntokenizer words @ 1.0.0 from "./words.json"\ncontract Sentences = Tokens(by: words)\nmodel Ids {\n  input tokens: Sentences\n  output ids = tokens.ids\n}\n';
    const uri = workspace({ 'package.json': '{}', 'ids.mdl': text, 'words.json': vocabulary({ a: 0, b: 1 }) });
    const folder = fileURLToPath(uri('.'));
    expect((await mdl(folder, ['check', 'ids.mdl'])).code).toBe(0);
    const lock = readFileSync(path.join(folder, 'mdl.lock'), 'utf8');
    writeFileSync(path.join(folder, 'words.json'), vocabulary({ b: 0, a: 1 }));

    const checked = await mdl(folder, ['check', '--json', 'ids.mdl']);
    const client = connect();
    await client.initialize(uri('.'));
    client.open(uri('ids.mdl'), text);
    const shown = codes(await client.diagnostics(uri('ids.mdl')));
    expect(shown).toEqual(['tokenizer-changed']);
    expect((JSON.parse(checked.stdout) as { diagnostics: { code: string }[] }).diagnostics.map(({ code }) => code)).toEqual(shown);

    writeFileSync(path.join(folder, 'words.json'), vocabulary({ a: 0, b: 1, c: 2 }));
    rmSync(path.join(folder, 'mdl.lock'));
    void client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('mdl.lock'), type: 3 }] });
    expect(codes(await client.diagnostics(uri('ids.mdl'), ({ diagnostics }) => diagnostics.length === 0))).toEqual([]);
    expect(existsSync(path.join(folder, 'mdl.lock'))).toBe(false);
    expect(lock).toContain('words@1.0.0');
  });

  test('of a document that is no file', async () => {
    const client = connect();
    await client.initialize();
    client.open('untitled:Untitled-1', 'import { a } from "./a.mdl"\n');
    expect(codes(await client.diagnostics('untitled:Untitled-1'))).toContain('unknown-module');
  });
});

describe('requests', () => {
  test('see edits that came in pieces, counted in UTF-16', async () => {
    const client = connect();
    await client.initialize();
    const uri = 'file:///nowhere/a.mdl';
    client.open(uri, 'labels L = ["😀", "b"]\nspace a @ 1.0.0\n');
    await client.notify('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        { range: { start: { line: 0, character: 19 }, end: { line: 0, character: 20 } }, text: '😀' },
        { range: { start: { line: 1, character: 6 }, end: { line: 1, character: 7 } }, text: 'here' },
      ],
    });
    const { diagnostics } = await client.diagnostics(uri, ({ version }) => version === 2);
    expect(diagnostics).toMatchObject([{ code: 'labels-repeated', range: { start: { line: 0, character: 18 }, end: { line: 0, character: 22 } } }]);
    expect(JSON.stringify(await client.ask('hover', uri, { position: { line: 1, character: 8 } }))).toContain('space here @ 1.0.0');
  });

  test('what a call takes, with the parameter that is written', async () => {
    const client = connect();
    const { capabilities } = await client.initialize();
    expect(capabilities['signatureHelpProvider']).toEqual({ triggerCharacters: ['(', ','], retriggerCharacters: [':'] });
    const uri = 'file:///nowhere/call.mdl';
    const text = '/// Twice.\npart twice(x: f32[n], /// How often.\n by: int = 2) -> f32[n] { x }\npart f(x: f32[n]) -> f32[n] { twice(x, by: ';
    client.open(uri, text);
    const help = await client.ask<SignatureHelp>('signatureHelp', uri, { position: { line: 3, character: text.length - text.lastIndexOf('\n') - 1 } });
    const [signature] = help.signatures;
    expect(signature).toMatchObject({ label: expect.stringMatching(/^twice\(x: f32\[n\], .*by: int = 2\) -> f32\[n\]$/s), documentation: { kind: 'markdown', value: 'Twice.' } });
    const [start, end] = signature!.parameters![help.activeParameter!]!.label as [number, number];
    expect(signature!.label.slice(start, end)).toContain('by: int = 2');
    expect(await client.ask('signatureHelp', uri, { position: { line: 0, character: 0 } })).toBeNull();
  });

  test('all that needs no choice, for those who ask for it', async () => {
    const uri = workspace({});
    const client = connect();
    const { capabilities } = await client.initialize(uri('.'));
    expect(capabilities['codeActionProvider']).toEqual({ codeActionKinds: ['quickfix', 'source.fixAll.mdl'] });
    const text = 'import { relu } from "std/nn"\nmodel M {\n  input x: float32[n]\n  output y = F.relu(x)\n}\n';
    client.open(uri('all.mdl'), text);
    const range = { start: { line: 0, character: 0 }, end: { line: 5, character: 0 } };
    const kinds = async (only?: readonly string[]): Promise<CodeAction[]> => client.ask('codeAction', uri('all.mdl'), { range, context: { diagnostics: [], ...(only === undefined ? {} : { only }) } });
    expect((await kinds()).map(({ kind }) => kind)).toEqual(['quickfix', 'quickfix']);
    expect(await kinds(['source.organizeImports'])).toEqual([]);
    for (const only of ['source.fixAll', 'source.fixAll.mdl', 'source']) {
      const [action, ...more] = await kinds([only]);
      expect([action!.kind, more]).toEqual(['source.fixAll.mdl', []]);
      expect(applied(text, action!.edit!.changes![uri('all.mdl')]!)).toBe(text.replace('float32', 'f32').replace('F.', ''));
    }
    client.change(uri('all.mdl'), text.replace('float32', 'f32').replace('F.', ''));
    expect(await kinds(['source.fixAll'])).toEqual([]);
  });

  test('rename over files that are not open', async () => {
    const uri = workspace({ 'part.mdl': part, 'inner/user.mdl': user.replace('./', '../'), 'node_modules/x/user.mdl': user });
    const client = connect();
    await client.initialize(uri('.'));
    client.open(uri('part.mdl'), part);
    const edit = await client.ask<WorkspaceEdit>('rename', uri('part.mdl'), { position: positionOf(part, 'f('), newName: 'same' });
    expect(Object.keys(edit.changes!).sort()).toEqual([uri('inner/user.mdl'), uri('part.mdl')]);
    await expect(client.ask('rename', uri('part.mdl'), { position: positionOf(part, 'f('), newName: 'model' })).rejects.toThrow('is a word of the language');
    await expect(client.ask('prepareRename', uri('part.mdl'), { position: positionOf(part, 'float') })).rejects.toThrow('is no name of a module');
  });

  test('of every kind answer, in plain text where the client wants that', async () => {
    const client = connect();
    await client.initialize(undefined, { textDocument: { hover: { contentFormat: ['plaintext'] } } });
    const uri = 'file:///nowhere/a.mdl';
    client.open(uri, part);
    const position = positionOf(part, 'f(');
    expect(await client.ask('hover', uri, { position })).toMatchObject({ contents: { kind: 'plaintext', value: expect.stringMatching(/^part f/) } });
    expect(await client.ask('definition', uri, { position })).toMatchObject({ uri });
    expect(await client.ask('references', uri, { position, context: { includeDeclaration: true } })).toHaveLength(1);
    expect(await client.ask('documentHighlight', uri, { position })).toHaveLength(1);
    expect(await client.ask('prepareRename', uri, { position })).toMatchObject({ placeholder: 'f' });
    expect(await client.ask('documentSymbol', uri)).toMatchObject([{ name: 'f', kind: 12, children: [{ name: 'x', kind: 13 }] }]);
    expect(await client.ask('completion', uri, { position: positionOf(part, '{ x', 3) })).not.toEqual([]);
    expect(await client.ask('inlayHint', uri, { range: { start: position, end: position } })).toEqual([]);
    const tokens = await client.ask<{ data: number[] }>('semanticTokens/full', uri);
    // `part`, then `f`: five to the right, a function that is declared there.
    expect(tokens.data.slice(0, 10)).toEqual([0, 0, 4, 0, 0, 0, 5, 1, 8, 1]);
  });

  test('can be cancelled, and the next one is answered', async () => {
    const client = connect();
    await client.initialize();
    const uri = 'file:///nowhere/a.mdl';
    client.open(uri, part);
    const source = new CancellationTokenSource();
    const asked = client.rpc.sendRequest('textDocument/formatting', { textDocument: { uri }, options: { tabSize: 2, insertSpaces: true } }, source.token);
    source.cancel();
    await expect(asked).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect(await client.ask('documentSymbol', uri)).toHaveLength(1);
  });

  test('that nobody can answer do no harm', async () => {
    const client = connect();
    await client.initialize();
    const uri = 'file:///nowhere/a.mdl';
    client.open(uri, part);
    expect(await client.ask('hover', 'file:///nowhere/b.mdl', { position: { line: 0, character: 0 } })).toBeNull();
    expect(await client.ask('hover', uri, { position: { line: 1e9, character: 1e9 } })).toBeNull();
    await expect(client.ask('nonsense', uri)).rejects.toThrow(/nonsense|method/i);
    const answers = await Promise.allSettled([client.rpc.sendRequest('textDocument/hover', {}), client.rpc.sendRequest('textDocument/hover', { textDocument: { uri } })]);
    expect(answers).toHaveLength(2);
    expect(await client.ask('documentSymbol', uri)).toHaveLength(1);
  });
});

test('random edits with requests in between never end in an error', async () => {
  const text = readFileSync(path.join(root, 'examples/glosses/encoder.mdl'), 'utf8');
  const uri = pathToFileURL(path.join(root, 'examples/glosses/encoder.mdl')).href;
  const pieces = ['{', '}', '(', ')', '[', '"', '.', ':', '|>', '\n', '//', '😀', 'let x = ', 'where ', 'onnx.', 'Tokens', 'é'];
  const place = fc.record({ line: fc.nat(30), character: fc.nat(80) });
  const edit = fc.record({ place, length: fc.nat(12), piece: fc.constantFrom(...pieces) });
  const methods = ['hover', 'definition', 'documentHighlight', 'completion', 'documentSymbol', 'formatting', 'semanticTokens/full'];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(edit, fc.constantFrom(...methods), place), { minLength: 1, maxLength: 12 }), async (steps) => {
      const client = connect();
      await client.initialize();
      client.open(uri, text);
      let version = 1;
      const answers = steps.map(([{ place: start, length, piece }, method, position]) => {
        const range = { start, end: { line: start.line, character: start.character + length } };
        void client.notify('textDocument/didChange', { textDocument: { uri, version: ++version }, contentChanges: [{ range, text: piece }] });
        return client.ask(method, uri, { position, options: { tabSize: 2, insertSpaces: true } });
      });
      const settled = await Promise.allSettled(answers);
      // A text that changed while it was being formatted is no fault.
      const failed = settled.filter((answer) => answer.status === 'rejected' && !String(answer.reason).includes('the document changed'));
      expect(failed).toEqual([]);
      const { version: shown } = await client.diagnostics(uri, (published) => published.version === version);
      expect(shown).toBe(version);
      expect(client.log).toEqual([]);
      client.rpc.dispose();
    }),
    { numRuns: 30 },
  );
});
