/** Diagnostics of dtypes, ranks, sizes, labels and classes that differ. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Bindings } from '../../types/bindings.ts';
import { bareSymbol, constantOf, showDim, symbolsOf, type Dim } from '../../types/dim.ts';
import type { FreeNames, Mismatch, Multiplicity, SizeMismatch } from '../../types/match.ts';
import { showElementType, showShape, showTensor } from '../../types/show.ts';
import { dtypeFamilies, dtypes } from '../../types/dtype.ts';
import type { Axis, Classes, ElementType, Moved, TensorType } from '../../types/type.ts';
import type { Sides } from './joint.ts';

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];
export const ordinal = (axis: number): string => ordinals[axis] ?? `${axis + 1}th`;

/** `bound` says what the names of the signature are in this call. */
export function reportMismatch(mismatch: Exclude<Mismatch, { readonly kind: 'trained' }>, expected: TensorType, found: TensorType, sides: Sides, bound: readonly string[] = []): Diagnostic {
  const { location, related, ...names } = sides;
  const label = `this is ${showTensor(found)}`;
  const notes = [...comparison(expected, found), ...bound];
  switch (mismatch.kind) {
    case 'dtype': {
      const args = { ...names, expected: showElementType(expected.dtype), found: showElementType(found.dtype) };
      return jointCodes.report('dtype-mismatch', args, location, { label, related, notes: dtypeReasons(expected.dtype, found.dtype, bound) });
    }
    case 'rank': {
      const args = { ...names, expected: showTensor(expected), found: showTensor(found) };
      return jointCodes.report('rank-mismatch', args, location, { label, related, notes: [rankReason(expected, found), ...(sides.promised ? [] : poolReason(expected, found)), ...bound] });
    }
    case 'size': {
      if (mismatch.multiple !== undefined) return reportMultiple(mismatch, mismatch.multiple, sides, label);
      const args = { ...names, expected: showSize(mismatch.expected), found: showSize(mismatch.found), ordinal: ordinal(mismatch.axis) };
      return jointCodes.report('shape-mismatch', args, location, { label, related, notes: [...notes, ...sizeReason(mismatch.expected.size, mismatch.found.size), ...(sides.promised ? [] : widthReason(mismatch, found))] });
    }
    case 'label': {
      const args = { ...names, expected: `\`${mismatch.expected}\``, found: `\`${mismatch.found}\``, ordinal: ordinal(mismatch.axis) };
      return jointCodes.report('label-mismatch', args, location, { label, related, notes });
    }
    case 'classes':
      return reportClasses(mismatch.expected, mismatch.found, sides, label);
    case 'moved':
      return reportMoved(mismatch.expected, mismatch.found, sides);
  }
}

/** A size that is taken for a multiple, and is none. */
function reportMultiple({ axis, found }: SizeMismatch, { factor, fact }: Multiplicity, { location, related, ...names }: Sides, label: string): Diagnostic {
  const args = { ...names, expected: `a multiple of ${factor}`, found: showSize(found), ordinal: ordinal(axis) };
  const rest = constantOf(fact.left);
  return jointCodes.report('shape-mismatch', args, location, {
    label,
    related,
    notes: [rest === undefined ? `${showDim(found.size)} is never a multiple of ${factor}.` : `Divided by ${factor}, ${showSize(found)} leaves ${rest}.`],
  });
}

function dtypeReasons(expected: ElementType, found: ElementType, bound: readonly string[]): string[] {
  const cast = 'Nothing is cast silently.';
  const kind = (dtype: ElementType): string | undefined => (typeof dtype === 'string' ? dtypes[dtype].class : undefined);
  const rounds = kind(found) === 'float' && (kind(expected) === 'int' || kind(expected) === 'uint');
  if (rounds) return [...bound, `${cast} How it is rounded is yours to say: \`onnx.Cast(onnx.Floor(x + 0.5), to: ${expected as string})\`, or \`onnx.Ceil\`; the cast alone cuts off what stands behind the point, and what ${expected as string} does not hold becomes any number.`];
  if (typeof expected === 'string') return [...bound, cast];
  if (expected.parameter !== undefined) return [`\`${expected.parameter}\` is whatever element type a caller gives, so here it equals nothing but itself. ${cast}`];
  const members = dtypeFamilies[expected.family];
  if (typeof found !== 'string' && found.parameter !== undefined) {
    const { parameter } = found;
    return [`\`${parameter}\` is whatever element type a caller gives, also one that is not among ${members.join(', ')}. Write \`${expected.family}[…]\` for \`${parameter}[…]\` where only those are meant. ${cast}`];
  }
  return [`\`${expected.family}\` stands for ${members.slice(0, -1).join(', ')} or ${members.at(-1)}. ${cast}`];
}

/** `f32[batch, Polarity (2)]`: where sizes are compared, classes are shown with their number. */
export function showCounted(type: TensorType): string {
  const axes = type.shape.axes.map((axis) => (axis.classes ? { ...axis, classes: { ...axis.classes, name: `${axis.classes.name} (${showDim(axis.size)})` } } : axis));
  return showTensor({ ...type, shape: { ...type.shape, axes } });
}

/** `2`, or ``2 (`Polarity`)``. */
const showSize = ({ size, classes }: Axis): string => `${showDim(size)}${classes ? ` (\`${classes.name}\`)` : ''}`;

/** What the names of a template stand for in one call, as a sentence. */
export function describeBindings(template: TensorType, free: FreeNames, bindings: Bindings): string[] {
  const symbols = new Map(template.shape.axes.flatMap(({ size }) => symbolsOf(size)).map((symbol) => [symbol.key, symbol]));
  const sizes = [...symbols.values()].flatMap(({ key, name }) => {
    const bound = free.sizes.has(key) ? bindings.sizes.get(key) : undefined;
    return bound && showDim(bound.size) !== name ? [`\`${name}\` is ${bound.classes?.name ?? showDim(bound.size)}`] : [];
  });
  const rest = template.shape.rest && bindings.rests.get(template.shape.rest.key);
  const dtype = typeof template.dtype === 'string' ? undefined : bindings.dtypes.get(template.dtype.key);
  const all = [
    ...(dtype === undefined ? [] : [`\`${showElementType(template.dtype)}\` is ${showElementType(dtype)}`]),
    ...(rest === undefined ? [] : [`\`...\` is ${rest.axes.length === 0 && !rest.rest ? 'nothing' : showShape(rest).slice(1, -1)}`]),
    ...sizes,
  ];
  return all.length === 0 ? [] : [`In this call ${all.join(', ')}.`];
}

const comparison = (expected: TensorType, found: TensorType): string[] => [`expected ${showCounted(expected)}`, `   found ${showCounted(found)}`];

function rankReason(expected: TensorType, found: TensorType): string {
  const count = (type: TensorType) => (type.shape.rest ? `at least ${type.shape.axes.length}` : String(type.shape.axes.length));
  return `One has ${count(expected)} ${count(expected) === '1' ? 'axis' : 'axes'}, the other ${count(found)}.`;
}

/** What makes of the vectors of tokens one vector each text. */
function poolReason(expected: TensorType, found: TensorType): string[] {
  const [to, from] = [expected, found].map(({ shape }) => (shape.rest ? [] : shape.axes));
  const isFloat = typeof found.dtype === 'string' && dtypes[found.dtype].class === 'float';
  if (!isFloat || to!.length !== 2 || from!.length !== 3 || from!.some(({ label }) => label !== undefined) || constantOf(from![1]!.size) !== undefined) return [];
  return [`If the axis of \`${showDim(from![1]!.size)}\` counts tokens, \`mean_pool(x, mask: MASK)\` of \`std/text\` makes one vector of them; the mask says which are padding.`];
}

function sizeReason(expected: Dim, found: Dim): string[] {
  const name = bareSymbol(expected)?.name ?? bareSymbol(found)?.name;
  return name === undefined ? [] : [`\`${name}\` may be any size, so here it equals nothing but itself.`];
}

/** Why features of one width are not those of another, and what leads from the one to the other. */
function widthReason({ axis, expected }: Mismatch & { readonly kind: 'size' }, { dtype, shape, facts }: TensorType): string[] {
  if (axis !== shape.axes.length - 1) return [];
  const space = facts.find((fact) => fact.kind === 'space');
  // Features left out, or zeros, make other vectors of those of an encoder.
  if (space?.kind === 'space') {
    return [`Vectors of \`${space.nominal.name}\` have ${showDim(shape.axes[axis]!.size)} features; what takes another number was made for another encoder. An adapter with \`weights … = learned\` and a \`fit\` lead from the one to the other; where the encoder was trained to be cut, \`std/text\` has \`truncate\` and \`matryoshka\`.`];
  }
  const [to, from] = [constantOf(expected.size), constantOf(shape.axes[axis]!.size)];
  const isFloat = typeof dtype === 'string' && dtypes[dtype].class === 'float';
  if (!isFloat || expected.label !== undefined || shape.axes.length < 2 || to === undefined || from === undefined || Math.min(to, from) < leastFeatures) return [];
  return [`Features of ${from} and of ${to} are learned numbers of two layers. What carries them over is learned, too: \`linear(out: ${to})\` in an adapter with \`weights … = learned\`, which a \`fit\` fits. Zeros, or a cut, only make the sizes agree.`];
}

/** Scores that were picked, joined or sorted, under the names that their places had before. */
function reportMoved({ name, values: listed, location }: Classes, { values }: Moved, sides: Sides): Diagnostic {
  const place = values?.findIndex((value, i) => value !== undefined && listed[i] !== value) ?? -1;
  const now = place < 0 ? 'their order depends on the scores: they were sorted, or picked by numbers that a run brings' : `class ${place} is "${values![place]}"`;
  const known = values?.every((value) => value !== undefined) ? values.map((value) => JSON.stringify(value)).join(', ') : undefined;
  return jointCodes.report('classes-moved', { to: sides.to, from: sides.from, promised: sides.promised, expected: name, now }, sides.location, {
    label: `gets the names of \`${name}\` again`,
    related: [...sides.related, { location, text: place < 0 ? `${listed.length} labels` : `${place} is "${listed[place]}"` }],
    notes: [
      known === undefined
        ? 'Every answer would carry the name of another class. Keep the scores in their order, or leave out the names: the type with a plain number says what these are.'
        : `Every answer would carry the name of another class. Labels in the order that they have now are a declaration of their own: \`labels ${name}_2 = [${known}]\`.`,
    ],
  });
}

/** Fewer on a last axis are rather classes, coordinates or colours. */
const leastFeatures = 8;

function reportClasses(expected: Axis, found: Axis, sides: Sides, label: string): Diagnostic {
  const wanted = expected.classes!;
  const given = found.classes!;
  const first = wanted.values.findIndex((value, i) => value !== given.values[i]);
  const show = (values: readonly string[]) => (values[first] === undefined ? 'nothing' : `"${values[first]}"`);
  const alike = wanted.name === given.name;
  return jointCodes.report('classes-mismatch', { to: sides.to, from: sides.from, promised: sides.promised, expected: wanted.name, found: given.name }, sides.location, {
    // A plain number stood between, and the type shows that.
    label: found.moved === undefined ? label : `these came as scores of \`${given.name}\``,
    related: [
      ...sides.related,
      { location: wanted.location, text: `${wanted.values.length} classes` },
      { location: given.location, text: `${given.values.length} classes` },
    ],
    notes: first === -1
      ? ['The lists are equal, but they are two declarations; import one of them.']
      : [`Class ${first} is ${show(wanted.values)} in ${alike ? 'the one' : `\`${wanted.name}\``} and ${show(given.values)} in ${alike ? 'the other' : `\`${given.name}\``}.${alike ? ' Two packages, or two copies of one, declare labels of this name.' : ''} Declare both sides with the list that the weights were trained with.`],
  });
}
