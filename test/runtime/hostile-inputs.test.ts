/** Whatever an app gives, and whatever reading it does, is taken or refused with a code. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ManifestPort } from '../../src/bundle/manifest.ts';
import { MdlRuntimeError } from '../../src/runtime/errors.ts';
import { createInputReader } from '../../src/runtime/inputs/inputs.ts';
import type { TextEncoders } from '../../src/runtime/inputs/text.ts';
import { plain } from './bundles.ts';

const ports: readonly ManifestPort[] = [
  { name: 'x', tensor: plain('x', 'f32', ['n', 2]) },
  { name: 'words', tensor: plain('words', 'string', ['n']) },
  {
    name: 'tokens',
    tokenizer: 'one',
    fields: {
      ids: {
        ...plain('ids', 'i64', ['n', 'seq']),
        facts: [{ kind: 'tokenizer', id: 'a#b', version: '1.0.0', evidence: 'declared' }],
      },
    },
  },
];
const good = { x: [[1, 2]], words: ['a'], tokens: ['a'] };

/** One token a character. Like the real one, it throws on what is no text. */
const encoders: TextEncoders = {
  vocabularySize: () => 10,
  encode: async (_key, _input, texts) => {
    const seq = Math.max(1, ...texts.map((text) => text.normalize().length));
    const elements = new BigInt64Array(texts.length * seq);
    return { ids: elements, mask: elements, dims: [texts.length, seq], padding: { id: 0, side: 'right' } };
  },
};

async function codeOf(inputs: unknown): Promise<string> {
  try {
    await createInputReader(ports, encoders)(inputs);
    return 'taken';
  } catch (error) {
    if (error instanceof MdlRuntimeError) return error.code;
    throw new Error(`not coded: ${String(error)}`, { cause: error });
  }
}

const holes = (length: number): unknown[] => Object.assign([], { length });
const thrower = (thrown: unknown) => ({
  get data(): unknown {
    throw thrown;
  },
  dims: [1, 2],
});
const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
})();

describe('is refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['texts that are holes', { tokens: holes(3) }, 'input-kind'],
    ['texts with an undefined one', { tokens: ['a', undefined] }, 'input-kind'],
    ['a list of strings with holes', { words: holes(2) }, 'input-kind'],
    ['data with holes', { words: { data: holes(2), dims: [2] } }, 'input-dtype'],
    ['dims with holes', { x: { data: [1, 2], dims: holes(2) } }, 'input-kind'],
    ['rows with holes', { x: [holes(2)] }, 'input-kind'],
    ['holes for rows', { x: holes(2) }, 'input-kind'],
    ['a list as long as lists go', { words: holes(2 ** 32 - 1) }, 'input-kind'],
    ['elements that are functions', { x: [[() => 1, Symbol('x')]] }, 'input-dtype'],
    ['a getter that throws', { x: thrower(new TypeError('no')) }, 'input-kind'],
    ['a getter that throws what has no words', { x: thrower(Object.create(null)) }, 'input-kind'],
    ['a revoked proxy', { x: revoked }, 'input-kind'],
    ['a getter that throws a revoked proxy', { x: thrower(revoked) }, 'input-kind'],
  ])('%s', async (_, given, code) => {
    expect(await codeOf({ ...good, ...given })).toBe(code);
  });
});

test('texts are read once, before any tokenizer is made', async () => {
  const texts: unknown[] = ['a'];
  const reading = codeOf({ ...good, tokens: texts });
  texts[0] = undefined;
  expect(await reading).toBe('taken');
});

test('any value at all is taken or refused with a code', async () => {
  const value = fc.anything({ withNullPrototype: true, withSparseArray: true, withTypedArray: true, withBigInt: true });
  const throwing = fc.tuple(value, value).map(([target, thrown]) =>
    typeof target !== 'object' || target === null
      ? thrower(thrown)
      : new Proxy(target, {
          get() {
            throw thrown;
          },
        }),
  );
  const any = fc.oneof(value, throwing, fc.array(throwing, { maxLength: 2 }));
  const inputs = fc.oneof(
    any,
    fc.record({
      x: fc.oneof(any, fc.constant(good.x)),
      words: fc.oneof(any, fc.constant(good.words)),
      tokens: fc.oneof(any, fc.record({ ids: any })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(inputs, async (given) => {
      expect(await codeOf(given)).toMatch(/^(taken|input-[a-z]+)$/);
    }),
    { numRuns: 2000, verbose: 1 },
  );
});
