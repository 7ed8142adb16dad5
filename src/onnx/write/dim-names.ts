/**
 * Names of sizes in a composed file. ONNX takes equal `dim_param`s for equal sizes, and ONNX Runtime plans its
 * buffers by that, so a name must not come to stand for two sizes when graphs are put together.
 */
import { bareSymbol, constantOf, showDim, substituteDim, symbolDim, symbolsOf, type Dim } from '../../types/dim.ts';
import type { TensorInfo } from '../../ir/graph.ts';
import type { Link, Program } from '../../ir/program.ts';
import type { OnnxFile } from '../read/file.ts';
import { claimName } from '../names.ts';
import type { WrittenDim } from './proto.ts';

export interface DimNames {
  /** How a size of the program is written. */
  readonly write: (dim: Dim) => WrittenDim;
  /** New names for a link's `dim_param`s; empty where it keeps them all. */
  readonly ofLink: (link: Link) => ReadonlyMap<string, string>;
}

/**
 * The interface's sizes keep their names first, then the linked files theirs, then ours get what is free. A file's
 * size that an input binds to a size of the program means that size.
 */
export function planDims(program: Program, links: ReadonlyMap<Link, OnnxFile>): DimNames {
  /** Names in use, and what each stands for; then the other way round. */
  const meanings = new Map<string, string>();
  const names = new Map<string, string>();
  const nameOf = (wanted: string, meaning: string): string => {
    const known = names.get(meaning);
    if (known !== undefined) return known;
    const name = claimName(wanted, (candidate) => meanings.has(candidate));
    meanings.set(name, meaning);
    names.set(meaning, name);
    return name;
  };
  const write = (dim: Dim): WrittenDim => {
    const constant = constantOf(dim);
    if (constant !== undefined) return constant;
    if (symbolsOf(dim).some((symbol) => symbol.name === '?')) return undefined;
    const bare = bareSymbol(dim);
    if (bare !== undefined) return nameOf(bare.name, bare.key);
    const written = showDim(
      substituteDim(dim, (symbol) => symbolDim({ ...symbol, name: nameOf(symbol.name, symbol.key) })),
    );
    return nameOf(written, `=${written}`);
  };
  for (const port of [...program.inputs, ...program.outputs]) program.types.get(port.value)?.dims?.forEach(write);
  const renamed = new Map<Link, ReadonlyMap<string, string>>();
  const seen = new Set<string>();
  for (const [link, file] of links) {
    renamed.set(link, renameDims(program, link, file, { meanings, names, nameOf, isFirst: !seen.has(file.uri) }));
    seen.add(file.uri);
  }
  return { write, ofLink: (link) => renamed.get(link) ?? new Map() };
}

interface Naming {
  readonly meanings: Map<string, string>;
  readonly names: Map<string, string>;
  readonly nameOf: (wanted: string, meaning: string) => string;
  /** No earlier link has this file. */
  readonly isFirst: boolean;
}

function renameDims(
  program: Program,
  link: Link,
  file: OnnxFile,
  { meanings, names, nameOf, isFirst }: Naming,
): ReadonlyMap<string, string> {
  const bound = bindDims(program, link, file);
  const renamed = new Map<string, string>();
  for (const name of file.names.dims) {
    const own = isFirst ? `${file.uri}:${name}` : `${link.name} ${file.uri}:${name}`;
    const meaning = bound.get(name) ?? own;
    // A free name stays, even where its size has another name, too: the fewer bytes change the better.
    if (!meanings.has(name)) {
      meanings.set(name, meaning);
      if (!names.has(meaning)) names.set(meaning, name);
    }
    if (meanings.get(name) === meaning) continue;
    renamed.set(name, nameOf(`${link.name}/${name}`, meaning));
  }
  return renamed;
}

/** Keys of the program's sizes by the names of the file's that its inputs bind to them, each to exactly one. */
function bindDims(program: Program, link: Link, file: OnnxFile): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  for (const [input, value] of link.inputs) {
    const pairs = pairDims(file.graph.types.get(input), program.types.get(value));
    for (const [foreign, ours] of pairs) {
      const name = bareSymbol(foreign)?.name;
      if (name === undefined || name === '?') continue;
      const keys = found.get(name) ?? new Set();
      found.set(name, keys.add(bareSymbol(ours)?.key ?? ''));
    }
  }
  const single = [...found].flatMap(([name, [key = '', ...others]]): [string, string][] =>
    key !== '' && others.length === 0 ? [[name, key]] : [],
  );
  return new Map(single);
}

function pairDims(a: TensorInfo | undefined, b: TensorInfo | undefined): readonly (readonly [Dim, Dim])[] {
  if (a?.dims === undefined || b?.dims === undefined || a.dims.length !== b.dims.length) return [];
  const right = b.dims;
  return a.dims.map((dim, axis) => [dim, right[axis]!]);
}
