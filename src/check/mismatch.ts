/** Diagnostics of dtypes, ranks, sizes, labels and classes that differ. */
import { jointCodes } from '../diagnostics/codes/joints.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { bareSymbol, showDim } from '../types/dim.ts';
import type { Mismatch } from '../types/match.ts';
import { showElementType, showTensor } from '../types/show.ts';
import type { Axis, TensorType } from '../types/type.ts';
import type { Sides } from './joint.ts';

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];
export const ordinal = (axis: number): string => ordinals[axis] ?? `${axis + 1}th`;

export function reportMismatch(mismatch: Mismatch, expected: TensorType, found: TensorType, sides: Sides): Diagnostic {
  const { location, related, to, from } = sides;
  const label = `this is ${showTensor(found)}`;
  const notes = comparison(expected, found);
  switch (mismatch.kind) {
    case 'dtype': {
      const args = { to, from, expected: showElementType(expected.dtype), found: showElementType(found.dtype) };
      return jointCodes.report('dtype-mismatch', args, location, { label, related, notes: ['Nothing is cast silently.', ...notes] });
    }
    case 'rank': {
      const args = { to, from, expected: showTensor(expected), found: showTensor(found) };
      return jointCodes.report('rank-mismatch', args, location, { label, related, notes: [rankReason(expected, found)] });
    }
    case 'size': {
      const args = { to, from, expected: showDim(mismatch.expected), found: showDim(mismatch.found), ordinal: ordinal(mismatch.axis) };
      const why = sizeReason(mismatch.expected, mismatch.found);
      return jointCodes.report('shape-mismatch', args, location, { label, related, notes: [...notes, ...why] });
    }
    case 'label': {
      const args = { to, from, expected: `\`${mismatch.expected}\``, found: `\`${mismatch.found}\``, ordinal: ordinal(mismatch.axis) };
      return jointCodes.report('label-mismatch', args, location, { label, related, notes });
    }
    case 'classes':
      return reportClasses(mismatch.expected, mismatch.found, sides, label);
  }
}

const comparison = (expected: TensorType, found: TensorType): string[] => [`expected ${showTensor(expected)}`, `   found ${showTensor(found)}`];

function rankReason(expected: TensorType, found: TensorType): string {
  const count = (type: TensorType) => (type.shape.rest ? `at least ${type.shape.axes.length}` : String(type.shape.axes.length));
  return `One has ${count(expected)} axes, the other ${count(found)}.`;
}

function sizeReason(expected: TensorType['shape']['axes'][number]['size'], found: typeof expected): string[] {
  const name = bareSymbol(expected)?.name ?? bareSymbol(found)?.name;
  if (name === undefined) return [];
  return [`\`${name}\` stands for any size, so inside this body it equals nothing but itself.`];
}

function reportClasses(expected: Axis, found: Axis, sides: Sides, label: string): Diagnostic {
  const wanted = expected.classes!;
  const given = found.classes!;
  const first = wanted.values.findIndex((value, i) => value !== given.values[i]);
  const show = (values: readonly string[]) => (values[first] === undefined ? 'nothing' : `"${values[first]}"`);
  return jointCodes.report('classes-mismatch', { to: sides.to, from: sides.from, expected: wanted.name, found: given.name }, sides.location, {
    label,
    related: [
      ...sides.related,
      { location: wanted.location, text: `${wanted.values.length} classes` },
      { location: given.location, text: `${given.values.length} classes` },
    ],
    notes: first === -1 ? ['The lists are equal, but they are two declarations; import one of them.'] : [`Class ${first} is ${show(wanted.values)} in the one and ${show(given.values)} in the other.`],
  });
}
