/** Facts inside a part's parentheses: one error each, and a fix after which the part means what was meant. */
import { expect, test } from 'vitest';
import { brokenFixes } from '../diagnostics/broken-fixes.ts';
import { checkFiles } from './world.ts';

const report = (text: string): readonly string[] => checkFiles({ 'main.mdl': text }).diagnostics.map((d) => d.code);
const misplaced = 'facts-in-parentheses';

test.each([
  ['one of two inputs', 'part f(x: f32[n] where range [0, 1], y: f32[n]) -> f32[n] { x + y }', [misplaced]],
  ['both inputs', 'part f(x: f32[n] where range [0, 1], y: f32[n] where finite,) -> f32[n] { x + y }', [misplaced, misplaced]],
  // The result's claim stands on the facts that are misplaced.
  ['facts that a claim needs', 'part f(x: f32[n] where range [0, 1]) -> f32[n] where range [0, 1] { x }', [misplaced]],
  ['several facts, of other punctuation', 'part f(x: f32[b, n] where norm(-1) == 1 +- 1e-3, sum(-1) == 1, y: f32[n]) -> f32[b, n] { x }', [misplaced]],
  ['documented and versioned', '/// What it is.\nadapter f @ 1.0.0 (x: f32[n] where mask) -> f32[n] { x }', [misplaced]],
  ['behind a declaration in its line', 'labels L = ["a"] part f(x: f32[n] where mask) -> f32[n] { x }', [misplaced]],
])('%s', (_, text, codes) => {
  expect(report(text)).toEqual(codes);
  expect(brokenFixes({ 'main.mdl': text })).toEqual([]);
});

test('a contract cannot say what the part alone knows', () => {
  const { diagnostics } = checkFiles({ 'main.mdl': 'space a @ 1.0.0\npart f(s: space, x: f32[n] where space s) -> f32[n] { x }' });
  expect(diagnostics.map((d) => [d.code, d.fixes])).toEqual([[misplaced, []]]);
});

test('a field that is called `where` may be called', () => {
  expect(report('part f(x: f32[n]) -> f32[n] { x.where(x) }')).not.toContain('other-notation');
});
