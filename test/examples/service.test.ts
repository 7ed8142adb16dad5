/** A head moves through a service under traffic: nothing is lost, nothing is wrong. */
import { expect, test } from 'vitest';
import { runExample } from './run-example.ts';

test('service tells its story and ends in one line of JSON', () => {
  const result = runExample('service', { pause: 50, learned: 2000, measured: 2000, after: 20 });
  expect(result).toMatchObject({
    example: 'service',
    traffic: { wrong: 0, lost: 0 },
    told: ['launch', 'swap', 'launch', 'promote', 'rollback', 'launch', 'stop'],
  });
  const { traffic } = result as { traffic: Record<string, number> };
  expect(traffic['answered']).toBeGreaterThan(20);
});
