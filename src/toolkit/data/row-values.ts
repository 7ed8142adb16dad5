/** Columns of files of rows that are too large to lie in memory: their values are read as they are asked for. */
import type { Example } from '../../data/dataset.ts';
import { blocksOf, examplesOf } from '../../data/row-blocks.ts';
import type { ByteSource } from '../../host/host.ts';

/** The values of a column, row by row: a list, or what stands in a file. */
export interface Values extends Iterable<unknown> {
  readonly length: number;
  at(row: number): unknown;
}

export interface RowFile {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Values>;
}

/** Blocks of rows that stay read. Those who go through all rows need one. */
const mostBlocks = 4;

/** @param open opens the file for one reading; undefined where something of it cannot be read */
export function rowsInFile(open: <T>(read: (source: ByteSource) => T) => T): RowFile | undefined {
  const file = open(blocksOf);
  if (file === undefined) return undefined;
  /** The row that each block begins with, and then how many there are. */
  const firsts: number[] = [0];
  const names = new Set<string>();
  const isWhole = open((source) => {
    for (const block of file.blocks) {
      const examples = examplesOf(source, file, block);
      for (const example of examples) {
        if (!example.ok) return false;
        for (const name of Object.keys(example.value.fields)) names.add(name);
      }
      firsts.push(firsts.at(-1)! + examples.length);
    }
    return true;
  });
  if (!isWhole) return undefined;
  const rows = firsts.at(-1)!;
  const read = new Map<number, readonly Example[]>();

  function exampleAt(row: number): Example | undefined {
    const block = blockOf(firsts, row);
    let examples = read.get(block);
    if (examples === undefined) {
      examples = open((source) => examplesOf(source, file!, file!.blocks[block]!)).flatMap((example) => (example.ok ? [example.value] : []));
      const [oldest] = read.keys();
      if (read.size === mostBlocks) read.delete(oldest!);
      read.set(block, examples);
    }
    return examples[row - firsts[block]!];
  }

  const valuesOf = (name: string): Values => ({
    length: rows,
    at: (row) => exampleAt(row)?.fields[name],
    *[Symbol.iterator]() {
      for (let row = 0; row < rows; row++) yield this.at(row);
    },
  });
  return { rows, columns: new Map([...names].map((name) => [name, valuesOf(name)])) };
}

/** The last block that begins at the row or before it, and has rows. */
function blockOf(firsts: readonly number[], row: number): number {
  let [low, high] = [0, firsts.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (firsts[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
