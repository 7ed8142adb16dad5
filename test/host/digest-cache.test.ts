import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { createNodeHost } from '../../src/host/node.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mdl-digests-'));
afterAll(() => rmSync(folder, { recursive: true }));

const large = path.join(folder, 'model.bin');
const uri = pathToFileURL(large).href;
const noon = new Date('2026-01-01T12:00:00Z');

/** The digest by a host that begins with whatever earlier hosts left in the cache. */
function digest(cache: string): string {
  const answer = createNodeHost({ cache }).sha256(uri);
  return answer.ok ? answer.value : answer.finding.code;
}

function write(byte: number, time: Date): string {
  const bytes = Buffer.alloc(2 * 1024 * 1024, byte);
  writeFileSync(large, bytes);
  utimesSync(large, time, time);
  return createHash('sha256').update(bytes).digest('hex');
}

describe('digests of large files', () => {
  const cache = path.join(folder, 'cache');

  test('are believed while the file stays, and not where another of its size was given its time', () => {
    const first = write(1, noon);
    expect(digest(cache)).toBe(first);
    const store = path.join(cache, 'digests.json');
    // What was kept is what is told: the file itself is not read again.
    const kept = readFileSync(store, 'utf8');
    writeFileSync(store, kept.replace(first, 'ab'.repeat(32)));
    expect(digest(cache)).toBe('ab'.repeat(32));
    writeFileSync(store, kept);
    const second = write(2, noon);
    expect(digest(cache)).toBe(second);
    // One that lay ready, and takes the other's name.
    renameSync(large, `${large}.second`);
    const third = write(3, noon);
    expect(digest(cache)).toBe(third);
    renameSync(`${large}.second`, large);
    expect(digest(cache)).toBe(second);
  });

  test('are right where the cache is rubbish or cannot be written', () => {
    const expected = write(3, noon);
    const rubbish = path.join(folder, 'rubbish');
    for (const text of ['', '[]', 'null', '{"x": 1}', JSON.stringify({ [uri]: { size: 1, mtimeMs: 1, sha256: 'x' } })]) {
      mkdirSync(rubbish, { recursive: true });
      writeFileSync(path.join(rubbish, 'digests.json'), text);
      expect(digest(rubbish)).toBe(expected);
    }
    expect(digest(path.join(large, 'no-folder'))).toBe(expected);
    expect(JSON.parse(readFileSync(path.join(rubbish, 'digests.json'), 'utf8'))).toHaveProperty([uri]);
  });
});
