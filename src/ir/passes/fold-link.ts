/**
 * What a composition makes constant in a linked graph: sizes computed from inputs whose sizes are numbers now, and whole
 * numbers computed from constants that it is fed. Their inner tensors are replaced, as a cut does; what only made them is then not needed.
 * What the file computes from its own constants stays as the bytes it was.
 */
import { bareSymbol, constantOf, showDim, symbolDim, type Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { knownOfTensor } from '../../ops/foreign/constants.ts';
import type { Known } from '../../ops/foreign/known.ts';
import { numberOf } from '../../ops/foreign/scalar.ts';
import type { Constant } from '../evaluate.ts';
import type { TensorInfo } from '../graph.ts';
import { inferGraph, inferredTensors, type InferredTensor } from '../infer/index.ts';
import { neededBy, reach } from '../needs.ts';
import type { Link } from '../program.ts';

export interface Surroundings {
  readonly constantAt: (value: string) => Constant | undefined;
  readonly typeOf: (value: string) => TensorInfo | undefined;
  /** The program's value for a constant that has none yet: equal ones are one, so that links of one file stay alike. */
  readonly valueOf: (constant: Constant) => string;
}

export interface FoldedLink {
  readonly link: Link;
  /** By values of the program: what the link's outputs of these names are. */
  readonly constants: ReadonlyMap<string, Constant>;
}

export function foldLink(link: Link, around: Surroundings): FoldedLink {
  const unchanged: FoldedLink = { link, constants: new Map() };
  const { graph } = link.model;
  // A cut's inner tensor, or a constant of the file's that is fed, is not what inference takes it for.
  if ([...link.inputs.keys()].some((name) => !graph.inputs.includes(name) || graph.initializers.has(name))) return unchanged;
  const before = inferredTensors(link.model);
  const inputs = new Map([...link.inputs].flatMap(([name, value]) => learn(before.get(name), around.constantAt(value), around.typeOf(value), name)));
  if (inputs.size === 0) return unchanged;
  const found = inferGraph(link.model, { inputs, ignoreDeclared: true });
  const constantAt = (name: string): Constant | undefined => (wholeNumbers(before.get(name)) === undefined ? wholeNumbers(found.get(name)) : undefined);
  return replace(link, constantAt, around.valueOf);
}

/** What is known of an input in this composition, where that is more than the file says of it. */
function learn(said: InferredTensor | undefined, constant: Constant | undefined, type: TensorInfo | undefined, name: string): [string, Known][] {
  if (constant !== undefined) return [[name, knownOfTensor({ ...constant, name })]];
  const dims = type?.dims?.map(boundless);
  const isMore = dims?.some((dim, axis) => constantOf(dim) !== undefined && (said?.dims?.[axis] === undefined || constantOf(said.dims[axis]) === undefined));
  return isMore === true ? [[name, { dtype: type?.dtype ?? said?.dtype, dims }]] : [];
}

/** A size of which nothing is taken for granted, not even that it is not 0. Equal sizes stay equal. */
function boundless(dim: Dim): Dim {
  if (constantOf(dim) !== undefined) return dim;
  const key = bareSymbol(dim)?.key ?? showDim(dim);
  return symbolDim({ key: `composed ${key}`, name: showDim(dim), kind: 'foreign' });
}

const writers: Partial<Record<DType, (values: readonly number[]) => Uint8Array>> = {
  i64: (values) => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
  i32: (values) => new Uint8Array(Int32Array.from(values).buffer),
  bool: (values) => Uint8Array.from(values),
};

/** A tensor of whole numbers all of which are known, through operators alone. */
function wholeNumbers(tensor: InferredTensor | undefined): Constant | undefined {
  const { dtype, values, evidence } = tensor ?? {};
  const dims = tensor?.dims?.map(constantOf);
  const write = dtype && writers[dtype];
  const numbers = values?.map(numberOf);
  if (write === undefined || evidence !== 'inferred' || !dims?.every((size) => size !== undefined) || !numbers?.every(Number.isSafeInteger)) return undefined;
  return { dtype: dtype!, dims: dims as number[], bytes: write(numbers as number[]) };
}

function replace(link: Link, constantAt: (name: string) => Constant | undefined, valueOf: Surroundings['valueOf']): FoldedLink {
  const { graph } = link.model;
  const { nodes } = reach(graph, link.outputs.keys(), link.inputs);
  const isFolded = (index: number): boolean => graph.nodes[index]!.outputs.every((name) => name === '' || constantAt(name) !== undefined);
  const folded = new Set([...nodes].filter(isFolded));
  const made = new Set([...folded].flatMap((index) => graph.nodes[index]!.outputs));
  const read = new Set([...nodes].flatMap((index) => (folded.has(index) ? [] : [...neededBy(graph.nodes[index]!)])));
  const inputs = new Map(link.inputs);
  for (const name of made) if (read.has(name)) inputs.set(name, valueOf(constantAt(name)!));
  const outputs = new Map([...link.outputs].filter(([name]) => !made.has(name)));
  const constants = new Map([...link.outputs].flatMap(([name, value]) => (made.has(name) ? [[value, constantAt(name)!] as const] : [])));
  return folded.size === 0 ? { link, constants } : { link: { ...link, inputs, outputs }, constants };
}
