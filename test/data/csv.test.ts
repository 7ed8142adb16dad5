import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/data/csv.ts';
import type { ByteSource } from '../../src/host/host.ts';
import { memorySource } from './memory-source.ts';

/** A source that hands out few bytes at a time, so that every boundary falls somewhere odd. */
const inPieces = (bytes: Uint8Array, size: number): ByteSource => ({
  ...memorySource(bytes, 'memory:///train.csv'),
  read: (offset, length) => bytes.subarray(offset, offset + Math.min(length, size)),
});
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(bytes: Uint8Array, size = 2 ** 16, delimiter: ',' | '\t' = ','): string | [number, Record<string, string>][] {
  const rows: [number, Record<string, string>][] = [];
  for (const row of readCsv(inPieces(bytes, size), delimiter)) {
    if (!row.ok) return `${row.finding.code}: ${row.finding.message}`;
    rows.push([row.value.line, { ...row.value.value }]);
  }
  return rows;
}

describe('rows', () => {
  test.each([1, 3, 1000])('with quotes, line ends of both kinds and a byte order mark, %d bytes at a time', (size) => {
    const text = '\ufeffid,text\r\n1,"a, ""b""\r\nc"\r\n\r\n2,d é\n3,""';
    expect(read(utf8(text), size)).toEqual([
      [2, { id: '1', text: 'a, "b"\r\nc' }],
      [5, { id: '2', text: 'd é' }],
      [6, { id: '3', text: '' }],
    ]);
  });
  test('divided by tabs', () => {
    expect(read(utf8('a\tb\n1,5\t2'), 9, '\t')).toEqual([[2, { a: '1,5', b: '2' }]]);
  });
  test('of nothing, and of a header alone', () => {
    expect(read(utf8(''))).toEqual([]);
    expect(read(utf8('a,b\n'))).toEqual([]);
  });
  test('under names that JavaScript takes for its own', () => {
    expect(read(utf8('__proto__,constructor\n1,2'))).toEqual([[2, Object.fromEntries([['__proto__', '1'], ['constructor', '2']])]]);
  });
});

test('what another program wrote is read: every text, quoted as the standard says', () => {
  const field = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\ufeff', ''));
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (rows, size) => {
      const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const text = ['x,y', ...rows.map((row) => row.map(quote).join(','))].join('\r\n');
      const found = read(utf8(text), size);
      expect(typeof found === 'string' ? found : found.map(([, { x, y }]) => [x, y])).toEqual(rows);
    }),
  );
});

describe('refused, with the line', () => {
  test.each([
    ['too many fields', 'text,label\nWell, well,surprise', 'csv-row: The row on line 2 of `train.csv` is wrong: it has 3 fields, and the header has 2 (a field that holds a comma stands in quotes: `"a, b"`).'],
    ['too few', 'a,b\n\n\n1', 'csv-row: The row on line 4 of `train.csv` is wrong: it has 1 field, and the header has 2.'],
    ['an open quote', 'a\n1\n"2\n3', 'csv-row: The row on line 3 of `train.csv` is wrong: a quote is not closed (one inside a field is written twice: `"a ""word"" b"`).'],
    ['a quote in the middle', 'a\nb"c', 'csv-row: The row on line 2 of `train.csv` is wrong: a field without quotes holds a quote (write `"a ""word"" b"`).'],
    ['text after a quote', 'a\n"b"c', 'csv-row: The row on line 2 of `train.csv` is wrong: text follows a quote (write `"a ""word"" b"`).'],
    ['a name twice', 'a,a\n1,2', 'csv-row: The row on line 1 of `train.csv` is wrong: it is the header, and "a" stands in it twice.'],
    ['a name that is none', 'a,\n1,2', 'csv-row: The row on line 1 of `train.csv` is wrong: it is the header, and one of its names is empty.'],
    ['semicolons', 'a;b\n1;2', 'csv-row: The row on line 1 of `train.csv` is wrong: its fields are divided by semicolons, and commas were expected.'],
  ])('%s', (_, text, message) => expect(read(utf8(text))).toBe(message));
  test('bytes that are no text', () => {
    expect(read(Uint8Array.of(0x61, 0x0a, 0xff))).toBe('csv-row: The row on line 2 of `train.csv` is wrong: it is not UTF-8.');
  });
});
