/**
 * Where the features of vectors come to lie in a foreign graph. The graph is carried out at small sizes, on the places of the features instead of
 * their numbers: what an operator moves, moves them. What is not followed to the end says nothing.
 */
import { constantOf, dimKey, intDim } from '../types/dim.ts';
import { countOf, hasFeatures, none, placeRuleOf, stridesOf, without, type MovedFeatures, type PlaceCall, type Placed } from './feature-moves.ts';
import type { ForeignModel, Node } from './graph.ts';
import { constantNumbers, type Stored } from './infer/constants.ts';
import { inferModel } from './infer/index.ts';

/** An input, and the axis along which its features lie; undefined where it has none. `dims` are sizes that are known beyond the file's word. */
export interface FeatureInput {
  readonly dims: readonly (number | undefined)[];
  readonly axis: number | undefined;
}

interface FeatureOutput {
  readonly output: string;
  /** Along which its features lie, counted from the end. */
  readonly axis: number;
  /** What features are called. */
  readonly word: string;
}

const mostNodes = 2000;
/** Elements of all tensors together. */
const mostElements = 2 ** 22;

/**
 * The first node on the way to an output behind which a place along its axis holds another feature than the one of its number, in all
 * rows alike. Undefined where none does, and where that is not known.
 */
export function movedFeatures(model: ForeignModel, { output, axis, word }: FeatureOutput, inputs: ReadonlyMap<string, FeatureInput>, stored: Stored): MovedFeatures | undefined {
  if (model.graph.nodes.length > mostNodes) return undefined;
  const placed = followed(model, inputs, stored);
  const width = Math.max(0, ...[...inputs].map(([name, { axis: along }]) => (along === undefined ? 0 : (placed.get(name)?.dims.at(along) ?? 0))));
  const given = placed.get(output);
  if (given === undefined || (given.dims.at(axis) ?? 1) === 1) return undefined;
  if (given.spoilt !== undefined) return given.spoilt;
  const moved = otherAt(given, axis, width);
  if (moved === undefined) return undefined;
  return { node: firstMoving(output, { axis, width }, placed, model), how: `gives ${word} ${moved.feature} in place ${moved.place}, counted from 0` };
}

/** The places of all tensors of the main graph that are followed, as far as there is room. */
function followed(model: ForeignModel, inputs: ReadonlyMap<string, FeatureInput>, stored: Stored): ReadonlyMap<string, Placed> {
  const { graph } = model;
  const sizes = sizesOf(model, inputs);
  const { dimsOf, numbersOf } = inferredAt(sizes, model, stored);
  const placed = new Map<string, Placed>();
  let left = mostElements;
  const keep = (name: string, dims: readonly number[] | undefined, make: (dims: readonly number[]) => Placed | undefined): void => {
    left -= dims === undefined ? 0 : countOf(dims);
    const made = dims === undefined || left < 0 ? undefined : make(dims);
    if (made !== undefined) placed.set(name, made);
  };
  for (const name of graph.initializers.keys()) keep(name, dimsOf(name), without);
  for (const [name, dims] of sizes) keep(name, dims, () => seeded(dims, inputs.get(name)?.axis));
  for (const node of graph.nodes) {
    const dims = node.outputs.map((name) => (name === '' ? undefined : dimsOf(name)));
    if (dims.reduce((sum, each) => sum + countOf(each ?? []), 0) > left) break;
    const made = applied({ node, dims, inputs: node.inputs.map((name) => placed.get(name)), numbers: (i) => (node.inputs[i] ? numbersOf(node.inputs[i]) : undefined) });
    for (const [i, name] of node.outputs.entries()) if (name !== '') keep(name, dims[i], () => made[i]);
  }
  return placed;
}

/** What is known of the tensors of the main graph where its inputs have these sizes. */
function inferredAt(sizes: ReadonlyMap<string, readonly number[]>, model: ForeignModel, stored: Stored) {
  const { graph } = model;
  const inputs = new Map([...sizes].map(([name, dims]) => [name, { dtype: graph.types.get(name)?.dtype, dims: dims.map(intDim) }]));
  const { tensors } = inferModel(model, { ignoreDeclared: true, inputs });
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const numbersOf = constantNumbers({ graph, known: (name) => tensors.get(name), maker: (name) => makers.get(name), around: () => undefined }, stored);
  const dimsOf = (name: string): readonly number[] | undefined => {
    const dims = tensors.get(name)?.dims?.map(constantOf);
    return dims?.every((size) => size !== undefined) ? dims : undefined;
  };
  return { dimsOf, numbersOf };
}

/** An operator on what has no features makes none. */
function applied(call: PlaceCall): readonly (Placed | undefined)[] {
  const { node, inputs, dims } = call;
  const isFree = node.inputs.every((name, i) => name === '' || (inputs[i] !== undefined && !hasFeatures(inputs[i])));
  return isFree ? dims.map((each) => each && without(each)) : (placeRuleOf(node)?.(call) ?? []);
}

/** What the file leaves open is small, and differs from name to name, so that no two axes are taken for one another. */
function sizesOf({ graph }: ForeignModel, inputs: ReadonlyMap<string, FeatureInput>): ReadonlyMap<string, readonly number[]> {
  const chosen = new Map<string, number>();
  const choose = (key: string): number => chosen.get(key) ?? chosen.set(key, 2 + chosen.size).get(key)!;
  return new Map(
    graph.inputs.flatMap((name): [string, number[]][] => {
      const dims = graph.types.get(name)?.dims;
      const said = inputs.get(name)?.dims;
      return dims === undefined ? [] : [[name, dims.map((dim, axis) => constantOf(dim) ?? said?.[axis] ?? choose(dimKey(dim)))]];
    }),
  );
}

function seeded(dims: readonly number[], axis: number | undefined): Placed {
  const size = axis === undefined ? undefined : dims.at(axis);
  if (size === undefined) return without(dims);
  const stride = stridesOf(dims).at(axis!)!;
  return { dims, features: Int32Array.from({ length: countOf(dims) }, (_, i) => Math.floor(i / stride) % size) };
}

/** The first place of a feature that holds another one, where all rows agree in that; undefined where they do not, or none does. */
function otherAt({ dims, features }: Placed, axis: number, width: number): { readonly place: number; readonly feature: number } | undefined {
  const [size, stride] = [dims.at(axis), stridesOf(dims).at(axis)];
  if (size === undefined) return undefined;
  const held = Array.from({ length: size }, () => none);
  for (const [i, feature] of features.entries()) {
    const place = Math.floor(i / stride!) % size;
    if (feature < 0) continue;
    if (held[place] !== none && held[place] !== feature) return undefined;
    held[place] = feature;
  }
  const place = held.findIndex((feature, at) => feature !== none && feature !== at && at < width);
  return place < 0 ? undefined : { place, feature: held[place]! };
}

/** Back from the output, as long as what comes in has other features in its places already. Cuts that are joined are told where they are joined. */
function firstMoving(output: string, along: { readonly axis: number; readonly width: number }, placed: ReadonlyMap<string, Placed>, { graph }: ForeignModel): Node {
  const maker = (name: string): Node | undefined => graph.nodes.find((node) => node.outputs.includes(name));
  let node = maker(output)!;
  for (let steps = 0; steps < graph.nodes.length && node.op !== 'Concat'; steps++) {
    const before = node.inputs.find((name) => placed.has(name) && otherAt(placed.get(name)!, along.axis, along.width) !== undefined);
    const next = before === undefined ? undefined : maker(before);
    if (next === undefined) break;
    node = next;
  }
  return node;
}
