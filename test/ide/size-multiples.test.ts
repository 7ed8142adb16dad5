/** What an editor says of sizes with arithmetic. */
import { expect, test } from 'vitest';
import { highlights, hover, inlayHints } from '../../src/ide/index.ts';
import { at } from './program.ts';

const text = 'part cut(x: f32[batch, 14 * ro<|>ws]) -> f32[batch, rows, 14] {\n  onnx.Reshape(x, shape: [batch, rows, 14])\n}\n\nmodel M {\n  input x: f32[batch, n]\n  let y = cut(x)\n  output z = y\n}\n';

test('a name in a multiple is a size of its part, wherever it stands', () => {
  const { view, uri, position } = at(text);
  expect(hover(view, uri, position)?.markdown).toContain('rows');
  expect(highlights(view, uri, position)).toHaveLength(3);
});

test('a hint shows what comes of a call', () => {
  const { view, uri } = at(text);
  const hints = inlayHints(view, uri, { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } });
  expect(hints.map(({ label }) => label)).toContain(': f32[batch, n div 14, 14]');
});
