/** What a file says of its inputs: their sizes become the symbols in which everything else is expressed. */
import { bareSymbol, intDim, symbolDim, type Dim, type DimSymbol } from '../../types/dim.ts';
import { parseDim } from '../../types/dim-parse.ts';
import type { ForeignModel, Graph, TensorInfo } from '../graph.ts';

/** Turns declared types into ones over the inputs' symbols. */
export type ReadInfo = (info: TensorInfo, name: string) => TensorInfo;

/** What is known of the inputs' sizes beforehand. */
export interface GivenSizes {
  /** By their names. */
  readonly sizes?: ReadonlyMap<string, number> | undefined;
  /** What they are at least, by their keys. */
  readonly least?: ReadonlyMap<string, number>;
}

/**
 * A named size is the same wherever the file names it; a name that is an expression over the inputs' names, as
 * PyTorch's exporter writes it, is that expression; the bounds that it notes hold. An unnamed size is called after its tensor and axis. Sizes of
 * inputs are taken to be at least 1.
 */
export function inputSymbols({ graph, uri }: ForeignModel, size: () => Dim, { sizes, least }: GivenSizes = {}): ReadInfo {
  const names = new Map<string, Dim>();
  const named = (symbol: DimSymbol): Dim => {
    const given = sizes?.get(symbol.name);
    return given === undefined ? symbolDim({ ...symbol, least: Math.max(symbol.least ?? 0, least?.get(symbol.key) ?? 0) }) : intDim(given);
  };
  const bounds = notedBounds(graph);
  for (const input of graph.inputs) {
    for (const dim of graph.types.get(input)?.dims ?? []) {
      const symbol = bareSymbol(dim);
      if (symbol !== undefined && isIdentifier(symbol.name)) names.set(symbol.name, named({ ...symbol, least: 1, ...bounds.get(symbol.name) }));
    }
  }
  for (const input of graph.inputs) {
    for (const dim of graph.types.get(input)?.dims ?? []) {
      const name = nameWithin(bareSymbol(dim)?.name ?? '');
      if (name !== undefined && !names.has(name)) names.set(name, named({ key: `${uri}:${name}`, name, kind: 'foreign', least: 1, ...bounds.get(name) }));
    }
  }
  const isInput = new Set(graph.inputs);
  /** By their text: an exporter writes the same few at every tensor. */
  const expressions = new Map<string, Dim>();
  const expression = (text: string): Dim | undefined => {
    const dim = expressions.get(text) ?? readExpression(text, names);
    if (dim !== undefined) expressions.set(text, dim);
    return dim;
  };
  const read = (dim: Dim, tensor: string, axis: number): Dim => {
    const symbol = bareSymbol(dim);
    if (symbol === undefined) return dim;
    const smallest = isInput.has(tensor) ? 1 : 0;
    if (symbol.name === '?') return isInput.has(tensor) ? named({ ...symbol, name: `${asName(tensor)}.${axis}`, least: smallest }) : size();
    const known = names.get(symbol.name) ?? expression(symbol.name);
    if (known !== undefined) return known;
    const own = named({ key: `${uri}:${symbol.name}`, name: symbol.name, kind: 'foreign', least: smallest });
    names.set(symbol.name, own);
    return own;
  };
  return (info, tensor) => ({ dtype: info.dtype, dims: info.dims?.map((dim, axis) => read(dim, tensor, axis)) });
}

/** An expression without a name in it is none that an exporter writes. */
function readExpression(text: string, names: ReadonlyMap<string, Dim>): Dim | undefined {
  let isNamed = false;
  const dim = parseDim(text, (name) => {
    isNamed ||= names.has(name);
    return names.get(name);
  });
  return isNamed ? dim : undefined;
}

/** The name in `14*h` or `2*s0 + 1`, as PyTorch's exporter writes sizes that are multiples: it need stand nowhere alone. */
function nameWithin(text: string): string | undefined {
  const [, factor, name, sum] = /^(?:(\d+)\*)?([A-Za-z_]\w*)( [+-] \d+)?$/.exec(text) ?? [];
  return factor === undefined && sum === undefined ? undefined : name;
}

/** Whether the file has no name for a size of its inputs: the reader gives such a size the place where it stands as its key. */
export const isNameless = (symbol: DimSymbol): boolean => symbol.key.includes(':?');

const isIdentifier = (text: string): boolean => /^[A-Za-z_][\w.]*$/.test(text);
/** A tensor's name as part of a size's. */
const asName = (tensor: string): string => tensor.replaceAll(/\W+/g, '_');

/** Where PyTorch's exporter notes between which sizes a graph was traced. */
const rangeConstraints = 'pkg.torch.export.ExportedProgram.range_constraints';

/**
 * `{s25: VR[14, int_oo]}`, by the names of sizes. It notes 2 where nobody said anything: a size of 1 is traced by itself. Such
 * files run at 1, too, and are not said to need more.
 */
export function notedBounds(graph: Graph): ReadonlyMap<string, { readonly least: number; readonly most: number }> {
  const text = graph.metadata?.get(rangeConstraints) ?? '';
  const found = [...text.slice(0, longestNote).matchAll(/(?<![*+] ?)\b([A-Za-z_]\w*): VR\[(\d+), (\d+|int_oo)\]/g)];
  return new Map(found.map(([, name, low, high]) => [name!, { least: Number(low) > 2 ? Number(low) : 1, most: high === 'int_oo' ? Infinity : Number(high) }]));
}
const longestNote = 100_000;
