/** Each loss against its formula, in double precision, and its derivative through the whole of it against differences. */
import { describe, expect, test } from 'vitest';
import { emitLoss, type LossCall } from '../../../src/align/training/losses.ts';
import { sharedClusters } from '../../../src/align/training/clusters.ts';
import { createRandom } from '../../../src/data/random.ts';
import { extendProgram } from '../../../src/ir/gradient/builder.ts';
import type { TensorInfo } from '../../../src/ir/graph.ts';
import type { Operation, Program } from '../../../src/ir/program.ts';
import { programModel } from '../../../src/align/kernels/graph.ts';
import { emptySpan } from '../../../src/text/source.ts';
import { intDim } from '../../../src/types/dim.ts';
import { createSession, randomFeatures, testKernels } from '../kernel-session.ts';
import { discrepancy, tolerance, type Operand } from '../../ir/gradient/differences.ts';

const origin = { uri: 'memory:///test', span: emptySpan };
const [rows, width] = [5, 4];
type Row = readonly number[];
type Options = Readonly<Record<string, number>>;

/** The loss of what an operator, where there is one, makes of `a`, against `b`. */
function programOf(name: string, through: string | undefined, options: Options, more: Partial<LossCall> = {}): Program {
  const type = { dtype: 'f32' as const, dims: [intDim(rows), intDim(width)] };
  const maker: Operation = { kind: 'operation', name: 'p', op: through ?? 'Identity', domain: '', inputs: ['a'], outputs: ['p'], attributes: new Map(), origin };
  const base: Program = { name, inputs: [{ name: 'a', value: 'a' }, { name: 'b', value: 'b' }], outputs: [], steps: [maker], initializers: [], types: new Map<string, TensorInfo>([['a', type], ['b', type], ['p', { dtype: undefined, dims: undefined }]]), opsets: new Map([['', 17]]) };
  const builder = extendProgram(base, 'loss');
  const operands = [{ value: 'p', rank: 2 }, { value: 'b', rank: 2 }];
  const value = emitLoss(name, { operands, options: new Map(Object.entries(options)), to: builder.emitter(origin), makerOf: (of) => (of === 'p' ? maker : undefined), matrices: [], ...more })!;
  return builder.program({ outputs: [{ name: 'y', value, type: { dtype: 'f32', dims: [] } }] });
}

const softmax = (row: Row): number[] => row.map((value) => Math.exp(value) / row.reduce((sum, other) => sum + Math.exp(other), 0));
const sigmoid = (row: Row): number[] => row.map((value) => 1 / (1 + Math.exp(-value)));
const dot = (a: Row, b: Row): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const mean = (values: Row): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const cosine = (a: Row, b: Row): number => dot(a, b) / (Math.hypot(...a) * Math.hypot(...b));
const each = (a: readonly Row[], b: readonly Row[], of: (x: number, y: number) => number): number => mean(a.flatMap((row, i) => row.map((value, j) => of(value, b[i]![j]!))));

interface Case {
  readonly through?: string;
  readonly options?: Options;
  /** What `b` is made to be. */
  readonly target?: (row: Row) => Row;
  readonly formula: (a: readonly Row[], b: readonly Row[]) => number;
}

const cases: Readonly<Record<string, Case>> = {
  'cross_entropy of a softmax': { through: 'Softmax', target: softmax, formula: (a, b) => mean(a.map((row, i) => -dot(b[i]!, softmax(row).map(Math.log)))) },
  'cross_entropy of probabilities': { through: 'Sigmoid', target: softmax, formula: (a, b) => mean(a.map((row, i) => -dot(b[i]!, sigmoid(row).map(Math.log)))) },
  'binary_cross_entropy of a sigmoid': { through: 'Sigmoid', target: sigmoid, formula: (a, b) => each(a.map(sigmoid), b, (p, y) => -y * Math.log(p) - (1 - y) * Math.log(1 - p)) },
  'binary_cross_entropy of probabilities': { through: 'Softmax', target: sigmoid, formula: (a, b) => each(a.map(softmax), b, (p, y) => -y * Math.log(p) - (1 - y) * Math.log(1 - p)) },
  mse: { formula: (a, b) => each(a, b, (x, y) => (x - y) ** 2) },
  mae: { formula: (a, b) => each(a, b, (x, y) => Math.abs(x - y)) },
  huber: { options: { delta: 0.7 }, formula: (a, b) => each(a, b, (x, y) => (Math.abs(x - y) <= 0.7 ? (x - y) ** 2 / 2 : 0.7 * (Math.abs(x - y) - 0.35))) },
  cosine: { formula: (a, b) => mean(a.map((row, i) => 1 - cosine(row, b[i]!))) },
  info_nce: { options: { temperature: 0.5 }, formula: (a, b) => mean(a.map((row, i) => -Math.log(softmax(b.map((other) => cosine(row, other) / 0.5))[i]!))) },
  kl: { through: 'Softmax', target: softmax, formula: (a, b) => mean(a.map((row, i) => dot(b[i]!, b[i]!.map((t, j) => Math.log(t) - Math.log(softmax(row)[j]!))))) },
};

describe('a loss is its formula, and so is its derivative', () => {
  test.each(Object.entries(cases))('%s', async (title, { through, options = {}, target = (row) => row, formula }) => {
    const random = createRandom(title.length);
    const draw = (): number[][] => Array.from({ length: rows }, () => Array.from({ length: width }, () => random.normal()));
    const [a, b] = [draw(), draw().map((row) => [...target(row)])];
    const operands = [a, b].map((matrix): Operand => ({ dims: [rows, width], data: matrix.flat() }));
    const program = programOf(title.split(' ')[0]!, through, options);
    const session = await createSession(programModel(program));
    const found = (await session.run(new Map(operands.map(({ dims, data }, i) => ['ab'[i]!, { dtype: 'f32', dims, data: Float32Array.from(data) }])), ['y'])).get('y')!.data as Float32Array;
    expect(found[0]).toBeCloseTo(formula(a, b), 5);
    await session.release();
    // Where a difference of two is near 0, or near delta, there is a corner; and a teacher's shares may be near 0, where their logarithm bends.
    const smooth = !['mae', 'huber'].includes(title);
    if (smooth) expect(await discrepancy(program, operands, random, title === 'kl' ? 1 : 2)).toBeLessThan(tolerance.f32);
  });

  test('clusters', async () => {
    const kernels = testKernels();
    const target = randomFeatures(rows, width, 4);
    const { clusters, shares } = await sharedClusters(kernels, target, 2, 0.8, 1);
    const rowsOf = ({ data }: { readonly data: Float32Array }, size: number): Row[] => Array.from({ length: data.length / size }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
    const centres = rowsOf(clusters.centres, width);
    const inClusters = (row: Row): number[] => softmax(centres.map((centre) => -(Math.hypot(...row.map((value, j) => value - centre[j]!)) ** 2) / (0.8 * clusters.spread)));
    rowsOf(target, width).forEach((row, i) => inClusters(row).forEach((share, c) => expect(shares.data[i * 2 + c]).toBeCloseTo(share, 5)));
    const x = randomFeatures(rows, width, 5);
    const base = programOf('mse', undefined, {});
    const types = new Map([...base.types, ['b', { dtype: 'f32' as const, dims: [intDim(rows), intDim(2)] }]]);
    const builder = extendProgram({ ...base, types, steps: base.steps.slice(0, 1) }, 'loss');
    const value = emitLoss('clusters', { operands: [{ value: 'p', rank: 2 }, { value: 'b', rank: 2 }], options: new Map([['temperature', 0.8]]), to: builder.emitter(origin), makerOf: () => undefined, matrices: [], clusters })!;
    const session = await createSession(programModel(builder.program({ outputs: [{ name: 'y', value, type: { dtype: 'f32', dims: [] } }] })));
    const found = (await session.run(new Map([['a', { dtype: 'f32', dims: [rows, width], data: x.data }], ['b', { dtype: 'f32', dims: [rows, 2], data: shares.data }]]), ['y'])).get('y')!.data as Float32Array;
    expect(found[0]).toBeCloseTo(mean(rowsOf(x, width).map((row, i) => -dot(rowsOf(shares, 2)[i]!, inClusters(row).map(Math.log)))), 4);
    await session.release();
    await kernels.close();
  });

  test('orthogonality', async () => {
    const program = programOf('orthogonality', undefined, {}, { matrices: [{ value: 'a', dims: [rows, width] }] });
    const a = randomFeatures(rows, width, 6);
    const session = await createSession(programModel({ ...program, inputs: program.inputs.slice(0, 1), steps: program.steps.slice(1) }));
    const found = (await session.run(new Map([['a', { dtype: 'f32', dims: [rows, width], data: a.data }]]), ['y'])).get('y')!.data as Float32Array;
    const column = (j: number): number[] => Array.from({ length: rows }, (_, i) => a.data[i * width + j]!);
    let sum = 0;
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) sum += (dot(column(i), column(j)) - Number(i === j)) ** 2;
    expect(found[0]).toBeCloseTo(sum / width, 4);
    await session.release();
  });
});
