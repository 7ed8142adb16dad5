import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyLock, printLock, readLock, type Lock } from '../../src/packages/index.ts';

const digest = 'ab'.repeat(32);
const text = `{
  "lockVersion": 1,
  "files": {
    "heads/topic.safetensors": {
      "bytes": 7,
      "mtimeMs": 1700000000123,
      "sha256": "${digest}"
    },
    "models/a b.onnx": {
      "bytes": 9007199254740991,
      "mtimeMs": 0,
      "sha256": "${digest}"
    }
  },
  "spaces": {
    "glosses#use@1.0.0": {
      "models/a b.onnx": "${digest}"
    }
  },
  "tokenizers": {}
}
`;

test('a lock is the same text however it came about', () => {
  const read = readLock(text);
  if (!read.ok) throw new Error(read.finding.message);
  expect(printLock(read.value)).toBe(text);
  const reversed: Lock = { ...read.value, files: new Map([...read.value.files].reverse()) };
  expect(printLock(reversed)).toBe(text);
});

test('any lock is read as it was printed', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '../x', '7'));
  const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
  const count = fc.maxSafeNat();
  const verdict = fc.constantFrom('PASS' as const, 'FAIL' as const, 'INCONCLUSIVE' as const);
  const map = <T>(item: fc.Arbitrary<T>) => fc.array(fc.tuple(name, item), { maxLength: 4 }).map((entries) => new Map(entries));
  // JSON has no -0.
  const bounds = fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, noDefaultInfinity: true })).map(([a, b]): [number, number] => [a + 0, b + 0]);
  const space = fc.record({ columns: count, finite: fc.boolean(), range: bounds, norm: bounds, sum: bounds, mean: bounds, std: bounds });
  const lock = fc.record({
    files: map(fc.record({ bytes: count, mtimeMs: count, sha256 })),
    spaces: map(map(sha256)),
    tokenizers: map(map(sha256)),
    verdicts: map(fc.record({ verdict, date: fc.constant('2026-11-22'), rows: count, fingerprint: sha256, gates: fc.constant({ G2: 'FAIL' as const }) })),
    probes: map(fc.record({ date: fc.constant('2026-11-22'), rows: count, fingerprint: sha256, spaces: fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'), space) })),
  });
  fc.assert(fc.property(lock, (any) => {
    expect(readLock(printLock(any))).toEqual({ ok: true, value: any });
  }));
});

describe('what is no lock', () => {
  const changed = (from: string, to: string): string => text.replace(from, to);
  test.each<[string, string, string]>([
    ['nothing', '', 'lock-invalid: this is not a lock file: it is not JSON'],
    ['a cut file', text.slice(0, 90), 'lock-invalid: this is not a lock file: it is not JSON'],
    ['another JSON', '[]', 'lock-invalid: this is not a lock file: the whole should be an object, found a list of 0'],
    ['no version', '{}', 'lockVersion should be a whole number from 1'],
    ['a lock of the future', changed('"lockVersion": 1', '"lockVersion": 2'), 'lock-version: the lock file has the form 2, and this version of MDL knows form 1'],
    ['a merge conflict', `<<<<<<< HEAD\n${text}`, 'it holds an unresolved merge conflict'],
    ['a short digest', changed(digest, 'abc'), 'files["heads/topic.safetensors"].sha256 should be 64 lower-case hexadecimal digits, found "abc"'],
    ['a negative size', changed('"bytes": 7', '"bytes": -7'), 'bytes should be a whole number'],
    ['a fractional size', changed('"bytes": 7', '"bytes": 7.5'), 'bytes should be a whole number'],
    ['no spaces', changed('"spaces"', '"spaced"'), 'spaces should be an object, found nothing'],
    ['a file twice', changed('models/a b.onnx', 'heads/topic.safetensors'), 'the key "heads/topic.safetensors" stands twice in one object'],
  ])('%s', (_, content, expected) => {
    const read = readLock(content);
    expect(read.ok ? 'read' : `${read.finding.code}: ${read.finding.message}`).toContain(expected);
  });

  test('whatever else: there is an answer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (content) => {
        expect(readLock(content)).toHaveProperty('ok', false);
      }),
    );
  });
});

test('an empty lock is a lock', () => {
  expect(readLock(printLock(emptyLock))).toEqual({ ok: true, value: emptyLock });
});
