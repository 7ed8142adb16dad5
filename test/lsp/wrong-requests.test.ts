/** What an editor asks against the protocol is refused, and is no fault of the server's. */
import { expect, test } from 'vitest';
import { connect } from './client.ts';

const uri = 'file:///nowhere/a.mdl';
const invalidParams = -32602;

test.each<[string, string, object, string]>([
  ['no document', 'hover', { position: { line: 0, character: 0 } }, 'textDocument.uri'],
  ['a URI that is none', 'documentSymbol', { textDocument: { uri: 7 } }, 'textDocument.uri'],
  ['no position', 'definition', { textDocument: { uri } }, 'position'],
  ['a line below 0', 'completion', { textDocument: { uri }, position: { line: -1, character: 0 } }, 'position'],
  ['a range without its end', 'inlayHint', { textDocument: { uri }, range: { start: { line: 0, character: 0 } } }, 'range'],
  ['no context', 'references', { textDocument: { uri }, position: { line: 0, character: 0 } }, 'context'],
  ['a name that is a number', 'rename', { textDocument: { uri }, position: { line: 0, character: 0 }, newName: 1 }, 'newName'],
  ['kinds of actions that are no texts', 'codeAction', { textDocument: { uri }, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } }, context: { only: [1] } }, 'context'],
])('%s', async (_, method, params, member) => {
  const client = connect();
  await client.initialize();
  client.open(uri, 'space a @ 1.0.0\n');
  await expect(client.rpc.sendRequest(`textDocument/${method}`, params)).rejects.toMatchObject({ code: invalidParams, message: `\`${member}\` is missing, or is not what the protocol says` });
  expect(client.log).toEqual([]);
  client.rpc.dispose();
});
