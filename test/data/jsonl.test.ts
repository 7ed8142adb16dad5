import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAllJsonl, readJsonl } from '../../src/data/jsonl.ts';
import { memorySource } from './memory-source.ts';

const read = (text: string | Uint8Array) =>
  readAllJsonl(memorySource(typeof text === 'string' ? Buffer.from(text) : text, 'memory:///d.jsonl'));

function refusal(text: string | Uint8Array): string {
  const outcome = read(text);
  if (outcome.ok) throw new Error('read without a finding');
  return `${outcome.finding.code}: ${outcome.finding.message}`;
}

describe('rows', () => {
  test('are read with their lines', () => {
    expect(read('{"a":1}\n\n  \r\n{"a":"ß"}\r\n{"b":null}')).toEqual({
      ok: true,
      value: [
        { line: 1, value: { a: 1 } },
        { line: 4, value: { a: 'ß' } },
        { line: 5, value: { b: null } },
      ],
    });
    expect(read('')).toEqual({ ok: true, value: [] });
    expect(read('\ufeff{"a":1}\n')).toMatchObject({ value: [{ line: 1, value: { a: 1 } }] });
  });

  test('of the glosses example are 2000', () => {
    const outcome = read(readFileSync(new URL('../../examples/glosses/data/test.jsonl', import.meta.url)));
    expect(outcome.ok && outcome.value.length).toBe(2000);
    expect(outcome.ok && outcome.value[0]).toEqual({
      line: 1,
      value: { text: 'booth for using a telephone', label: 'artifact', word: 'telephone booth' },
    });
  });

  test('across the edges of chunks are whole', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ i, text: 'é'.repeat(i % 97) }));
    const outcome = read(rows.map((row) => JSON.stringify(row)).join('\n'));
    expect(outcome.ok && outcome.value.map((row) => row.value)).toEqual(rows);
  });

  test('are given one by one', () => {
    const rows = readJsonl(memorySource(Buffer.from('{"a":1}\n{"a":2}\nno row\n{"a":3}')));
    expect([...rows].map((row) => (row.ok ? row.value.line : row.finding.code))).toEqual([1, 2, 'jsonl-line']);
  });
});

describe('a wrong line', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"a":1}\n{"a":\n', 'jsonl-line: Line 2 of `d.jsonl` is wrong: it is not JSON'],
    ['a list', '[1]', 'Line 1 of `d.jsonl` is wrong: it should be a JSON object, found a list of 1'],
    ['a key twice', '{"a":1,"a":2}', 'the key "a" stands twice'],
    [
      'bytes that are no UTF-8',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      'Line 1 of `d.jsonl` is wrong: it is not UTF-8',
    ],
    ['no end', 'x'.repeat(2 ** 24 + 70000), 'it is longer than 16777216 bytes'],
    ['deep nesting', '['.repeat(100_000), 'it is not JSON'],
  ])('%s', (_, text, expected) => {
    expect(refusal(text)).toContain(expected);
  });

  test('a file that shrinks or fails while it is read', () => {
    const source = memorySource(Buffer.from('{"a":1}\n'));
    expect(readAllJsonl({ ...source, read: () => new Uint8Array(0) })).toMatchObject({
      finding: { message: expect.stringContaining('the file ends at byte 0 of 8') },
    });
    const broken = {
      ...source,
      read: () => {
        throw new Error('EIO');
      },
    };
    expect(readAllJsonl(broken)).toMatchObject({
      finding: { message: expect.stringContaining('the file cannot be read on (EIO)') },
    });
  });

  test('any bytes are read or refused', () => {
    const text = fc.array(fc.oneof(fc.json(), fc.string())).map((lines) => Buffer.from(lines.join('\n')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), text), (bytes) => {
        const outcome = read(bytes);
        return outcome.ok || outcome.finding.code === 'jsonl-line';
      }),
      { numRuns: 1000, verbose: 1 },
    );
  });
});
