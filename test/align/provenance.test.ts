import { expect, test } from 'vitest';
import { standardise } from '../../src/align/adapters/standardise.ts';
import { adapterFile, type Provenance } from '../../src/align/provenance.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { memorySource } from '../data/memory-source.ts';

const moments = { squaresX: Float64Array.of(40, 90), meanX: Float64Array.of(1, 3), count: 10 };
const provenance: Provenance = {
  encoders: { 'old.onnx': 'ab'.repeat(32), 'new.onnx': 'cd'.repeat(32) },
  data: { 'pairs.jsonl': 'ef'.repeat(32) },
  rows: 10,
  seed: 7,
  scores: { 'R²': 0.5 },
  versions: { 'mdl-lang': '0.1.0' },
};

test('the file holds the tensors where the part looks for them, and where they come from', () => {
  const bytes = adapterFile(standardise(moments), provenance);
  const read = readSafetensors(memorySource(bytes));
  if (!read.ok) throw new Error(read.finding.message);
  expect(read.value.tensors.map(({ name, dtype, dims }) => [name, dtype, dims])).toEqual([
    ['scale_shift.scale', 'f32', [2]],
    ['scale_shift.shift', 'f32', [2]],
  ]);
  // Deviations 2 and 3: scales 1/2 and 1/3, shifts -1/2 and -1.
  const values = new Float32Array(bytes.slice(-16).buffer);
  expect([...values]).toEqual([0.5, 1 / 3, -0.5, -1].map(Math.fround));
  const record: unknown = JSON.parse(read.value.metadata['mdl.fit']!);
  expect(record).toMatchObject({ method: 'standardise', part: { module: 'std/norm', name: 'scale_shift' }, ...provenance });
});

test('the same fit has the same bytes, in whatever order its record was made', () => {
  const turned: Provenance = { ...provenance, encoders: { 'new.onnx': 'cd'.repeat(32), 'old.onnx': 'ab'.repeat(32) } };
  expect(adapterFile(standardise(moments), turned)).toEqual(adapterFile(standardise(moments), provenance));
  expect(readSafetensors(memorySource(adapterFile(standardise(moments), provenance, 'bridge')))).toMatchObject({
    value: { tensors: [{ name: 'bridge.scale' }, { name: 'bridge.shift' }] },
  });
});
