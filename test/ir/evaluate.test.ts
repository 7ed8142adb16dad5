/** Operators on constants against ONNX Runtime, which gets the constants as inputs: equal to the last bit. */
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { evaluate, type Constant } from '../../src/ir/evaluate.ts';
import type { Attribute, Node } from '../../src/ir/graph.ts';
import { dtypes } from '../../src/types/dtype.ts';
import { encodeModel, valueInfo } from '../onnx/models.ts';
import { runModel } from '../onnx/oracles.ts';

const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array, i64: BigInt64Array, u8: Uint8Array, bool: Uint8Array, f16: Uint16Array } as const;
const names = { f32: 'float32', f64: 'float64', i32: 'int32', i64: 'int64', u8: 'uint8', bool: 'bool', f16: 'float16' } as const;
type Known = keyof typeof arrays;

const count = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);
const constant = (dtype: Known, dims: readonly number[], values: readonly (number | bigint)[]): Constant => {
  const typed = dtype === 'i64' ? BigInt64Array.from(values, BigInt) : new (arrays[dtype] as Float32ArrayConstructor)(values.map(Number));
  return { dtype, dims, bytes: new Uint8Array(typed.buffer) };
};

const element: { readonly [K in Known]: fc.Arbitrary<number | bigint> } = {
  f32: fc.float({ noNaN: true }),
  f64: fc.double({ noNaN: true }),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u8: fc.nat(255),
  bool: fc.nat(1),
  // Numbers alone: of NaNs nobody settles the bits.
  f16: fc.nat(0x7bff).chain((bits) => fc.constantFrom(bits, bits | 0x8000)),
};
const shape = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
const tensor = (dtype: Known, dims: readonly number[]): fc.Arbitrary<Constant> =>
  fc.array(element[dtype], { minLength: count(dims), maxLength: count(dims) }).map((values) => constant(dtype, dims, values));
const anyTensor = (...among: Known[]): fc.Arbitrary<Constant> => fc.tuple(fc.constantFrom(...among), shape).chain(([dtype, dims]) => tensor(dtype, dims));

interface Case {
  readonly op: string;
  readonly inputs: readonly Constant[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}
const int = (value: number): Attribute => ({ type: 'int', value: BigInt(value) });
const vector = (values: readonly number[]): Constant => constant('i64', [values.length], values);
const axisOf = (x: Constant): fc.Arbitrary<number> => fc.integer({ min: -x.dims.length, max: x.dims.length - 1 });

const moved = anyTensor('f32', 'i64', 'u8', 'bool', 'f64');
const cases: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  Identity: moved.map((x) => ({ op: 'Identity', inputs: [x] })),
  Transpose: moved.chain((x) =>
    fc.shuffledSubarray([...x.dims.keys()], { minLength: x.dims.length }).map((perm) => ({ op: 'Transpose', inputs: [x], attributes: { perm: { type: 'ints', value: perm.map(BigInt) } } })),
  ),
  Reshape: moved.chain((x) => fc.constantFrom([-1], [1, -1], [0, -1], [...x.dims, 1]).map((dims) => ({ op: 'Reshape', inputs: [x, vector(dims)] }))),
  Flatten: moved.chain((x) => axisOf(x).map((axis) => ({ op: 'Flatten', inputs: [x], attributes: { axis: int(axis) } }))),
  Unsqueeze: moved.chain((x) => fc.constantFrom([0], [-1], [0, -1], [1]).map((axes) => ({ op: 'Unsqueeze', inputs: [x, vector(axes)] }))),
  Squeeze: fc.tuple(fc.constantFrom('f32' as const, 'i64' as const), fc.integer({ min: 1, max: 3 })).chain(([dtype, n]) =>
    tensor(dtype, [1, n, 1]).chain((x) => fc.constantFrom([0], [-1], [0, 2], undefined).map((axes) => ({ op: 'Squeeze', inputs: axes === undefined ? [x] : [x, vector(axes)] }))),
  ),
  Concat: moved.chain((x) => axisOf(x).chain((axis) => fc.integer({ min: 1, max: 3 }).map((times) => ({ op: 'Concat', inputs: Array.from({ length: times }, () => x), attributes: { axis: int(axis) } })))),
  Gather: moved.chain((x) =>
    axisOf(x).chain((axis) => {
      const size = x.dims.at(axis)!;
      return fc.array(fc.integer({ min: -size, max: size - 1 }), { minLength: 1, maxLength: 3 }).map((indices) => ({ op: 'Gather', inputs: [x, vector(indices)], attributes: { axis: int(axis) } }));
    }),
  ),
  Cast: fc
    .constantFrom<[Known, Known]>(['f16', 'f32'], ['f32', 'f64'], ['f64', 'f32'], ['i32', 'i64'], ['i32', 'f64'], ['i32', 'f32'], ['u8', 'f32'], ['u8', 'i64'], ['bool', 'f32'], ['bool', 'i64'], ['i64', 'i64'])
    .chain(([from, to]) => tensor(from, [5]).map((x) => ({ op: 'Cast', inputs: [x], attributes: { to: int(dtypes[to].onnx) } }))),
  arithmetic: fc
    .tuple(fc.constantFrom('Add', 'Sub', 'Mul'), fc.constantFrom<Known>('f32', 'f64', 'i32', 'i64'), fc.constantFrom<[number[], number[]]>([[2, 3], [3]], [[2, 1], [1, 3]], [[4], []], [[], [2, 2]]))
    .chain(([op, dtype, [a, b]]) => fc.tuple(tensor(dtype, a), tensor(dtype, b)).map((inputs) => ({ op, inputs }))),
};

const nodeOf = ({ op, inputs, attributes = {} }: Case): Node => ({ name: '', op, domain: '', inputs: inputs.map((_, i) => `x${i}`), outputs: ['y'], attributes: new Map(Object.entries(attributes)) });

/** The node alone in a model, its constants fed from outside. */
async function runtimeAnswer(each: Case, made: Constant): Promise<string> {
  const ports = {
    input: each.inputs.map(({ dtype, dims }, i) => valueInfo(`x${i}`, dims, dtypes[dtype].onnx)),
    output: [valueInfo('y', made.dims, dtypes[made.dtype].onnx)],
  };
  const attributes = Object.entries(each.attributes ?? {}).map(([name, attribute]) =>
    attribute.type === 'int' ? { name, type: 2, i: Number(attribute.value) } : { name, type: 7, ints: attribute.type === 'ints' ? attribute.value.map(Number) : [] },
  );
  const bytes = encodeModel({ ...ports, node: [{ opType: each.op, input: each.inputs.map((_, i) => `x${i}`), output: ['y'], attribute: attributes }] });
  const feeds = each.inputs.map(({ dtype, dims, bytes: raw }, i) => [`x${i}`, new ort.Tensor(names[dtype as Known] as 'float32', new (arrays[dtype as Known] as Float32ArrayConstructor)(raw.slice().buffer), dims)] as const);
  const { data, dims } = (await runModel(bytes, Object.fromEntries(feeds)))['y']!;
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return `[${dims.join(', ')}] ${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`;
}

describe('is what ONNX Runtime computes', () => {
  test.each(Object.entries(cases))('%s', async (_, arbitrary) => {
    let settled = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, async (each) => {
        const made = evaluate(nodeOf(each), each.inputs);
        if (made === undefined) return;
        settled++;
        expect(`[${made.dims.join(', ')}] ${Buffer.from(made.bytes).toString('hex')}`).toBe(await runtimeAnswer(each, made));
      }),
      { numRuns: 25 },
    );
    expect(settled).toBeGreaterThan(12);
  });
});

describe('what is not settled is left', () => {
  const f32 = (...values: number[]): Constant => constant('f32', [values.length], values);
  test.each<[string, Case]>([
    ['a NaN, whose bits differ from machine to machine', { op: 'Sub', inputs: [f32(Infinity), f32(Infinity)] }],
    ['a number out of a cast into integers', { op: 'Cast', inputs: [f32(1e20)], attributes: { to: int(7) } }],
    ['an operator whose kernels round as they do', { op: 'MatMul', inputs: [f32(1), f32(1)] }],
    ['a shape that does not fit', { op: 'Reshape', inputs: [f32(1, 2, 3), vector([2, -1])] }],
    ['an index beyond the axis', { op: 'Gather', inputs: [f32(1, 2), vector([2])] }],
    ['shapes that do not broadcast', { op: 'Add', inputs: [f32(1, 2), f32(1, 2, 3)] }],
    ['two dtypes', { op: 'Add', inputs: [f32(1), constant('f64', [1], [1])] }],
    ['an axis that is not there', { op: 'Concat', inputs: [f32(1)], attributes: { axis: int(4) } }],
  ])('%s', (_, each) => expect(evaluate(nodeOf(each), each.inputs)).toBeUndefined());
});
