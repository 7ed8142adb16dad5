import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/data/safetensors.ts';
import type { ByteSource } from '../../src/host/host.ts';
import { memorySource } from './memory-source.ts';

const sourceOf = (bytes: Uint8Array) => memorySource(bytes, 'memory:///w.safetensors');

function file(
  header: string,
  data: Uint8Array = new Uint8Array(0),
  headerLength = Buffer.byteLength(header),
): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength));
  return Buffer.concat([length, Buffer.from(header), data]);
}

const read = (bytes: Uint8Array) => readSafetensors(sourceOf(bytes));

function refusal(bytes: Uint8Array): string {
  const outcome = read(bytes);
  if (outcome.ok) throw new Error('read without a finding');
  return `${outcome.finding.code}: ${outcome.finding.message}`;
}

describe('a well-formed file', () => {
  test('gives tensors as ranges of the file, in the order of their bytes', () => {
    const header =
      '{"b":{"dtype":"I64","shape":[],"data_offsets":[6,14]},"__metadata__":{"by":"hand"},"a":{"dtype":"BF16","shape":[3,1],"data_offsets":[0,6]}}';
    const outcome = read(file(header, new Uint8Array(14)));
    const start = 8 + header.length;
    expect(outcome).toEqual({
      ok: true,
      value: {
        uri: 'memory:///w.safetensors',
        metadata: { by: 'hand' },
        tensors: [
          { name: 'a', dtype: 'bf16', dims: [3, 1], offset: start, length: 6 },
          { name: 'b', dtype: 'i64', dims: [], offset: start + 6, length: 8 },
        ],
      },
    });
  });

  test('may hold empty tensors and be padded with spaces', () => {
    const outcome = read(
      file(
        '{"e":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}   ',
        new Uint8Array(1),
      ),
    );
    expect(outcome.ok && outcome.value.tensors.map((t) => [t.name, t.length])).toEqual([
      ['e', 0],
      ['x', 1],
    ]);
  });

  test('packs two F4 elements into a byte', () => {
    const outcome = read(file('{"q":{"dtype":"F4","shape":[6],"data_offsets":[0,3]}}', new Uint8Array(3)));
    expect(outcome.ok && outcome.value.tensors[0]).toMatchObject({ dtype: 'f4e2m1', dims: [6], length: 3 });
  });

  test('keeps names and keys that a JavaScript object would take for its own', () => {
    const outcome = read(
      file(
        '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        new Uint8Array(1),
      ),
    );
    expect(outcome.ok && outcome.value.tensors[0]?.name).toBe('__proto__');
    expect(outcome.ok && Object.entries(outcome.value.metadata)).toEqual([['__proto__', 'x']]);
  });
});

// What numpy reads there: np.frombuffer(data[begin:end], '<f4').
const biases = {
  topic: [
    0.4447042644023895, 1.2990515232086182, -2.2310094833374023, 2.4617881774902344, -1.9517046213150024,
    0.6246988773345947, 2.262770414352417, -1.871772050857544, -0.5948549509048462, -0.4434051215648651,
  ],
  living: [0.21597298979759216, -0.21597298979759216],
};

test.each([
  ['topic', { w: [512, 10], b: [10] }, 10],
  ['living', { w: [512, 2], b: [2] }, 2],
] as const)('the %s head of the glosses example', (name, dims, classes) => {
  const bytes = readFileSync(new URL(`../../examples/glosses/heads/${name}.safetensors`, import.meta.url));
  const outcome = read(bytes);
  if (!outcome.ok) throw new Error(outcome.finding.message);
  const { tensors, metadata } = outcome.value;
  expect(Object.fromEntries(tensors.map((t) => [t.name, t.dims]))).toEqual(dims);
  expect(tensors.every((t) => t.dtype === 'f32')).toBe(true);
  expect(JSON.parse(metadata.classes!)).toHaveLength(classes);
  expect(tensors.at(-1)!.offset + tensors.at(-1)!.length).toBe(bytes.length);
  const bias = tensors.find((t) => t.name === 'b')!;
  const values = Array.from({ length: classes }, (_, i) => bytes.readFloatLE(bias.offset + 4 * i));
  expect(values).toEqual(biases[name]);
});

const entry = (text: string) => `{"w":${text}}`;

describe('hostile bytes', () => {
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'safetensors-header: `w.safetensors` is not a safetensors file: it is empty'],
    [
      'a header length beyond the file',
      file('{}', new Uint8Array(0), 99),
      'declare a header of 99 bytes, but only 2 follow',
    ],
    ['a header length of 2^64 - 1', Buffer.alloc(16, 255), "more than the format's limit of 100000000"],
    [
      'a header that is not UTF-8',
      Buffer.concat([file('', new Uint8Array(0), 3), Buffer.from([0x7b, 0xff, 0x7d])]),
      'its header is not UTF-8',
    ],
    ['an ONNX file', Buffer.from('\x08\x07\x12\x07pytorch:\x08', 'latin1'), 'safetensors-header'],
    ['a list', file('[]'), 'does not begin with "{"'],
    ['half an object', file('{"a":'), 'it is not JSON'],
    [
      'a key twice',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      'the key "a" stands twice',
    ],
    ['a key twice, once escaped', file('{"a":1,"\\u0061":1}'), 'the key "a" stands twice'],
    ['metadata that are no strings', file('{"__metadata__":{"n":1}}'), '"n" of its __metadata__ is 1, not a string'],
    ['metadata that are no object', file('{"__metadata__":[]}'), 'its __metadata__ is a list of 0'],
    [
      'an entry that is no object',
      file(entry('7')),
      'safetensors-tensor: The tensor `w` of `w.safetensors` is wrong: its entry is 7',
    ],
    ['an unknown dtype', file(entry('{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}')), 'its dtype is "F6_E2M3"'],
    [
      'a dtype named as a property of objects',
      file(entry('{"dtype":"constructor","shape":[],"data_offsets":[0,0]}')),
      'its dtype is "constructor"',
    ],
    ['a negative size', file(entry('{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}')), 'its shape is not'],
    ['a fractional size', file(entry('{"dtype":"U8","shape":[1.5],"data_offsets":[0,0]}')), 'its shape is not'],
    [
      'a shape whose product overflows',
      file(entry('{"dtype":"F64","shape":[4294967296,4294967296,1],"data_offsets":[0,0]}')),
      'takes 147573952589676412928',
    ],
    [
      'a shape of a thousand axes',
      file(entry(`{"dtype":"U8","shape":[${Array(1000).fill(9007199254740991).join()}],"data_offsets":[0,0]}`)),
      'its shape has 1000 axes',
    ],
    [
      'offsets that run backwards',
      file(entry('{"dtype":"U8","shape":[1],"data_offsets":[2,1]}'), new Uint8Array(2)),
      'end before they begin',
    ],
    [
      'three offsets',
      file(entry('{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}'), new Uint8Array(2)),
      'not two whole numbers',
    ],
    [
      'fewer bytes than the shape takes',
      file(entry('{"dtype":"F32","shape":[2],"data_offsets":[0,4]}'), new Uint8Array(4)),
      'span 4 bytes, but F32 [2] takes 8',
    ],
    [
      'half a byte',
      file(entry('{"dtype":"F4","shape":[3],"data_offsets":[0,2]}'), new Uint8Array(2)),
      '12 bits, no whole number of bytes',
    ],
    [
      'bytes beyond the file',
      file(entry('{"dtype":"U8","shape":[9],"data_offsets":[0,9]}'), new Uint8Array(4)),
      'of a file of',
    ],
    [
      'a gap',
      file(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}',
        new Uint8Array(3),
      ),
      'leave a gap',
    ],
    [
      'an overlap',
      file(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        new Uint8Array(3),
      ),
      'overlap',
    ],
    ['bytes that no tensor owns', file('{}', new Uint8Array(5)), 'its tensors end at byte 10, but the file has 15'],
    ['control characters in a name', file('{"\\u001b[31m":1}'), 'The tensor `\ufffd[31m`'],
  ])('%s', (_, bytes, expected) => {
    expect(refusal(bytes)).toContain(expected);
  });

  test('a file that becomes unreadable', () => {
    const source: ByteSource = {
      ...sourceOf(file('{}')),
      read: () => {
        throw new Error('EIO: i/o error');
      },
    };
    expect(readSafetensors(source)).toMatchObject({ ok: false, finding: { code: 'data-unreadable' } });
  });

  test('any bytes, and any change of a good file, are read or refused, and tensors lie inside the file', () => {
    const good = file(
      '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}',
      new Uint8Array(11),
    );
    const changed = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          changed,
          fc.json().map((json) => file(json)),
        ),
        (bytes) => {
          const outcome = read(bytes);
          if (!outcome.ok) return /^(safetensors-|data-)/.test(outcome.finding.code);
          return outcome.value.tensors.every((t) => t.offset >= 8 && t.offset + t.length <= bytes.length);
        },
      ),
      { numRuns: 2000, verbose: 1 },
    );
  });
});
