/** Pictures from their bytes on, and the wrong twin. */
import { expect, test } from 'vitest';
import { runExample } from './run-example.ts';

test('fashion tells its story and ends in one line of JSON', () => {
  const result = runExample('fashion', { limit: 500 });
  expect(result).toMatchObject({ example: 'fashion', rows: 500, wrong: ['attribute-mismatch'] });
  const { accuracy, elsewhere } = result as { accuracy: Record<string, number>; elsewhere: Record<string, number> };
  // On all 5,000 they are .9268, .8900 and .3692; four standard errors of 500 rows are .047, .056 and .086.
  expect(accuracy['cnn']).toBeGreaterThan(0.879);
  expect(accuracy['mixer']).toBeGreaterThan(0.834);
  expect(elsewhere['cnn']).toBeLessThan(0.456);
});
