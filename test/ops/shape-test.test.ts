/** What a test of sizes computes when a model runs, node by node in numbers, against arithmetic. */
import { expect, test } from 'vitest';
import type { Emitter, OperatorCall } from '../../src/ops/operator.ts';
import { shapeTest } from '../../src/ops/shape-test.ts';
import { divDim, maxDim, minDim } from '../../src/types/dim-atoms.ts';
import { intDim, symbolDim, type Dim } from '../../src/types/dim.ts';

type Row = readonly number[];

const rowwise = (of: (...values: readonly number[]) => number) => (...rows: readonly Row[]): Row => rows[0]!.map((_, i) => of(...rows.map((row) => row[i]!)));

/** Of lists of whole numbers, each by the operator's definition. */
const nodes: Readonly<Record<string, (...rows: readonly Row[]) => Row>> = {
  Concat: (...rows) => rows.flat(),
  Gather: (from, at) => at!.map((i) => from![i]!),
  Cast: (row) => row!,
  Add: rowwise((a, b) => a! + b!),
  Mul: rowwise((a, b) => a! * b!),
  Div: rowwise((a, b) => Math.floor(a! / b!)),
  Less: rowwise((a, b) => Number(a! < b!)),
  Where: rowwise((is, a, b) => (is === 1 ? a! : b!)),
};

/** What is tested of tensors of these shapes: sizes as they are, then as they are said to be. */
function tested(said: readonly Dim[], shapes: readonly Row[]): Row {
  const values = new Map<string, Row>();
  const put = (row: Row): string => {
    values.set(`v${values.size}`, row);
    return `v${values.size - 1}`;
  };
  const inputs = shapes.map(put);
  const node = (op: string, names: readonly string[]): string => {
    const rows = names.map((name) => values.get(name)!);
    if (op === 'Shape') return put(inputs.includes(names[0]!) ? rows[0]! : [rows[0]!.length]);
    return put(nodes[op]!(...rows));
  };
  const operator = shapeTest({ sizes: said, sources: new Map([['n', { input: 0, axis: 0, factor: 1 }], ['m', { input: 0, axis: 1, factor: 1 }]]) });
  expect(operator.since([], new Map())).toBe(9);
  const to = { opset: 9, node, ints: put } as unknown as Emitter;
  return values.get(operator.emit!({ inputs, attributes: new Map() } as unknown as OperatorCall, to))!;
}

const [n, m] = ['n', 'm'].map((name) => symbolDim({ key: name, name, kind: 'rigid' })) as [Dim, Dim];

test.each([[2, 9], [9, 2], [5, 5], [7, 6]])('least and most of %i and %i', (a, b) => {
  const said = [minDim(n, intDim(5)), maxDim(n, m), minDim(divDim(n, intDim(2)), m)];
  const found = [3, 4, 6];
  expect(tested(said, [found, [a, b]])).toEqual([...found, 3, Math.min(a, 5), Math.max(a, b), Math.min(Math.floor(a / 2), b), 3]);
});
