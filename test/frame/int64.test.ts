import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, expect, test } from 'vitest';
import { library } from '../../rolldown.config.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'mdl-int64-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Field 3 of AttributeProto, `i`, as a varint: the tag is 3 * 8 + 0. */
const tag = '18';

test('bundled, in a folder without packages, the protobuf library writes all of int64', async () => {
  const { output, ...input } = library;
  const bundle = await rolldown({ ...input, input: { probe: path.join(import.meta.dirname, 'int64-probe.ts') } });
  await bundle.write({ ...output, dir: folder, entryFileNames: '[name].mjs' });
  await bundle.close();
  const printed = execFileSync(process.execPath, ['probe.mjs'], { cwd: folder, encoding: 'utf8' });
  // 63 ones are nine groups of seven; a negative number takes ten bytes, the last of them for bit 63.
  const written = [`${'ff'.repeat(8)}7f`, `${'80'.repeat(9)}01`, '01'].map((varint) => expect.stringContaining(tag + varint));
  expect(JSON.parse(printed)).toEqual({ ours: written, library: written });
});
