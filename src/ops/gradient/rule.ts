/** What a vector-Jacobian product of an operator is told, and what it says. */
import type { Attribute, Node } from '../../ir/graph.ts';
import type { DType } from '../../types/dtype.ts';
import type { Emitter } from '../operator.ts';
import { notation, type Notation } from '../notation.ts';

/** An operator on its way back: all sizes are numbers. */
export interface GradientCall {
  readonly node: Pick<Node, 'op' | 'inputs' | 'outputs' | 'attributes'>;
  /** The derivative of the whole by the operator's first output, of that output's shape. */
  readonly gradient: string;
  /** The operator's operands and results. */
  readonly dims: (value: string) => readonly number[];
  /** The elements of a small constant; undefined where the value is none. */
  readonly numbers: (value: string) => readonly number[] | undefined;
  /** Of the first output. */
  readonly dtype: DType;
  readonly dtypeOf: (value: string) => DType;
  readonly to: Emitter;
}

/**
 * The derivative of the whole by one of the inputs, of that input's shape; undefined where the output does not change with
 * it, or only by jumps.
 */
export type GradientRule = (call: GradientCall, input: number) => string | undefined;
export type GradientRules = Readonly<Record<string, GradientRule>>;

/** The notation for a call, with its first input and its output by name. */
export function written(call: GradientCall): Notation & { readonly x: string; readonly y: string; readonly g: string } {
  return { ...notation(call.to, call.dtype), x: call.node.inputs[0]!, y: call.node.outputs[0]!, g: call.gradient };
}

// ---------------------------------------------------------------- attributes

const attribute = <T extends Attribute['type']>({ node }: GradientCall, name: string, type: T): Extract<Attribute, { type: T }> | undefined => {
  const found = node.attributes.get(name);
  return found?.type === type ? (found as Extract<Attribute, { type: T }>) : undefined;
};

export const intAt = (call: GradientCall, name: string, otherwise: number): number => Number(attribute(call, name, 'int')?.value ?? otherwise);
export const floatAt = (call: GradientCall, name: string, otherwise: number): number => attribute(call, name, 'float')?.value ?? otherwise;
export const stringAt = (call: GradientCall, name: string, otherwise: string): string => attribute(call, name, 'string')?.value ?? otherwise;
export const listAt = (call: GradientCall, name: string): readonly number[] | undefined => attribute(call, name, 'ints')?.value.map(Number);

/** Numbers that newer opsets take as an input, and older ones as an attribute. */
export function numbersAt(call: GradientCall, name: string, input: number): readonly number[] | undefined {
  const value = call.node.inputs[input];
  return value === undefined || value === '' ? listAt(call, name) : call.numbers(value);
}

export const fromStart = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

// ---------------------------------------------------------------- shapes

export const countOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);
export const areEqual = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** What came of broadcasting, summed up over the axes that were repeated. */
export function unbroadcast(value: string, from: readonly number[], to: readonly number[], { sum, reshape }: Notation): string {
  if (areEqual(from, to)) return value;
  const added = from.length - to.length;
  const repeated = from.flatMap((size, axis) => (axis < added || (to[axis - added] === 1 && size !== 1) ? [axis] : []));
  return added === 0 ? sum(value, repeated) : reshape(sum(value, repeated), to);
}
