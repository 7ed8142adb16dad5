/** What `mdl doctor` reads of this machine's files. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { librariesNeededBy } from '../../src/cli/doctor/elf.ts';
import { driverVersion } from '../../src/runtime/devices/machine.ts';
import { temporaryFolder } from '../runtime/bundles.ts';

const readelf = spawnSync('readelf', ['-d', process.execPath], { encoding: 'utf8' });
const named = [...(readelf.stdout ?? '').matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name);
if (named.length === 0) console.log('skipped: readelf (binutils) says nothing of the running Node; there is nothing to compare with');

test.skipIf(named.length === 0)('libraries that a program asks for are those that readelf names', () => {
  expect(librariesNeededBy(process.execPath)).toEqual(named);
});

test('a damaged library asks for what it asks for, and ends nothing', () => {
  const whole = readFileSync(process.execPath).subarray(0, 8192);
  const file = path.join(temporaryFolder(), 'damaged.so');
  fc.assert(
    fc.property(fc.nat(8191), fc.array(fc.tuple(fc.nat(8191), fc.nat(255)), { maxLength: 20 }), (length, changes) => {
      const bytes = Buffer.from(whole.subarray(0, length));
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      writeFileSync(file, bytes);
      expect(Array.isArray(librariesNeededBy(file))).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect(librariesNeededBy(path.join(file, 'nowhere'))).toEqual([]);
});

test.each([
  // As drivers of both kinds write it.
  ['NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build  (dvs-builder@U22)\nGCC version:  gcc version 13.3.0', '580.159.04'],
  ['NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14)', '535.183.01'],
  ['something else', 'of unknown version'],
])('the version of the driver that says %j', (text, version) => expect(driverVersion(text)).toBe(version));
