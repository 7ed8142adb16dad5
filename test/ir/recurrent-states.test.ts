import { expect, test } from 'vitest';
import type { Program } from '../../src/ir/program.ts';
import { recurrentStates } from '../../src/ir/recurrent-states.ts';
import { dataTypes, encodeModel, floats, node, readBytes, valueInfo } from '../onnx/models.ts';

const ints = (name: string, ...values: readonly number[]) => ({ name, dims: [values.length], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer) });
const weights = (from: number) => [floats(`w${from}`, [1, 32, 8], Array.from({ length: 256 }, Math.sin)), floats(`r${from}`, [1, 32, 8], Array.from({ length: 256 }, Math.cos))];
const layer = (n: number, x: string) => [
  node('Slice', ['h0', `from${n}`, `to${n}`, 'axis'], [`h${n}_in`]),
  node('Slice', ['c0', `from${n}`, `to${n}`, 'axis'], [`c${n}_in`]),
  node('LSTM', [x, `w${n}`, `r${n}`, '', '', `h${n}_in`, `c${n}_in`], [`all${n}`, `h${n}_out`, `c${n}_out`], { attribute: [{ name: 'hidden_size', type: 2, i: 8 }] }),
  node('Squeeze', [`all${n}`, 'from1'], [`y${n}`]),
];

/** Two layers, as PyTorch's `nn.LSTM(8, 8, num_layers=2)` is exported: their states lie one behind the other along the first axis. */
const twoLayers = () =>
  readBytes(
    encodeModel({
      node: [...layer(0, 'x'), ...layer(1, 'y0'), node('Concat', ['h0_out', 'h1_out'], ['hn'], { attribute: [{ name: 'axis', type: 2, i: 0 }] }), node('Concat', ['c0_out', 'c1_out'], ['cn'], { attribute: [{ name: 'axis', type: 2, i: 0 }] }), node('Add', ['hn', 'cn'], ['both'])],
      input: [valueInfo('x', ['steps', 'batch', 8]), valueInfo('h0', [2, 'batch', 8]), valueInfo('c0', [2, 'batch', 8])],
      output: ['hn', 'cn', 'both'].map((name) => valueInfo(name, [2, 'batch', 8])).concat(valueInfo('y1', ['steps', 'batch', 8])),
      initializer: [...weights(0), ...weights(1), ints('from0', 0), ints('to0', 1), ints('from1', 1), ints('to1', 2), ints('axis', 0)],
    }),
  );

test('states are followed through the layers of a file, and through operators before and behind it', () => {
  const origin = { uri: 'memory:///m.mdl', span: { start: 0, end: 0 } };
  const operation = (op: string, inputs: readonly string[], output: string) => ({ kind: 'operation' as const, name: output, op, domain: '', inputs, outputs: [output], attributes: new Map(), origin });
  const link = { kind: 'link' as const, name: 'L', model: twoLayers(), inputs: new Map([['x', 'x'], ['h0', 'h'], ['c0', 'c']]), outputs: new Map(['hn', 'cn', 'both', 'y1'].map((name) => [name, `L/${name}`])), origin };
  const steps = [operation('Transpose', ['a'], 'h'), operation('Where', ['reset', 'zeros', 'b'], 'c'), operation('Mul', ['d', 'd'], 'x'), link, operation('Unsqueeze', ['L/hn'], 'out'), operation('Tanh', ['L/cn'], 'changed'), operation('Concat', ['L/hn', 'L/cn'], 'packed')];
  const { made, taken } = recurrentStates({ steps } as unknown as Program);
  expect(Object.fromEntries(['a', 'b', 'd', 'reset'].map((name) => [name, [...taken(name)]]))).toEqual({ a: ['hidden state'], b: ['cell'], d: [], reset: [] });
  expect(Object.fromEntries(['out', 'L/cn', 'L/y1', 'L/both', 'changed', 'packed'].map((name) => [name, [...made(name)]]))).toEqual({
    out: ['hidden state'], 'L/cn': ['cell'], 'L/y1': ['hidden state'], 'L/both': [], changed: [], packed: ['hidden state', 'cell'],
  });
});
