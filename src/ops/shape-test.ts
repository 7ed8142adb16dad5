/** Whether a tensor has the sizes that it is said to have: not an operator of the language, but written as ONNX's. */
import { showDim, type Dim } from '../types/dim.ts';
import type { AttributeValues, Emitter, Operator } from './operator.ts';
import { int, refuse } from './operator.ts';

/** Where a size is to be had: an axis of one of the inputs behind the tested tensor. */
export interface SizeSource {
  readonly input: number;
  readonly axis: number;
}

export interface ShapeTest {
  /** By axis; undefined where anything may stand. */
  readonly sizes: readonly (Dim | undefined)[];
  /** By the keys of the sizes' symbols. */
  readonly sources: ReadonlyMap<string, SizeSource>;
}

/** What tells two of them apart. */
export const shapeTestAttributes = ({ sizes, sources }: ShapeTest): AttributeValues =>
  new Map([['test', JSON.stringify([sizes.map((size) => (size === undefined ? null : showDim(size))), [...sources]])]]);

/** The axes whose sizes are said. */
export const testedAxes = ({ sizes }: ShapeTest): readonly number[] => sizes.flatMap((size, axis) => (size === undefined ? [] : [axis]));

/** Takes the tested tensor and those that have its sizes; gives the sizes of the tested axes and the rank as they are, then as they are said to be. */
export const shapeTest = ({ sizes, sources }: ShapeTest): Operator => ({
  name: 'Shape',
  inputs: [],
  attributes: {},
  since: () => 7,
  infer: () => refuse('it is not called'),
  emit: ({ inputs: [x, ...others] }, to) => {
    const tested = sizes.flatMap((size, axis) => (size === undefined ? [] : [{ size, axis }]));
    const own = to.node('Shape', [x!]);
    // A tensor of fewer axes has 0 in the place of the others.
    const padded = to.node('Concat', [own, to.ints(sizes.map(() => 0))], { axis: int(0) });
    const found = to.node('Concat', [to.node('Gather', [padded, to.ints(tested.map(({ axis }) => axis))]), to.node('Shape', [own])], { axis: int(0) });
    const said = to.node('Concat', [...tested.map(({ size }) => emitSize(size, sources, others, to)), to.ints([sizes.length])], { axis: int(0) });
    return to.node('Cast', [to.node('Concat', [found, said], { axis: int(0) })], { to: int(6) });
  },
});

/** A list of one number. */
function emitSize({ terms }: Dim, sources: ShapeTest['sources'], inputs: readonly string[], to: Emitter): string {
  const at = ({ key, atom }: Dim['terms'][number]['symbols'][number]): string => {
    if (atom !== undefined) return to.node('Div', atom.args.map((arg) => emitSize(arg, sources, inputs, to)));
    const { input, axis } = sources.get(key)!;
    return to.node('Gather', [to.node('Shape', [inputs[input]!]), to.ints([axis])]);
  };
  const products = terms.map(({ coefficient, symbols }) => {
    const factors = symbols.map(at);
    const all = coefficient === 1 && factors.length > 0 ? factors : [to.ints([coefficient]), ...factors];
    return all.reduce((a, b) => to.node('Mul', [a, b]));
  });
  return products.length === 0 ? to.ints([0]) : products.reduce((a, b) => to.node('Add', [a, b]));
}

