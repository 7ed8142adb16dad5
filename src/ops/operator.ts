/** What the operator table says of one ONNX operator. */
import type { Attribute } from '../ir/graph.ts';
import type { TensorType } from '../types/type.ts';

/** A compile-time value written in a call: `axis: -1`. */
export type AttributeValue = number | string | boolean | readonly number[];

export interface AttributeSpec {
  readonly type: 'int' | 'float' | 'string' | 'ints';
  /** Undefined where the operator demands one. */
  readonly default?: AttributeValue;
}

/** The result's type, or one sentence that says why there is none. */
export type Inference = { readonly ok: true; readonly type: TensorType } | { readonly ok: false; readonly why: string };
export const inferred = (type: TensorType): Inference => ({ ok: true, type });
export const refuse = (why: string): Inference => ({ ok: false, why });

export type AttributeValues = ReadonlyMap<string, AttributeValue>;

export interface Operator {
  readonly name: string;
  /** The inputs' names, in ONNX's order; all are required. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
  /** The first opset in which the operator takes such inputs and does what `infer` says. */
  readonly since: (inputs: readonly TensorType[], attributes: AttributeValues) => number;
  /** Dtype, shape and facts of the result; facts that an input has are dropped unless the rule hands them on. */
  readonly infer: (inputs: readonly TensorType[], attributes: AttributeValues) => Inference;
  /**
   * Attributes as they are emitted for inputs of known rank, where that differs from what was written
   * (before opset 11 an axis may not be negative).
   */
  readonly emit?: (attributes: AttributeValues, rank: number) => AttributeValues;
}

/** An attribute in the IR's form. */
export function toAttribute(spec: AttributeSpec, value: AttributeValue): Attribute {
  switch (spec.type) {
    case 'int':
      return { type: 'int', value: BigInt(Number(value)) };
    case 'float':
      return { type: 'float', value: Number(value) };
    case 'ints':
      return { type: 'ints', value: (value as readonly number[]).map(BigInt) };
    case 'string':
      return { type: 'string', value: String(value) };
  }
}
