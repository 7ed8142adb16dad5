import { expect, test } from 'vitest';
import { diagnosticToJson } from '../../src/diagnostics/index.ts';
import { createSource } from '../../src/text/source.ts';

test('a diagnostic as data has positions from zero, offsets, related places and edits', () => {
  const uri = 'file:///project/a.mdl';
  const text = 'let é = 1\r\nlet y = x\r\n';
  const span = { start: 19, end: 20 };
  const json = diagnosticToJson(
    {
      code: 'unknown-name',
      severity: 'error',
      message: 'there is no x',
      notes: ['A note.'],
      location: { uri, span },
      label: 'not found',
      related: [{ location: { uri: 'file:///project/model.onnx', span: { start: 0, end: 0 } }, text: 'a binary file' }],
      fixes: [{ title: 'write é', edits: [{ location: { uri, span }, text: 'é' }] }],
    },
    { sources: new Map([[uri, createSource(uri, text)]]), display: (u) => u.replace('file:///project/', '') },
  );
  const range = { start: { line: 1, character: 8, offset: 19 }, end: { line: 1, character: 9, offset: 20 } };
  expect(json).toEqual({
    code: 'unknown-name',
    severity: 'error',
    message: 'there is no x',
    file: 'a.mdl',
    uri,
    range,
    label: 'not found',
    related: [{ file: 'model.onnx', uri: 'file:///project/model.onnx', range: null, message: 'a binary file' }],
    notes: ['A note.'],
    fixes: [{ title: 'write é', edits: [{ file: 'a.mdl', uri, range, newText: 'é' }] }],
  });
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});
