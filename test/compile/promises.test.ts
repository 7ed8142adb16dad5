/**
 * Bodies as people write them, and what they promise: proved where it follows from several operators together, and then true on ONNX
 * Runtime of whatever the inputs may be; an error where rounding, or more, breaks it.
 */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { briefly, checkText } from '../check/world.ts';
import { randomNumbers } from '../ir/infer/random/drawing.ts';
import { plainSession } from '../plain-session.ts';
import { buildText } from './build.ts';

const contracts = `import { log_softmax, sigmoid, softmax, tanh } from "std/nn"
import { l2_normalize } from "std/norm"
import { mean_pool } from "std/text"

contract Unit = f32[batch, d] where norm(-1) == 1 +- 1e-3
contract Shares = f32[batch, k] where range [0, 1], sum(-1) == 1
contract Bounded = f32[batch, d] where range [-1, 1]
contract Positive = f32[batch, d] where range [0, inf]
contract Tokens = f32[batch, seq, d] where range [-1, 1]
contract Mask = i64[batch, seq] where mask, nonzero
contract Values = f32[k, 1] where range [1, 5]
contract Row = f32[batch, d]
contract Finite = f32[batch, 8] where finite
`;

interface Body {
  readonly inputs: string;
  readonly promise: string;
  readonly body: string;
}

const proved: Readonly<Record<string, Body>> = {
  'cosines of rows': { inputs: 'a: Unit, b: Unit', promise: 'f32[batch] where range [-1.02, 1.02]', body: 'onnx.ReduceSum(a * b, axes: [-1], keepdims: false)' },
  'cosines of all pairs': { inputs: 'a: Unit, b: Unit(batch: other)', promise: 'f32[batch, other] where range [-1.02, 1.02]', body: 'onnx.MatMul(a, onnx.Transpose(b, perm: [1, 0]))' },
  'distances': { inputs: 'a: Unit, b: Unit', promise: 'f32[batch] where range [0, 2.05]', body: 'let d = a - b\n  onnx.Sqrt(onnx.ReduceSum(d * d, axes: [-1], keepdims: false))' },
  'a turned direction': { inputs: 'a: Unit', promise: 'f32[batch, d] where norm(-1) == 1 +- 1e-3', body: '-a' },
  'half a direction': { inputs: 'a: Unit', promise: 'f32[batch, d] where norm(-1) == 0.5 +- 6e-4', body: 'a / 2' },
  'the mean of two distributions': { inputs: 'a: Shares, b: Shares', promise: 'f32[batch, k] where range [0, 1], sum(-1) == 1', body: '(a + b) / 2' },
  'a weighted mean of two': { inputs: 'a: Shares, b: Shares', promise: 'f32[batch, k] where sum(-1) == 1', body: 'a * 0.25 + b * 0.75' },
  'smoothed labels': { inputs: 'p: Shares(k: 10)', promise: 'f32[batch, 10] where range [0, 1], sum(-1) == 1', body: 'p * 0.9 + 0.01' },
  'shares of what is not negative': { inputs: 'x: Positive', promise: 'f32[batch, d] where range [0, 1]', body: 'x / onnx.Expand(onnx.ReduceSum(x, axes: [-1], keepdims: true) + 1e-6, like: x)' },
  'a mean of tokens, cut off': { inputs: 'x: Tokens, mask: Mask', promise: 'f32[batch, d] where range [-1.02, 1.02]', body: 'mean_pool(x, mask: mask)' },
  'a mean of tokens by a product': { inputs: 'x: Tokens, mask: Mask', promise: 'f32[batch, d] where range [-1.02, 1.02]', body: 'let m = onnx.Unsqueeze(onnx.Cast(mask, to: f32), axes: [-1])\n  let s = onnx.ReduceSum(x * onnx.Expand(m, like: x), axes: [1], keepdims: false)\n  s / onnx.Expand(onnx.ReduceSum(m, axes: [1], keepdims: false), like: s)' },
  'a blend': { inputs: 'x: Bounded, z: Bounded, g: f32[batch, d]', promise: 'f32[batch, d] where range [-1.001, 1.001]', body: 'let w = sigmoid(g)\n  w * x + (1 - w) * z' },
  'an expected value': { inputs: 'p: Shares(k: 16), v: Values(k: 16)', promise: 'f32[batch, 1] where range [0.99, 5.01]', body: 'onnx.MatMul(p, v)' },
  'logarithms of a softmax': { inputs: 'x: f32[batch, d]', promise: 'f32[batch, d] where range [-inf, 1e-5]', body: 'onnx.Log(softmax(x))' },
  'a variance': { inputs: 'x: f32[batch, d]', promise: 'f32[batch, 1] where range [0, inf]', body: 'let c = x - onnx.Expand(onnx.ReduceMean(x, axes: [-1]), like: x)\n  onnx.ReduceMean(c * c, axes: [-1])' },
};

const unproved: Readonly<Record<string, Body>> = {
  'cosines go past 1 by what the norms may': { inputs: 'a: Unit, b: Unit', promise: 'f32[batch] where range [-1, 1]', body: 'onnx.ReduceSum(a * b, axes: [-1], keepdims: false)' },
  'a sum of two directions': { inputs: 'a: Unit, b: Unit', promise: 'f32[batch, d] where norm(-1) == 1 +- 1e-3', body: 'a + b' },
  'joined directions, of which one may be zeros': { inputs: 'a: Unit, b: Unit', promise: 'f32[batch, d + d] where norm(-1) == 1.41421 +- 1e-2', body: 'onnx.Concat(a, b, axis: -1)' },
  'a mean of directions': { inputs: 'a: Unit, b: Unit', promise: 'f32[batch, d] where norm(-1) == 1 +- 1e-3', body: '(a + b) / 2' },
  'a product of distributions': { inputs: 'a: Shares, b: Shares', promise: 'f32[batch, k] where sum(-1) == 1', body: 'a * b' },
  'squares of a direction that may be zeros': { inputs: 'a: Unit', promise: 'f32[batch, d] where sum(-1) == 1 +- 1e-2', body: 'a * a' },
  'a number that fills what is added': { inputs: 'x: Bounded, v: float = 0', promise: 'f32[batch, some n] where range [-1, 1]', body: 'onnx.Pad(x, pads: [0, 1, 0, 1], value: v)' },
  'cosines in half precision': { inputs: 'a: float[..., d], b: float[..., d]', promise: 'float[..., 1] where range [-1.01, 1.01]', body: 'onnx.ReduceSum(l2_normalize(a) * l2_normalize(b), axes: [-1], keepdims: true)' },
  'a number that every caller gives': { inputs: 'x: Bounded, t: float', promise: 'f32[batch, d] where range [-1, 1]', body: 'x * t' },
};

/** Of whatever the callers leave open. */
const generic: Readonly<Record<string, Body>> = {
  'shares of any element type': { inputs: 'x: float[..., d]', promise: 'float[..., d] where range [0, 1], sum(-1) == 1', body: 'let e = onnx.Softmax(x, axis: -1)\n  e' },
  'squares of any rank': { inputs: 'x: f32[..., d]', promise: 'f32[..., 1] where range [0, inf]', body: 'let c = x - onnx.Expand(onnx.ReduceMean(x, axes: [-1]), like: x)\n  onnx.ReduceSum(c * c, axes: [-1])' },
  'a distance that a number moves': { inputs: 'x: float[..., d], t: float = 1', promise: 'float[..., d] where range [0, inf]', body: 'let c = x * t\n  c * c' },
  'a softmax with a temperature': { inputs: 'x: f32[batch, d], t: float = 1', promise: 'f32[batch, d] where range [0, 1], sum(-1) == 1', body: 'softmax(x / t)' },
  'the same for both values of a flag': { inputs: 'a: Unit, b: Unit, causal: bool = false', promise: 'f32[batch] where range [-1.02, 1.02]', body: 'onnx.ReduceSum(a * b, axes: [-1], keepdims: false)' },
};

const part = ({ inputs, promise, body }: Body): string => `part promised(${inputs}) -> ${promise} {\n  ${body}\n}\n`;
const random = randomNumbers(23);

/** Rows as the contracts say; some of them of one large number, or of zeros where norms exempt them. */
function drawn(contract: string, dims: readonly number[]): ort.Tensor {
  const width = dims.at(-1)!;
  const rows = Array.from({ length: dims.reduce((all, n) => all * n, 1) / width }, (_, i) => {
    const row = Array.from({ length: width }, (__, k) => (i === 1 ? (k === 0 ? 1 : 0) : i === 2 ? 0 : random() * 2 - 1));
    const sum = row.reduce((all, x) => all + Math.abs(x), 0);
    const norm = Math.sqrt(row.reduce((all, x) => all + x * x, 0));
    // At the end of what the norm may be.
    if (contract === 'Unit') return row.map((x) => (norm === 0 ? 0 : (1.0009 * x) / norm));
    if (contract === 'Shares') return row.map((x) => (sum === 0 ? 1 / width : Math.abs(x) / sum));
    if (contract === 'Positive') return row.map((x) => Math.abs(x) * 1e3);
    if (contract === 'Mask') return row.map((x, k) => (k === 0 || x > 0 ? 1 : 0));
    return contract === 'Values' ? row.map((x) => 3 + 2 * x) : contract === 'Bounded' || contract === 'Tokens' ? row.map((x) => (x > 0.5 ? 1 : x)) : row.map((x) => x * 40);
  });
  const flat = rows.flat();
  return contract === 'Mask' ? new ort.Tensor('int64', BigInt64Array.from(flat, BigInt), [...dims]) : new ort.Tensor('float32', Float32Array.from(flat), [...dims]);
}

const sizes: Readonly<Record<string, number>> = { batch: 5, other: 4, d: 33, k: 7, seq: 6 };
const sums = { sum: (row: readonly number[]) => row.reduce((all, x) => all + x, 0), norm: (row: readonly number[]) => Math.hypot(...row) };

describe('a promise that follows from several operators', () => {
  test.each(Object.entries(proved))('%s', async (_, written) => {
    const ports = written.inputs.split(/, (?=\w+: )/).map((input) => /^(\w+): (.*)$/.exec(input)!.slice(1) as [string, string]);
    // `int` and sizes of contracts are taken from the text.
    const inputs = written.inputs.replace(/, (?=\w+: [A-Zf])/g, '\n  input ');
    const { bytes, model } = buildText(`${contracts}${part(written)}model M {\n  input ${inputs}\n  output y = promised(${ports.map(([name]) => name).join(', ')})\n}\n`);
    const session = await ort.InferenceSession.create(bytes, plainSession);
    const feeds = Object.fromEntries(model.inputs.map(({ name, type }) => {
      const dims = type.kind === 'tensor' ? type.shape.axes.map(({ size }) => size.terms[0]?.symbols[0]?.name ?? size.terms[0]!.coefficient).map((size) => (typeof size === 'number' ? size : sizes[size]!)) : [];
      return [name, drawn(/: ([A-Z]\w*)?/.exec(`: ${ports.find(([port]) => port === name)![1]}`)?.[1] ?? '', dims)];
    }));
    const { y } = await session.run(feeds);
    const data = Array.from(y!.data as Float32Array);
    const [, low, high] = /range \[([^,]+), ([^\]]+)\]/.exec(written.promise) ?? [];
    const end = (text: string): number => Number(text.replace('inf', 'Infinity'));
    if (low !== undefined) expect(data.every((x) => x >= end(low) && x <= end(high!))).toBe(true);
    const [, kind, value, tolerance = '1e-4'] = /(sum|norm)\(-1\) == ([\d.]+)(?: \+- ([\d.e-]+))?/.exec(written.promise) ?? [];
    const width = y!.dims.at(-1)!;
    const rows = Array.from({ length: data.length / width }, (__, i) => data.slice(i * width, (i + 1) * width));
    if (kind !== undefined) for (const row of rows) if (row.some((x) => x !== 0)) expect(Math.abs(sums[kind as 'sum'](row) - Number(value))).toBeLessThan(Number(tolerance));
    expect(low ?? kind).toBeDefined();
  });

  test.each(Object.entries(unproved))('does not where it is false: %s', (_, written) => {
    expect(briefly(checkText(contracts + part(written))).map((line) => line.split(' ')[1])).toContain('unproved-claim');
  });
});

/** The same body as that of a model. */
function ofModel({ inputs, promise, body }: Body): string[] {
  const lines = body.split('\n  ');
  const ports = inputs.replace(/, (?=\w+: [A-Zf])/g, '\n  input ');
  const text = `${contracts}model M {\n  input ${ports}\n  ${[...lines.slice(0, -1), `output y: ${promise} = ${lines.at(-1)}`].join('\n  ')}\n}\n`;
  return checkText(text).diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []));
}

/** Nobody gives a model numbers, or element types to choose. */
const ofTensors = Object.entries(unproved).filter(([, { inputs }]) => !/: (int|float)\b/.test(inputs));

describe('what an output of a model says', () => {
  test.each(Object.entries(proved))('follows: %s', (_, written) => expect(ofModel(written)).toEqual([]));
  test.each(ofTensors)('does not where it is false: %s', (_, written) => expect(ofModel(written)).toContain('unproved-claim'));

  test('follows through negation, Relu and Softmax of what is finite', () => {
    const finite = 'model M {\n  input x: f32[batch, 8] where finite\n  let shares = onnx.Softmax(-onnx.Relu(x))\n  output y: f32[batch, 8] where finite = shares\n}\n';
    expect(checkText(finite).diagnostics).toEqual([]);
  });
});

const errorsOf = (text: string): string[] => checkText(text).diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []));

describe('a part that leaves open what it is called with', () => {
  test.each(Object.entries(generic))('%s', (_, written) => expect(errorsOf(contracts + part(written))).toEqual([]));
});

/** The body in a model whose value goes into a part that demands what was promised. */
function joined({ inputs, promise, body }: Body, violation = ''): string {
  const lines = body.split('\n  ');
  const ports = inputs.replace(/, (?=\w+: [A-Zf])/g, '\n  input ');
  return `${contracts}contract Wanted = ${promise}${violation}\npart taking(y: Wanted) -> ${promise.split(' where ')[0]!} {\n  y\n}\nmodel M {\n  input ${ports}\n  ${[...lines.slice(0, -1), `output y = taking(${lines.at(-1)})`].join('\n  ')}\n}\n`;
}

describe('what a part demands', () => {
  test.each(Object.entries(proved))('follows from the nodes of what it gets: %s', (_, written) => expect(errorsOf(joined(written))).toEqual([]));

  test.each(Object.entries(proved).filter(([, { promise }]) => !promise.includes(', sum')))('needs no guard: %s', (_, written) => {
    const { model } = buildText(joined(written, ' on violation reject'));
    expect(model.guards).toEqual([]);
    expect(model.needlessGuards.map(({ evidence }) => evidence)).toEqual(model.needlessGuards.map(() => expect.stringMatching(/^(proved|enforced)$/)));
    expect(model.needlessGuards).not.toEqual([]);
  });

  // A contract whose sizes are sums has no name for each.
  test.each(ofTensors.filter(([, { promise }]) => !promise.includes('d + d')))('does not follow where it is false: %s', (_, written) => {
    expect(errorsOf(joined(written))).toContain('unmet-fact');
    expect(buildText(joined(written, ' on violation reject')).model.guards).not.toEqual([]);
  });
});

/** False promises of which an input says so; what the input is stands in a note. */
const refuted: Readonly<Record<string, Body>> = {
  'a range through Softmax': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where range [0, 0.1]', body: 'softmax(x)' },
  'a range through division by the norm': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where range [0, 0.3]', body: 'l2_normalize(x)' },
  'a range of a square': { inputs: 'x: Bounded', promise: 'f32[batch, d] where range [0, 0.5]', body: 'x * x' },
  'a sum of exponentials': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where sum(-1) == 1', body: 'onnx.Exp(x)' },
  'a norm that is doubled': { inputs: 'x: Unit(d: 8)', promise: 'f32[batch, 8] where norm(-1) == 1 +- 1e-3', body: 'x * 2' },
  'a mean that is not 0': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where mean(-1) == 0 +- 1e-3', body: 'onnx.Exp(x)' },
  'a sum of two distributions': { inputs: 'a: Shares(k: 8), b: Shares(k: 8)', promise: 'f32[batch, 8] where sum(-1) == 1', body: 'a + b' },
  'halves that are not whole': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where integer', body: 'x / 2' },
  'no mask': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where mask', body: 'onnx.Relu(x)' },
  'no one hot row': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where one_hot', body: 'onnx.Relu(x)' },
  'a deviation of what may be constant': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where std(-1) == 1 +- 1e-2', body: 'onnx.Relu(x)' },
  'zeros': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where nonzero', body: 'onnx.Relu(x)' },
  'a sum over an open size': { inputs: 'x: Row', promise: 'f32[batch, d] where sum(-1) == 1', body: 'onnx.Exp(x)' },
  'a norm over an open size': { inputs: 'x: Row', promise: 'f32[batch, d] where norm(-1) == 1 +- 1e-2', body: 'onnx.Sigmoid(x)' },
  'a sum of sigmoids': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where sum(-1) == 1 +- 1e-2', body: 'onnx.Sigmoid(x)' },
  'a norm of tangents': { inputs: 'x: f32[batch, 8]', promise: 'f32[batch, 8] where norm(-1) == 1 +- 1e-2', body: 'onnx.Tanh(x)' },
  'an exponential that overflows': { inputs: 'x: Finite', promise: 'f32[batch, 8] where finite', body: 'onnx.Exp(x)' },
  'a square that overflows': { inputs: 'x: Finite', promise: 'f32[batch, 8] where finite', body: 'x * x' },
  'a logarithm of 0': { inputs: 'x: Finite', promise: 'f32[batch, 8] where finite', body: 'onnx.Log(onnx.Relu(x))' },
  'a mean of tokens': { inputs: 'x: Tokens, mask: Mask', promise: 'f32[batch, d] where range [0.5, 1]', body: 'mean_pool(x, mask: mask)' },
};

/** What is promised of a row of eight, tested by itself. */
const holds: Readonly<Record<string, (row: readonly number[], numbers: readonly number[]) => boolean>> = {
  range: (row, [low, high]) => row.every((x) => x >= low! && x <= high!),
  sum: (row, [, value, tolerance = 1e-4]) => Math.abs(sums.sum(row) - value!) <= tolerance,
  norm: (row, [, value, tolerance = 1e-4]) => Math.abs(sums.norm(row) - value!) <= tolerance,
  mean: (row, [, value, tolerance = 1e-4]) => Math.abs(sums.sum(row) / row.length - value!) <= tolerance,
  integer: (row) => row.every((x) => Number.isInteger(x)),
  mask: (row) => row.every((x) => x === 0 || x === 1),
  one_hot: (row) => row.filter((x) => x === 1).length === 1 && row.every((x) => x === 0 || x === 1),
  std: (row, [, value, tolerance]) => Math.abs(Math.sqrt(sums.sum(row.map((x) => (x - sums.sum(row) / row.length) ** 2)) / row.length) - value!) <= tolerance!,
  finite: (row) => row.every(Number.isFinite),
  nonzero: (row) => row.some((x) => x !== 0),
};

describe('the input that refutes a promise', () => {
  test.each(Object.entries(refuted))('does so on ONNX Runtime: %s', async (_, written) => {
    const { diagnostics } = checkText(contracts + part(written));
    const note = diagnostics.flatMap(({ code, notes }) => (code === 'unproved-claim' ? notes : [])).find((one) => one.startsWith('It is false where'))!;
    const point = new Map([...note.matchAll(/every element of `(\w+)` is (-?[\d.e+-]+\d|-?\d)/g)].map(([, name, value]) => [name!, Number(value)]));
    const supposed = Object.fromEntries([...note.matchAll(/ and `(\w+)` is (\d+)/g)].map(([, name, size]) => [name!, Number(size)]));
    const [type, fact] = written.promise.split(' where ') as [string, string];
    const ports = written.inputs.split(/, (?=\w+: )/).map((input) => /^(\w+): /.exec(input)![1]!);
    const { bytes, model } = buildText(`${contracts}${part({ ...written, promise: type })}model M {\n  input ${written.inputs.replace(/, (?=\w+: [A-Zf])/g, '\n  input ')}\n  output y = promised(${ports.join(', ')})\n}\n`);
    const feeds = Object.fromEntries(model.inputs.map(({ name, type: given }) => {
      const dims = given.kind === 'tensor' ? given.shape.axes.map(({ size }) => size.terms[0]?.symbols[0]?.name ?? size.terms[0]!.coefficient).map((size) => (typeof size === 'number' ? size : (supposed[size] ?? sizes[size]!))) : [];
      const count = dims.reduce((all, n) => all * n, 1);
      const value = point.get(name)!;
      return [name, given.kind === 'tensor' && given.dtype === 'i64' ? new ort.Tensor('int64', new BigInt64Array(count).fill(BigInt(value)), dims) : new ort.Tensor('float32', new Float32Array(count).fill(value), dims)];
    }));
    const { y } = await (await ort.InferenceSession.create(bytes, plainSession)).run(feeds);
    const row = Array.from(y!.data as Float32Array).slice(0, y!.dims.at(-1));
    expect(holds[/^\w+/.exec(fact)![0]]!(row, [...fact.matchAll(/-?\d[\d.]*(?:e-?\d+)?/g)].map(Number))).toBe(false);
  });
});
