/** What the rules of conversion are made of: a rule takes a node of one operator set to the next version that changed it. */
import type { Attribute, Node } from '../../ir/graph.ts';
import { scalarBytes } from '../../ir/scalar.ts';
import type { DType } from '../../types/dtype.ts';

/**
 * The nodes that compute the same under the newer version, in topological order; the node itself where nothing
 * changes for it. Throws a Refusal where there are none.
 */
export type Rule = (node: Node, graph: Surroundings) => readonly Node[];

/** What a rule may ask of the graph around a node. */
export interface Surroundings {
  /** A name for a tensor that is free in the whole file: `near/what`. */
  fresh(near: string, what: string): string;
  /** The dtype of a tensor that is known to be of floating point. */
  floatOf(name: string): DType | undefined;
  rankOf(name: string): number | undefined;
  /** The elements of a small constant of numbers. */
  numbersOf(name: string): readonly number[] | undefined;
  /** Whether anything reads the tensor. */
  isUsed(name: string): boolean;
}

/** Why a node cannot be converted: a clause. Caught by `convertFile`. */
export class Refusal extends Error {}

/** The value of an attribute of one type; undefined where the node does not have it. */
export function attributeOf<T extends Attribute['type']>(
  node: Node,
  name: string,
  type: T,
): Extract<Attribute, { type: T }> | undefined {
  const attribute = node.attributes.get(name);
  if (attribute === undefined) return undefined;
  if (attribute.type === 'opaque')
    throw new Refusal(`its attribute \`${name}\` is given from outside its function, or is too long`);
  if (attribute.type !== type) throw new Refusal(`its attribute \`${name}\` is of the type ${attribute.type}, not ${type}`);
  return attribute as Extract<Attribute, { type: T }>;
}

export const intOf = (node: Node, name: string, otherwise: number): number =>
  Number(attributeOf(node, name, 'int')?.value ?? otherwise);

export const stringOf = (node: Node, name: string, otherwise: string): string =>
  attributeOf(node, name, 'string')?.value ?? otherwise;

export const int = (value: number): Attribute => ({ type: 'int', value: BigInt(value) });
export const string = (value: string): Attribute => ({ type: 'string', value });

/** What is to change of a node: attributes set (undefined: removed), and other parts replaced. */
export interface Changes {
  readonly op?: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>;
}

/** The changed node is nobody's record any more: it has no offset. */
export function change(node: Node, { attributes = {}, ...rest }: Changes): Node {
  const changed = new Map(node.attributes);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  const { name, op, domain, inputs, outputs } = node;
  return { name, op, domain, inputs, outputs, ...rest, attributes: changed };
}

/** Nodes that stand for one, as they are put together. */
export interface Draft {
  readonly nodes: readonly Node[];
  /** A node of one output, whose name is answered. */
  add(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, output?: string): string;
  push(node: Node): void;
  /** Constants, by what they are for. */
  ints(what: string, values: readonly bigint[], dims?: readonly number[]): string;
  scalar(what: string, dtype: DType, value: number): string;
  floats(what: string, values: readonly number[]): string;
}

export function draftFor(node: Node, graph: Surroundings): Draft {
  const nodes: Node[] = [];
  const near = node.outputs.find((output) => output !== '') ?? node.name;
  const push = (op: string, inputs: readonly string[], attributes: Node['attributes'], output: string): string => {
    nodes.push({ name: '', op, domain: '', inputs, outputs: [output], attributes });
    return output;
  };
  const constant = (what: string, dtype: DType, dims: readonly number[], bytes: Uint8Array): string => {
    const value = { name: '', dtype, dims, bytes };
    return push('Constant', [], new Map([['value', { type: 'tensor', value }]]), graph.fresh(near, what));
  };
  return {
    nodes,
    add: (op, inputs, attributes = {}, output = graph.fresh(near, op.toLowerCase())) =>
      push(op, inputs, new Map(Object.entries(attributes)), output),
    push: (added) => void nodes.push(added),
    ints: (what, values, dims = [values.length]) =>
      constant(what, 'i64', dims, new Uint8Array(BigInt64Array.from(values).buffer)),
    floats: (what, values) => constant(what, 'f32', [values.length], new Uint8Array(Float32Array.from(values).buffer)),
    scalar: (what, dtype, value) => {
      const bytes = scalarBytes(dtype, value);
      if (bytes === undefined) throw new Refusal(`${value} cannot be written as ${dtype}`);
      return constant(what, dtype, [], bytes);
    },
  };
}

/** Input lists end at the last one that is given. */
export function trimInputs(inputs: readonly string[]): readonly string[] {
  const last = inputs.findLastIndex((name) => name !== '');
  return inputs.slice(0, last + 1);
}

/** The node's input, or "" where it is omitted. */
export const inputAt = (node: Node, index: number): string => node.inputs[index] ?? '';
