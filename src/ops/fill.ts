/** A tensor of one number that is as large as others are: not an operator of the language, but written as ONNX's. */
import type { AttributeValues, Emitter, Operator } from './operator.ts';
import { int, refuse } from './operator.ts';
import { emitAxis, type SizeSource } from './shape-test.ts';

/** A size that is a number, or that of an axis of an input, divided by a factor. */
export type FillAxis = { readonly size: number } | SizeSource;

/** What tells two of them apart. */
export const fillAttributes = (value: number, axes: readonly FillAxis[]): AttributeValues =>
  new Map([['fill', JSON.stringify([Object.is(value, -0) ? '-0' : String(value), axes])]]);

/** Takes a tensor for each axis whose size is not a number. */
export const fill = (value: number, axes: readonly FillAxis[]): Operator => ({
  name: 'Expand',
  inputs: [],
  attributes: {},
  // Expand's first.
  since: () => 8,
  infer: () => refuse('it is not called'),
  emit: ({ inputs, output }, to) => {
    const dtype = typeof output.dtype === 'string' ? output.dtype : 'f32';
    // Constants of ours are numbers.
    const scalar = dtype === 'bool' ? to.node('Cast', [to.scalar('u8', value)], { to: int(9) }) : to.scalar(dtype, value);
    return axes.length === 0 ? scalar : to.node('Expand', [scalar, shapeOf(axes, inputs, to)]);
  },
});

function shapeOf(axes: readonly FillAxis[], inputs: readonly string[], to: Emitter): string {
  if (axes.every((axis) => 'size' in axis)) return to.ints(axes.map((axis) => axis.size));
  const sizes = axes.map((axis) => ('size' in axis ? to.ints([axis.size]) : emitAxis(axis, inputs, to)));
  return sizes.length === 1 ? sizes[0]! : to.node('Concat', sizes, { axis: int(0) });
}
