/** A file of a fit is kept where another machine would have written it with other last digits. */
import { expect, test } from 'vitest';
import { fittedFile } from '../../src/align/index.ts';
import { isSameToRounding } from '../../src/toolkit/fit/same-weights.ts';

const file = (values: readonly number[], record: object = {}, name = 'w', classes?: readonly string[]): Uint8Array =>
  fittedFile([{ name, dims: [values.length], data: Float32Array.from(values) }], { method: 'ridge', data: { 'd.jsonl': 'ab' }, scores: { 'cross-validated R²': 0.845123359329319 }, ...record }, classes);
const known = file([3, -0.5, 0]);

test('the last digits of weights, scores and settings may differ', () => {
  expect(isSameToRounding(known, known)).toBe(true);
  expect(isSameToRounding(known, file([3.0000002, -0.5000001, 1e-7]))).toBe(true);
  expect(isSameToRounding(known, file([3, -0.5, 0], { scores: { 'cross-validated R²': 0.8451233593292361 } }))).toBe(true);
});

test.each([
  ['a weight', file([3, -0.50001, 0])],
  ['a weight that is no number', file([3, Number.NaN, 0])],
  ['a size', file([3, -0.5, 0, 0])],
  ['a name', file([3, -0.5, 0], {}, 'v')],
  ['the data', file([3, -0.5, 0], { data: { 'd.jsonl': 'ac' } })],
  ['the method', file([3, -0.5, 0], { method: 'low-rank' })],
  ['a score', file([3, -0.5, 0], { scores: { 'cross-validated R²': 0.8452 } })],
  ['one record has more', file([3, -0.5, 0], { seed: 7 })],
  ['the classes', file([3, -0.5, 0], {}, 'w', ['a', 'b', 'c'])],
  ['no safetensors file at all', Uint8Array.of(1, 2, 3)],
])('another file: %s', (_, other) => {
  expect(isSameToRounding(known, other)).toBe(false);
  expect(isSameToRounding(other, known)).toBe(false);
});
