import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { onnx } from 'onnx-proto';
import type { Finding } from '../../src/diagnostics/diagnostic.ts';
import { readModel } from '../../src/onnx/index.ts';
import { memorySource, useLitePath } from './helpers.ts';
import { dataTypes, encodeModel, floats, graphAttribute, node, valueInfo, varint } from './models.ts';

function findingOf(bytes: Uint8Array): Finding {
  const answer = readModel(memorySource(bytes, 'memory:///models/some/model.onnx'));
  if (answer.ok) throw new Error('the file was read');
  return answer.finding;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('what is no ONNX file is said to be what it is', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'it is empty'],
    ['a text', text('hello, world\nsecond line'), 'a text that begins `hello, world`'],
    [
      'a Git LFS pointer',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n'),
      'Git LFS pointer',
    ],
    ['a zip archive', text('PK\x03\x04archive/data.pkl'), 'PyTorch'],
    ['safetensors', new Uint8Array(readFileSync('examples/glosses/heads/topic.safetensors')), 'safetensors'],
    [
      'JSON',
      new Uint8Array(readFileSync('examples/glosses/models/use-lite/config.json')),
      'a text that begins `{ "model_type"',
    ],
    ['noise', Uint8Array.of(0xff, 0xfe, 0xfd, 0, 1, 2, 3), 'no ONNX graph'],
    ['a model without a graph', Uint8Array.of(0x08, 0x08), 'no ONNX graph'],
  ])('%s', (_, bytes, expected) => {
    const finding = findingOf(bytes);
    expect(finding.code).toBe('onnx-not-a-model');
    expect(finding.message).toContain('`some/model.onnx`');
    expect(finding.message).toContain(expected);
  });
});

describe('bytes that lie', () => {
  test('a file cut off: where, what was claimed, and how long it is', () => {
    const bytes = new Uint8Array(readFileSync(useLitePath)).subarray(0, 1000);
    const finding = findingOf(bytes);
    expect(finding.code).toBe('onnx-truncated');
    expect(finding.message).toMatch(/at byte \d+, field 7 claims \d{8} bytes, and the file ends after 1000/);
  });

  /** IR version 8, operator set 14. */
  const head = [0x08, 8, 0x42, 2, 0x10, 14];
  const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

  test('a length beyond its message', () => {
    // A graph of 3 bytes, in which a node claims 100; then an unknown field, so that the file has as many.
    const finding = findingOf(Uint8Array.from([...head, 0x3a, 3, 0x0a, 100, 0, 0x6a, 120, ...zeros(120)]));
    expect(finding.code).toBe('onnx-malformed');
    expect(finding.message).toContain('at byte 8');
    expect(finding.message).toContain('claims 100 bytes where its message has 1 left');
  });

  test('a number of more than ten bytes', () => {
    const finding = findingOf(Uint8Array.from([...head, 0x3a, 14, 0x0a, ...zeros(13).fill(0xff)]));
    expect(finding.code).toBe('onnx-malformed');
    expect(finding.message).toContain('more than ten bytes');
  });

  test('a wire type that ONNX does not have', () => {
    const finding = findingOf(Uint8Array.of(...head, 0x3a, 1, 0x0b));
    expect(finding.message).toContain('wire type 3');
  });

  test('a known field of another kind', () => {
    const finding = findingOf(Uint8Array.of(...head, 0x3a, 2, 0x08, 1));
    expect(finding.code).toBe('onnx-malformed');
    expect(finding.message).toContain('field 1 should be a message');
  });

  test('graphs in graphs in graphs', () => {
    let graph: onnx.IGraphProto = { name: 'innermost' };
    for (let depth = 0; depth < 50; depth++)
      graph = { name: 'g', node: [node('If', [], ['y'], { attribute: [graphAttribute('then_branch', graph)] })] };
    const finding = findingOf(encodeModel(graph));
    expect(finding.code).toBe('onnx-too-complex');
    expect(finding.message).toContain('32 deep');
  });

  test('millions of empty nodes', () => {
    const count = 4_000_000;
    const nodes = new Uint8Array(2 * count);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
    const bytes = Buffer.concat([Buffer.from([...head, 0x3a, ...varint(nodes.length)]), nodes]);
    expect(findingOf(bytes).code).toBe('onnx-too-complex');
  });

  /** Each takes a few hundred bytes of memory at least, wherever it stands: none may go uncounted. */
  interface Full {
    readonly what: string;
    readonly record: readonly number[];
    readonly count?: number;
    readonly inGraph?: boolean;
    readonly inNode?: boolean;
  }
  test.each<Full>([
    { what: 'values of one node', record: [0x12, 0], inNode: true },
    { what: 'attributes of one node', record: [0x2a, 0], inNode: true },
    { what: 'declared types', record: [0x6a, 0], inGraph: true },
    { what: 'annotations', record: [0x72, 0], inGraph: true },
    { what: 'graphs of branches', record: [0x0a, 7, 0x2a, 5, 0xa0, 1, 5, 0x32, 0], inGraph: true },
    { what: 'graphs', record: [0x3a, 0] },
    { what: 'sets of operators', record: [0x42, 0] },
    { what: 'lines of metadata', record: [0x72, 0] },
    // Nothing of these is kept: their number alone has a limit.
    { what: 'records that no reader knows', record: [0xf0, 1, 1], count: 4_200_000, inNode: true },
  ])('a file full of $what', ({ record, count = 1_050_000, inGraph = false, inNode = false }) => {
    const records = Buffer.alloc(record.length * count, Uint8Array.from(record));
    const message = (tag: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([tag, ...varint(bytes.length)]), bytes]);
    const graph = inNode ? message(0x0a, records) : records;
    const bytes = inNode || inGraph ? [message(0x3a, graph)] : [Buffer.of(0x3a, 0), records];
    expect(findingOf(Buffer.concat([Buffer.from(head), ...bytes])).code).toBe('onnx-too-complex');
  });

  test('a file full of functions', () => {
    // Two of one name would be refused for that.
    const functions = Array.from({ length: 50_000 }, (_, i) => Buffer.concat([Buffer.from([0xca, 1, 7, 0x0a, 5]), Buffer.from(String(i).padStart(5, '0'))]));
    expect(findingOf(Buffer.concat([Buffer.from([...head, 0x3a, 0]), ...functions])).code).toBe('onnx-too-complex');
  });

  test('a file that cannot be read any more', () => {
    const source = {
      ...memorySource(new Uint8Array(10)),
      read: () => {
        throw new Error('EIO: the disk is gone');
      },
    };
    const answer = readModel(source);
    expect(answer.ok ? '' : answer.finding.code).toBe('onnx-unreadable');
    expect(answer.ok ? '' : answer.finding.message).toContain('the disk is gone');
  });

  test('a file that has become shorter', () => {
    const bytes = encodeModel({ name: 'g' });
    const source = { ...memorySource(bytes), size: 2 * bytes.length };
    const answer = readModel(source);
    expect(answer.ok ? '' : answer.finding.code).toBe('onnx-unreadable');
  });
});

describe('graphs that do not hold together', () => {
  const x = valueInfo('x', ['N', 2]);
  const y = valueInfo('y', ['N', 2]);
  const sub = (input: string): onnx.IGraphProto => ({
    name: 'then',
    node: [node('Neg', [input], ['r'])],
    output: [valueInfo('r', [])],
  });
  const tensor = (dims: number[], rest: onnx.ITensorProto): onnx.ITensorProto => ({
    name: 'w',
    dims,
    dataType: dataTypes.FLOAT,
    ...rest,
  });
  const rows: readonly (readonly [string, onnx.IGraphProto, string, readonly string[]])[] = [
    [
      'a name that nothing makes',
      { node: [node('Neg', ['z'], ['y'])], input: [x], output: [y] },
      'onnx-unknown-name',
      ['`z`', 'Neg'],
    ],
    ['an output that nothing makes', { input: [x], output: [y] }, 'onnx-unknown-name', ['`y`', 'an output']],
    ['an output without a name', { node: [node('Split', ['x'], ['', 'y'])], input: [x], output: [y, valueInfo('', [])] }, 'onnx-inconsistent', ['has no name']],
    [
      'a branch that takes what is not there',
      {
        node: [node('If', ['x'], ['y'], { attribute: [graphAttribute('then_branch', sub('z'))] })],
        input: [x],
        output: [y],
      },
      'onnx-unknown-name',
      ['`z`'],
    ],
    [
      'nodes in a circle',
      { node: [node('Neg', ['b'], ['a']), node('Add', ['a', 'x'], ['b'])], input: [x], output: [valueInfo('a', [])] },
      'onnx-cycle',
      ['(Neg)', '(Add)'],
    ],
    [
      'a node that feeds itself',
      { node: [node('Neg', ['a'], ['a'])] },
      'onnx-cycle',
      ['`Neg_a` (Neg) -> `Neg_a` (Neg)'],
    ],
    [
      'a tensor made twice',
      { node: [node('Neg', ['x'], ['y'], { name: 'one' }), node('Abs', ['x'], ['y'])], input: [x], output: [y] },
      'onnx-duplicate-name',
      ['tensor', '`y`'],
    ],
    [
      'two nodes of one name',
      { node: [node('Neg', ['x'], ['y'], { name: 'n' }), node('Abs', ['x'], ['z'], { name: 'n' })], input: [x] },
      'onnx-duplicate-name',
      ['node', '`n`'],
    ],
    ['two inputs of one name', { input: [x, x] }, 'onnx-duplicate-name', ['input', '`x`']],
    [
      'two initializers of one name',
      { initializer: [floats('w', [1], [1]), floats('w', [1], [1])] },
      'onnx-duplicate-name',
      ['initializer', '`w`'],
    ],
    [
      'fewer bytes than the dims say',
      { initializer: [floats('w', [3], [1, 2])] },
      'onnx-tensor-size',
      ['f32[3] takes 12 bytes, and 8 are stored'],
    ],
    [
      'fewer entries than the dims say',
      { initializer: [tensor([3], { floatData: [1] })] },
      'onnx-tensor-size',
      ['3 entries', '1 are stored'],
    ],
    [
      'varints that cannot be as many',
      { initializer: [tensor([3], { dataType: dataTypes.INT64, int64Data: [1, 2] })] },
      'onnx-tensor-size',
      ['3 entries', '2 are stored'],
    ],
    [
      'a constant declared with another element type',
      { node: [node('Neg', ['x'], ['y'])], input: [x, valueInfo('w', [2], dataTypes.DOUBLE)], output: [y], initializer: [floats('w', [2], [1, 2])] },
      'onnx-inconsistent',
      ['`w`', 'f64[2]', 'f32[2]'],
    ],
    [
      'a constant declared with another size',
      { node: [node('Neg', ['x'], ['y'])], input: [x], output: [y], valueInfo: [valueInfo('w', ['n', 3])], initializer: [floats('w', [2], [1, 2])] },
      'onnx-inconsistent',
      ['`w`', 'f32[n, 3]', 'f32[2]'],
    ],
    ['no data at all', { initializer: [tensor([2], {})] }, 'onnx-tensor-size', ['0 are stored']],
    [
      'dims whose product overflows',
      { initializer: [tensor([2 ** 40, 2 ** 40], {})] },
      'onnx-tensor-size',
      ['larger than any file'],
    ],
    ['a negative size', { initializer: [tensor([-2], {})] }, 'onnx-malformed', ['the size -2']],
    ['an element type of the future', { initializer: [tensor([1], { dataType: 99 })] }, 'onnx-unknown-dtype', ['99']],
    [
      'a Constant that does not add up',
      { node: [node('Constant', [], ['c'], { attribute: [{ name: 'value', type: 4, t: floats('', [9], [1]) }] })] },
      'onnx-tensor-size',
      ['36 bytes, and 4 are stored'],
    ],
  ];
  test.each(rows)('%s', (_, graph, code, parts) => {
    const finding = findingOf(encodeModel(graph));
    expect(finding.code).toBe(code);
    for (const part of parts) expect(finding.message).toContain(part);
  });

  test('a model without a version', () => {
    const finding = findingOf(encodeModel({ name: 'g' }, { irVersion: null }));
    expect(finding.code).toBe('onnx-inconsistent');
  });

  test('a model without operator sets', () => {
    const finding = findingOf(encodeModel({ name: 'g' }, { opsetImport: [] }));
    expect(finding.code).toBe('onnx-inconsistent');
    expect(finding.message).toContain('no operator set');
  });

  test('two local functions of one name', () => {
    const opsetImport = [{ domain: '', version: 14 }];
    const local = { name: 'F', domain: 'd', input: ['x'], output: ['x'], opsetImport };
    const finding = findingOf(encodeModel({ name: 'g' }, { functions: [local, local] }));
    expect(finding.code).toBe('onnx-duplicate-name');
    expect(finding.message).toContain('two local functions named `F`');
  });

  test('a long circle is found and shown in part', () => {
    const count = 20_000;
    const nodes = Array.from({ length: count }, (_, i) => node('Neg', [`t${(i + count - 1) % count}`], [`t${i}`]));
    expect(findingOf(encodeModel({ node: nodes })).code).toBe('onnx-cycle');
  });
});
