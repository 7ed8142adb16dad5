/**
 * Rows of random graphs: where `rowsOf` says that they are apart, each answers alone as it does among others, whatever NaN and infinity these have.
 * `MDL_GRAPHS` and `MDL_SEED` say how many, from which seed; scripts/rows-random.mjs asks for thousands.
 */
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { ForeignModel, Tensor } from '../../src/ir/graph.ts';
import type { Program } from '../../src/ir/program.ts';
import { rowsOf } from '../../src/ir/rows.ts';
import { intDim, symbolDim } from '../../src/types/dim.ts';
import type { DType } from '../../src/types/dtype.ts';
import { bytesOf } from '../../src/types/dtype.ts';
import { readBytes } from '../onnx/models.ts';
import { plainSession } from '../plain-session.ts';
import { seed } from '../seed.ts';
import { randomNumbers } from './infer/random/drawing.ts';
import { feedsFor, randomGraph, sizesFor, type GraphInput } from './infer/random/graphs.ts';

const graphs = Number(process.env['MDL_GRAPHS'] ?? 60);
const batch = 3;
const dtypes: Readonly<Record<string, DType>> = { float32: 'f32', int64: 'i64', bool: 'bool', uint8: 'u8' };
const dimsOf = ({ dims }: GraphInput) => dims.map((dim) => (typeof dim === 'number' ? intDim(dim) : symbolDim({ key: `s:${dim}`, name: dim, kind: 'rigid', least: 1 })));

/** The inputs whose first axis is the batch; undefined where its size stands elsewhere, too. */
function batched(inputs: readonly GraphInput[]): { readonly size: string; readonly rows: readonly GraphInput[]; readonly rest: readonly GraphInput[] } | undefined {
  const size = inputs[0]!.dims[0];
  if (typeof size !== 'string') return undefined;
  const rows = inputs.filter(({ dims }) => dims[0] === size);
  const rest = inputs.filter(({ dims }) => dims[0] !== size);
  return rows.some(({ dims }) => dims.slice(1).includes(size)) || rest.some(({ dims }) => dims.includes(size)) ? undefined : { size, rows, rest };
}

/** A program that gives one output of a graph; what has no rows is a constant of it. */
function programOf(model: ForeignModel, output: string, { rows, rest }: { readonly rows: readonly GraphInput[]; readonly rest: readonly GraphInput[] }, sizes: Readonly<Record<string, number>>): Program {
  const value = (name: string): string => `v_${name}`;
  const { graph } = model;
  return {
    name: 'M',
    inputs: rows.map(({ name }) => ({ name, value: value(name) })),
    outputs: [{ name: output, value: 'w' }],
    steps: [{ kind: 'link', name: 'L', model, inputs: new Map(graph.inputs.filter((name) => !graph.initializers.has(name)).map((name) => [name, value(name)])), outputs: new Map([[output, 'w']]), origin: { uri: 'memory:///m', span: { start: 0, end: 0 } } }],
    initializers: rest.map((input): Tensor => {
      const dims = input.dims.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!));
      const dtype = dtypes[input.type]!;
      return { name: value(input.name), dtype, dims, bytes: new Uint8Array(bytesOf(dtype, dims.reduce((all, n) => all * n, 1))) };
    }),
    types: new Map(rows.map((input) => [value(input.name), { dtype: dtypes[input.type]!, dims: dimsOf(input) }])),
    opsets: model.opsets,
  };
}

/** One row of a tensor. */
function rowOf({ type, data, dims }: ort.Tensor, row: number): ort.Tensor {
  const width = data.length / batch;
  return new ort.Tensor(type as 'float32', (data as Float32Array).slice(row * width, (row + 1) * width), [1, ...dims.slice(1)]);
}

const areNear = (a: number, b: number): boolean => Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(a));

/** How an output of rows together differs from that of one row alone. */
function difference(alone: ort.Tensor, joined: ort.Tensor, row: number): string | undefined {
  if (String(joined.dims.slice(1)) !== String(alone.dims.slice(1)) || joined.dims[0] !== batch * alone.dims[0]!) return `is of ${String(joined.dims)}, alone of ${String(alone.dims)}`;
  const n = alone.data.length;
  const at = Array.from({ length: n }, (_, k) => k).find((k) => !areNear(Number(alone.data[k]), Number(joined.data[row * n + k])));
  return at === undefined ? undefined : `is ${String(joined.data[row * n + at])} at ${at}, alone ${String(alone.data[at])}`;
}

test('rows that are apart answer as they do alone', async () => {
  const counts = { graphs: 0, outputs: 0, apart: 0, compared: 0 };
  const wrong: string[] = [];
  for (let each = seed; each < seed + graphs; each++) {
    const { bytes, inputs } = await randomGraph(each, { inBodies: false });
    const parts = batched(inputs);
    if (parts === undefined) continue;
    counts.graphs++;
    const random = randomNumbers(each + 7);
    const sizes = { ...sizesFor(random), [parts.size]: batch };
    const model = readBytes(bytes);
    const feeds = feedsFor(inputs, sizes, random);
    const apart = model.graph.outputs.filter((output) => rowsOf(programOf(model, output, parts, sizes)).independent);
    counts.outputs += model.graph.outputs.length;
    counts.apart += apart.length;
    if (apart.length === 0) continue;
    // What the middle row has, the others do not see.
    for (const { name, type } of each % 2 === 0 ? parts.rows : []) {
      const data = feeds[name]!.data as Float32Array;
      if (type === 'float32') data.set([NaN, Infinity].slice(0, data.length / batch), data.length / batch);
    }
    const session = await ort.InferenceSession.create(bytes, plainSession);
    try {
      const joined = await session.run(feeds, apart).catch(() => undefined);
      for (const row of joined === undefined ? [] : [0, 2]) {
        const alone = await session.run({ ...feeds, ...Object.fromEntries(parts.rows.map(({ name }) => [name, rowOf(feeds[name]!, row)])) }, apart).catch(() => undefined);
        // Nodes that other outputs need may not run on one row.
        for (const output of alone === undefined ? [] : apart) {
          const found = difference(alone![output]!, joined![output]!, row);
          counts.compared++;
          if (found !== undefined) wrong.push(`seed ${each}: row ${row} of ${output} by ${model.graph.nodes.find(({ outputs }) => outputs.includes(output))!.op} ${found}`);
        }
      }
    } finally {
      await session.release();
    }
  }
  console.log(`${counts.graphs} graphs from seed ${seed}, ${counts.apart} of ${counts.outputs} outputs with rows apart, ${counts.compared} compared (${wrong.length} wrong)`);
  expect(wrong.slice(0, 30)).toEqual([]);
  expect(counts.compared).toBeGreaterThan(0);
}, 3_600_000);
