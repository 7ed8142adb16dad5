/** What the operator table says of one ONNX operator. */
import type { Attribute } from '../ir/graph.ts';
import { constantOf, type Dim } from '../types/dim.ts';
import type { DType } from '../types/dtype.ts';
import type { SizeStatement } from '../types/fact.ts';
import type { DTypeVariable, RecordType, TensorType } from '../types/type.ts';

/** A compile-time value written in a call: `axis: -1`, `to: f32`, `end: n`. */
export type AttributeValue = DTypeVariable | number | string | boolean | readonly number[] | Dim | readonly Dim[];

export interface AttributeSpec {
  /** `size`: a number or a size of the signature; `sizes`: a list of them; `dtype`: an element type. */
  readonly type: 'int' | 'float' | 'string' | 'ints' | 'size' | 'sizes' | 'dtype';
  /** Undefined where the operator demands one. */
  readonly default?: AttributeValue;
}

/**
 * The result's type, with what the sizes of the operands have to be like for it to be true, or one sentence that says why
 * there is none.
 */
export type Inference =
  | { readonly ok: true; readonly type: TensorType | RecordType; readonly demands: readonly SizeStatement[] }
  | { readonly ok: false; readonly why: string };
export const inferred = (type: TensorType | RecordType, demands: readonly SizeStatement[] = []): Inference => ({ ok: true, type, demands });
export const refuse = (why: string): Inference => ({ ok: false, why });

export type AttributeValues = ReadonlyMap<string, AttributeValue>;

/** A call in a program: its ranks and dtypes are known, and its sizes as far as the model knows them. */
export interface OperatorCall {
  readonly inputs: readonly string[];
  readonly attributes: AttributeValues;
  readonly types: readonly TensorType[];
  readonly output: TensorType;
  /** Which of several results is meant; undefined where there is one. */
  readonly field?: string;
}

/** Where an operator writes the ONNX nodes that it is; each method answers with the name of a value. */
export interface Emitter {
  readonly opset: number;
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** A node of several results. */
  nodes(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>, count: number): readonly string[];
  scalar(dtype: DType, value: number): string;
  constant(dtype: DType, values: readonly number[], dims: readonly number[]): string;
  /** An i64 vector. */
  ints(values: readonly number[]): string;
}

export interface Operator {
  readonly name: string;
  /** The inputs' names, in ONNX's order. */
  readonly inputs: readonly string[];
  /** How many of the last inputs may be left out; none where it is not said. */
  readonly optional?: number;
  /** Whether more inputs like the last one may follow it. */
  readonly variadic?: true;
  /** Inputs that have a dtype of their own: a number beside them does not take it. */
  readonly ownDType?: readonly string[];
  /** Of those, what numbers that are written become. */
  readonly numbersAs?: Readonly<Record<string, DType>>;
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
  /** The first opset in which the operator, or the form that it is written in, takes such inputs and does what `infer` says. */
  readonly since: (inputs: readonly TensorType[], attributes: AttributeValues) => number;
  /** Dtype, shape and facts of the result; facts that an input has are dropped unless the rule hands them on. */
  readonly infer: (inputs: readonly TensorType[], attributes: AttributeValues) => Inference;
  /** Where ONNX gives fewer elements rather than none if sizes are not as demanded: what is made is then to be looked at. */
  readonly clamps?: true;
  /** Whether a size may depend on the model's inputs; without this, none may. */
  readonly takesOpenSize?: (attribute: string, call: Pick<OperatorCall, 'types' | 'attributes'>) => boolean;
  /** The nodes at the emitter's opset, where they are not one node of the same name and attributes. */
  readonly emit?: (call: OperatorCall, to: Emitter) => string;
}

// ---------------------------------------------------------------- attributes

export const numberAt = (attributes: AttributeValues, name: string): number => Number(attributes.get(name));
export const intsAt = (attributes: AttributeValues, name: string): readonly number[] => attributes.get(name) as readonly number[];
export const flagAt = (attributes: AttributeValues, name: string): boolean => Boolean(attributes.get(name));

export const sizesAt = (attributes: AttributeValues, name: string): readonly Dim[] => attributes.get(name) as readonly Dim[];

/** A size that was written as a number or as a name. */
export const sizeAt = (attributes: AttributeValues, name: string): Dim => attributes.get(name) as Dim;

const isSize = (value: AttributeValue | Dim): value is Dim => typeof value === 'object' && 'terms' in value;

/** The sizes in an attribute: one, several, or none. */
export const sizesIn = (value: AttributeValue): readonly Dim[] => (isSize(value) ? [value] : Array.isArray(value) ? (value as readonly (number | Dim)[]).filter((item): item is Dim => isSize(item)) : []);

export const int = (value: number): Attribute => ({ type: 'int', value: BigInt(value) });
export const ints = (values: readonly number[]): Attribute => ({ type: 'ints', value: values.map(BigInt) });
export const float = (value: number): Attribute => ({ type: 'float', value });

/** An attribute in the IR's form. */
function toAttribute(spec: AttributeSpec, value: AttributeValue): Attribute {
  switch (spec.type) {
    case 'int':
      return int(Number(value));
    case 'float':
      return float(Number(value));
    case 'ints':
      return ints(value as readonly number[]);
    case 'size':
      return int(constantOf(value as Dim) ?? 0);
    case 'sizes':
      return ints((value as readonly Dim[]).map((size) => constantOf(size) ?? 0));
    case 'string':
    case 'dtype':
      return { type: 'string', value: String(value) };
  }
}

/** One node of the operator's own name, with the attributes as they were written. */
export function emitAsWritten(operator: Operator, call: OperatorCall, to: Emitter): string {
  const attributes = [...call.attributes].map(([name, value]) => [name, toAttribute(operator.attributes[name]!, value)]);
  return to.node(operator.name, call.inputs, Object.fromEntries(attributes));
}
