/**
 * Unification of a signature's tensor types with the types of its arguments. Names of the signature are bound at
 * their first occurrence alone or as a multiple (`14*h`); then every type is compared with its names put in. One-sided: the arguments' own
 * names are rigid here.
 */
import { divDim, modDim } from './dim-atoms.ts';
import { addDims, constantOf, equalDims, intDim, toldBy, type Dim } from './dim.ts';
import { dtypesOf } from './element-type.ts';
import { noBindings, substituteAxis, substituteElementType, substituteShape, type Bindings, type BoundSize } from './bindings.ts';
import type { NominalStatement, NominalUse, SizeStatement } from './fact.ts';
import type { Axis, Classes, DTypeVariable, ElementType, Moved, Shape, TensorType, Trained } from './type.ts';

/** The names that a signature leaves to its callers. */
export interface FreeNames {
  readonly sizes: ReadonlySet<string>;
  readonly dtypes: ReadonlySet<string>;
  readonly rests: ReadonlySet<string>;
  readonly nominals: ReadonlySet<string>;
}
export const noFreeNames: FreeNames = { sizes: new Set(), dtypes: new Set(), rests: new Set(), nominals: new Set() };

/** A size that is taken for a multiple (`n` for `14*h`), and fits where that holds. */
export interface Multiplicity {
  readonly factor: number;
  /** `n mod 14 == 0` */
  readonly fact: SizeStatement;
}

export interface SizeMismatch {
  readonly kind: 'size';
  readonly axis: number;
  readonly expected: Axis;
  readonly found: Axis;
  readonly refuted: boolean;
  readonly multiple?: Multiplicity;
}

/** One way in which a found type is not the expected one; `axis` counts from the left in the found shape. */
export type Mismatch =
  | { readonly kind: 'dtype' }
  | { readonly kind: 'rank' }
  | SizeMismatch
  | { readonly kind: 'label'; readonly axis: number; readonly expected: string; readonly found: string }
  | { readonly kind: 'classes'; readonly axis: number; readonly expected: Axis; readonly found: Axis }
  | { readonly kind: 'trained'; readonly axis: number; readonly expected: Classes; readonly found: Trained }
  | { readonly kind: 'moved'; readonly axis: number; readonly expected: Classes; readonly found: Moved };

const none = noBindings();

/** Pairs each axis of the template with one of the found shape; undefined where the ranks cannot agree. */
function alignAxes(template: Shape, found: Shape): { pairs: [Axis, Axis, number][]; middle?: Shape } | undefined {
  if (template.rest === undefined) {
    if (found.rest !== undefined || found.axes.length !== template.axes.length) return undefined;
    return { pairs: template.axes.map((axis, i) => [axis, found.axes[i]!, i]) };
  }
  const before = template.rest.at;
  const after = template.axes.length - before;
  if (found.axes.length < before + after) return undefined;
  const last = found.axes.length - after;
  const middle: Shape = { axes: found.axes.slice(before, last) };
  // The found type's own `...` must lie inside ours, or the axes beside it are not known to be the last ones.
  if (found.rest !== undefined && (found.rest.at < before || found.rest.at > last)) return undefined;
  const pairs: [Axis, Axis, number][] = template.axes.map((axis, i) => {
    const j = i < before ? i : last + i - before;
    return [axis, found.axes[j]!, j];
  });
  return { pairs, middle: found.rest ? { ...middle, rest: { key: found.rest.key, at: found.rest.at - before } } : middle };
}

/** Binds the free names that stand in a template alone, or as multiples: `14*h` of `n` makes `h` of `n div 14`. The first occurrence wins. */
export function bindFrom(template: TensorType, found: TensorType, free: FreeNames, bindings: Bindings): void {
  const { dtype } = template;
  if (typeof dtype !== 'string' && free.dtypes.has(dtype.key) && !bindings.dtypes.has(dtype.key) && isOf(dtype, found.dtype)) {
    bindings.dtypes.set(dtype.key, found.dtype);
  }
  for (const fact of template.facts) {
    if ((fact.kind !== 'space' && fact.kind !== 'tokenizer') || !free.nominals.has(fact.nominal.id) || bindings.nominals.has(fact.nominal.id)) continue;
    const known = found.facts.find((f) => f.kind === fact.kind);
    if (known?.kind === 'space' || known?.kind === 'tokenizer') bindings.nominals.set(fact.nominal.id, useOf(known));
  }
  const aligned = alignAxes(template.shape, found.shape);
  if (aligned === undefined) return;
  for (const [axis, actual] of aligned.pairs) {
    const told = toldBy(axis.size);
    if (told === undefined || !free.sizes.has(told.symbol.key) || bindings.sizes.has(told.symbol.key)) continue;
    const isBare = told.factor === 1;
    bindings.sizes.set(told.symbol.key, isBare ? sizeOf(actual) : { size: divDim(actual.size, intDim(told.factor)) });
  }
  const rest = template.shape.rest;
  if (rest !== undefined && aligned.middle !== undefined && free.rests.has(rest.key) && !bindings.rests.has(rest.key)) {
    bindings.rests.set(rest.key, aligned.middle);
  }
}

const useOf = ({ nominal, versions, value }: NominalStatement): NominalUse => ({ nominal, versions, joined: true, ...(value === undefined ? {} : { value }) });

const sizeOf = ({ size, classes, trained, moved }: Axis): BoundSize =>
  classes === undefined && trained === undefined && moved === undefined ? { size } : { size, ...(classes ? { classes } : {}), ...(trained ? { trained } : {}), ...(moved ? { moved } : {}) };

/** Whether every dtype that `found` may be is one that the variable may be. */
const isOf = (variable: DTypeVariable, found: ElementType): boolean => {
  const members = dtypesOf(variable);
  return dtypesOf(found).every((dtype) => members.includes(dtype));
};

/** Everything in which `found` differs from `template` with its names put in. */
export function compareTensors(template: TensorType, found: TensorType, bindings: Bindings = none): Mismatch[] {
  const mismatches: Mismatch[] = [];
  if (!dtypeFits(template, found, bindings)) mismatches.push({ kind: 'dtype' });
  const expected = template.shape.rest === undefined ? template.shape : substituteShape(template.shape, { ...none, rests: bindings.rests });
  const aligned = alignAxes(expected, found.shape);
  if (aligned === undefined || (expected.rest !== undefined && aligned.middle?.rest?.key !== expected.rest.key)) {
    return [...mismatches, { kind: 'rank' }];
  }
  const axes = aligned.pairs.flatMap(([axis, actual, index]) => compareAxes(substituteAxis(axis, bindings), actual, index, axis.size));
  // Where one axis has moved, others have made room for it: one word about it is enough.
  mismatches.push(...axes.filter(({ kind }, i) => kind !== 'label' || axes.findIndex((m) => m.kind === 'label') === i));
  if (expected.rest !== undefined && aligned.middle!.axes.length > 0) mismatches.push({ kind: 'rank' });
  return mismatches;
}

function dtypeFits(template: TensorType, found: TensorType, bindings: Bindings): boolean {
  const expected = substituteElementType(template.dtype, bindings);
  if (typeof expected === 'string') return found.dtype === expected;
  return typeof found.dtype !== 'string' && found.dtype.key === expected.key;
}

/** Two copies of one package may list them differently. */
const areSame = (a: Classes, b: Classes): boolean => a.id === b.id && areEqual(a.values, b.values);

const areEqual = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

/**
 * The classes that are demanded along axes to which no declaration has given any, and whether the weights on the way say that
 * they are those; the tensors fit otherwise.
 */
export function unnamedClasses(template: TensorType, found: TensorType, bindings: Bindings = none): readonly { readonly classes: Classes; readonly isTrained: boolean }[] {
  const pairs = alignAxes(substituteShape(template.shape, bindings), found.shape)?.pairs ?? [];
  return pairs.flatMap(([{ classes }, given]) => (classes !== undefined && given.classes === undefined ? [{ classes, isTrained: given.trained !== undefined }] : []));
}

/** Whether a class stands at another place than the one at which it is listed; names that the elements never had may be given to them. */
export function isElsewhere(listed: Classes, { classes, values }: Moved): boolean {
  if (areSame(listed, classes)) return values === undefined || listed.values.some((value, place) => value !== values[place]);
  return values !== undefined && values.some((value, place) => value !== undefined && values.indexOf(value) === values.lastIndexOf(value) && listed.values.includes(value) && listed.values[place] !== value);
}

function compareAxes(expected: Axis, found: Axis, axis: number, written: Dim): Mismatch[] {
  if (expected.label !== undefined && found.label !== undefined && expected.label !== found.label) {
    return [{ kind: 'label', axis, expected: expected.label, found: found.label }];
  }
  if (expected.classes && found.classes && !areSame(expected.classes, found.classes)) return [{ kind: 'classes', axis, expected, found }];
  if (equalDims(expected.size, found.size)) {
    const isOther = expected.classes && !found.classes && found.trained && !areEqual(expected.classes.values, found.trained.values);
    if (isOther) return [{ kind: 'trained', axis, expected: expected.classes!, found: found.trained! }];
    if (!expected.classes || found.classes || !found.moved || !isElsewhere(expected.classes, found.moved)) return [];
    const { classes, values } = found.moved;
    // All of them in their places: only a plain number stood between.
    const isWhole = values !== undefined && values.length === classes.values.length && values.every((value, i) => value === classes.values[i]);
    return [isWhole ? { kind: 'classes', axis, expected, found: { ...found, classes } } : { kind: 'moved', axis, expected: expected.classes, found: found.moved }];
  }
  const refuted = constantOf(expected.size) !== undefined && constantOf(found.size) !== undefined;
  const multiple = multiplicity(found.size, expected.size, written);
  return [{ kind: 'size', axis, expected, found, refuted, ...(multiple ? { multiple } : {}) }];
}

/** Of a size that was taken for the multiple which is written: `14*(n div 14)` is expected of `n`. */
function multiplicity(found: Dim, expected: Dim, written: Dim): Multiplicity | undefined {
  const { factor } = toldBy(written) ?? { factor: 1 };
  const rest = modDim(found, intDim(factor));
  return factor > 1 && equalDims(addDims(expected, rest), found) ? { factor, fact: { kind: 'size', op: '==', left: rest, right: intDim(0) } } : undefined;
}
