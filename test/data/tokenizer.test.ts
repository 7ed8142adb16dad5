import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenizer, readTokenizer, type TokenBatch } from '../../src/data/tokenizer.ts';

const textOf = (name: string) =>
  readFileSync(new URL(`../../examples/glosses/models/${name}/tokenizer.json`, import.meta.url), 'utf8');
const useLite = textOf('use-lite');

/** A WordPiece vocabulary as BERT's, small enough to count by hand. */
const bert = {
  added_tokens: [
    { id: 0, content: '[PAD]', special: true },
    { id: 2, content: '[CLS]', special: true },
    { id: 3, content: '[SEP]', special: true },
  ],
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, the: 4, cat: 5, '##s': 6, sat: 7 },
  },
};

async function encode(json: string | object, texts: readonly string[]): Promise<TokenBatch> {
  const tokenizer = await createTokenizer(typeof json === 'string' ? json : JSON.stringify(json));
  if (!tokenizer.ok) throw new Error(tokenizer.finding.message);
  const batch = tokenizer.value.encodeBatch(texts);
  if (!batch.ok) throw new Error(batch.finding.message);
  return batch.value;
}

/** The rows as `ids` and `mask`, as numbers. */
function rowsOf(batch: TokenBatch): { ids: number[][]; mask: number[][] } {
  const [rows, seq] = batch.dims;
  const split = (data: BigInt64Array) =>
    Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * seq, (i + 1) * seq), Number));
  return { ids: split(batch.ids), mask: split(batch.mask) };
}

const idsOf = async (json: string | object, texts: readonly string[]) => rowsOf(await encode(json, texts)).ids;

async function refusal(json: string | object): Promise<string> {
  const tokenizer = await createTokenizer(typeof json === 'string' ? json : JSON.stringify(json));
  if (tokenizer.ok) throw new Error('made without a finding');
  return `${tokenizer.finding.code}: ${tokenizer.finding.message}`;
}

describe('the header', () => {
  test('of use-lite', () => {
    expect(readTokenizer(useLite)).toEqual({
      ok: true,
      value: {
        model: 'Unigram',
        vocabularySize: 8000,
        padId: 0,
        maxLength: 128,
        truncationSide: 'right',
        paddingSide: 'right',
        fixedLength: undefined,
        multipleOf: 1,
      },
    });
  });

  test('of gloss-bytes', () => {
    expect(readTokenizer(textOf('gloss-bytes'))).toMatchObject({
      value: { model: 'BPE', vocabularySize: 257, maxLength: 160 },
    });
  });

  test('counts added tokens, and finds the padding token that nobody declared', () => {
    const added = { ...bert, added_tokens: [{ id: 11, content: '[PAD]' }] };
    expect(readTokenizer(JSON.stringify(added))).toMatchObject({
      value: { vocabularySize: 12, padId: 11, maxLength: undefined },
    });
  });

  test('counts up to the largest id, over gaps and to a padding that is no token', () => {
    const model = { type: 'WordLevel', vocab: { a: 0, b: 6 }, unk_token: 'a' };
    expect(readTokenizer(JSON.stringify({ model }))).toMatchObject({ value: { vocabularySize: 7 } });
    expect(readTokenizer(JSON.stringify({ model, padding: { strategy: 'BatchLongest', pad_id: 9 } }))).toMatchObject({ value: { vocabularySize: 10, padId: 9 } });
  });
});

// Made by a Viterbi search over the vocabulary's scores in Python, after unicodedata's NFKC.
test.each([
  ['booth for Using a telephone', [3380, 128, 22, 6497, 11, 3891, 2901]],
  ['fully ripened sweet red pepper; usually cooked', [2837, 6304, 154, 26, 2399, 1181, 6415, 138, 828, 1825, 26]],
  ['the ﬁrst cat', [9, 146, 1163]],
  ['a 日本 cat', [11, 30, 0, 1163]],
])('use-lite tokenizes %j', async (text, ids) => {
  expect(await idsOf(useLite, [text])).toEqual([ids]);
});

test('gloss-bytes gives one more than each byte of the lower-cased text', async () => {
  const text = 'Été 7';
  expect(await idsOf(textOf('gloss-bytes'), [text])).toEqual([
    Array.from(Buffer.from(text.toLowerCase()), (byte) => byte + 1),
  ]);
});

describe('shaping a batch', () => {
  const padding = { strategy: 'BatchLongest', direction: 'Right', pad_id: 0 };

  test('puts special tokens around, and pads to the longest text', async () => {
    expect(rowsOf(await encode({ ...bert, padding }, ['The cats sat', 'dog']))).toEqual({
      ids: [
        [2, 4, 5, 6, 7, 3],
        [2, 1, 3, 0, 0, 0],
      ],
      mask: [
        [1, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0, 0],
      ],
    });
  });

  test('pads on the left', async () => {
    const left = { ...bert, padding: { ...padding, direction: 'Left', pad_id: 1 } };
    expect(rowsOf(await encode(left, ['the cat', 'sat']))).toEqual({
      ids: [
        [2, 4, 5, 3],
        [1, 2, 7, 3],
      ],
      mask: [
        [1, 1, 1, 1],
        [0, 1, 1, 1],
      ],
    });
  });

  test.each([
    [{ ...padding, strategy: { Fixed: 6 } }, [2, 7, 3, 0, 0, 0]],
    [{ ...padding, strategy: { Fixed: 2 } }, [2, 7, 3]],
    [{ ...padding, pad_to_multiple_of: 4 }, [2, 7, 3, 0]],
    [{ ...padding, strategy: { Fixed: 5 }, pad_to_multiple_of: 4 }, [2, 7, 3, 0, 0, 0, 0, 0]],
    [{ ...padding, pad_to_multiple_of: 0 }, [2, 7, 3]],
    [null, [2, 7, 3]],
  ])('pads as %j', async (asked, ids) => {
    expect(await idsOf({ ...bert, padding: asked }, ['sat'])).toEqual([ids]);
  });

  test.each([
    ['Right', 5, [2, 4, 5, 6, 3]],
    ['Left', 5, [2, 5, 6, 7, 3]],
    ['Right', 2, [2, 3]],
    ['Left', 2, [2, 3]],
    ['Left', 9, [2, 4, 5, 6, 7, 3]],
  ])('truncates from the %s to %i, keeping the special tokens', async (direction, length, ids) => {
    const truncation = { max_length: length, direction, strategy: 'LongestFirst', stride: 0 };
    expect(await idsOf({ ...bert, truncation }, ['the cats sat'])).toEqual([ids]);
  });

  test('a template with special tokens truncates the text, too', async () => {
    const special = (name: string, id: number) => ({ [name]: { id: name, ids: [id], tokens: [name] } });
    const template = {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: special('[CLS]', 2),
    };
    expect(await idsOf({ ...bert, post_processor: template, truncation: { max_length: 3 } }, ['the cats'])).toEqual([
      [2, 4, 5],
    ]);
  });

  test('an empty text is one position of padding under a mask of 0, alone and beside others', async () => {
    expect(await encode(useLite, [''])).toEqual({
      ids: BigInt64Array.of(0n),
      mask: BigInt64Array.of(0n),
      dims: [1, 1],
      padding: { id: 0, side: 'right' },
    });
    expect(rowsOf(await encode(useLite, ['', 'a telephone'])).mask[0]).toEqual([0, 0, 0]);
    expect((await encode(useLite, [])).dims).toEqual([0, 1]);
  });
});

describe('what is refused', () => {
  test.each<[string, string | object, string]>([
    ['no JSON', 'tokenizer', 'tokenizer-invalid: The tokenizer `tokenizer.json` cannot be read: it is not JSON'],
    ['a list', '[]', 'the whole should be an object, found a list of 0'],
    ['no model', {}, 'model should be an object, found nothing'],
    [
      'a vocabulary of words without ids',
      { model: { type: 'BPE', vocab: { a: 'b' } } },
      'model.vocab should be an object from pieces',
    ],
    ['an empty vocabulary', { model: { type: 'BPE', vocab: {} } }, 'its vocabulary is empty'],
    [
      'truncation to nothing',
      { ...bert, truncation: { max_length: 0 } },
      'truncation.max_length should be a whole number from 1',
    ],
    [
      'a strategy for pairs',
      { ...bert, truncation: { max_length: 9, strategy: 'OnlySecond' } },
      'truncation.strategy should be "LongestFirst" or "OnlyFirst"',
    ],
    [
      'padding to a thousand million',
      { ...bert, padding: { strategy: { Fixed: 1e9 }, pad_id: 0 } },
      'padding.strategy should be',
    ],
    ['a negative id', { ...bert, added_tokens: [{ id: -1, content: 'x' }] }, 'added_tokens[0].id should be'],
    [
      'an unknown model',
      { model: { type: 'Neural', vocab: { a: 0 } } },
      'tokenizer-unsupported: The tokenizer `tokenizer.json` cannot be used: its model is "Neural"',
    ],
    [
      'a Unigram model with bytes',
      { model: { type: 'Unigram', unk_id: 0, vocab: [['a', 0]], byte_fallback: true } },
      'falls back to bytes',
    ],
    ['an unknown normalizer', { ...bert, normalizer: { type: 'Rot13' } }, 'Unknown Normalizer type: Rot13'],
    [
      'more special tokens than room',
      { ...bert, truncation: { max_length: 1 } },
      'cuts texts to 1 tokens but adds 2 special ones',
    ],
    [
      'a special token without an id',
      { ...bert, post_processor: { type: 'BertProcessing', sep: ['[END]', 9], cls: ['[CLS]', 2] } },
      'a token that the vocabulary lacks',
    ],
  ])('%s', async (_, json, expected) => {
    expect(await refusal(json)).toContain(expected);
  });

  const split = (pattern: string) => ({
    ...bert,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated' }] },
  });

  test.each([
    ['((((', '4 "(" are not closed'],
    ['a)', 'a ")" closes nothing'],
    ['[a-', 'a "[" is not closed'],
    ['(?:[)]', 'a "(" is not closed'],
    ['a\\', 'it ends in a backslash'],
  ])('the pattern %s, by the header alone, with its file', (pattern, fault) => {
    const json = JSON.stringify(split(pattern));
    const read = readTokenizer(json, 'odd.json');
    expect(read.ok ? 'read' : `${read.finding.code}: ${read.finding.message}`).toContain(fault);
    expect(read).toMatchObject({ finding: { message: expect.stringContaining('The tokenizer `odd.json` cannot be read: its pattern "') } });
  });

  test.each([
    "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+",
    ' ?[^(\\s|[.,!?…。，、।۔،])]+',
    '[[:alpha:]]+\\h(?>a|b)++',
    '[]()]+(?<!\\))',
    '(?x) a # one (\n',
    '[[^(]a(]',
    '\\(\\[',
  ])('but not the pattern %s', (pattern) => {
    expect(readTokenizer(JSON.stringify(split(pattern)))).toMatchObject({ ok: true });
  });

  test.each([
    ['a pattern', { pre_tokenizer: { type: 'Split', pattern: { Regex: '(?:a+)+$' }, behavior: 'Isolated' } }],
    ['a normalizer', { normalizer: { type: 'Replace', pattern: { Regex: '(?:a|a)+$' }, content: 'b' } }],
  ])('%s that backtracks without end on the text, after some seconds', { timeout: 60_000 }, async (_, members) => {
    const tokenizer = await createTokenizer(JSON.stringify({ ...bert, ...members }));
    const batch = tokenizer.ok && tokenizer.value.encodeBatch(['the cat', `${'a'.repeat(50)}!`]);
    expect(batch).toMatchObject({
      finding: { code: 'text-not-tokenized', message: expect.stringContaining('a pattern of the tokenizer backtracks without end on it') },
    });
    expect(tokenizer.ok && tokenizer.value.encodeBatch(['the cat']).ok).toBe(true);
  });

  test('a text too long to try', async () => {
    const tokenizer = await createTokenizer(useLite);
    const batch = tokenizer.ok && tokenizer.value.encodeBatch(['a', 'a'.repeat(1_000_001)]);
    expect(batch).toMatchObject({
      ok: false,
      finding: { code: 'text-not-tokenized', message: expect.stringContaining('Text 1 of the batch') },
    });
  });

  test('any JSON, and any change of a member, is made or refused', async () => {
    const members = Object.keys(bert) as (keyof typeof bert)[];
    const changed = fc
      .tuple(fc.constantFrom(...members), fc.jsonValue())
      .map(([member, value]) => ({ ...bert, [member]: value }));
    const model = fc
      .tuple(fc.constantFrom(...Object.keys(bert.model)), fc.jsonValue())
      .map(([member, value]) => ({ ...bert, model: { ...bert.model, [member]: value } }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), changed, model), fc.string({ unit: 'binary' }), async (json, text) => {
        const tokenizer = await createTokenizer(JSON.stringify(json));
        if (!tokenizer.ok) return tokenizer.finding.code.startsWith('tokenizer-');
        const batch = tokenizer.value.encodeBatch([text]);
        return batch.ok ? batch.value.dims[1] >= 1 : batch.finding.code === 'text-not-tokenized';
      }),
      { numRuns: 1000, verbose: 1 },
    );
  });

  test('any text of use-lite gives ids of its vocabulary', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 3 }), async (texts) => {
        const { ids, dims } = await encode(useLite, texts);
        return dims[1] >= 1 && dims[1] <= 128 && ids.every((id) => id >= 0n && id < 8000n);
      }),
      { numRuns: 30, verbose: 1 },
    );
  });
});
