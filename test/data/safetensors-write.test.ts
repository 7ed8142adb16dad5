import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { writeSafetensors, type TensorToWrite } from '../../src/data/safetensors-write.ts';
import { bytesOf, type DType } from '../../src/types/dtype.ts';
import { memorySource } from './memory-source.ts';

const a: TensorToWrite = { name: 'a', dtype: 'u8', dims: [3], bytes: Uint8Array.of(1, 2, 3) };
const b: TensorToWrite = { name: 'b', dtype: 'f32', dims: [1, 1], bytes: Uint8Array.of(0, 0, 128, 63) };

test('the file, byte by byte', () => {
  const header = '{"__metadata__":{"by":"hand","mdl":"1"},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const wanted = Buffer.concat([Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(padded), Buffer.from([0, 0, 128, 63, 1, 2, 3])]);
  expect(Buffer.from(writeSafetensors([a, b], { mdl: '1', by: 'hand' }))).toEqual(wanted);
  expect(Buffer.from(writeSafetensors([b, a], { by: 'hand', mdl: '1' }))).toEqual(wanted);
});

test('what is written is read', () => {
  const dtypes: readonly DType[] = ['f64', 'f32', 'f16', 'i64', 'u8', 'bool'];
  const tensor = fc
    .record({ dtype: fc.constantFrom(...dtypes), dims: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }) })
    .chain(({ dtype, dims }) => {
      const size = bytesOf(dtype, dims.reduce((product, dim) => product * dim, 1));
      return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => ({ dtype, dims, bytes }));
    });
  const names = fc.uniqueArray(fc.string().filter((name) => name !== '__metadata__'), { maxLength: 6 });
  fc.assert(
    fc.property(names, fc.array(tensor, { minLength: 6, maxLength: 6 }), fc.dictionary(fc.string(), fc.string()), (keys, tensors, metadata) => {
      const given = keys.map((name, i) => ({ name, ...tensors[i]! }));
      const bytes = writeSafetensors(given, metadata);
      const read = readSafetensors(memorySource(bytes));
      if (!read.ok) throw new Error(read.finding.message);
      expect({ ...read.value.metadata }).toEqual({ ...metadata });
      const found = read.value.tensors.map(({ name, dtype, dims, offset, length }) => ({ name, dtype, dims, bytes: bytes.slice(offset, offset + length) }));
      const byName = (x: { name: string }, y: { name: string }): number => (x.name < y.name ? -1 : 1);
      expect(found.toSorted(byName)).toEqual(given.toSorted(byName));
    }),
  );
});

test('what is no tensor of the format is the caller’s mistake', () => {
  expect(() => writeSafetensors([{ ...a, dims: [4] }])).toThrow('a of u8[4] takes 4 bytes, found 3');
  expect(() => writeSafetensors([a, a])).toThrow('a tensor name stands twice');
  expect(() => writeSafetensors([{ name: 's', dtype: 'string', dims: [], bytes: new Uint8Array(0) }])).toThrow('no type for s');
});
