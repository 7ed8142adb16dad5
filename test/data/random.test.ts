import { expect, test } from 'vitest';
import { createRandom, permutation, shuffle } from '../../src/data/random.ts';

// Computed by another implementation, in Python's integers, of the published algorithms.
const uniforms = [
  { seed: 0, numbers: [0.41675133265905573, 0.5870561741002205, 0.2650367332581032] },
  { seed: 7, numbers: [0.049009592574554284, 0.9298532154569821, 0.3972365680289133] },
  { seed: 1099511627779, numbers: [0.9667870686256373, 0.16101183718330714, 0.30386667048526117] },
];

test.each(uniforms)('the numbers of a seed are those of xoshiro128** after splitmix32', ({ seed, numbers }) => {
  const random = createRandom(seed);
  expect([random.uniform(), random.uniform(), random.uniform()]).toEqual(numbers);
});

test('integers are uniform, and normal numbers have mean 0 and variance 1', () => {
  const random = createRandom(1);
  const counts = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 60_000; i++) counts[random.integer(6)]! += 1;
  // A count has a standard deviation of 91.
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  let [sum, squares] = [0, 0];
  for (let i = 0; i < 60_000; i++) {
    const value = random.normal();
    sum += value;
    squares += value * value;
  }
  expect(Math.abs(sum / 60_000)).toBeLessThan(5 / Math.sqrt(60_000));
  expect(Math.abs(squares / 60_000 - 1)).toBeLessThan(5 * Math.sqrt(2 / 60_000));
});

test('a shuffle keeps all items, and every order is equally likely', () => {
  const random = createRandom(3);
  const orders = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffle(['a', 'b', 'c'], random).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect([...orders.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect([...permutation(5, createRandom(2))].sort()).toEqual([0, 1, 2, 3, 4]);
});
