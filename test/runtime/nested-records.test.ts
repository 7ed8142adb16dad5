/** Records in records, from an app's objects through ONNX to an app's objects. */
import { expect, test } from 'vitest';
import { emitDeclaration } from '../../src/emit/dts.ts';
import { buildText, loadText } from './built.ts';

const text = `contract Box { corner: f32[n, 2] size: f32[n, 2] where range [0, inf] }
contract Found { box: Box score: f32[n] where range [0, 1] }

part doubled(found: Found) -> Found {
  { box: { corner: found.box.corner, size: found.box.size * 2 }, score: found.score }
}

model Boxes {
  input found: Found
  output twice = doubled(found)
  output box = doubled(found).box
  output rows = onnx.ReduceSum(found.box.size, axes: [-1], keepdims: false) * found.score
}
`;
const found = { box: { corner: [[1, 2]], size: [[3, 4]] }, score: [0.5] };
type Answer = { readonly data: ArrayLike<number> };

test('objects in objects go in and come out', async () => {
  await using model = await loadText(text);
  const { twice, box, rows } = (await model.run({ found })) as unknown as { twice: { box: { corner: Answer; size: Answer }; score: Answer }; box: { size: Answer }; rows: Answer };
  expect(Array.from(twice.box.size.data)).toEqual([6, 8]);
  expect(Array.from(twice.box.corner.data)).toEqual([1, 2]);
  expect(Array.from(twice.score.data)).toEqual([0.5]);
  expect(Array.from(box.size.data)).toEqual([6, 8]);
  expect(Array.from(rows.data)).toEqual([3.5]);
});

test.each([
  [{ box: { corner: [[1, 2]] }, score: [0.5] }, 'input-missing: `found.box.size` (Found) is missing'],
  [{ score: [0.5] }, 'input-missing: `found.box` (Found) is missing: expected a record { corner: f32[n, 2], size: f32[n, 2] }'],
  [{ box: [[1, 2]], score: [0.5] }, 'input-kind: `found.box` should be a record { corner: f32[n, 2], size: f32[n, 2] }'],
  [{ box: { ...found.box, area: 1 }, score: [0.5] }, 'input-unknown: `found.box` has no `area`'],
  [{ box: { corner: [[1, 2]], size: [[3, -4]] }, score: [0.5] }, 'input-value: `found.box.size` (Found) promises values from 0 to inf, found -4'],
])('%j is refused', async (given, message) => {
  await using model = await loadText(text);
  const error = await model.run({ found: given }).then(() => undefined, (reason: Error & { code: string }) => `${reason.code}: ${reason.message}`);
  expect(error).toContain(message);
});

test('the names of the file are paths, the declaration has types in types', () => {
  const { manifest } = buildText(text);
  expect(Object.values(manifest.inputs[0]!.fields!).map(({ onnx }) => onnx)).toEqual(['found.box.corner', 'found.box.size', 'found.score']);
  const declared = emitDeclaration(manifest).replace(/ *\/\*\*[^]*?\*\/\n/g, '');
  const tensor = (rank: number): string => `mdl.TensorInput<Float32Array, number, ${rank}>`;
  expect(declared).toContain(`  readonly found: {\n    readonly box: {\n      readonly corner: ${tensor(2)};\n      readonly size: ${tensor(2)};\n    };\n    readonly score: ${tensor(1)};\n  };\n`);
});
