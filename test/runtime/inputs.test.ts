import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ManifestFact, ManifestPort, ManifestTensor } from '../../src/bundle/manifest.ts';
import { MdlRuntimeError } from '../../src/runtime/errors.ts';
import { createInputReader } from '../../src/runtime/inputs/inputs.ts';
import type { TextEncoders } from '../../src/runtime/inputs/text.ts';

type Size = number | string;

const tensor = (dtype: string, sizes: readonly Size[], ...facts: readonly ManifestFact[]): ManifestTensor => ({
  onnx: 'x',
  dtype,
  dims: sizes.map((size) => ({ size })),
  facts: facts.map((fact) => ({ ...fact, evidence: 'declared' })),
});

const one = (spec: ManifestTensor): readonly ManifestPort[] => [{ name: 'x', tensor: spec }];

const use = { kind: 'tokenizer', id: 'pkg#use', version: '1.0.0' } as const;
const tokens: ManifestPort = {
  name: 'tokens',
  contract: 'Sentences',
  tokenizer: 'use@1.0.0',
  fields: {
    ids: { ...tensor('i64', ['batch', 'seq'], use), onnx: 'ids' },
    mask: { ...tensor('i64', ['batch', 'seq'], { kind: 'mask' }), onnx: 'mask' },
  },
};

/** Ten ids; a text is one token a character. */
const encoders: TextEncoders = {
  vocabularySize: () => 10,
  encode: async (_key, _input, texts) => ({
    ids: new BigInt64Array(texts.length * 2).fill(7n),
    mask: new BigInt64Array(texts.length * 2).fill(1n),
    dims: [texts.length, 2],
    padding: { id: 0, side: 'right' },
  }),
};

async function refusal(ports: readonly ManifestPort[], inputs: unknown): Promise<string> {
  const error: unknown = await Promise.resolve()
    .then(() => createInputReader(ports, encoders)(inputs))
    .then(
      () => 'taken without a finding',
      (reason: unknown) => reason,
    );
  if (!(error instanceof MdlRuntimeError)) throw new Error(`no error of the runtime: ${String(error)}`);
  return `${error.code}: ${error.message}`;
}

const take = async (spec: ManifestTensor, x: unknown) => (await createInputReader(one(spec), encoders)({ x })).get('x')!;

describe('tensors are taken as', () => {
  const f32 = tensor('f32', ['n', 2]);
  test.each<[string, ManifestTensor, unknown, unknown, readonly number[]]>([
    [
      'lists in lists',
      f32,
      [
        [1, 2],
        [3, 4],
      ],
      Float32Array.of(1, 2, 3, 4),
      [2, 2],
    ],
    ['an empty axis behind the rows', tensor('f32', ['n', 'past']), [[]], new Float32Array(0), [1, 0]],
    ['a typed array with dims', f32, { data: Float32Array.of(1, 2), dims: [1, 2] }, Float32Array.of(1, 2), [1, 2]],
    ['a list with dims', f32, { data: [1, 2], dims: [1, 2] }, Float32Array.of(1, 2), [1, 2]],
    ['a bare typed array of one axis', tensor('f32', ['n']), Float32Array.of(5), Float32Array.of(5), [1]],
    ['a bare number', tensor('f32', []), 5, Float32Array.of(5), []],
    ['numbers of f16, rounded', tensor('f16', [3]), [1, 0.1, -65504], Uint16Array.of(0x3c00, 0x2e66, 0xfbff), [3]],
    [
      'whole numbers of 64 bits',
      tensor('i64', [3]),
      [1, -2n, 2n ** 63n - 1n],
      BigInt64Array.of(1n, -2n, 2n ** 63n - 1n),
      [3],
    ],
    ['booleans', tensor('bool', [2]), [true, false], Uint8Array.of(1, 0), [2]],
    ['texts of a string tensor', tensor('string', [2]), ['a', ''], ['a', ''], [2]],
    ['a Buffer of bytes', tensor('u8', [2]), Buffer.from([1, 2]), Buffer.from([1, 2]), [2]],
    [
      'clamped bytes, as a canvas has them',
      tensor('u8', [2]),
      Uint8ClampedArray.of(1, 255),
      Uint8Array.of(1, 255),
      [2],
    ],
    [
      'infinities and NaN, where nothing is promised',
      tensor('f64', [3]),
      [Infinity, -Infinity, NaN],
      Float64Array.of(Infinity, -Infinity, NaN),
      [3],
    ],
  ])('%s', async (_, spec, given, data, dims) => {
    const taken = await take(spec, given);
    expect(taken).toEqual({ dtype: spec.dtype, data, dims });
  });

  test('texts, where a tokenizer makes the input', async () => {
    const feeds = await createInputReader([tokens], encoders)({ tokens: ['a', 'b'] });
    expect([...feeds]).toEqual([
      ['ids', { dtype: 'i64', data: BigInt64Array.of(7n, 7n, 7n, 7n), dims: [2, 2] }],
      ['mask', { dtype: 'i64', data: BigInt64Array.of(1n, 1n, 1n, 1n), dims: [2, 2] }],
    ]);
  });

  test('texts, as ids of 32 bits alone', async () => {
    const read = createInputReader([{ name: 'ids', tokenizer: 'use@1.0.0', tensor: tensor('i32', ['b', 's'], use) }], encoders);
    const feeds = await read({ ids: 'a' });
    expect(feeds.get('x')).toEqual({ dtype: 'i32', data: Int32Array.of(7, 7), dims: [1, 2] });
  });
});

test('memory that threads share is copied', async () => {
  const shared = new Float32Array(new SharedArrayBuffer(8));
  shared.set([1, 2]);
  const { data } = await take(tensor('f32', ['n']), shared);
  shared[0] = 9;
  expect(data).toEqual(Float32Array.of(1, 2));
  expect((data as Float32Array).buffer).toBeInstanceOf(ArrayBuffer);
});

test('a text without tokens is refused', async () => {
  expect(await refusal([tokens], { tokens: { ids: [[]], mask: [[]] } })).toBe(
    'input-shape: `tokens.ids` (Sentences) takes the shape [batch, seq], found [1, 0]: axis 1 is empty, and a text has at least one token.',
  );
});

describe('names', () => {
  const ports = [tokens, { name: 'weight', tensor: tensor('f32', ['batch']) }];
  test.each<[string, unknown, string]>([
    ['no record', 'text', 'input-kind: `inputs` should be a record { tokens, weight }, found "text"'],
    ['null', null, 'input-kind: `inputs` should be a record { tokens, weight }, found null'],
    [
      'a misspelt input',
      { token: 'a', weight: [1] },
      'input-unknown: The model has no `token`; it has `tokens`, `weight`.\nDid you mean `tokens`?',
    ],
    [
      'an unknown input',
      { tokens: 'a', weight: [1], temperature: 1 },
      'input-unknown: The model has no `temperature`; it has `tokens`, `weight`.',
    ],
    [
      'a missing input',
      { weight: [1] },
      'input-missing: `tokens` (Sentences) is missing: expected a text, a list of texts, or a record { ids: i64[batch, seq], mask: i64[batch, seq] }.',
    ],
    ['an input that only its prototype has', Object.create({ tokens: 'a', weight: [1] }), 'input-missing: `tokens`'],
    [
      'a missing field',
      { tokens: { ids: [[1]] }, weight: [1] },
      'input-missing: `tokens.mask` (Sentences) is missing: expected i64[batch, seq].',
    ],
    [
      'an unknown field',
      { tokens: { ids: [[1]], maks: [[1]], mask: [[1]] }, weight: [1] },
      'input-unknown: `tokens` has no `maks`; it has `ids`, `mask`.\nDid you mean `mask`?',
    ],
    [
      'a tensor for a record',
      { tokens: BigInt64Array.of(1n), weight: [1] },
      'input-kind: `tokens` should be a text, a list of texts, or a record { ids',
    ],
    [
      'texts among others',
      { tokens: ['a', 7], weight: [1] },
      'input-kind: `tokens` should be a text, a list of texts, or a record',
    ],
    ['a text for a tensor', { tokens: 'a', weight: 'heavy' }, 'input-dtype: `weight` takes f32, found "heavy" at []'],
  ])('%s', async (_, inputs, expected) => {
    expect(await refusal(ports, inputs)).toContain(expected);
  });

  test('a text for what no tokenizer makes', async () => {
    const types: ManifestPort = { ...tokens, fields: { ...tokens.fields, types: tensor('i64', ['batch', 'seq']) } };
    expect(await refusal([types], { tokens: 'a' })).toContain(
      'input-text: `tokens.types` (Sentences) cannot be made from text',
    );
    expect(
      await refusal([{ name: 'ids', tokenizer: 'u', tensor: tensor('f32', ['b', 's'], use) }], { ids: 'a' }),
    ).toContain('it takes f32[b, s], and a tokenizer makes whole numbers');
  });
});

describe('element types', () => {
  test.each<[string, ManifestTensor, unknown, string]>([
    [
      'another array',
      tensor('f32', [1]),
      Float64Array.of(1),
      'input-dtype: `x` takes f32, a Float32Array, found a Float64Array.',
    ],
    ['a view of no elements', tensor('f32', [1]), new DataView(new ArrayBuffer(4)), 'input-kind'],
    [
      'a tensor of ONNX Runtime of another type',
      tensor('f32', [1]),
      { type: 'int64', data: BigInt64Array.of(1n), dims: [1] },
      'takes f32 (float32), found "int64"',
    ],
    [
      'a tensor on a GPU',
      tensor('f32', [1]),
      {
        type: 'float32',
        location: 'gpu-buffer',
        dims: [1],
        get data() {
          throw new Error('not on CPU');
        },
      },
      'found a tensor that lies on "gpu-buffer"',
    ],
    [
      'a fraction of an integer',
      tensor('i64', ['n', 2]),
      [
        [1, 2],
        [3, 0.5],
      ],
      'input-dtype: `x` takes i64, found 0.5 at [1, 1].',
    ],
    ['a number that f32 cannot hold', tensor('f32', [1]), [1e39], 'takes f32, found 1e+39 at [0]'],
    ['a number that u8 cannot hold', tensor('u8', [2]), [0, 256], 'takes u8, found 256 at [1]'],
    ['an integer past 2^53 as a number', tensor('i64', [1]), [2 ** 53], 'takes i64, found 9007199254740992 at [0]'],
    ['2^63', tensor('i64', [1]), [2n ** 63n], 'takes i64, found 9223372036854775808n at [0]'],
    ['a bigint of a float', tensor('f32', [1]), [1n], 'takes f32, found 1n at [0]'],
    ['a number of a boolean', tensor('bool', [1]), [1], 'takes bool, found 1 at [0]'],
    ['a byte that is no boolean', tensor('bool', [2]), Uint8Array.of(0, 2), 'found 2 at element 1'],
    ['a boolean of a number', tensor('i32', [1]), [true], 'takes i32, found true at [0]'],
    [
      'an array for texts',
      tensor('string', [1]),
      Float32Array.of(1),
      'takes string, a list of strings, found a Float32Array',
    ],
    ['nothing in a list', tensor('f32', [2]), [1, undefined], 'found nothing at [1]'],
    ['a hole in a list', tensor('f32', [2]), [1, , 2].slice(0, 2), 'found nothing at [1]'], // oxlint-disable-line no-sparse-arrays
    ['an object in a list', tensor('f32', [1]), [{}], 'found an object at [0]'],
    ['a dtype that cannot cross', tensor('bf16', [1]), [1], "input-dtype: `x` takes bf16, which ONNX Runtime's JavaScript interface does not carry: no app can give it."],
    ['a function', tensor('f32', []), () => 1, 'input-kind: `x` should be a tensor f32[]'],
    ['a symbol', tensor('f32', []), Symbol('s'), 'found a symbol'],
    ['null', tensor('f32', []), null, 'found null'],
    [
      'an object without data',
      tensor('f32', [1]),
      { values: [1], shape: [1] },
      'found an object with `values`, `shape`',
    ],
    ['dims that are none', tensor('f32', [1]), { data: [1], dims: [-1] }, 'input-kind'],
    ['data that are none', tensor('f32', [1]), { data: 'abcd', dims: [1] }, 'found data that are "abcd"'],
  ])('%s', async (_, spec, x, expected) => {
    expect(await refusal(one(spec), { x })).toContain(expected);
  });
});

describe('shapes', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  test.each<[string, ManifestTensor, unknown, string]>([
    [
      'another rank',
      tensor('f32', ['n', 2]),
      [1, 2],
      'input-shape: `x` takes the shape [n, 2], found [2]: 1 axes, not 2.',
    ],
    ['another size', tensor('f32', ['n', 2]), [[1, 2, 3]], 'takes the shape [n, 2], found [1, 3]: axis 1 is 3, not 2'],
    ['ragged lists', tensor('f32', ['n', 2]), [[1, 2], [3]], 'found a list of 1 at [1], where the first list has 2'],
    ['an element beside lists', tensor('f32', ['n', 2]), [[1, 2], 3], 'found 3 at [1]'],
    ['a list beside elements', tensor('f32', [2]), [1, [2]], 'found a list at [1], where the first is an element'],
    [
      'fewer elements than dims',
      tensor('f32', [3]),
      { data: [1, 2], dims: [3] },
      'found 2 elements with the dims [3], which take 3',
    ],
    ['a list in itself', tensor('f32', [1]), cyclic, 'lists nested deeper than 64 levels'],
    ['one name with two sizes in one tensor', tensor('f32', ['n', 'n']), [[1, 2]], '`n` is 2 here and 1 in `x`'],
    [
      'a size that an expression excludes',
      tensor('f32', ['h', '2*h + 1']),
      [[1, 2]],
      'axis 1 is 2, and `2*h + 1` is 3',
    ],
    ['a difference', tensor('f32', ['h', 'h - 1']), [[1], [2], [3]], 'axis 1 is 1, and `h - 1` is 2'],
  ])('%s', async (_, spec, x, expected) => {
    expect(await refusal(one(spec), { x })).toContain(expected);
  });

  test('one name with two sizes in two fields', async () => {
    const found = await refusal([tokens], { tokens: { ids: [[1, 2]], mask: [[1, 1, 1]] } });
    expect(found).toBe(
      'input-shape: `tokens.mask` (Sentences) takes the shape [batch, seq], found [1, 3]: `seq` is 3 here and 2 in `tokens.ids`.',
    );
  });

  test('what an expression leaves open is let pass', async () => {
    await expect(take(tensor('f32', ['2*unknown', '?']), [[1, 2], [3, 4]])).resolves.toBeDefined();
    await expect(take(tensor('f32', ['h', 'h*h + 2*h - 1']), [[1, 2]])).resolves.toBeDefined();
  });
});

describe('promises', () => {
  test('an end that the dtype has not stands for the nearest one that it has', async () => {
    const tenths = { kind: 'range', low: -0.1, high: 0.1 } as const;
    await expect(take(tensor('f32', [2], tenths), [0.1, -0.1])).resolves.toBeDefined();
    await expect(take(tensor('f16', [2], tenths), [0.1, -0.1])).resolves.toBeDefined();
    const rows = { axis: -1, ends: [tenths, { low: 0, high: 0.3 }] };
    await expect(take(tensor('f32', ['n', 2], { ...tenths, high: 0.3, rows }), [[0.1, 0.3]])).resolves.toBeDefined();
    await expect(take(tensor('f32', [1], tenths), [0.1001])).rejects.toThrow('promises values from -0.1 to 0.1');
  });

  const range = { kind: 'range', low: 0, high: 1 } as const;
  const norm = { kind: 'norm', axis: -1, value: 1, tolerance: 1e-3 } as const;
  const column = { kind: 'sum', axis: 0, value: 1, tolerance: 0 } as const;
  test.each<[string, ManifestTensor, unknown, string]>([
    [
      'a range',
      tensor('f32', ['n', 2], range),
      [
        [0, 1],
        [0.5, 1.5],
      ],
      'input-value: `x` promises values from 0 to 1, found 1.5 at [1, 1].',
    ],
    [
      'a range for each index of an axis',
      tensor('f32', ['n', 2, 2], { ...range, high: 3, rows: { axis: -2, ends: [range, { low: 2, high: 3 }] } }),
      [
        [
          [0, 1],
          [2, 3],
        ],
        [
          [1, 1],
          [1, 2],
        ],
      ],
      'promises values along axis -2 from 0 to 1 at 0, 2 to 3 at 1, found 1 at [1, 1, 0]',
    ],
    ['a range and NaN', tensor('f32', [1], range), [NaN], 'found NaN at [0]'],
    [
      'a half-open range and NaN',
      tensor('f16', [1], { kind: 'range', low: 0, high: 'inf' }),
      [NaN],
      'promises values from 0 to inf, found NaN',
    ],
    ['a range of f16', tensor('f16', [1], range), [2], 'found 2 at [0]'],
    ['a range of bigints', tensor('i64', [1], range), [2n], 'found 2 at [0]'],
    [
      'a mask',
      tensor('i64', ['n', 2], { kind: 'mask' }),
      [
        [1, 1],
        [1, 2],
      ],
      'promises a mask of 0 and 1, found 2 at [1, 1]',
    ],
    ['whole numbers', tensor('f32', [2], { kind: 'integer' }), [1, 0.5], 'promises whole numbers, found 0.5 at [1]'],
    [
      'finite numbers',
      tensor('f32', [2], { kind: 'finite' }),
      [1, Infinity],
      'promises finite numbers, found Infinity at [1]',
    ],
    [
      'a norm',
      tensor('f32', ['n', 2], norm),
      [
        [0.6, 0.8],
        [1, 1],
      ],
      'promises a norm of 1 +- 0.001 along axis -1, found 1.41421 in row [1]',
    ],
    ['a norm of NaN', tensor('f32', ['n', 2], norm), [[NaN, 0]], 'found NaN in row [0]'],
    ['a norm of nothing', tensor('f32', ['n', 2], norm, { kind: 'nonzero' }), [[0, 0]], 'found 0 in row [0]'],
    [
      'a sum along the first axis',
      tensor('f32', ['n', 2], column),
      [
        [1, 0.5],
        [0, 0.25],
      ],
      'promises a sum of 1 +- 0 along axis 0, found 0.75 in row [1]',
    ],
    [
      'one-hot rows',
      tensor('f32', ['n', 2], { kind: 'one_hot' }),
      [
        [0, 1],
        [1, 1],
      ],
      'found 2 ones in row [1]',
    ],
    [
      'rows that are not zero',
      tensor('i64', ['n', 2], { kind: 'nonzero' }),
      [
        [0, 1],
        [0, 0],
      ],
      'found only zeros in row [1]',
    ],
    ['rows of nothing', tensor('i64', ['n', 's'], { kind: 'nonzero' }), { data: new BigInt64Array(0), dims: [2, 0] }, 'promises no row of zeros, found no elements in row [0]'],
    ['a sum of nothing', tensor('f32', ['n', 's', 2], { kind: 'sum', axis: 1, value: 1, tolerance: 0 }), { data: new Float32Array(0), dims: [1, 0, 2] }, 'found 0 in row [0, 0]'],
  ])('%s', async (_, spec, x, expected) => {
    expect(await refusal(one(spec), { x })).toContain(expected);
  });

  test('a norm exempts a row of zeros, and carries rounding', async () => {
    await expect(
      take(tensor('f32', ['n', 2], norm), [
        [0, 0],
        [0.6, 0.8],
      ]),
    ).resolves.toBeDefined();
    const third = { kind: 'sum', axis: -1, value: 1, tolerance: 0 } as const;
    await expect(take(tensor('f32', ['n', 3], third), [[0.1, 0.2, 0.7]])).resolves.toBeDefined();
  });

  test('what a tokenizer makes of texts is tested as tensors are', async () => {
    const contract = (ids: ManifestFact, mask: ManifestFact): ManifestPort => ({ ...tokens, fields: { ids: { ...tensor('i64', ['batch', 'seq'], use, ids), onnx: 'ids' }, mask: { ...tensor('i64', ['batch', 'seq'], { kind: 'mask' }, mask), onnx: 'mask' } } });
    const low = { kind: 'range', low: 0, high: 5 } as const;
    expect(await refusal([contract(low, { kind: 'nonzero' })], { tokens: 'a' })).toBe(
      'input-value: `tokens.ids` (Sentences) promises values from 0 to 5, found 7 at [0, 0].\nIt is what the tokenizer makes of the texts that were given as `tokens`.',
    );
    const empty: TextEncoders = { ...encoders, encode: async () => ({ ids: new BigInt64Array(2), mask: BigInt64Array.of(0n, 1n), dims: [1, 2], padding: { id: 0, side: 'left' } }) };
    const read = createInputReader([contract({ kind: 'integer' }, { kind: 'prefix_mask' })], empty);
    await expect(read({ tokens: 'a' })).rejects.toThrow('`tokens.mask` (Sentences) promises ones and then zeros in each row, found 1 behind 0 in row [0], at 1.');
  });

  test('ids lie in the vocabulary', async () => {
    const given = (id: number) => ({ tokens: { ids: [[id]], mask: [[1]] } });
    expect(await refusal([tokens], given(10))).toBe(
      'input-value: `tokens.ids` (Sentences) promises ids of the tokenizer `use`, from 0 to 9, found 10 at [0, 0].',
    );
    expect(await refusal([tokens], given(-1))).toContain('found -1 at [0, 0]');
    await expect(createInputReader([tokens], encoders)(given(9))).resolves.toBeDefined();
  });
});

describe('values that fight back', () => {
  test('a getter that throws', async () => {
    expect(
      await refusal(one(tensor('f32', [1])), {
        get x() {
          throw new Error('boom');
        },
      }),
    ).toContain('input-kind: `inputs` should be plain data, found one that throws when it is read (boom)');
  });

  test('a proxy that throws', async () => {
    const trap = () => {
      throw new TypeError('trapped');
    };
    expect(
      await refusal(one(tensor('f32', [1])), { x: new Proxy({}, { get: trap, has: trap, ownKeys: trap }) }),
    ).toContain('trapped');
  });

  test('any value is taken or refused with a code', async () => {
    const specs = fc.constantFrom(
      tensor('f32', ['n', 2]),
      tensor('i64', []),
      tensor('string', ['n']),
      tensor('bool', [1]),
      tensor('f16', ['n', 'n']),
    );
    await fc.assert(
      fc.asyncProperty(
        specs,
        fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true }),
        async (spec, x) => {
          const outcome = await createInputReader(one(spec), encoders)({ x }).catch((error: unknown) => error);
          if (outcome instanceof MdlRuntimeError) return outcome.code.startsWith('input-');
          return outcome instanceof Map;
        },
      ),
      { numRuns: 3000, verbose: 1 },
    );
  });
});
