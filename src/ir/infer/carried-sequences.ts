/** Sequences that a loop carries from turn to turn, into which each turn puts as many tensors of one kind. */
import { alike } from '../../ops/foreign/sequences.ts';
import { nothing, type Known } from '../../ops/foreign/known.ts';
import { addDims, bareSymbol, equalDims, intDim, multiplyDims, subtractDims, symbolsOf, type Dim } from '../../types/dim.ts';

/** What a turn is given: as many as there may be by then; undefined of what is no sequence. */
export function openSequence({ dtype, items, many }: Known, count: () => Dim): Known | undefined {
  if (many !== undefined) return { dtype, many: { each: many.each, count: count() } };
  return items && { dtype, many: { each: items.length === 0 ? undefined : alike(items), count: count() } };
}

/** The same object where what a turn gives is as it was given, but for how many there are. */
export function loosenSequence(known: Known, result: Known): Known {
  const [given, made] = [known.many!, result.many];
  if (made?.each === undefined || dependsOn(subtractDims(made.count, given.count), given.count)) return nothing;
  if (given.each === undefined) return { ...known, many: { ...given, each: made.each } };
  return isSame(given.each, made.each) ? known : nothing;
}

/** After all turns; `result` is what one makes of `known`. */
export function grownSequence(known: Known, initial: Known, result: Known | undefined, turns: Dim): Known {
  const before = initial.many?.count ?? (initial.items && intDim(initial.items.length));
  if (known.many === undefined || result?.many === undefined || before === undefined) return known;
  const grown = multiplyDims(subtractDims(result.many.count, known.many.count), turns);
  return { dtype: known.dtype, many: { each: known.many.each, count: addDims(before, grown) } };
}

const dependsOn = (dim: Dim, count: Dim): boolean => symbolsOf(dim).some(({ key }) => key === bareSymbol(count)?.key);

const isSame = (a: Known, b: Known): boolean =>
  a.dtype === b.dtype && a.dims?.length === b.dims?.length && (a.dims ?? []).every((dim, i) => equalDims(dim, b.dims![i]!));
