/** Whether a tensor has the sizes that it is said to have: not an operator of the language, but written as ONNX's. */
import { showDim, symbolDim, symbolsOf, type Dim } from '../types/dim.ts';
import type { SizeStatement } from '../types/fact.ts';
import { showStatement } from '../types/show.ts';
import type { AttributeValues, Emitter, Operator } from './operator.ts';
import { int, refuse } from './operator.ts';
import { emitReduce } from './written-out.ts';

/** Where a size is to be had: an axis of one of the inputs behind the tested tensor. */
export interface SizeSource {
  readonly input: number;
  readonly axis: number;
  /** What the size is multiplied by there; 1 where it stands alone. */
  readonly factor: number;
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
  // Where, and Less of integers.
  since: () => (sizes.some((size) => size !== undefined && isExtreme(size)) ? 9 : 7),
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

/** Whether a minimum or a maximum is in a size. */
const isExtreme = ({ terms }: Dim): boolean => terms.some(({ symbols }) => symbols.some(({ atom }) => atom !== undefined && (atom.op !== 'div' || atom.args.some(isExtreme))));

/** Comparisons, and where the sizes are to be had that are compared. */
export interface SizeTest {
  readonly demands: readonly SizeStatement[];
  readonly sourceOf: (size: Dim) => SizeSource | undefined;
}

/** What tells two of them apart. */
export const sizeTestAttributes = ({ demands }: SizeTest): AttributeValues => new Map([['test', JSON.stringify(demands.map(showStatement))]]);

/** Whether a size is an axis of an input, or made of such. */
export const isSourced = (size: Dim, sourceOf: SizeTest['sourceOf']): boolean =>
  sourceOf(size) !== undefined || symbolsOf(size).every((symbol) => sourceOf(symbolDim(symbol)) !== undefined);

/** Takes the tensors that have the sizes; gives how many of the demands, each that one size is at least another, are not met. */
export const sizeTest = ({ demands, sourceOf }: SizeTest): Operator => ({
  name: 'Less',
  inputs: [],
  attributes: {},
  // Less's first for integers.
  since: () => 9,
  infer: () => refuse('it is not called'),
  emit: ({ inputs }, to) => {
    const sized = (size: Dim): string => {
      const symbols = symbolsOf(size);
      const at = sourceOf(size);
      if (at !== undefined) return emitAxis(at, inputs, to);
      return emitSize(size, new Map(symbols.map((symbol) => [symbol.key, sourceOf(symbolDim(symbol))!])), inputs, to);
    };
    const side = (of: 'left' | 'right'): string => to.node('Concat', demands.map((demand) => sized(demand[of])), { axis: int(0) });
    return emitReduce('ReduceSum', to.node('Cast', [to.node('Less', [side('left'), side('right')])], { to: int(6) }), [0], false, 13, to);
  },
});

/** A list of the one size. */
export function emitAxis({ input, axis, factor }: SizeSource, inputs: readonly string[], to: Emitter): string {
  const size = to.node('Gather', [to.node('Shape', [inputs[input]!]), to.ints([axis])]);
  return factor === 1 ? size : to.node('Div', [size, to.ints([factor])]);
}

/** A list of one number. */
function emitSize({ terms }: Dim, sources: ShapeTest['sources'], inputs: readonly string[], to: Emitter): string {
  const at = ({ key, atom }: Dim['terms'][number]['symbols'][number]): string => {
    const args = atom?.args.map((arg) => emitSize(arg, sources, inputs, to)) ?? [];
    if (atom?.op === 'div') return to.node('Div', args);
    // Min and Max take whole numbers since opset 12 only.
    if (atom !== undefined) return args.reduce((a, b) => to.node('Where', [to.node('Less', atom.op === 'min' ? [a, b] : [b, a]), a, b]));
    return emitAxis(sources.get(key)!, inputs, to);
  };
  const products = terms.map(({ coefficient, symbols }) => {
    const factors = symbols.map(at);
    const all = coefficient === 1 && factors.length > 0 ? factors : [to.ints([coefficient]), ...factors];
    return all.reduce((a, b) => to.node('Mul', [a, b]));
  });
  return products.length === 0 ? to.ints([0]) : products.reduce((a, b) => to.node('Add', [a, b]));
}

