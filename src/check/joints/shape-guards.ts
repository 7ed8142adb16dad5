/**
 * What an opaque file gives has the sizes that were declared of it, or the run ends: where they do not follow from the file's
 * graph, they are tested against those of what the file was given.
 */
import { shapeTest, shapeTestAttributes, testedAxes, type SizeSource } from '../../ops/shape-test.ts';
import { lowerBound } from '../../types/dim-bounds.ts';
import { bareSymbol, intDim, symbolsOf, toldBy, type Dim, type DimSymbol } from '../../types/dim.ts';
import { showTensor } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Deep, GuardSite } from '../env.ts';
import { tensorsOf } from '../parts/signature.ts';

type Place = Omit<SizeSource, 'input'> & { readonly tensor: number };
/** Where each size stands alone, or as a multiple, by the key of its symbol. */
type Places = ReadonlyMap<string, Place>;

function placesOf(types: readonly TensorType[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [tensor, { shape }] of types.entries()) {
    for (const [axis, { size }] of shape.axes.entries()) {
      const told = toldBy(size);
      if (told !== undefined && !places.has(told.symbol.key)) places.set(told.symbol.key, { tensor, axis, factor: told.factor });
    }
  }
  return places;
}

/** Whether a size can be computed in a graph: integers there are divided towards 0. */
const isComputed = (size: Dim, places: Places): boolean =>
  size.terms.every(({ symbols }) => symbols.every((symbol) => (symbol.atom === undefined ? places.has(symbol.key) : isQuotient(symbol, places))));

const isQuotient = ({ atom }: DimSymbol, places: Places): boolean =>
  atom?.op === 'div' && lowerBound(atom.args[0]!) >= 0 && lowerBound(atom.args[1]!) > 0 && atom.args.every((arg) => isComputed(arg, places));

/** A size that the file chooses, where it stands for the first time. */
const isFree = (size: Dim, places: Places): boolean => {
  const symbol = bareSymbol(size);
  return symbol !== undefined && !places.has(symbol.key);
};

/** Whether all that is said of a file's tensor can be tested at each run; `given` are the types of what the file is given. */
export function isTestable({ shape }: TensorType, given: readonly Type[]): boolean {
  const places = placesOf(given.flatMap(tensorsOf));
  return shape.axes.every(({ size }) => isComputed(size, places) || isFree(size, places));
}

/** A tensor of the program with its type. */
export interface Sized {
  readonly type: TensorType;
  readonly ref: string;
}

/** The tensors of a file behind guards for their sizes; those that follow from the file's graph stay as they are. */
export function guardSizes(made: ReadonlyMap<string, Sized>, given: readonly Sized[], nameOf: (field: string) => GuardSite, { sink, site }: Deep): ReadonlyMap<string, string> {
  const sized = [...given];
  const refs = new Map<string, string>();
  for (const [field, { type, ref }] of made) {
    const places = placesOf(sized.map((one) => one.type));
    const sizes = type.shape.axes.map(({ size }) => (isComputed(size, places) ? size : undefined));
    // What one tensor chooses the next one has to have.
    sized.push({ type, ref });
    if (type.evidence === 'proved') continue;
    const keys = [...new Set(sizes.flatMap((size) => (size === undefined ? [] : symbolsOf(size).map(({ key }) => key))))].filter((key) => places.has(key));
    const used = [...new Set(keys.map((key) => places.get(key)!.tensor))];
    const sources = new Map(keys.map((key) => [key, { ...places.get(key)!, input: used.indexOf(places.get(key)!.tensor) }]));
    const test = { sizes, sources };
    const inputs = [{ type, ref }, ...used.map((tensor) => sized[tensor]!)];
    const axes = testedAxes(test);
    const output: TensorType = { kind: 'tensor', dtype: 'i32', shape: { axes: [{ size: intDim(2 * (axes.length + 1)) }] }, facts: [], evidence: 'proved' };
    const counts = sink.operation(shapeTest(test), inputs.map((one) => one.ref), shapeTestAttributes(test), { inputs: inputs.map((one) => one.type), output }, site);
    const fact = { kind: 'shape', type: showTensor({ ...type, facts: [] }), violation: { mode: 'reject' } } as const;
    refs.set(field, sink.guard(ref, { ...nameOf(field), fact }, { ref: counts, axes }));
  }
  return refs;
}
