/** A file's metadata alone, and where all else lies: only lengths are read, so a model of any size answers at once. */
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';
import { readEntry } from './external.ts';
import { Fault } from './fault.ts';
import { modelField } from '../schema.ts';
import { fieldsOf, openWire, recordBytes, spend, type Extent, type Field } from './wire.ts';

/** What the metadata of composed files is called by; linked files' own of that kind go over under the link's name. */
export const metadataPrefix = 'org.mdl-lang.';

/** The lines of `metadata_props` by key, the last of equals; a finding where the file is damaged on the way. */
export const readMetadata = (source: ByteSource): Outcome<ReadonlyMap<string, string>> =>
  readFields(source, (wire, fields) => {
    const lines = new Map<string, string>();
    for (const field of fields) if (field.number === modelField.metadataProps) lines.set(...readEntry(wire, field));
    return lines;
  });

/** What of a file computes: its graph, its functions, and the operators that these are written in. */
const computing: ReadonlySet<number> = new Set([modelField.graph, modelField.opsetImport, modelField.functions]);

/** Where that lies. Two files with the same bytes there are the same model, whatever they say of their making. */
export const computingParts = (source: ByteSource): Outcome<readonly Extent[]> =>
  readFields(source, (wire, fields) =>
    Array.from(fields, (field) => {
      spend(wire, field.start, recordBytes);
      return field;
    }).filter(({ number }) => computing.has(number)),
  );

function readFields<T>(source: ByteSource, read: (wire: ReturnType<typeof openWire>, fields: Iterable<Field>) => T): Outcome<T> {
  const wire = openWire(source);
  try {
    return succeed(read(wire, fieldsOf(wire, 0, source.size)));
  } catch (error) {
    if (error instanceof Fault) return fail(error.finding);
    throw error;
  }
}
