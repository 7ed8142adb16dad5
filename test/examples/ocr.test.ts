/** A network from an npm package, tapped before its classifier. */
import { expect, test } from 'vitest';
import { runExample } from './run-example.ts';

test('ocr answers with the classifier and with a second head, from one pass', () => {
  const result = runExample('ocr', { limit: 64 });
  expect(result).toMatchObject({ example: 'ocr', rows: 64, wrong: ['attribute-mismatch'] });
  // All 64 lines: .969 and .938 on one machine; roundings may turn a line or two.
  const { turned, kind } = result['accuracy'] as Record<string, number>;
  expect(turned).toBeGreaterThan(0.92);
  expect(kind).toBeGreaterThan(0.89);
});
