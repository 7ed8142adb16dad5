/** Encoders with a table of sixteen positions, as exporters write them: by a cut of stored numbers, by counting, by sums over the mask, and by a cut of the table itself. */
import { dataTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

type Nodes = ReturnType<typeof node>[];

const rows = 16;
const whole = (name: string, dims: number[], values: readonly number[]) => ({ name, dims, dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) });
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** `ids` and `mask` [batch, seq] to `hidden` [batch, seq, 8]: the words' rows and `places`' rows added, where the mask is 1. */
const network = (places: Nodes, op = 'Add'): Uint8Array =>
  encodeModel({
    node: [
      node('Gather', ['E', 'ids'], ['words']),
      ...places,
      node(op, ['words', 'places'], ['sum']),
      node('Cast', ['mask'], ['kept'], { attribute: [{ name: 'to', type: 2, i: 1 }] }),
      node('Unsqueeze', ['kept', 'last'], ['column']),
      node('Mul', ['sum', 'column'], ['hidden']),
    ],
    input: [valueInfo('ids', ['batch', 'seq'], dataTypes.INT64), valueInfo('mask', ['batch', 'seq'], dataTypes.INT64)],
    output: [valueInfo('hidden', ['batch', 'seq', 8])],
    initializer: [
      floats('E', [64, 8], range(64 * 8)),
      floats('P', [rows, 8], range(rows * 8)),
      floats('P3', [1, rows, 8], range(rows * 8)),
      whole('stored', [1, rows], range(rows)),
      whole('none', [], [0]),
      whole('one', [], [1]),
      whole('first', [1], [0]),
      whole('second', [1], [1]),
      whole('last', [1], [2]),
    ],
  });

const length = [node('Shape', ['ids'], ['shape']), node('Gather', ['shape', 'one'], ['length'])];
const vector = [...length, node('Unsqueeze', ['length', 'first'], ['end'])];
const toInt = (from: string, to: string) => node('Cast', [from], [to], { attribute: [{ name: 'to', type: 2, i: 7 }] });

export const positionFiles: Readonly<Record<string, Uint8Array>> = {
  'positions-cut.onnx': network([...vector, node('Slice', ['stored', 'first', 'end', 'second'], ['at']), node('Gather', ['P', 'at'], ['places'])]),
  'positions-counted.onnx': network([...length, node('Range', ['none', 'length', 'one'], ['numbers']), node('Unsqueeze', ['numbers', 'first'], ['at']), node('Gather', ['P', 'at'], ['places'])]),
  // RoBERTa: places count the tokens from 2 on, and padding has 1.
  'positions-summed.onnx': network([
    node('Equal', ['ids', 'one'], ['padding']),
    node('Not', ['padding'], ['token']),
    toInt('token', 'ones'),
    node('CumSum', ['ones', 'one'], ['sums']),
    node('Mul', ['sums', 'ones'], ['kept sums']),
    node('Add', ['kept sums', 'one'], ['at']),
    node('Gather', ['P', 'at'], ['places']),
  ]),
  'positions-table.onnx': network([...vector, node('Slice', ['P3', 'first', 'end', 'second'], ['places'])]),
};
