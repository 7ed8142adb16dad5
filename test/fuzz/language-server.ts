/** Messages of an editor to a language server in this process. */
import assert from 'node:assert/strict';
import { connect } from '../lsp/client.ts';

const uri = 'file:///nowhere/a.mdl';
const textDocument = { uri };
const position = { line: 1, character: 6 };
const text = 'space a @ 1.0.0\npart p(x: f32[n]) -> f32[n] { onnx.Abs(x) }\n';
const range = { start: position, end: { line: 1, character: 9 } };
const options = { tabSize: 2, insertSpaces: true };

/** Each a list of methods and what they are sent with. */
export const sessions: readonly Uint8Array[] = [
  [
    ['textDocument/didOpen', { textDocument: { uri, languageId: 'mdl', version: 1, text } }],
    ['textDocument/hover', { textDocument, position }],
    ['textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ range, text: '{' }] }],
    ['textDocument/completion', { textDocument, position }],
    ['textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } }],
    ['textDocument/didClose', { textDocument }],
  ],
  [
    ['textDocument/didOpen', { textDocument: { uri, languageId: 'mdl', version: 1, text } }],
    ['textDocument/definition', { textDocument, position }],
    ['textDocument/references', { textDocument, position, context: { includeDeclaration: true } }],
    ['textDocument/rename', { textDocument, position, newName: 'q' }],
    ['textDocument/formatting', { textDocument, options }],
    ['textDocument/semanticTokens/full', { textDocument }],
    ['textDocument/inlayHint', { textDocument, range }],
    ['workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] }],
    ['textDocument/documentSymbol', { textDocument }],
  ],
].map((session) => new TextEncoder().encode(JSON.stringify(session)));

/** Sends what a changed session says; the server answers everything, tells the log of no fault of its own, and afterwards answers a right request as it should. Gives "ok", or the number of the first error. */
export async function askWrongly(bytes: Uint8Array): Promise<string> {
  const client = connect();
  try {
    await client.initialize();
    let session: unknown;
    try {
      session = JSON.parse(Buffer.from(bytes).toString('utf8'));
    } catch {
      return 'not JSON';
    }
    let first: string | undefined;
    for (const step of Array.isArray(session) ? session : []) {
      const [method, params] = Array.isArray(step) ? (step as unknown[]) : [];
      // The protocol's own words end or begin a connection.
      if (typeof method !== 'string' || !method.includes('/')) continue;
      const isNotice = /\/did[A-Z]/.test(method);
      const sent = typeof params === 'object' && params !== null ? params : {};
      const asked = isNotice ? client.rpc.sendNotification(method, sent) : client.rpc.sendRequest(method, sent);
      await asked.catch((error: unknown) => void (first ??= String((error as { code?: number }).code ?? error)));
    }
    const own = 'file:///nowhere/own.mdl';
    client.open(own, 'space a @ 1.0.0\n');
    const symbols = await client.ask<readonly { readonly name: string }[]>('documentSymbol', own);
    assert.deepEqual(symbols.map(({ name }) => name), ['a']);
    // A notice has no answer: what is wrong with one, the library tells the log.
    assert.deepEqual(client.log.filter((line) => line.includes('internal error')), []);
    return first ?? 'ok';
  } finally {
    client.rpc.dispose();
  }
}
