/** What a rule of inference is given and answers, and how it asks for attributes and for inputs' values. */
import type { Node } from '../../ir/graph.ts';
import { lowerBound } from '../../types/dim-bounds.ts';
import { constantOf, type Dim } from '../../types/dim.ts';
import { dtypeOfOnnx, type DType } from '../../types/dtype.ts';
import { dimOf, numberOf, type Scalar } from './scalar.ts';
import { highestRank, nothing, type Known } from './known.ts';

export interface RuleCall {
  readonly node: Node;
  /** Of the node's domain. */
  readonly opset: number;
  /** Undefined where an optional input is omitted. */
  readonly inputs: readonly (Known | undefined)[];
  /** A size of its own, that depends on values or on what is not known. */
  readonly size: () => Dim;
  /** Notes a size that is not negative in any run: what a window leaves of an axis. */
  readonly needs?: (room: Dim) => void;
}

/** What is known of the node's outputs, in their order; missing ones are unknown. */
export type Rule = (call: RuleCall) => readonly (Known | undefined)[];
export type Rules = Readonly<Record<string, Rule>>;

/** The same rule for several operators. */
export const alike = <R>(rule: R, ...names: readonly string[]): Readonly<Record<string, R>> => Object.fromEntries(names.map((name) => [name, rule]));

// ---------------------------------------------------------------- inputs

export const has = (call: RuleCall, i: number): boolean => call.inputs[i] !== undefined;
export const input = (call: RuleCall, i: number): Known => call.inputs[i] ?? nothing;
export const dtypeAt = (call: RuleCall, i: number): DType | undefined => input(call, i).dtype;
export const dimsAt = (call: RuleCall, i: number): readonly Dim[] | undefined => input(call, i).dims;

/** All elements of an input as sizes; undefined where one is not known, or none is followed. */
export function sizesAt(call: RuleCall, i: number): readonly Dim[] | undefined {
  const sizes = input(call, i).values?.map(dimOf);
  return sizes?.every((s) => s !== undefined) ? sizes : undefined;
}

/** All elements of an input as numbers. */
export function numbersAt(call: RuleCall, i: number): readonly number[] | undefined {
  const numbers = input(call, i).values?.map(numberOf);
  return numbers?.every((n) => n !== undefined) ? numbers : undefined;
}

/** How many elements a list has, where its values need not be known. */
export const lengthAt = (call: RuleCall, i: number): number | undefined => {
  const dims = dimsAt(call, i);
  return dims?.length === 1 ? constantOf(dims[0]!) : undefined;
};

/** A value that can be a size. */
export function sizeOf(value: Scalar | undefined): Dim | undefined {
  const dim = dimOf(value);
  return dim !== undefined && lowerBound(dim) >= 0 ? dim : undefined;
}

/** As many sizes as a list of them has, none of them known. */
export function unknownSizes(call: RuleCall, i: number): readonly Dim[] | undefined {
  const rank = lengthAt(call, i);
  return rank === undefined || rank > highestRank ? undefined : sizesFor(call, rank);
}

// ---------------------------------------------------------------- attributes

export const hasAttribute = (call: RuleCall, name: string): boolean => call.node.attributes.has(name);

export function intOf(call: RuleCall, name: string, otherwise: number): number {
  const attribute = call.node.attributes.get(name);
  return attribute?.type === 'int' ? Number(attribute.value) : otherwise;
}
export function floatOf(call: RuleCall, name: string, otherwise: number): number {
  const attribute = call.node.attributes.get(name);
  return attribute?.type === 'float' ? attribute.value : otherwise;
}
export function textOf(call: RuleCall, name: string, otherwise: string): string {
  const attribute = call.node.attributes.get(name);
  return attribute?.type === 'string' ? attribute.value : otherwise;
}
export function intsOf(call: RuleCall, name: string): readonly number[] | undefined {
  const attribute = call.node.attributes.get(name);
  return attribute?.type === 'ints' ? attribute.value.map(Number) : undefined;
}

/** A dtype that an attribute names by its number. */
export function dtypeOf(call: RuleCall, name: string, otherwise: DType | undefined): DType | undefined {
  return hasAttribute(call, name) ? dtypeOfOnnx(intOf(call, name, 0)) : otherwise;
}

/** A list that is an attribute in older opsets and an input in newer ones; 'unknown' where its values are not known. */
export function intsIn(call: RuleCall, name: string, at: number): readonly number[] | 'unknown' | undefined {
  if (has(call, at)) return numbersAt(call, at) ?? 'unknown';
  // An attribute that is there and cannot be read is one that a function's caller decides.
  return intsOf(call, name) ?? (hasAttribute(call, name) ? 'unknown' : undefined);
}

// ---------------------------------------------------------------- axes

/** `axis` counted from the front; undefined where there is no such axis. */
export function axisIn(axis: number, rank: number): number | undefined {
  const from = axis < 0 ? axis + rank : axis;
  return Number.isInteger(from) && from >= 0 && from < rank ? from : undefined;
}

/** Each counted from the front; undefined where one is none, or twice. */
export function axesIn(axes: readonly number[], rank: number): readonly number[] | undefined {
  const found = axes.map((axis) => axisIn(axis, rank));
  return found.every((axis) => axis !== undefined) && new Set(found).size === found.length ? found : undefined;
}

export const replaceAt = <T>(list: readonly T[], at: number, item: T): readonly T[] => list.map((old, i) => (i === at ? item : old));
export const sizesFor = (call: RuleCall, count: number): readonly Dim[] => Array.from({ length: count }, call.size);
