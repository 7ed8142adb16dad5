/** Two encoders in one program: the examples with a bridge between them, on a few rows. */
import { expect, test } from 'vitest';
import { runExample } from './run-example.ts';

type Shares = Record<string, number>;

test('upgrade: the old head is better with the new encoder, and lost without the bridge', () => {
  const result = runExample('upgrade', { limit: 500 });
  expect(result).toMatchObject({ example: 'upgrade', rows: 500, wrong: ['space-mismatch'] });
  const accuracy = result['accuracy'] as Shares;
  // On all 5,000 they are .8900, .9228 and .0482; four standard errors of 500 rows are .056, .048 and .038.
  expect(accuracy['before']).toBeGreaterThan(0.834);
  expect(accuracy['after']).toBeGreaterThan(0.874);
  expect(accuracy['elsewhere']).toBeLessThan(0.087);
});

test('two-towers: texts find themselves across both towers, unless the tokens are wrong', () => {
  const result = runExample('two-towers', { limit: 100 });
  expect(result).toMatchObject({ example: 'two-towers', rows: 100, wrong: ['tokenizer-mismatch'] });
  const [found, elsewhere] = [result['found'] as Shares, result['elsewhere'] as Shares];
  // Of 100 texts one in ten is among the first ten by chance, with a standard error of .03.
  expect(found['firstTen']).toBeGreaterThan(0.3);
  expect(elsewhere['firstTen']).toBeLessThan(0.22);
});
