/** Inference through local functions, control flow and what exporters write, on models made here. */
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { inferGraph } from '../../../src/ir/infer/index.ts';
import { showDim } from '../../../src/types/dim.ts';
import { attributeTypes, dataTypes, encodeModel, graphAttribute, node, readBytes, valueInfo } from '../../onnx/models.ts';

const text = (bytes: Uint8Array, name: string): string => {
  const found = inferGraph(readBytes(bytes)).get(name);
  return `${found?.dtype}[${found?.dims?.map(showDim).join(', ') ?? '?'}] ${found?.evidence}`;
};
const ints = (name: string, ...values: number[]): onnx.ITensorProto => ({ name, dims: [values.length], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) });
const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });

describe('local functions', () => {
  const withFunction = (body: onnx.IFunctionProto, graph: onnx.IGraphProto): Uint8Array =>
    encodeModel(graph, { functions: [{ domain: 'local', opsetImport: [{ domain: '', version: 14 }], ...body }], opsetImport: [{ domain: '', version: 14 }, { domain: 'local', version: 1 }] } as onnx.IModelProto);

  test('are seen through, with the call’s attributes', () => {
    const bytes = withFunction(
      { name: 'Rows', input: ['x'], output: ['y'], attribute: ['axis'], node: [node('ArgMax', ['x'], ['y'], { attribute: [{ name: 'axis', type: attributeTypes.INT, refAttrName: 'axis' }, int('keepdims', 0)] })] },
      { input: [valueInfo('x', ['a', 'b', 3])], output: [valueInfo('y', [])], node: [{ opType: 'Rows', domain: 'local', input: ['x'], output: ['y'], attribute: [int('axis', 1)] }] },
    );
    expect(text(bytes, 'y')).toBe('i64[a, 3] inferred');
  });

  test('know which inputs a call omits', () => {
    const bytes = withFunction(
      { name: 'Bound', input: ['x', 'low'], output: ['y'], node: [node('Clip', ['x', 'low'], ['y'])] },
      { input: [valueInfo('x', ['a'])], output: [valueInfo('y', ['a'])], node: [{ opType: 'Bound', domain: 'local', input: ['x'], output: ['y'] }] },
    );
    expect(text(bytes, 'y')).toBe('f32[a] inferred');
  });

  test('that call themselves end', () => {
    const bytes = withFunction(
      { name: 'Again', input: ['x'], output: ['y'], node: [{ opType: 'Again', domain: 'local', input: ['x'], output: ['t'] }, { opType: 'Again', domain: 'local', input: ['t'], output: ['y'] }] },
      { input: [valueInfo('x', ['a'])], output: [{ name: 'y' }], node: [{ opType: 'Again', domain: 'local', input: ['x'], output: ['y'] }] },
    );
    expect(text(bytes, 'y')).toBe('undefined[?] inferred');
  });
});

describe('control flow', () => {
  const branch = (name: string, op: string): onnx.IGraphProto => ({ name, node: [node(op, ['x'], [`${name}_y`])], output: [{ name: `${name}_y` }] });
  const either = (yes: string, no: string): Uint8Array =>
    encodeModel({
      input: [valueInfo('c', [], dataTypes.BOOL), valueInfo('x', ['a', 'b'])],
      output: [{ name: 'y' }],
      node: [node('If', ['c'], ['y'], { attribute: [graphAttribute('then_branch', branch('t', yes)), graphAttribute('else_branch', branch('e', no))] })],
    });

  test('what both branches agree on is known', () => {
    expect(text(either('Relu', 'Sigmoid'), 'y')).toBe('f32[a, b] inferred');
    expect(text(either('Relu', 'Transpose'), 'y')).toBe('f32[?1, ?2] inferred');
    expect(text(either('Relu', 'Size'), 'y')).toBe('undefined[?] inferred');
  });

  /** `y` doubles in every turn; `rows` collects one number of each. */
  const growing = (turns: number): Uint8Array =>
    encodeModel({
      input: [valueInfo('x', ['a', 4])],
      output: [{ name: 'y' }, { name: 'rows' }],
      initializer: [{ name: 'turns', dims: [], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.of(BigInt(turns)).buffer) }],
      node: [
        node('Loop', ['turns', '', 'x'], ['y', 'rows'], {
          attribute: [
            graphAttribute('body', {
              name: 'body',
              input: [valueInfo('i', [], dataTypes.INT64), valueInfo('go', [], dataTypes.BOOL), { name: 'state' }],
              output: [{ name: 'still' }, { name: 'next' }, { name: 'sum' }],
              node: [node('Identity', ['go'], ['still']), node('Concat', ['state', 'state'], ['next'], { attribute: [int('axis', 0)] }), node('ReduceSum', ['state'], ['sum'], { attribute: [int('keepdims', 0)] })],
            }),
          ],
        }),
      ],
    });

  test('a loop of few turns is followed turn by turn', () => {
    expect(text(growing(5), 'y')).toBe('f32[32*a, 4] inferred');
    expect(text(growing(5), 'rows')).toBe('f32[5] inferred');
  });

  test('what a loop of many turns changes is unknown, the rest is known', () => {
    expect(text(growing(50), 'y')).toMatch(/^f32\[\?\d+, 4\] inferred$/);
    expect(text(growing(50), 'rows')).toBe('f32[50] inferred');
  });

  test('a scan stacks what its turns make', () => {
    const bytes = encodeModel({
      input: [valueInfo('s', ['h']), valueInfo('x', ['n', 'h'])],
      output: [{ name: 'last' }, { name: 'all' }],
      node: [
        node('Scan', ['s', 'x'], ['last', 'all'], {
          attribute: [
            int('num_scan_inputs', 1),
            graphAttribute('body', { name: 'b', input: [{ name: 'p' }, { name: 'q' }], output: [{ name: 'r' }, { name: 't' }], node: [node('Add', ['p', 'q'], ['r']), node('Identity', ['r'], ['t'])] }),
          ],
        }),
      ],
    });
    expect(text(bytes, 'last')).toBe('f32[h] inferred');
    expect(text(bytes, 'all')).toBe('f32[n, h] inferred');
  });
});

describe('what exporters write', () => {
  test('expressions as names of sizes', () => {
    const bytes = encodeModel({
      input: [valueInfo('x', ['s0', 'Min(512, s1)', '2*s0 + 1'])],
      output: [{ name: 'y' }],
      initializer: [ints('shape', 0, -1)],
      node: [node('Reshape', ['x', 'shape'], ['y'])],
    });
    // `s1` stands nowhere by itself: what is written with it is a name.
    expect(text(bytes, 'x')).toBe('f32[s0, Min(512, s1), 2*s0 + 1] declared');
    expect(text(bytes, 'y')).toBe('f32[s0, 2*Min(512, s1)*s0 + Min(512, s1)] inferred');
  });

  test('a shape made of another one’s parts', () => {
    const bytes = encodeModel({
      input: [valueInfo('x', ['batch', 'seq', 384])],
      output: [{ name: 'y' }],
      initializer: [ints('first', 0), ints('second', 1), ints('rest', 12, 32)],
      node: [
        node('Shape', ['x'], ['s']),
        node('Gather', ['s', 'first'], ['b'], { attribute: [int('axis', 0)] }),
        node('Gather', ['s', 'second'], ['l'], { attribute: [int('axis', 0)] }),
        node('Concat', ['b', 'l', 'rest'], ['to'], { attribute: [int('axis', 0)] }),
        node('Reshape', ['x', 'to'], ['heads']),
        node('Transpose', ['heads'], ['y'], { attribute: [{ name: 'perm', type: attributeTypes.INTS, ints: [0, 2, 1, 3] }] }),
      ],
    });
    expect(text(bytes, 'y')).toBe('f32[batch, 12, seq, 32] inferred');
  });

  test('positions cut to a length', () => {
    const bytes = encodeModel({
      input: [valueInfo('ids', ['batch', 'seq'], dataTypes.INT64)],
      output: [{ name: 'y' }],
      initializer: [ints('zero', 0), ints('one', 1), ints('axis', 1), { name: 'positions', dims: [1, 512], dataType: dataTypes.INT64, rawData: new Uint8Array(8 * 512) }],
      node: [
        node('Shape', ['ids'], ['s']),
        node('Gather', ['s', 'one'], ['l'], { attribute: [int('axis', 0)] }),
        node('Slice', ['positions', 'zero', 'l', 'axis'], ['p']),
        node('Add', ['ids', 'p'], ['y']),
      ],
    });
    expect(text(bytes, 'p')).toBe('i64[1, min(seq, 512)] inferred');
    expect(text(bytes, 'y')).toBe('i64[batch, seq] inferred');
  });

  test('an expanded mask', () => {
    const bytes = encodeModel({
      input: [valueInfo('x', ['batch', 'seq'])],
      output: [{ name: 'y' }],
      initializer: [ints('minus', -1), ints('wanted', -1, 1, 7)],
      node: [
        node('Shape', ['wanted'], ['rank']),
        node('ConstantOfShape', ['rank'], ['ones'], { attribute: [{ name: 'value', type: attributeTypes.TENSOR, t: ints('', 1) }] }),
        node('Mul', ['ones', 'minus'], ['minuses']),
        node('Equal', ['wanted', 'minuses'], ['same']),
        node('Where', ['same', 'ones', 'wanted'], ['to']),
        node('Unsqueeze', ['x', 'minus'], ['wide']),
        node('Expand', ['wide', 'to'], ['y']),
      ],
    });
    expect(text(bytes, 'y')).toBe('f32[batch, seq, 7] inferred');
  });
});

describe('the file’s word', () => {
  const declared = (op: string, dims: readonly (string | number)[]): Uint8Array =>
    encodeModel({ input: [valueInfo('x', ['a', 3])], output: [valueInfo('y', dims)], node: [{ opType: op, domain: op === 'Own' ? 'mine' : '', input: ['x'], output: ['y'] }] }, { opsetImport: [{ domain: '', version: 14 }, { domain: 'mine', version: 1 }] });

  test('is taken where nothing is inferred, and said to be', () => expect(text(declared('Own', ['a', 7]), 'y')).toBe('f32[a, 7] declared'));
  test('is denied where it cannot be', () => {
    const found = inferGraph(readBytes(declared('Relu', ['a', 4]))).get('y')!;
    expect(found.dims!.map(showDim)).toEqual(['a', '3']);
    expect(found.contradicts?.dims?.map(showDim)).toEqual(['a', '4']);
  });
  test('adds nothing to what is inferred', () => expect(text(declared('Relu', ['other', 'n']), 'y')).toBe('f32[a, 3] inferred'));
});
