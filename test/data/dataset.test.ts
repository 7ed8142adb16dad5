import { describe, expect, test } from 'vitest';
import { readExamples, shuffled } from '../../src/data/dataset.ts';
import { writeNpy } from '../../src/data/npy.ts';
import { memorySource } from './memory-source.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (bytes: Uint8Array, name: string): unknown[] =>
  [...readExamples(memorySource(bytes, `memory:///${name}`))].map((example) =>
    example.ok ? [example.value.at, { ...example.value.fields }] : example.finding.message,
  );

describe('examples come from', () => {
  test('JSON Lines', () => expect(read(utf8('{"text":"a"}\n\n{"text":"b"}'), 'd.jsonl')).toEqual([[1, { text: 'a' }], [3, { text: 'b' }]]));
  test('CSV and TSV', () => {
    expect(read(utf8('text,label\na,1'), 'D.CSV')).toEqual([[2, { text: 'a', label: '1' }]]);
    expect(read(utf8('text\tlabel\na\t1'), 'd.tsv')).toEqual([[2, { text: 'a', label: '1' }]]);
  });
  test('the rows of an array', () => {
    const file = writeNpy({ dtype: 'u8', dims: [2, 3], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) }, 'images.npy');
    if (!file.ok) throw new Error(file.finding.message);
    expect(read(file.value, 'images.npy')).toEqual([
      [1, { images: { dtype: 'u8', dims: [3], bytes: Uint8Array.of(1, 2, 3) } }],
      [2, { images: { dtype: 'u8', dims: [3], bytes: Uint8Array.of(4, 5, 6) } }],
    ]);
  });
  test('nothing else, and the first fault ends them', () => {
    expect(read(utf8(''), 'd.parquet')).toEqual(['The examples of `d.parquet` cannot be read: its name should end in .jsonl, .ndjson, .csv, .tsv, .npy.']);
    expect(read(utf8('{"a":1}\nno\n{"a":2}'), 'd.jsonl')).toHaveLength(2);
  });
});

describe('a shuffled stream', () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => i);
  test('has every item once, the same for the same seed', () => {
    const first = [...shuffled(numbers, 100, 3)];
    expect(first.toSorted((a, b) => a - b)).toEqual(numbers);
    expect([...shuffled(numbers, 100, 3)]).toEqual(first);
    expect([...shuffled(numbers, 100, 4)]).not.toEqual(first);
  });
  test('never holds more than it may: an item comes no earlier than the buffer lets it', () => {
    for (const [at, item] of [...shuffled(numbers, 100, 3)].entries()) expect(item).toBeLessThanOrEqual(at + 100);
  });
  test('with room for all, every order is equally likely', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed++) {
      const order = [...shuffled(['a', 'b', 'c'], 3, seed)].join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // A count of 500 has a standard deviation of 20.
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
  });
});
