/** Which rows of which table the elements of an input choose: ONNX Runtime takes the last one, and refuses the next. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { lookedUpBy } from '../../src/ir/looked-up.ts';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, readBytes, valueInfo } from '../onnx/models.ts';
import { plainSession } from '../plain-session.ts';

const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: attributeTypes.INT, i });
const whole = (name: string, dims: readonly number[], values: readonly number[]): onnx.ITensorProto => ({
  name, dims: [...dims], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

interface Case {
  readonly nodes: readonly onnx.INodeProto[];
  /** Of E, which has 8 numbers a row. */
  readonly rows: number;
  readonly table?: readonly number[];
  readonly more?: onnx.IModelProto;
  readonly initializers?: readonly onnx.ITensorProto[];
}

const opsetImport = [{ domain: '', version: 14 }, { domain: 'own', version: 1 }];

/** `y` is what the nodes make of `ids`, i64[batch, seq]. */
function bytesOf({ nodes, rows, table = [rows, 8], more, initializers = [] }: Case): Uint8Array {
  return encodeModel(
    {
      node: [...nodes],
      input: [valueInfo('ids', ['batch', 'seq'], dataTypes.INT64)],
      output: [{ name: 'y', type: { tensorType: { elemType: dataTypes.FLOAT } } }],
      initializer: [floats('E', table, Array.from({ length: rows * 8 }, (_, i) => i)), ...initializers],
    },
    { opsetImport, ...more },
  );
}

/** The least id from 0 on that a run ends at. */
async function firstRefused(bytes: Uint8Array): Promise<number> {
  const session = await InferenceSession.create(bytes, plainSession);
  for (let id = 0; id < 100; id++) {
    const ids = new Tensor('int64', BigInt64Array.of(BigInt(id)), [1, 1]);
    const ran = await session.run({ ids }).then(() => true, () => false);
    if (!ran) return id;
  }
  return Infinity;
}

const gather = (indices = 'ids', output = 'y'): onnx.INodeProto => node('Gather', ['E', indices], [output]);
const branch = (name: string): onnx.IGraphProto => ({ name, node: [gather('ids', `${name}_y`)], output: [valueInfo(`${name}_y`, ['batch', 'seq', 8])] });

const cases: Readonly<Record<string, Case>> = {
  'as they are': { nodes: [gather()], rows: 5 },
  'cast and given other axes': {
    nodes: [node('Cast', ['ids'], ['c'], { attribute: [int('to', dataTypes.INT32)] }), node('Flatten', ['c'], ['f']), node('Transpose', ['f'], ['t']), gather('t')],
    rows: 7,
  },
  'two further on': { nodes: [node('Add', ['two', 'ids'], ['later']), gather('later')], rows: 9, initializers: [whole('two', [], [2])] },
  'one before': { nodes: [node('Sub', ['ids', 'one'], ['before']), gather('before')], rows: 9, initializers: [whole('one', [1], [1])] },
  'columns of a table': { nodes: [node('Gather', ['E', 'ids'], ['y'], { attribute: [int('axis', 1)] })], rows: 6, table: [8, 6] },
  'of a table that is stored turned': { nodes: [node('Transpose', ['E'], ['T']), node('Gather', ['T', 'ids'], ['y'])], rows: 6, table: [8, 6] },
  'in both branches': {
    nodes: [node('If', ['yes'], ['y'], { attribute: [graphAttribute('then_branch', branch('a')), graphAttribute('else_branch', branch('b'))] })],
    rows: 4,
    initializers: [{ name: 'yes', dims: [], dataType: dataTypes.BOOL, rawData: Uint8Array.of(1) }],
  },
  'in a function': {
    nodes: [node('Embed', ['ids', 'E'], ['y'], { domain: 'own' })],
    rows: 11,
    more: { functions: [{ name: 'Embed', domain: 'own', input: ['i', 't'], output: ['o'], opsetImport: [{ domain: '', version: 14 }], node: [node('Identity', ['i'], ['same']), node('Gather', ['t', 'same'], ['o'])] }] },
  },
};

describe('tables that ids are looked up in', () => {
  test.each(Object.entries(cases))('%s', async (_, given) => {
    const bytes = bytesOf(given);
    const found = lookedUpBy(readBytes(bytes), 'ids', ['y']);
    expect(found.length).toBeGreaterThan(0);
    for (const { rows, offset } of found) expect(rows - offset).toBe(await firstRefused(bytes));
  });
});

describe('what need not reach so far', () => {
  const few: readonly (readonly [string, Case])[] = [
    ['clipped', { nodes: [node('Min', ['ids', 'last'], ['least']), gather('least')], rows: 5, initializers: [whole('last', [], [4])] }],
    ['chosen', { nodes: [node('Less', ['ids', 'rows'], ['within']), node('Where', ['within', 'ids', 'none'], ['known']), gather('known')], rows: 5, initializers: [whole('rows', [], [5]), whole('none', [], [0])] }],
    ['counted round', { nodes: [node('Mod', ['ids', 'rows'], ['rest']), gather('rest')], rows: 5, initializers: [whole('rows', [], [5])] }],
  ];
  test.each(few)('%s', async (_, given) => {
    const bytes = bytesOf(given);
    expect(lookedUpBy(readBytes(bytes), 'ids', ['y'])).toEqual([]);
    expect(await firstRefused(bytes)).toBe(Infinity);
  });

  test('what no declared output is made of', () => {
    const model = readBytes(bytesOf({ nodes: [gather('ids', 'unread'), node('Cast', ['ids'], ['y'], { attribute: [int('to', dataTypes.FLOAT)] })], rows: 5 }));
    expect(lookedUpBy(model, 'ids', ['y'])).toEqual([]);
  });
});
