/**
 * What the free names of a signature stand for at one use of it, and the signature's types with them put in. What none of them
 * occurs in is the same object again: most of what a check substitutes is, and what is kept by a type is found again.
 */
import { bareSymbol, substituteDim, symbolsOf, type Dim } from './dim.ts';
import type { Fact, NominalUse } from './fact.ts';
import type { Axis, Classes, ElementType, Moved, Rest, Shape, TensorType, Trained, Type } from './type.ts';

/** A size, and the classes that it counts if it came from labels. */
export interface BoundSize {
  readonly size: Dim;
  readonly classes?: Classes;
  readonly trained?: Trained;
  readonly moved?: Moved;
}

/** All maps are keyed by the symbols' keys, that of spaces and tokenizers by the parameters' ids. */
export interface Bindings {
  readonly sizes: Map<string, BoundSize>;
  readonly dtypes: Map<string, ElementType>;
  readonly rests: Map<string, Shape>;
  readonly nominals: Map<string, NominalUse>;
}

export const noBindings = (): Bindings => ({ sizes: new Map(), dtypes: new Map(), rests: new Map(), nominals: new Map() });

export const substituteSize = (size: Dim, bindings: Bindings): Dim => substituteDim(size, (symbol) => bindings.sizes.get(symbol.key)?.size);

export function substituteAxis(axis: Axis, bindings: Bindings): Axis {
  const bare = bareSymbol(axis.size);
  const bound = bare === undefined ? undefined : bindings.sizes.get(bare.key);
  const size = substituteSize(axis.size, bindings);
  const classes = axis.classes ?? bound?.classes;
  const trained = axis.trained ?? bound?.trained;
  const moved = axis.moved ?? bound?.moved;
  if (size === axis.size && classes === axis.classes && trained === axis.trained && moved === axis.moved) return axis;
  if (axis.label === undefined && classes === undefined && trained === undefined && moved === undefined) return { size };
  return { size, ...(axis.label === undefined ? {} : { label: axis.label }), ...(classes ? { classes } : {}), ...(trained ? { trained } : {}), ...(moved ? { moved } : {}) };
}

export function substituteShape(shape: Shape, bindings: Bindings): Shape {
  const axes = mapped(shape.axes, (axis) => substituteAxis(axis, bindings));
  const inner = shape.rest && bindings.rests.get(shape.rest.key);
  if (shape.rest === undefined || inner === undefined) return axes === shape.axes ? shape : { ...shape, axes };
  const { at } = shape.rest;
  const rest: Rest | undefined = inner.rest && { key: inner.rest.key, at: at + inner.rest.at };
  return { axes: [...axes.slice(0, at), ...inner.axes, ...axes.slice(at)], ...(rest ? { rest } : {}) };
}

export const substituteElementType = (dtype: ElementType, bindings: Bindings): ElementType =>
  typeof dtype === 'string' ? dtype : (bindings.dtypes.get(dtype.key) ?? dtype);

export function substituteTensor(type: TensorType, bindings: Bindings): TensorType {
  const dtype = substituteElementType(type.dtype, bindings);
  const shape = substituteShape(type.shape, bindings);
  const facts = mapped(type.facts, (fact) => substituteFact(fact, bindings));
  return dtype === type.dtype && shape === type.shape && facts === type.facts ? type : { ...type, dtype, shape, facts };
}

/** The list with each element as `of` makes it; the list itself where it leaves all as they are. */
function mapped<T>(list: readonly T[], of: (element: T) => T): readonly T[] {
  const others = list.map(of);
  return others.every((other, i) => other === list[i]) ? list : others;
}

export function substituteFact(fact: Fact, bindings: Bindings): Fact {
  if (fact.kind === 'space' || fact.kind === 'tokenizer') {
    const given = bindings.nominals.get(fact.nominal.id);
    if (given === undefined) return fact;
    const { nominal, ...said } = given;
    return fact.versions.length > 0 ? { ...fact, nominal } : { ...fact, nominal, ...said };
  }
  if (fact.kind !== 'size') return fact;
  const [left, right] = [substituteSize(fact.left, bindings), substituteSize(fact.right, bindings)];
  return left === fact.left && right === fact.right ? fact : { ...fact, left, right };
}

/** The bindings of sizes that are known to be others. */
export const sizeBindings = (sizes: ReadonlyMap<string, Dim>): Bindings => ({
  ...noBindings(),
  sizes: new Map([...sizes].map(([key, size]) => [key, { size }])),
});

export function substituteType(type: Type, bindings: Bindings): Type {
  if (type.kind === 'unknown' || isEmpty(bindings)) return type;
  if (type.kind === 'tensor') return substituteTensor(type, bindings);
  const fields = new Map([...type.fields].map(([name, field]) => [name, substituteTensor(field, bindings)]));
  return [...type.fields].every(([name, field]) => fields.get(name) === field) ? type : { ...type, fields };
}

const isEmpty = ({ sizes, dtypes, rests, nominals }: Bindings): boolean => sizes.size + dtypes.size + rests.size + nominals.size === 0;

/** Whether every symbol of a size is bound or belongs to somebody else. */
export const isBound = (size: Dim, bindings: Bindings, free: ReadonlySet<string>): boolean =>
  symbolsOf(size).every((symbol) => !free.has(symbol.key) || bindings.sizes.has(symbol.key));
