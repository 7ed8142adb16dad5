/** Data sets as streams of examples, whatever file they lie in. */
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from '../host/host.ts';
import { bytesLost } from '../text/mistaken-file.ts';
import { readCsv } from './csv.ts';
import { fileName } from './json.ts';
import { readJsonl } from './jsonl.ts';
import { readNpy, type NpyArray } from './npy.ts';
import { createRandom } from './random.ts';

/** One example: its fields by name, and where it stands in its file, counted from 1. */
export interface Example {
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The examples one by one; the first that cannot be read ends them with a finding. */
export type Examples = Generator<Outcome<Example>, void, void>;

type Reader = (source: ByteSource) => Examples;

/** By the end of the file's name. */
const readers: Readonly<Record<string, Reader>> = {
  '.jsonl': (source) => rowsAsExamples(readJsonl(source)),
  '.ndjson': (source) => rowsAsExamples(readJsonl(source)),
  '.csv': (source) => rowsAsExamples(readCsv(source)),
  '.tsv': (source) => rowsAsExamples(readCsv(source, '\t')),
  '.npy': npyExamples,
};

const otherFormats = 'A folder of .npy files or of pictures is read, too. Other tables are written anew: `pandas.read_parquet("rows.parquet").to_json("rows.jsonl", orient="records", lines=True)` in Python.';

/** The examples of a file. In a .npy file they are the rows of its first axis, in a field of the file's name. */
export function* readExamples(source: ByteSource): Examples {
  const name = fileName(source.uri).toLowerCase();
  const extension = Object.keys(readers).find((end) => name.endsWith(end));
  if (extension === undefined)
    yield fail(dataCodes.finding('data-format', { file: fileName(source.uri), known: Object.keys(readers) }, [otherFormats]));
  else yield* readers[extension]!(source);
}

type Rows = Generator<Outcome<{ readonly line: number; readonly value: Example['fields'] }>, void, void>;

function* rowsAsExamples(rows: Rows): Examples {
  for (const row of rows) yield row.ok ? succeed({ at: row.value.line, fields: row.value.value }) : row;
}

function* npyExamples(source: ByteSource): Examples {
  const array = readWhole(source);
  if (!array.ok) return yield array;
  const { dtype, dims, bytes } = array.value;
  const file = fileName(source.uri);
  if (dims.length === 0)
    return yield fail(dataCodes.finding('npy-unsupported', { file, reason: 'it holds a single number, and examples are rows: `np.atleast_1d(a)` is an array of one row' }));
  const [rows = 0, ...rest] = dims;
  const size = rows === 0 ? 0 : bytes.length / rows;
  const field = file.replace(/\.npy$/i, '');
  for (let i = 0; i < rows; i++)
    yield succeed({ at: i + 1, fields: { [field]: { dtype, dims: rest, bytes: bytes.subarray(i * size, (i + 1) * size) } } });
}

function readWhole(source: ByteSource): Outcome<NpyArray> {
  try {
    return readNpy(source.read(0, source.size), source.uri);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(dataCodes.finding('data-unreadable', { file: fileName(source.uri), reason }, [bytesLost]));
  }
}

/**
 * The items in random order as far as `held` of them fit into memory: each goes out when another takes its place. With at
 * least as many as there are, every order is equally likely.
 */
export function* shuffled<T>(items: Iterable<T>, held: number, seed: number): Generator<T, void, void> {
  const random = createRandom(seed);
  const waiting: T[] = [];
  for (const item of items) {
    if (waiting.length < held) {
      waiting.push(item);
      continue;
    }
    const at = random.integer(held);
    yield waiting[at]!;
    waiting[at] = item;
  }
  while (waiting.length > 0) {
    const at = random.integer(waiting.length);
    yield waiting[at]!;
    waiting[at] = waiting.at(-1)!;
    waiting.pop();
  }
}
