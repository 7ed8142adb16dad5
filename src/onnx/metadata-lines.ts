/** A file's metadata alone: of everything else only the lengths are read, so a model of any size answers at once. */
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from '../host/host.ts';
import { readEntry } from './external.ts';
import { Fault } from './fault.ts';
import { modelField } from './schema.ts';
import { fieldsOf, openWire } from './wire.ts';

/** What the metadata of composed files is called by; linked files' own of that kind go over under the link's name. */
export const metadataPrefix = 'org.mdl-lang.';

/** The lines of `metadata_props` by key, the last of equals; a finding where the file is damaged on the way. */
export function readMetadata(source: ByteSource): Outcome<ReadonlyMap<string, string>> {
  const wire = openWire(source);
  const lines = new Map<string, string>();
  try {
    for (const field of fieldsOf(wire, 0, source.size))
      if (field.number === modelField.metadataProps) lines.set(...readEntry(wire, field));
    return succeed(lines);
  } catch (error) {
    if (error instanceof Fault) return fail(error.finding);
    throw error;
  }
}
