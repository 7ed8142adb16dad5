import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { useLitePath } from './helpers.ts';
import { nodesOf } from './models.ts';
import { mutate, type Mutation } from './mutations.ts';
import { randomModel, randomNumbers } from './random-models.ts';
import { checkAnswer, checkInspection, dense } from './robust.ts';

const useLiteNodes = nodesOf(new Uint8Array(readFileSync(useLitePath)));

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'insert', 'remove', 'repeat', 'truncate'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
  length: fc.integer({ min: 1, max: 40 }),
});
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });

/** fast-check prints the seed of a failing run. */
describe('whatever the bytes, reading answers', () => {
  test('the models as they are', () => {
    expect(checkAnswer(dense)).toBe('ok');
    expect(checkAnswer(useLiteNodes)).toBe('ok');
  });

  test('a small model, mutated', () => {
    fc.assert(
      fc.property(mutations, (list) => void checkAnswer(mutate(dense, list))),
      { numRuns: 2500 },
    );
  });

  test('the nodes of a real model, mutated', () => {
    fc.assert(
      fc.property(mutations, (list) => void checkAnswer(mutate(useLiteNodes, list))),
      { numRuns: 100 },
    );
  });

  test('models from a grammar, as they are and mutated', () => {
    fc.assert(
      fc.property(fc.integer(), mutations, (seed, list) => {
        const bytes = randomModel(randomNumbers(seed));
        checkAnswer(bytes);
        checkInspection(bytes);
        checkAnswer(mutate(bytes, list));
      }),
      { numRuns: 500 },
    );
  });

  test('a small model cut anywhere', () => {
    for (let length = 0; length <= dense.length; length++) checkAnswer(dense.subarray(0, length));
  });

  test('random bytes, and random bytes after the head of a model', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        checkAnswer(bytes);
        checkAnswer(Uint8Array.from([0x08, 8, 0x42, 2, 0x10, 14, ...bytes]));
        const length = [(bytes.length % 128) + 128, Math.floor(bytes.length / 128)];
        checkAnswer(Uint8Array.from([0x08, 8, 0x42, 2, 0x10, 14, 0x3a, ...length, ...bytes]));
      }),
      { numRuns: 2000 },
    );
  });
});
