/** Guards that reject and report: what of a row breaks each demand, who is told, and what it has to do with what was asked for. */
import { describe, expect, test } from 'vitest';
import { MdlRuntimeError, type GuardViolation, type Model } from '../../src/runtime/index.ts';
import { load } from '../../src/runtime/index.ts';
import { emitDeclaration } from '../../src/emit/dts.ts';
import { attributeTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { buildText, loadText } from './built.ts';

const guarded = (where: string, dims = 'batch, 3', dtype = 'f32'): string => `contract Wanted = ${dtype}[${dims}] where ${where}

part use(x: Wanted) -> ${dtype}[${dims}] {
  x
}

model Guarded {
  input x: ${dtype}[${dims}]
  output y = use(x)
}
`;

interface Found {
  readonly count: number;
  readonly rows: readonly number[];
}

async function violations(text: string, data: ArrayLike<number> & { readonly length: number }, dims: readonly number[]): Promise<Found[]> {
  const found: Found[] = [];
  await using model = await loadText(text, {}, { onViolation: ({ count, rows }) => void found.push({ count, rows }) });
  await model.run({ x: { data, dims } });
  return found;
}

const nan = NaN;
const inf = Infinity;
const half = Math.SQRT1_2;

describe('what breaks a demand', () => {
  // By hand: elements, or rows, that are not as the statement says.
  test.each<[string, number[][], Found]>([
    ['range [0, 1]', [[0, 1, 0.5], [-1e-6, 1.5, nan], [inf, 0, 0]], { count: 4, rows: [1, 2] }],
    ['mask', [[0, 1, 1], [0.5, nan, -1]], { count: 3, rows: [1] }],
    ['integer', [[0, -3, 1e9], [0.5, 2, nan]], { count: 2, rows: [1] }],
    ['finite', [[0, 3e38, -3e38], [inf, -inf, nan]], { count: 3, rows: [1] }],
    ['norm(-1) == 1 +- 1e-3', [[1, 0, 0], [half, half, 0], [0, 0, 0], [1, 1, 0], [nan, 0, 0], [1.0005, 0, 0]], { count: 2, rows: [3, 4] }],
    ['norm(-1) == 1, nonzero', [[0, 1, 0], [0, 0, 0]], { count: 1, rows: [1] }],
    ['sum(-1) == 1', [[0.2, 0.3, 0.5], [0.2, 0.3, 0.6], [0, 0, 0], [nan, 0, 1]], { count: 3, rows: [1, 2, 3] }],
    ['one_hot', [[0, 1, 0], [0, 0, 0], [1, 1, 0], [0.5, 0.5, 0], [1, 0, nan]], { count: 4, rows: [1, 2, 3, 4] }],
    ['prefix_mask', [[1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 0.5, 0], [1, 1, nan]], { count: 4, rows: [3, 4, 5, 6] }],
    ['nonzero', [[0, 0, 1e-30], [0, 0, 0], [nan, 0, 0], [1, nan, 0]], { count: 3, rows: [1, 2, 3] }],
  ])('%s', async (where, rows, expected) => {
    const [first] = await violations(guarded(`${where} on violation report`), Float32Array.from(rows.flat()), [rows.length, 3]);
    expect(first).toEqual(expected);
  });

  test('of each index of an axis that is not the last', async () => {
    const text = guarded('range C [[0, 1], [5, 6]] on violation report', 'batch, C: 2, w');
    const data = Float32Array.of(0, 1, 5, 6, /* the second row */ 2, 0.5, 4, 5.5);
    expect(await violations(text, data, [2, 2, 2])).toEqual([{ count: 2, rows: [1] }]);
  });

  test('of whole numbers and of half precision', async () => {
    const bytes = guarded('sum(-1) == 300 on violation report', 'batch, 3', 'u8');
    expect(await violations(bytes, Uint8Array.of(200, 100, 0, 1, 1, 1), [2, 3])).toEqual([{ count: 1, rows: [1] }]);
    const halves = guarded('norm(-1) == 1 on violation report', 'batch, 3', 'f16');
    // 1, 0, 0 and 2, 0, 0 as half precision.
    expect(await violations(halves, Uint16Array.of(0x3c00, 0, 0, 0x4000, 0, 0), [2, 3])).toEqual([{ count: 1, rows: [1] }]);
  });

  test('of whole numbers of 64 bits, beyond what floats hold one by one', async () => {
    const wide = 2_000_000_000_000_000_000n;
    const values = BigInt64Array.of(2n ** 53n + 1n, wide - 1n, wide, wide + 1n, -1n, -(2n ** 63n), 2n ** 63n - 1n);
    const run = async (mode: string): Promise<bigint[]> => {
      await using model = await loadText(guarded(`range [0, ${wide}] on violation ${mode}`, 'n', 'i64'), {}, { onViolation: ({ rows }) => void found.push(...rows) });
      return [...((await model.run({ x: { data: values, dims: [7] } }))['y']!.data as BigInt64Array)];
    };
    const found: number[] = [];
    expect(await run('clamp')).toEqual([2n ** 53n + 1n, wide - 1n, wide, wide, 0n, 0n, wide]);
    expect(await run('report')).toEqual([...values]);
    expect(found).toEqual([3, 4, 5, 6]);
    await using open = await loadText(guarded('range [0, inf] on violation clamp', 'n', 'i64'));
    expect((await open.run({ x: { data: values, dims: [7] } }))['y']!.data).toEqual(BigInt64Array.of(...[...values].map((value) => (value < 0n ? 0n : value))));
  });

  test('infinity may stand in the place of what is not in a range that has it, NaN too; clamp makes 0 of NaN', async () => {
    const mended = async (mode: string, dtype: string, data: Float32Array | Float64Array): Promise<number[]> => {
      await using model = await loadText(guarded(`range [0, inf] on violation ${mode}`, 'n', dtype));
      return [...((await model.run({ x: { data, dims: [4] } }))['y']!.data as Float32Array)];
    };
    expect(await mended('replace(inf)', 'f32', Float32Array.of(1, -1, nan, inf))).toEqual([1, inf, inf, inf]);
    expect(await mended('replace(inf)', 'f64', Float64Array.of(1, -1, nan, 1e300))).toEqual([1, inf, inf, 1e300]);
    expect(await mended('clamp', 'f32', Float32Array.of(1, -1, nan, inf))).toEqual([1, 0, 0, inf]);
  });

  test('along the first axis, and of a single number, there are no rows', async () => {
    expect(await violations(guarded('norm(0) == 1 on violation report', '3'), Float32Array.of(2, 0, 0), [3])).toEqual([{ count: 1, rows: [] }]);
    expect(await violations(guarded('range [0, 1] on violation report', ''), Float32Array.of(2), [])).toEqual([{ count: 1, rows: [] }]);
    expect(await violations(guarded('range [0, 1] on violation report', 'n'), Float32Array.of(2, 0, 3), [3])).toEqual([{ count: 2, rows: [0, 2] }]);
  });
});

const refusalOf = async (run: Promise<unknown>): Promise<MdlRuntimeError> => {
  const error: unknown = await run.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof MdlRuntimeError)) throw new Error(`expected a refusal, found ${String(error)}`);
  return error;
};
const run = (model: Model, ...rows: number[][]): Promise<Readonly<Record<string, { data: ArrayLike<unknown> }>>> =>
  model.run({ x: { data: Float32Array.from(rows.flat()), dims: [rows.length, rows[0]!.length] } });

test('reject names the port, the contract, the demand, the rows and the place', async () => {
  await using model = await loadText(guarded('range [0, 1] on violation reject'));
  await run(model, [0, 0.5, 1]);
  const error = await refusalOf(run(model, [0, 0, 0], [0, 2, 0], [0, 0, 0], [nan, 2, 0]));
  expect(error.code).toBe('guard-rejected');
  expect(error.message).toBe('`use.x` (Wanted) demands range [0, 1], which does not hold in rows 1 and 3 of `batch`.\nmain.mdl:9:18: `x`, on violation reject.');
  expect(error.cause).toMatchObject({ guard: { to: 'use.x', action: 'reject' }, count: 3, rows: [1, 3] });
});

test('report lets pass, tells, and counts', async () => {
  const told: GuardViolation[] = [];
  await using model = await loadText(guarded('range [0, 1] on violation report'), {}, { onViolation: (violation) => void told.push(violation) });
  expect(Array.from((await run(model, [0, 2, 0]))['y']!.data as Float32Array)).toEqual([0, 2, 0]);
  await run(model, [0, 1, 0]);
  await run(model, [3, 2, 0], [0, 9, 0]);
  expect(told.map(({ count, rows }) => [count, rows])).toEqual([[1, [0]], [3, [0, 1]]]);
  expect(model.violations).toMatchObject([{ guard: { to: 'use.x' }, runs: 2, rows: 3, count: 4 }]);
});

test('reject says of sizes which were found and which were said', async () => {
  const places = encodeModel({ input: [valueInfo('x', ['n', 3])], output: [{ name: 'y' }], node: [node('NonZero', ['x'], ['y'])] });
  const text = `backbone Places @ 1.0.0 {
  source "./places.onnx"
  input x: f32[n, 3]
  output y: i64[2, n]
}

model M {
  input x: f32[batch, 3]
  output y = Places(x).y
}
`;
  await using model = await loadText(text, { 'places.onnx': places });
  await run(model, [0, 1, 0], [0, 0, 1]);
  const error = await refusalOf(run(model, [0, 1, 1], [0, 0, 1]));
  expect(error.message).toContain('`Places.y` demands i64[2, n], which does not hold: axis 1 has 3, not 2');
  expect(error.cause).toMatchObject({ count: 1, rows: [], sizes: [{ axis: 1, found: 3, expected: 2 }] });
});

/** How many numbers are above 0, each as a row; the file says that there are three, or says nothing. */
const positives = (declared: readonly number[] | undefined): Uint8Array =>
  encodeModel({
    input: [valueInfo('x', ['n'])],
    output: [declared === undefined ? { name: 'y' } : valueInfo('y', declared)],
    initializer: [floats('zero', [], [0])],
    node: [node('Greater', ['x', 'zero'], ['above']), node('Compress', ['x', 'above'], ['y'], { attribute: [{ name: 'axis', type: attributeTypes.INT, i: 0 }] })],
  });

describe('a number of rows that is only said', () => {
  const text = (size: string, model: string): string => `backbone Positives @ 1.0.0 {
  source "./positives.onnx"
  input x: f32[n]
  output y: f32[${size}]
}

model M {
${model}
}
`;
  const given = (...data: number[]) => ({ data: Float32Array.from(data), dims: [data.length] });

  test.each([['by the declaration alone', undefined], ['by the file, too', [3]]])('%s: it is tested, and one row is not repeated', async (_, declared) => {
    const model = '  input x: f32[m]\n  input w: f32[3]\n  output y = Positives(x).y * w\n  output own = Positives(x).y';
    await using loaded = await loadText(text('3', model), { 'positives.onnx': positives(declared) });
    const answered = await loaded.run({ x: given(1, -1, 2, 3), w: given(10, 20, 30) });
    expect(Array.from((answered['y'] as { data: Float32Array }).data)).toEqual([10, 40, 90]);
    const error = await refusalOf(loaded.run({ x: given(5, -1), w: given(10, 20, 30) }));
    expect(error.message).toContain('`Positives.y` demands f32[3], which does not hold: axis 0 has 1, not 3');
  });

  test('because the input has that many', async () => {
    await using loaded = await loadText(text('n', '  input x: f32[4]\n  output y = Positives(x).y + x'), { 'positives.onnx': positives(undefined) });
    expect(Array.from(((await loaded.run({ x: given(1, 2, 3, 4) }))['y'] as { data: Float32Array }).data)).toEqual([2, 4, 6, 8]);
    const error = await refusalOf(loaded.run({ x: given(1, -2, -3, -4) }));
    expect(error.message).toContain('`Positives.y` demands f32[n], which does not hold: axis 0 has 1, not 4');
  });
});

const twoHeads = `contract Share = f32[batch, 3] where range [0, 1] on violation reject

part odds(p: Share) -> f32[batch, 3] {
  p / (2 - p)
}

model Two {
  input x: f32[batch, 3]
  let e = onnx.Abs(x)
  output odds = odds(e * 0.5)
  output sum = e + 1
}
`;

describe.each([['one file', {}], ['split', { split: true }]] as const)('%s', (_, layout) => {
  test('a guard concerns those who ask for what rests on it', async () => {
    await using model = await load(buildText(twoHeads, {}, layout).folder, { device: 'cpu' });
    expect((await refusalOf(run(model, [0, 0, 4]))).code).toBe('guard-rejected');
    const { sum } = await model.run({ x: { data: Float32Array.of(0, 0, 4), dims: [1, 3] } }, { outputs: ['sum'] });
    expect(Array.from(sum!.data as Float32Array)).toEqual([1, 1, 5]);
    expect(Object.keys(await run(model, [0, 0, 1]))).toEqual(['odds', 'sum']);
  });

  test('it is no output, and no head', () => {
    const { manifest } = buildText(twoHeads, {}, layout);
    expect(manifest.outputs.map(({ name }) => name)).toEqual(['odds', 'sum']);
    expect(emitDeclaration(manifest)).not.toContain('guard');
    expect(manifest.heads?.map(({ name, outputs }) => [name, outputs])).toEqual('split' in layout ? [['odds', ['odds', 'guard.odds.p']], ['sum', ['sum']]] : undefined);
  });
});

const encoder = encodeModel({
  node: [node('Mul', ['x', 'two'], ['y'])],
  input: [valueInfo('x', ['N', 3])],
  output: [valueInfo('y', ['N', 3])],
  initializer: [floats('two', [1], [2])],
});

test('what a foreign file gives is held to its declaration', async () => {
  const text = `backbone Twice @ 1.0.0 {
  source "./twice.onnx"
  input x: f32[batch, 3]
  output y: f32[batch, 3] where norm(-1) == 1 on violation reject
}
model M {
  input x: f32[batch, 3]
  output y = Twice(x).y
}`;
  await using model = await loadText(text, { 'twice.onnx': encoder });
  expect(model.outputs[0]!.tensor!.facts).toMatchObject([{ kind: 'norm', evidence: 'enforced' }]);
  await run(model, [0.5, 0, 0]);
  expect((await refusalOf(run(model, [0.5, 0, 0], [1, 0, 0]))).message).toContain('`Twice.y` demands norm(-1) == 1, which does not hold in row 1 of `batch`.\nmain.mdl:8:14: `Twice(x).y`');
});

test('what a part promises of its result is mended behind its body', async () => {
  const text = `contract Share = f32[batch, 3] where range [0, 1] on violation clamp
part shift(x: f32[batch, 3]) -> Share {
  x - 1
}
model M {
  input x: f32[batch, 3]
  output y = shift(x)
  output z = shift(onnx.Sigmoid(x))
  output w: Share = x * 3
}`;
  await using model = await loadText(text);
  const { y, w } = await run(model, [0, 1.5, 9]);
  expect([Array.from(y!.data as Float32Array), Array.from(w!.data as Float32Array)]).toEqual([[0, 0.5, 1], [0, 1, 1]]);
});

test('the state of the next run is mended, or refused', async () => {
  const text = (mode: string) => `contract Level = f32[batch] where range [0, 3] on violation ${mode}
model M {
  input x: f32[batch]
  state sum: Level = 0
  output y = sum
  next sum = sum + x
}`;
  const x = { data: Float32Array.of(2), dims: [1] };
  await using clamped = await loadText(text('clamp'));
  const stream = clamped.start();
  for (let i = 0; i < 3; i++) await stream.run({ x });
  expect(stream.state['sum']!.data).toEqual(Float32Array.of(3));
  await using rejected = await loadText(text('reject'));
  const strict = rejected.start();
  await strict.run({ x });
  expect((await refusalOf(strict.run({ x }))).message).toContain('`M.sum` (Level) demands range [0, 3]');
  // A run that keeps no state makes none.
  await rejected.run({ x: { data: Float32Array.of(9), dims: [1] } });
});

test('a model may report its own input', async () => {
  const text = guarded('range [0, 1] on violation report').replace('input x: f32[batch, 3]', 'input x: Wanted').replace('use(x)', 'x').replace(/part use[^]*?\n}\n/, '');
  expect(await violations(text, Float32Array.of(0, 5, 0), [1, 3])).toEqual([{ count: 1, rows: [0] }]);
});

test('somebody\'s word does not spare a guard, a proof does', () => {
  const text = `contract Strict = f32[batch, 3] where range [0, 1] on violation reject
backbone Twice @ 1.0.0 {
  source "./twice.onnx"
  input x: f32[batch, 3]
  output y: f32[batch, 3] where range [0, 1]
}
part use(x: Strict) -> f32[batch, 3] { x }
part kept(x: f32[batch, 3]) -> f32[batch, 3] { use(onnx.Sigmoid(x)) }
model M {
  input x: f32[batch, 3]
  output a = use(Twice(x).y)
  output b = use(onnx.Sigmoid(x))
  output c = kept(x)
}`;
  const { manifest } = buildText(text, { 'twice.onnx': encoder });
  expect(manifest.guards!.map(({ at, from, outputs }) => [at, from, outputs])).toEqual([['main.mdl:11:18', 'Twice(x).y', ['a']]]);
});
