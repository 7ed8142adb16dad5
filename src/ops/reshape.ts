/** The same elements, in the same order, under another shape. */
import { exactQuotient } from '../types/dim-quotient.ts';
import { constantOf, equalDims, multiplyDims, showDim, type Dim } from '../types/dim.ts';
import { showTensor } from '../types/show.ts';
import type { Axis, TensorType } from '../types/type.ts';
import { elementFacts, oneAxis } from './axes.ts';
import { sinceOf } from './dtypes.ts';
import { inferred, refuse, sizesAt, type AttributeValues, type Emitter, type Operator, type OperatorCall } from './operator.ts';
import { emitAxis, type SizeSource } from './shape-test.ts';
import { result } from './shapes.ts';

const sizesOf = (x: TensorType): readonly Dim[] => x.shape.axes.map(({ size }) => size);
const product = (sizes: readonly Dim[]): Dim => sizes.reduce(multiplyDims, oneAxis.size);
const show = (sizes: readonly Dim[]): string => `[${sizes.map(showDim).join(', ')}]`;

/** Axes at the front that stay as they are keep their labels and classes. */
function reshaped(x: TensorType, sizes: readonly Dim[]): readonly Axis[] {
  const changed = sizes.findIndex((size, i) => x.shape.axes[i] === undefined || !equalDims(size, x.shape.axes[i].size));
  return sizes.map((size, i) => (changed === -1 || i < changed ? x.shape.axes[i]! : { size }));
}

/** An axis of the input that a size is, or is a whole part or a multiple of. */
interface Taken extends SizeSource {
  readonly times: number;
}

/** Sizes that can be taken from the input: those of its own axes, whole parts and multiples of them; of the others one may follow from the rest. */
function fromInput(x: TensorType, size: Dim): Taken | undefined {
  const ways = sizesOf(x).flatMap((own, axis): Taken[] => {
    const [factor, times] = [wholeNumber(own, size), wholeNumber(size, own)];
    return [...(factor === undefined ? [] : [{ input: 0, axis, factor, times: 1 }]), ...(times === undefined ? [] : [{ input: 0, axis, factor: 1, times }])];
  });
  return ways.reduce<Taken | undefined>((best, way) => (best === undefined || way.factor * way.times < best.factor * best.times ? way : best), undefined);
}

/** How many times `part` a size is, where that is a number. */
function wholeNumber(size: Dim, part: Dim): number | undefined {
  const quotient = exactQuotient(size, part);
  const number = quotient && constantOf(quotient);
  return number === undefined || number < 1 ? undefined : number;
}

const following = (x: TensorType, sizes: readonly Dim[]): readonly Dim[] => sizes.filter((size) => constantOf(size) === undefined && fromInput(x, size) === undefined);

export const reshape: Operator = {
  name: 'Reshape',
  inputs: ['x'],
  attributes: { shape: { type: 'sizes' } },
  since: ([x]) => sinceOf(x!.dtype, 5),
  infer: ([x], attributes) => {
    const sizes = sizesAt(attributes, 'shape');
    if (x!.shape.rest !== undefined) return refuse(`how many elements ${showTensor(x!)} has is not known: \`...\` stands for any axes`);
    if (sizes.some((size) => (constantOf(size) ?? 1) < 1)) return refuse(`${show(sizes)} has a size below 1: write every size, with names where they are open`);
    if (!equalDims(product(sizes), product(sizesOf(x!)))) {
      return refuse(`${showTensor(x!)} has ${showDim(product(sizesOf(x!)))} elements, but ${show(sizes)} has ${showDim(product(sizes))}`);
    }
    const axes = reshaped(x!, sizes);
    const rows = axes.length > 0 && axes.length === x!.shape.axes.length && axes.every((axis, i) => equalDims(axis.size, x!.shape.axes[i]!.size));
    return inferred(result([x!], { axes }, rows ? x!.facts : elementFacts(x!)));
  },
  takesOpenSize: (_, { types, attributes }) => following(types[0]!, sizesAt(attributes, 'shape')).length <= 1,
  emit: (call, to) => to.node('Reshape', [call.inputs[0]!, target(call, to)]),
};

/** 0 stands for the size of the input's axis at the same place, -1 for what follows from the others. */
function target({ inputs, types, attributes }: { inputs: OperatorCall['inputs']; types: OperatorCall['types']; attributes: AttributeValues }, to: Emitter): string {
  const x = types[0]!;
  const sizes = sizesAt(attributes, 'shape');
  const inPlace = (size: Dim, i: number): boolean => x.shape.axes[i] !== undefined && equalDims(size, x.shape.axes[i].size);
  const written = sizes.map((size, i) => constantOf(size) ?? (inPlace(size, i) ? 0 : fromInput(x, size) === undefined ? -1 : undefined));
  if (written.every((number) => number !== undefined)) return to.ints(written);
  const parts = sizes.map((size, i) => (written[i] === undefined ? emitTaken(fromInput(x, size)!, inputs, to) : to.ints([written[i]])));
  return to.node('Concat', parts, { axis: { type: 'int', value: 0n } });
}

function emitTaken(taken: Taken, inputs: readonly string[], to: Emitter): string {
  const size = emitAxis(taken, inputs, to);
  return taken.times === 1 ? size : to.node('Mul', [size, to.ints([taken.times])]);
}
