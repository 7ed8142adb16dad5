import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/data/npy.ts';

/** A file as NumPy 1.24 writes it: magic, version 1.0, a header padded to 128 bytes in all, the elements. */
const numpyFile = (header: string, data: Uint8Array = new Uint8Array(0)) =>
  Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header.padEnd(117)}\n`, 'latin1'), data]);

const described = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (array: { readonly buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);

const files = [
  [numpyFile(described("'<f4'", '(2, 2)'), bytesOf(Float32Array.of(1.5, -2, 0, 3.25))), 'f32', [2, 2]],
  [numpyFile(described("'<i8'", '()'), bytesOf(BigInt64Array.of(7n))), 'i64', []],
  [numpyFile(described("'|b1'", '(2,)'), Uint8Array.of(1, 0)), 'bool', [2]],
  [numpyFile(described("'|u1'", '(0, 3)')), 'u8', [0, 3]],
  [numpyFile(described("'<f2'", '(2,)'), bytesOf(Uint16Array.of(0x3c00, 0x7bff))), 'f16', [2]],
] as const;

test.each(files)('a file of NumPy is read, and written as it was', (file, dtype, dims) => {
  const outcome = readNpy(file, 'memory:///a.npy');
  expect(outcome).toEqual({ ok: true, value: { dtype, dims, bytes: Uint8Array.from(file.subarray(128)) } });
  const written = outcome.ok && writeNpy(outcome.value, 'memory:///a.npy');
  expect(written && written.ok && Buffer.from(written.value)).toEqual(file);
});

test('the elements of a Buffer at an odd address are a plain array, whose copy begins with the first of them', () => {
  const [file] = files[0];
  const odd = Buffer.from(new ArrayBuffer(file.length + 16), 7, file.length);
  odd.set(file);
  const outcome = readNpy(odd, 'a.npy');
  const bytes = outcome.ok ? outcome.value.bytes : new Uint8Array(0);
  expect(bytes.constructor).toBe(Uint8Array);
  expect(Array.from(new Float32Array(bytes.slice().buffer))).toEqual([1.5, -2, 0, 3.25]);
});

test.each([
  ["{'fortran_order': False, 'descr': \"<f4\", 'shape': (1,)}", [1]],
  [described("'<f4'", '(1, 1)', 'False'), [1, 1]],
  [described("'<f4'", '(1,)', 'True'), [1]],
])('other spellings of the header: %s', (header, dims) => {
  expect(readNpy(numpyFile(header, new Uint8Array(4)), 'a.npy')).toMatchObject({ ok: true, value: { dims } });
});

describe('what is refused', () => {
  const valid = numpyFile(described("'<f4'", '(1,)'), new Uint8Array(4));
  test.each<[string, Uint8Array, string]>([
    [
      'nothing',
      new Uint8Array(0),
      'npy-invalid: `a.npy` is not a .npy file that can be read: it is empty',
    ],
    ['a zip of arrays', Buffer.from('PK\x03\x04'), 'does not begin with'],
    [
      'a version of the future',
      Buffer.concat([valid.subarray(0, 6), Buffer.from([9]), valid.subarray(7)]),
      'its format version is 9',
    ],
    ['the magic alone', valid.subarray(0, 6), 'its format version is missing'],
    ['half a length', valid.subarray(0, 9), 'it ends after 9 bytes'],
    ['half a header', valid.subarray(0, 60), 'declares a header of 118 bytes, but only 50 follow'],
    [
      'a header of 4 GB',
      Buffer.concat([valid.subarray(0, 6), Buffer.from([2, 0, 255, 255, 255, 255])]),
      'declares a header of 4294967295 bytes, more than 65536',
    ],
    ['a header that is no dictionary', numpyFile('[1]'), 'is not a Python dictionary'],
    [
      'a header without a shape',
      numpyFile("{'descr': '<f4', 'fortran_order': False}"),
      'lacks "fortran_order" or "shape"',
    ],
    [
      'a structured array',
      numpyFile(described("[('a', '<f4')]", '(1,)'), new Uint8Array(4)),
      'structured arrays have a list',
    ],
    ['too few bytes', valid.subarray(0, 130), 'its shape (1) of <f4 takes 4 bytes, and 2 follow'],
    ['too many bytes', Buffer.concat([valid, valid]), 'takes 4 bytes, and 136 follow'],
    [
      'a shape larger than any file',
      numpyFile(described("'<f4'", '(9007199254740991, 9007199254740991)')),
      'larger than any file',
    ],
    [
      'big-endian numbers',
      numpyFile(described("'>f4'", '(1,)'), new Uint8Array(4)),
      'npy-unsupported: `a.npy` cannot be used: its elements are big endian',
    ],
    ['Fortran order', numpyFile(described("'<f4'", '(2, 2)', 'True'), new Uint8Array(16)), 'it is in Fortran order'],
    [
      'texts',
      numpyFile(described("'<U2'", '(1,)'), new Uint8Array(8)),
      'its elements are "<U2", and MDL takes numbers',
    ],
    ['Python objects', numpyFile(described("'|O'", '(1,)'), new Uint8Array(8)), 'its elements are "|O"'],
  ])('%s', (_, file, expected) => {
    const outcome = readNpy(file, 'file:///tmp/a.npy');
    expect(outcome.ok ? 'read' : `${outcome.finding.code}: ${outcome.finding.message}`).toContain(expected);
  });

  test('a dtype that NumPy has not', () => {
    expect(writeNpy({ dtype: 'bf16', dims: [1], bytes: new Uint8Array(2) }, 'a.npy')).toMatchObject({
      finding: { code: 'npy-unsupported' },
    });
  });

  test('any bytes, and any change of a good file, are read or refused', () => {
    const changed = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => {
        const bytes = Uint8Array.from(valid);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), changed), (bytes) => {
        const outcome = readNpy(bytes, 'a.npy');
        return outcome.ok || outcome.finding.code.startsWith('npy-');
      }),
      { numRuns: 2000, verbose: 1 },
    );
  });
});

const numpy = hasNumpy();
if (!numpy) console.log('skipped: no python3 with numpy: what we write is not read by NumPy itself');

function hasNumpy(): boolean {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!numpy)('NumPy reads what we write, and we what it writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mdl-npy-'));
  const [ours, theirs] = [join(folder, 'ours.npy'), join(folder, 'theirs.npy')];
  const array = { dtype: 'f64', dims: [2, 1, 3], bytes: bytesOf(Float64Array.of(1, 2, 3, 4, 5, 0.1)) } as const;
  const written = writeNpy(array, ours);
  if (!written.ok) throw new Error(written.finding.message);
  writeFileSync(ours, written.value);
  const script =
    'import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a.tolist()); numpy.save(sys.argv[2], a)';
  const printed = execFileSync('python3', ['-c', script, ours, theirs], { encoding: 'utf8' });
  expect(printed.trim()).toBe('float64 (2, 1, 3) [[[1.0, 2.0, 3.0]], [[4.0, 5.0, 0.1]]]');
  expect(Buffer.from(written.value)).toEqual(readFileSync(theirs));
  rmSync(folder, { recursive: true });
});
