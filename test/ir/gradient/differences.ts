/** Derivatives by reverse mode beside those by differences of the function itself, both as ONNX Runtime computes them. */
import { programModel } from '../../../src/align/kernels/graph.ts';
import { createRandom, type Random } from '../../../src/data/random.ts';
import { extendProgram } from '../../../src/ir/gradient/builder.ts';
import { addGradients } from '../../../src/ir/gradient/reverse.ts';
import type { Attribute, Tensor, TensorInfo } from '../../../src/ir/graph.ts';
import type { Program } from '../../../src/ir/program.ts';
import { numberBytes } from '../../../src/ir/scalar.ts';
import { verify } from '../../../src/ir/verify.ts';
import { notation } from '../../../src/ops/notation.ts';
import { emptySpan } from '../../../src/text/source.ts';
import { intDim } from '../../../src/types/dim.ts';
import { createSession } from '../../align/kernel-session.ts';

export type Precision = 'f32' | 'f64';
export type Attributes = Readonly<Record<string, number | readonly number[] | string>>;

export interface Operand {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);
export const draw = (dims: readonly number[], value: () => number): Operand => ({ dims, data: Array.from({ length: countOf(dims) }, value) });
const origin = { uri: 'memory:///test', span: emptySpan };

/** A fractional number of an attribute has a point where it is whole, too: it is given as a string. */
const attributeOf = (value: number | readonly number[] | string): Attribute => {
  if (typeof value === 'string') return /^-?\d+\.\d+$/.test(value) ? { type: 'float', value: Number(value) } : { type: 'string', value };
  return typeof value === 'number' ? { type: 'int', value: BigInt(value) } : { type: 'ints', value: value.map(BigInt) };
};

export interface Single {
  readonly op: string;
  readonly attributes?: Attributes;
  readonly operands: readonly Operand[];
  /** Whole numbers behind the operands. */
  readonly constants?: readonly Operand[];
  /** Where they are other than the operands and the constants behind them. */
  readonly inputs?: readonly string[];
  readonly results?: number;
  readonly opset?: number;
  readonly precision?: Precision;
}

/** A program of one node. */
export function programOf({ op, attributes = {}, operands, constants = [], inputs: given, results = 1, opset = 17, precision = 'f64' }: Single): Program {
  const inputs = operands.map((_, i) => `x${i}`);
  const fixed = constants.map(({ dims, data }, i): Tensor => ({ name: `c${i}`, dtype: 'i64', dims, bytes: numberBytes('i64', data) }));
  return {
    name: op,
    inputs: inputs.map((name) => ({ name, value: name })),
    outputs: [{ name: 'y', value: 'y' }],
    steps: [{ kind: 'operation', name: 'y', op, domain: '', inputs: given ?? [...inputs, ...fixed.map(({ name }) => name)], outputs: Array.from({ length: results }, (_, i) => (i === 0 ? 'y' : `y${i}`)), attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)])), origin }],
    initializers: fixed,
    types: new Map<string, TensorInfo>([...operands.map(({ dims }, i) => [`x${i}`, { dtype: precision, dims: dims.map(intDim) }] as const), ...fixed.map(({ name, dims }) => [name, { dtype: 'i64' as const, dims: dims.map(intDim) }] as const), ['y', { dtype: precision, dims: undefined }], ...(results > 1 ? [['y1', { dtype: 'i64' as const, dims: undefined }] as const] : [])]),
    opsets: new Map([['', opset]]),
  };
}

/**
 * The greatest difference of a derivative from that by differences, relative to the largest that is compared: by the first
 * `compared` inputs. All inputs are floats of one precision.
 *
 * Differences of the fourth order, (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, are off by h⁴/30 of the fifth derivative, and
 * by 1.5 ε/h of the function's size by its rounding. f64 with h = 1e-3: 3e-14 and 3e-13. f32 with h = 1/32: 3e-8 and 3e-6.
 */
export async function discrepancy(program: Program, operands: readonly Operand[], random: Random = createRandom(1), compared = operands.length): Promise<number> {
  const precision = program.types.get(program.inputs[0]!.value)!.dtype as Precision;
  const plain = await openSession(program);
  const inputs = program.inputs.map((port) => port.value);
  const feedsOf = (values: readonly (readonly number[])[]) => new Map(operands.map(({ dims }, i) => [program.inputs[i]!.name, { dtype: precision, data: arrayOf(precision, values[i]!), dims }] as const));
  const given = operands.map(({ data }) => data);
  const result = (await plain.run(feedsOf(given), ['y'])).get('y') as { data: ArrayLike<number>; dims: readonly number[] };
  const weights = Array.from({ length: result.data.length }, () => random.normal());

  const builder = extendProgram(program, 'gradient');
  const to = builder.emitter(origin);
  const { mul, sum, reshape } = notation(to, precision);
  const y = program.outputs[0]!.value;
  const total = reshape(sum(mul(reshape(y, [result.data.length]), to.constant(precision, weights, [weights.length])), [0]), []);
  const found = addGradients(builder, total, inputs);
  if (!found.ok) throw new Error(found.finding.message);
  const outputs = inputs.flatMap((value, i) => {
    const gradient = found.gradients.get(value);
    return gradient === undefined ? [] : [{ name: `d${i}`, value: gradient, type: { dtype: precision, dims: operands[i]!.dims.map(intDim) } }];
  });
  const derived = builder.program({ outputs });
  const faults = verify(derived);
  if (faults.length > 0) throw new Error(faults.join('; '));
  const session = await openSession(derived);
  const gradients = await session.run(feedsOf(given), outputs.map(({ name }) => name));

  const lossAt = async (values: readonly (readonly number[])[]): Promise<number> => {
    const { data } = (await plain.run(feedsOf(values), ['y'])).get('y') as { data: ArrayLike<number> };
    return weights.reduce((all, weight, i) => all + weight * data[i]!, 0);
  };
  const h = precision === 'f64' ? 1e-3 : 1 / 32;
  let [most, largest] = [0, 1];
  for (const [i, { data, dims }] of operands.slice(0, compared).entries()) {
    const gradient = gradients.get(`d${i}`) as { data: ArrayLike<number>; dims: readonly number[] } | undefined;
    if (gradient !== undefined && gradient.dims.join() !== dims.join()) throw new Error(`the derivative by input ${i} is [${gradient.dims.join()}], not [${dims.join()}]`);
    for (const at of data.keys()) {
      const moved = (by: number): Promise<number> => lossAt(given.map((values, j) => (j === i ? values.map((value, k) => (k === at ? value + by : value)) : values)));
      const difference = (8 * ((await moved(h)) - (await moved(-h))) - ((await moved(2 * h)) - (await moved(-2 * h)))) / (12 * h);
      most = Math.max(most, Math.abs(difference - (gradient?.data[at] ?? 0)));
      largest = Math.max(largest, Math.abs(difference));
    }
  }
  await plain.release();
  await session.release();
  return most / largest;
}

const openSession = (program: Program) => createSession(programModel(program));
const arrayOf = (precision: Precision, values: readonly number[]): Float32Array | Float64Array => (precision === 'f64' ? Float64Array.from(values) : Float32Array.from(values));

/** Of derivatives up to some ten, and fifth derivatives up to some thousand; see `discrepancy`. */
export const tolerance: Readonly<Record<Precision, number>> = { f64: 1e-8, f32: 2e-3 };
