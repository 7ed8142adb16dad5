/** What a file needs of its inputs' sizes, in the sizes that are declared of them: the windows of its nodes have to fit, and its exporter notes bounds and multiples. */
import type { ForeignModel } from '../../ir/graph.ts';
import { inferredModel } from '../../ir/infer/index.ts';
import { notedBounds } from '../../ir/infer/inputs.ts';
import { reach } from '../../ir/needs.ts';
import { bareSymbol, constantOf, intDim, symbolDim, symbolsOf, type Dim } from '../../types/dim.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { leastSizes } from '../../types/least-sizes.ts';
import { decideSize } from '../../types/size-bounds.ts';
import type { DeclaredSizes } from './file-sizes.ts';

/** A comparison in declared sizes, and in the file's own. */
export interface SizeNeed {
  readonly fact: SizeStatement;
  readonly own: SizeStatement;
  /** Of the file's symbol. */
  readonly key: string;
}

/** What some tensors of a file need, beyond what holds of all sizes. */
export function sizeNeeds(model: ForeignModel, wanted: readonly string[], declared: DeclaredSizes): readonly SizeNeed[] {
  const { tensors, rooms } = inferredModel(model);
  const { nodes } = reach(model.graph, wanted, new Set());
  const made = new Set([...nodes].flatMap((index) => model.graph.nodes[index]!.outputs));
  const least = leastSizes(rooms.flatMap(({ size, made: name }) => (made.has(name) ? [size] : [])));
  const noted = notedBounds(model.graph);
  const symbols = new Map(model.graph.inputs.flatMap((input) => tensors.get(input)?.dims ?? []).flatMap(symbolsOf).map((symbol) => [symbol.key, symbol]));
  return [...symbols.values()].flatMap((symbol): SizeNeed[] => {
    const { key, name } = symbol;
    const size = declared.get(key)?.size;
    if (size === undefined) return [];
    const bounds = noted.get(name);
    const low = Math.max(least.get(key) ?? 1, bounds?.least ?? 1);
    // That there is something is demanded of names elsewhere.
    const isNeeded = low > 1 || bareSymbol(size) === undefined;
    const hasMost = bounds !== undefined && bounds.most < Infinity;
    const needs = (of: Dim): SizeStatement[] => [...(isNeeded ? [atLeast(of, low)] : []), ...(hasMost ? [atMost(of, bounds.most)] : [])];
    const own = needs(symbolDim(symbol));
    return needs(size).flatMap((fact, i) => (decideSize(fact) === 'proved' ? [] : [{ fact, own: own[i]!, key }]));
  });
}

function atLeast(size: Dim, least: number): SizeStatement {
  const { over, by } = dividedOf(size);
  return { kind: 'size', op: '>=', left: over, right: intDim(by * least) };
}

function atMost(size: Dim, most: number): SizeStatement {
  const { over, by } = dividedOf(size);
  return { kind: 'size', op: '<=', left: over, right: intDim(by * most + by - 1) };
}

/** `h` and 14 of `h div 14`: a file's multiples are declared as a whole. */
function dividedOf(size: Dim): { readonly over: Dim; readonly by: number } {
  const [first, ...others] = size.terms;
  const atom = others.length === 0 && first?.coefficient === 1 && first.symbols.length === 1 ? first.symbols[0]!.atom : undefined;
  const by = atom?.op === 'div' ? constantOf(atom.args[1]!) : undefined;
  return by === undefined ? { over: size, by: 1 } : { over: atom!.args[0]!, by };
}
