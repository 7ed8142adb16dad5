/** What expressions come to: tensors, records of them, and compile-time values. */
import type { BoolLit, CompileTimeKind, NumberLit, StringLit } from '../../syntax/ast.ts';
import type { Dim } from '../../types/dim.ts';
import { constantOf, intDim, showDim } from '../../types/dim.ts';
import { fieldsBelow } from '../../types/fields.ts';
import type { NominalUse } from '../../types/fact.ts';
import type { Classes, ElementType, RecordType, TensorType, Type } from '../../types/type.ts';
import type { Initializer } from '../parts/initializers.ts';
import type { SpaceFact } from '../joints/origins.ts';
import type { AttributeFact } from '../joints/mixtures.ts';
import type { TextAxis } from '../joints/text-places.ts';
import type { Numbering } from './numbering.ts';
import { showElementType, showRecord, showTensor } from '../../types/show.ts';

/** `ref` names the tensor in the program; it is there only while a model is lowered. */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly type: TensorType;
  readonly ref?: string;
  /** The spaces of the vectors that this was made of by operators, where its type says none. */
  readonly origins?: readonly SpaceFact[];
  /** The attributes that the numbers are still read by, where its type says none. */
  readonly readings?: readonly AttributeFact[];
  /** Probabilities of one, by a sigmoid, probabilities that summed to 1 before one number scaled them, scores of classes by a matrix, or logarithms of probabilities: no type says so. */
  readonly odds?: 'single' | 'scaled' | 'scores' | 'logs';
  /** What the numbers stand for, where they are no amounts and the type does not say it. */
  readonly numbering?: Numbering;
  /** Axes with a place for each token of a text. */
  readonly texts?: readonly TextAxis[];
}
export interface RecordValue {
  readonly kind: 'record';
  readonly type: RecordType;
  readonly refs?: ReadonlyMap<string, string>;
  /** Of its fields, as of a tensor. */
  readonly readings?: ReadonlyMap<string, readonly AttributeFact[]>;
  readonly texts?: ReadonlyMap<string, readonly TextAxis[]>;
}
/** A size may be labels, which count as many as they list. */
export interface SizeValue {
  readonly kind: 'size';
  readonly size: Dim;
  readonly classes?: Classes;
}
/** `assumed`: a parameter of the body that is being checked for itself; each caller gives another one. */
export type StaticValue =
  | SizeValue
  | { readonly kind: 'number'; readonly value: number; readonly assumed?: true }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'flag'; readonly value: boolean; readonly assumed?: true }
  | { readonly kind: 'dtype'; readonly dtype: ElementType }
  | { readonly kind: 'list'; readonly values: readonly number[] }
  /** A list of which at least one is no number yet. */
  | { readonly kind: 'sizes'; readonly sizes: readonly Dim[] }
  | ({ readonly kind: 'nominal' } & NominalUse)
  | { readonly kind: 'initializer'; readonly name: string; readonly initializer: Initializer; readonly assumed?: true };
/** `unknown`: an error was reported where it was made. */
export type Value = TensorValue | RecordValue | StaticValue | { readonly kind: 'unknown' };

/** A literal, wherever a value may stand. */
export function literalValue(literal: NumberLit | StringLit | BoolLit): StaticValue {
  if (literal.kind === 'NumberLit') return { kind: 'number', value: literal.value };
  return literal.kind === 'StringLit' ? { kind: 'text', value: literal.value } : { kind: 'flag', value: literal.value };
}

export const unknownValue: Value = { kind: 'unknown' };

export const isStatic = (value: Value): value is StaticValue =>
  value.kind !== 'tensor' && value.kind !== 'record' && value.kind !== 'unknown';

/** A value of a type, without a place in a program. */
export function valueOf(type: Type): Value {
  if (type.kind === 'unknown') return unknownValue;
  return type.kind === 'tensor' ? { kind: 'tensor', type } : { kind: 'record', type };
}

export function fieldOf(record: RecordValue, name: string): TensorValue | RecordValue | undefined {
  const type = record.type.fields.get(name);
  const ref = record.refs?.get(name);
  if (type === undefined) {
    const fields = fieldsBelow(record.type.fields, name);
    const inner = { ...(record.refs && { refs: fieldsBelow(record.refs, name) }), ...(record.readings && { readings: fieldsBelow(record.readings, name) }), ...(record.texts && { texts: fieldsBelow(record.texts, name) }) };
    return fields.size === 0 ? undefined : { kind: 'record', type: { kind: 'record', fields }, ...inner };
  }
  const [readings, texts] = [record.readings?.get(name), record.texts?.get(name)];
  return { kind: 'tensor', type, ...(ref === undefined ? {} : { ref }), ...(readings && { readings }), ...(texts && { texts }) };
}

/** "the number 3", "the labels `Topic`": for messages. */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case 'tensor':
      return `the tensor ${showTensor(value.type)}`;
    case 'record':
      return `a record ${showRecord(value.type)}`;
    case 'size':
      return value.classes ? `the labels \`${value.classes.name}\`` : `the size ${showDim(value.size)}`;
    case 'number':
      return `the number ${value.value}`;
    case 'text':
      return `the text "${value.value}"`;
    case 'flag':
      return String(value.value);
    case 'list':
      return 'a list of numbers';
    case 'sizes':
      return `the sizes [${value.sizes.map(showDim).join(', ')}]`;
    case 'dtype':
      return `the element type ${showElementType(value.dtype)}`;
    case 'nominal':
      return `the ${value.nominal.kind} \`${value.nominal.name}\``;
    case 'initializer':
      return `the initialiser \`${value.name}\``;
    case 'unknown':
      return 'unknown';
  }
}

/** The number that a static value stands for; undefined for other kinds and for sizes that depend on an input. */
export function numberOf(value: StaticValue): number | undefined {
  if (value.kind === 'number') return value.value;
  return value.kind === 'size' ? constantOf(value.size) : undefined;
}

/** The size that a static value stands for; undefined for what is no size, and for a number that each caller gives anew. */
export function sizeOf(value: StaticValue): Dim | undefined {
  if (value.kind === 'size') return value.size;
  return value.kind === 'number' && !value.assumed && Number.isSafeInteger(value.value) ? intDim(value.value) : undefined;
}

/** What each kind of compile-time parameter takes, in words. */
export const expectedKinds = {
  int: 'an integer or labels',
  float: 'a number',
  bool: 'true or false',
  str: 'a text',
  labels: 'labels',
  space: 'a space',
  tokenizer: 'a tokenizer',
  dtype: 'an element type',
  initializer: 'an initialiser or a number',
} as const satisfies Record<CompileTimeKind, string>;

/** Whether a compile-time value is of a kind. */
export function fits(of: CompileTimeKind, value: StaticValue): boolean {
  const number = numberOf(value);
  switch (of) {
    case 'int':
      return value.kind === 'size' || (number !== undefined && Number.isSafeInteger(number) && number >= 0);
    case 'float':
      return number !== undefined;
    case 'bool':
      return value.kind === 'flag';
    case 'str':
      return value.kind === 'text';
    case 'labels':
      return value.kind === 'size' && value.classes !== undefined;
    case 'initializer':
      return value.kind === 'initializer' || number !== undefined;
    case 'dtype':
      return value.kind === 'dtype';
    case 'space':
    case 'tokenizer':
      return value.kind === 'nominal' && value.nominal.kind === of;
  }
}

/** What a record has, for the place where it lacks something: nested fields by the name of the outer one. */
export const hasFields = ({ type }: RecordValue): string => {
  const names = [...new Set([...type.fields.keys()].map((path) => path.split('.')[0]!))];
  return names.length === 0 ? 'has no field' : `has ${names.slice(0, 6).map((name) => `\`${name}\``).join(', ')}${names.length > 6 ? `, and ${names.length - 6} more` : ''}`;
};
