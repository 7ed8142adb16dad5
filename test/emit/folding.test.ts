/** Programs with and without folding answer the same bits, and what was folded is gone. */
import { expect, describe, test } from 'vitest';
import { foldConstants } from '../../src/ir/passes/fold-constants.ts';
import type { Program } from '../../src/ir/program.ts';
import { verify } from '../../src/ir/verify.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { opener, valueOf } from '../onnx/helpers.ts';
import { attributeTypes, dataTypes, decodeModel, encodeModel, floats, graphAttribute, node, readBytes, valueInfo } from '../onnx/models.ts';
import { askChecker, bitsOf, checkerMissing, f32, runModel } from '../onnx/oracles.ts';
import { info, link, operation, port, program } from '../onnx/programs.ts';

const bytesOf = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const read = (bytes: unknown): Uint8Array | undefined => (bytes instanceof Uint8Array ? bytes : undefined);
const uri = 'memory:///model.onnx';

const compose = (from: Program, bytes?: Uint8Array): Uint8Array => {
  const memory = new Map(bytes === undefined ? [] : [[uri, bytes]]);
  const files = new Map(bytes === undefined ? [] : [[uri, readBytes(bytes, uri)]]);
  return materialize(valueOf(composeProgram(from, files, { producer: 'mdl', producerVersion: '0' }, opener(memory))).pieces, opener(memory));
};

/** The operators that are left, after the answers were found to be equal. */
async function foldAndRun(from: Program, feeds: Parameters<typeof runModel>[1], bytes?: Uint8Array): Promise<{ ops: string[]; folded: Program }> {
  const folded = foldConstants(from, read);
  expect(verify(folded)).toEqual([]);
  const [before, after] = [compose(from, bytes), compose(folded, bytes)];
  const [expected, found] = [await runModel(before, feeds), await runModel(after, feeds)];
  for (const { name } of from.outputs) expect(bitsOf(found[name])).toBe(bitsOf(expected[name]));
  if (checkerMissing() === undefined) expect(askChecker(after)).toBe('');
  return { ops: decodeModel(after).graph!.node!.map(({ opType }) => opType!), folded };
}

describe('operators of ours', () => {
  const pair = info('f32', 2, 2);
  const perm = new Map([['perm', { type: 'ints', value: [1n, 0n] }]] as const);

  test('a chain of constants becomes one; what was only moved belongs to the weights still, what was computed does not', async () => {
    const { ops, folded } = await foldAndRun(
      program({
        inputs: [port('x')],
        outputs: [port('y'), port('z')],
        steps: [operation('Transpose', ['w'], ['t'], perm, 'a'), operation('Mul', ['t', 'two'], ['s'], new Map(), 'b'), operation('Add', ['x', 's'], ['y'], new Map(), 'c'), operation('Add', ['x', 't'], ['z'], new Map(), 'd')],
        initializers: [
          { name: 'w', dtype: 'f32', dims: [2, 2], bytes: bytesOf(0.1, 0.2, 0.3, 0.7), weights: 'memory:///w' },
          { name: 'two', dtype: 'f32', dims: [], bytes: bytesOf(1.7) },
        ],
        types: { x: pair, t: pair, s: pair, y: pair, z: pair, w: pair, two: info('f32') },
      }),
      { x: f32([2, 2], [1, 2, 3, 4]) },
    );
    expect(ops).toEqual(['Add', 'Add']);
    expect(folded.initializers.map(({ name, weights }) => [name, weights])).toEqual([['t', 'memory:///w'], ['s', undefined]]);
  });

  test('the shape of a tensor of known sizes; one with an open size stays', async () => {
    const { ops } = await foldAndRun(
      program({
        inputs: [port('x'), port('z')],
        outputs: [port('known'), port('open')],
        steps: [operation('Shape', ['x'], ['known'], new Map(), 'a'), operation('Shape', ['z'], ['open'], new Map(), 'b')],
        types: { x: pair, z: info('f32', 'n', 2), known: info('i64', 2), open: info('i64', 2) },
      }),
      { x: f32([2, 2], [1, 2, 3, 4]), z: f32([1, 2], [1, 2]) },
    );
    expect(ops.filter((op) => op !== 'Identity')).toEqual(['Shape']);
  });

  test('Identity nodes in a row, one of them an output, one read by a branch', async () => {
    const branch = (op: string) => ({
      type: 'graph' as const,
      value: { name: op, inputs: [], outputs: [`${op} out`], nodes: [{ name: '', op, domain: '', inputs: ['kept'], outputs: [`${op} out`], attributes: new Map() }], initializers: new Map(), types: new Map([[`${op} out`, pair]]) },
    });
    const { ops } = await foldAndRun(
      program({
        inputs: [port('x'), port('which')],
        outputs: [port('y'), port('chosen')],
        steps: [
          operation('Identity', ['x'], ['a'], new Map(), 'a'),
          operation('Identity', ['a'], ['b'], new Map(), 'b'),
          operation('Neg', ['b'], ['n'], new Map(), 'n'),
          operation('Identity', ['n'], ['y'], new Map(), 'y'),
          operation('Identity', ['n'], ['kept'], new Map(), 'kept'),
          operation('If', ['which'], ['chosen'], new Map([['then_branch', branch('Abs')], ['else_branch', branch('Neg')]]), 'if'),
        ],
        types: { x: pair, which: info('bool'), a: pair, b: pair, n: pair, y: pair, kept: pair, chosen: pair },
      }),
      { x: f32([2, 2], [1, -2, 3, 4]), which: boolean(false) },
    );
    // One for the branch, and one by which the output gets its name.
    expect(ops.sort()).toEqual(['Identity', 'If', 'Neg'].sort());
  });

  test('what would grow the file, and what is large, stays', () => {
    const wide = program({
      inputs: [port('x')],
      outputs: [port('y')],
      steps: [operation('Mul', ['column', 'row'], ['table'], new Map(), 'a'), operation('Add', ['x', 'table'], ['y'], new Map(), 'b')],
      initializers: [
        { name: 'column', dtype: 'f32', dims: [100, 1], bytes: new Uint8Array(400) },
        { name: 'row', dtype: 'f32', dims: [1, 100], bytes: new Uint8Array(400) },
      ],
      types: { x: info('f32', 100, 100), column: info('f32', 100, 1), row: info('f32', 1, 100), table: info('f32', 100, 100), y: info('f32', 100, 100) },
    });
    expect(foldConstants(wide, read)).toBe(wide);
  });
});

const boolean = (value: boolean) => new (f32([1], [0]).constructor as new (type: string, data: Uint8Array, dims: number[]) => ReturnType<typeof f32>)('bool', Uint8Array.of(Number(value)), []);
const int64s = (name: string, ...values: number[]) => ({ name, dims: [values.length], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });

describe('linked graphs', () => {
  /** y = x, its last two axes made one by way of its own shape; `own` is computed from the file's constants alone. */
  const flattening = encodeModel({
    node: [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'zero'], ['batch']),
      node('Gather', ['shape', 'others'], ['rest']),
      node('ReduceProd', ['rest'], ['width'], { attribute: [{ name: 'keepdims', type: attributeTypes.INT, i: 1 }] }),
      node('Concat', ['batch', 'width'], ['flat'], { attribute: [{ name: 'axis', type: attributeTypes.INT, i: 0 }] }),
      node('Reshape', ['x', 'flat'], ['joined']),
      node('Mul', ['factor', 'factor'], ['own']),
      node('Mul', ['joined', 'own'], ['y']),
    ],
    input: [valueInfo('x', ['n', 'h', 'w'])],
    output: [valueInfo('y', ['n', 'hw']), { ...valueInfo('width', [1], dataTypes.INT64) }],
    initializer: [int64s('zero', 0), int64s('others', 1, 2), floats('factor', [1], [1.1])],
  });
  const linked = (dims: (number | string)[], bytes = flattening) =>
    program({
      inputs: [port('in')],
      outputs: [port('out')],
      steps: [link('Flat', readBytes(bytes, uri), { x: 'in' }, { y: 'out' })],
      types: { in: info('f32', ...dims), out: info('f32', dims[0]!, 'hw') },
    });
  const x = f32([2, 3, 2], Array.from({ length: 12 }, (_, i) => i / 7));

  test('sizes that are numbers in this composition are no longer computed', async () => {
    const { ops } = await foldAndRun(linked([2, 3, 2]), { in: x }, flattening);
    expect(ops.filter((op) => op !== 'Identity')).toEqual(['Reshape', 'Mul', 'Mul']);
  });

  test('with an open batch what depends on it stays, the rest goes', async () => {
    const { ops } = await foldAndRun(linked(['n', 3, 2]), { in: x }, flattening);
    expect(ops.filter((op) => op !== 'Identity')).toEqual(['Shape', 'Gather', 'Concat', 'Reshape', 'Mul', 'Mul']);
  });

  test('nothing is known, nothing is touched: the file passes as the bytes it was', () => {
    const open = linked(['n', 'h', 'w']);
    expect(foldConstants(open, read)).toBe(open);
  });

  test('an output that is constant is one; of a link that gives nothing else nothing is left', async () => {
    const from = program({
      inputs: [port('in')],
      outputs: [port('width')],
      steps: [link('Flat', readBytes(flattening, uri), { x: 'in' }, { width: 'width' })],
      types: { in: info('f32', 'n', 3, 2), width: info('i64', 1) },
    });
    const { folded } = await foldAndRun(from, { in: x }, flattening);
    expect(folded.steps).toEqual([]);
  });

  test('a size that may be 0 is not taken to be more', async () => {
    // max(batch, 1) - 1: where a batch has a row at least, and nobody says so, it is no constant.
    const guarded = encodeModel({
      node: [node('Shape', ['x'], ['s']), node('Gather', ['s', 'zero'], ['b']), node('Min', ['b', 'one'], ['m']), node('Add', ['m', 'm'], ['y'])],
      input: [valueInfo('x', ['n', 'w'])],
      output: [valueInfo('y', [1], dataTypes.INT64)],
      initializer: [int64s('zero', 0), int64s('one', 1)],
    });
    const from = program({ inputs: [port('in')], outputs: [port('y')], steps: [link('G', readBytes(guarded, uri), { x: 'in' }, { y: 'y' })], types: { in: info('f32', 'n', 2), y: info('i64', 1) } });
    const { ops } = await foldAndRun(from, { in: f32([0, 2], []) }, guarded);
    expect(ops).toContain('Min');
  });

  test('a constant that is fed: which branch is taken is not decided here, but what is counted from it is', async () => {
    const repeated = encodeModel({
      node: [
        node('Add', ['count', 'count'], ['twice']),
        node('Loop', ['twice', '', 'x'], ['y'], {
          attribute: [
            graphAttribute('body', {
              name: 'body',
              node: [node('Identity', ['more'], ['go']), node('Cast', ['twice'], ['f'], { attribute: [{ name: 'to', type: attributeTypes.INT, i: 1 }] }), node('Add', ['v', 'f'], ['w'])],
              input: [valueInfo('i', [], dataTypes.INT64), valueInfo('more', [], dataTypes.BOOL), valueInfo('v', [2])],
              output: [valueInfo('go', [], dataTypes.BOOL), valueInfo('w', [2])],
            }),
          ],
        }),
      ],
      input: [valueInfo('x', [2]), valueInfo('count', [], dataTypes.INT64)],
      output: [valueInfo('y', [2])],
    });
    const from = program({
      inputs: [port('in')],
      outputs: [port('out')],
      steps: [link('Loop', readBytes(repeated, uri), { x: 'in', count: 'three' }, { y: 'out' })],
      initializers: [{ name: 'three', dtype: 'i64', dims: [], bytes: new Uint8Array(BigInt64Array.of(3n).buffer) }],
      types: { in: info('f32', 2), out: info('f32', 2), three: info('i64') },
    });
    const { ops, folded } = await foldAndRun(from, { in: f32([2], [1, 2]) }, repeated);
    expect(ops.filter((op) => op !== 'Identity')).toEqual(['Loop']);
    expect(folded.initializers).toHaveLength(1);
  });

  test('two links of one file get one constant, and share their layers still', async () => {
    const file = readBytes(flattening, uri);
    const from = program({
      inputs: [port('in')],
      outputs: [port('a'), port('b')],
      steps: [link('A', file, { x: 'in' }, { y: 'a' }), link('B', file, { x: 'in' }, { joined: 'b' })],
      types: { in: info('f32', 2, 3, 2), a: info('f32', 2, 'hw'), b: info('f32', 2, 'hw') },
    });
    const { ops } = await foldAndRun(from, { in: x }, flattening);
    expect(ops.filter((op) => op === 'Reshape')).toHaveLength(1);
  });
});
