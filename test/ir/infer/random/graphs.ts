/** Random graphs that ONNX Runtime accepts, and the shapes of their tensors as it computes them. */
import * as ort from 'onnxruntime-node';
import type { onnx } from 'onnx-proto';
import { encodeModel, valueInfo } from '../../../onnx/models.ts';
import { bodied, condition, type Bodied, type MadeNode, type Placed } from './bodies.ts';
import { encodeAttribute, encodeConstant, randomNumbers, startDrawing, type Drawing, type DrawnNode, type Operand, type Value } from './drawing.ts';
import { draws } from './draws.ts';
import { plainSession } from '../../../plain-session.ts';

export interface GraphInput {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

export interface RandomGraph {
  readonly seed: number;
  readonly bytes: Uint8Array;
  readonly inputs: readonly GraphInput[];
  /** The operators that are in it, as the table of draws calls them. */
  readonly drawn: readonly string[];
}

type Sizes = Readonly<Record<string, number>>;

/** What a run found of every tensor. */
export type Observed = ReadonlyMap<string, ort.Tensor>;

export const opsets = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26];
const symbols = ['a', 'b', 'c'];
/** ONNX's numbers for the runtime's names. */
const onnxTypes: Readonly<Record<string, number>> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float64: 11 };

export function sizesFor(random: () => number): Sizes {
  return Object.fromEntries(symbols.map((name) => [name, 1 + Math.floor(random() * 5)]));
}

export function feedsFor(inputs: readonly GraphInput[], sizes: Sizes, random: () => number): Record<string, ort.Tensor> {
  return Object.fromEntries(inputs.map((input) => [input.name, feed(input, sizes, random)]));
}

function feed({ type, dims }: GraphInput, sizes: Sizes, random: () => number): ort.Tensor {
  const shape = dims.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!));
  const numbers = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 4 - 2);
  if (type === 'float32') return new ort.Tensor('float32', Float32Array.from(numbers), shape);
  if (type === 'int64') return new ort.Tensor('int64', BigInt64Array.from(numbers.map((n) => BigInt(Math.abs(Math.round(n))))), shape);
  if (type === 'uint8') return new ort.Tensor('uint8', Uint8Array.from(numbers.map((n) => Math.abs(Math.round(n * 50)))), shape);
  return new ort.Tensor('bool', Uint8Array.from(numbers.map((n) => Number(n > 0))), shape);
}

/** Runs a model without optimisation; undefined where ONNX Runtime refuses it or the run fails. */
export async function observe(bytes: Uint8Array, feeds: Record<string, ort.Tensor>): Promise<Observed | undefined> {
  let session: ort.InferenceSession | undefined;
  try {
    session = await ort.InferenceSession.create(bytes, plainSession);
    return new Map(Object.entries(await session.run(feeds)) as [string, ort.Tensor][]);
  } catch {
    return undefined;
  } finally {
    await session?.release();
  }
}

interface Parts {
  readonly opset: number;
  readonly inputs: readonly GraphInput[];
  readonly nodes: onnx.INodeProto[];
  readonly constants: onnx.ITensorProto[];
  readonly functions: onnx.IFunctionProto[];
}

/** All tensors that nodes make are outputs; ONNX Runtime infers their types. */
const encode = ({ opset, inputs, nodes, constants, functions }: Parts): Uint8Array =>
  encodeModel(
    {
      input: inputs.map((input) => valueInfo(input.name, input.dims, onnxTypes[input.type])),
      output: nodes.flatMap((node) => node.output!.map((name) => ({ name }))),
      node: nodes,
      initializer: constants,
    },
    { irVersion: 10, functions, opsetImport: [{ domain: '', version: opset }, { domain: 'com.microsoft', version: 1 }, { domain: 'local', version: 1 }] },
  );

function drawInputs(random: () => number): GraphInput[] {
  const { int, pick, chance } = startDrawing(random, 0, []);
  const dims = (): (number | string)[] => Array.from({ length: int(1, 4) }, () => (chance(0.55) ? pick(symbols) : int(1, 4)));
  const first = dims();
  const inputs: GraphInput[] = [{ name: 'x', type: 'float32', dims: first }, condition];
  inputs.push({ name: 'y', type: 'float32', dims: chance(0.4) ? first : chance(0.4) ? first.slice(int(0, first.length - 1)) : dims() });
  if (chance(0.4)) inputs.push({ name: 'i', type: 'int64', dims: dims().slice(0, 2) });
  if (chance(0.3)) inputs.push({ name: 't', type: 'bool', dims: chance(0.5) ? first : dims() });
  if (chance(0.3)) inputs.push({ name: 'image', type: 'float32', dims: [pick(['a', 1]), int(1, 4), pick(['b', 4, 6]), pick(['c', 5, 8])] });
  if (chance(0.3)) inputs.push({ name: 'q', type: 'uint8', dims: chance(0.3) ? ['a', 2, 'b', 3] : chance(0.5) ? ['a', 'b', 3] : ['b', 4] });
  return inputs;
}

/** Draws a node, tries it alone, and keeps it where it runs. */
async function grow(parts: Parts, values: Value[], drawing: Drawing, kind: string, into: Bodied): Promise<boolean> {
  const drawn = draws[kind]!(drawing);
  if (drawn === undefined) return false;
  const at = parts.nodes.length;
  const constants: onnx.ITensorProto[] = [];
  const nameOf = (operand: Operand, i: number): string => {
    if (operand === '') return '';
    if ('name' in operand) return operand.name;
    const name = `c${at}_${i}`;
    constants.push(encodeConstant(name, operand));
    return name;
  };
  const plain = encodeNode(drawn, drawn.inputs.map(nameOf), at);
  const operands = drawn.inputs.filter((operand): operand is Value => operand !== '' && 'name' in operand);
  const run = async ({ node, functions, constants: more }: Placed, used: readonly Value[]): Promise<Observed | undefined> => {
    const known = new Map(used.map((value) => [value.name, value.tensor]));
    const inputs = [...known].map(([name, { type, dims }]) => ({ name, type, dims }));
    return observe(encode({ ...parts, inputs, nodes: [node], constants: [...constants, ...more], functions }), Object.fromEntries(known));
  };
  // What does not run by itself is not tried in a body: there some kernels end the process.
  const alone = await run(bodied('none', plain, parts.opset), operands);
  const placed = bodied(into, plain, parts.opset);
  const found = into === 'none' || alone === undefined ? alone : await run(placed, [...operands, ...values.filter(({ name }) => name === condition.name)]);
  if (found === undefined || [...found.values()].some((tensor) => tensor.size > 4096)) return false;
  parts.nodes.push(placed.node);
  parts.constants.push(...constants, ...placed.constants);
  parts.functions.push(...placed.functions);
  values.push(...[...found].map(([name, tensor]) => ({ name, tensor })));
  return true;
}

function encodeNode({ op, domain = '', outputs = 1, attributes = {} }: DrawnNode, input: string[], at: number): MadeNode {
  return {
    name: `n${at}`,
    opType: op,
    domain,
    input,
    output: Array.from({ length: outputs }, (_, i) => `v${at}_${i}`),
    attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
  };
}

/** Which draws come oftener: those that make and use sizes. */
const kinds = Object.keys(draws);
const idioms = ['Shape', 'Reshape to a computed shape', 'Slice to a computed end', 'a size of a shape', 'arithmetic on sizes', 'rounding of sizes', 'a list of sizes', 'ConstantOfShape', 'Range', 'Unsqueeze', 'Where'];

const bodies: readonly Bodied[] = ['branches', 'turns', 'a loop', 'function'];

/** Nodes of a graph at most. */
const most = 12;

/** The same seed gives the same graph; without `inBodies` none of its nodes stands in a body. */
export async function randomGraph(seed: number, { inBodies = true } = {}): Promise<RandomGraph> {
  const random = randomNumbers(seed);
  const inputs = drawInputs(random);
  const opset = opsets[Math.floor(random() * opsets.length)]!;
  const parts: Parts = { opset, inputs, nodes: [], constants: [], functions: [] };
  const values: Value[] = Object.entries(feedsFor(inputs, sizesFor(random), random)).map(([name, tensor]) => ({ name, tensor }));
  const drawn: string[] = [];
  for (let tries = 0; tries < 3 * most && parts.nodes.length < most; tries++) {
    const kind = random() < 0.4 ? idioms[Math.floor(random() * idioms.length)]! : kinds[Math.floor(random() * kinds.length)]!;
    const into = random() < 0.12 && inBodies ? bodies[Math.floor(random() * bodies.length)]! : 'none';
    if (await grow(parts, values, startDrawing(random, opset, values), kind, into)) drawn.push(kind);
  }
  return { seed, bytes: encode(parts), inputs, drawn };
}

/** Draws of inputs for one operator, before it counts as one that is not taken at an opset. */
const mostTries = 12;

/** A graph in which one draw of a kind stands, behind none or some nodes that it may take; undefined where ONNX Runtime takes none. */
export async function graphOfKind(kind: string, opset: number, seed: number): Promise<RandomGraph | undefined> {
  const random = randomNumbers(seed);
  for (let tried = 0; tried < mostTries; tried++) {
    const inputs = drawInputs(random);
    const parts: Parts = { opset, inputs, nodes: [], constants: [], functions: [] };
    const values: Value[] = Object.entries(feedsFor(inputs, sizesFor(random), random)).map(([name, tensor]) => ({ name, tensor }));
    // Other element types, ranks and constants come from nodes before it.
    const before = tried < mostTries / 3 ? [] : Array.from({ length: 3 }, () => (random() < 0.5 ? 'Cast' : kinds[Math.floor(random() * kinds.length)]!));
    const drawn: string[] = [];
    for (const one of [...before, kind]) if (await grow(parts, values, startDrawing(random, opset, values), one, 'none')) drawn.push(one);
    if (drawn.at(-1) === kind && drawn.length > (before.includes(kind) ? 1 : 0)) return { seed, bytes: encode(parts), inputs, drawn };
  }
  return undefined;
}
