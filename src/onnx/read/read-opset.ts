/** Reads OperatorSetIdProto. */
import { opsetField, plainDomain } from '../schema.ts';
import { fieldsOf, numberOf, recordBytes, spend, textOf, type Extent, type Wire } from './wire.ts';

/** Domain and version. */
export function readOpset(wire: Wire, { start, body, end }: Extent): [string, number] {
  spend(wire, start, recordBytes);
  let domain = '';
  let version = 0;
  for (const part of fieldsOf(wire, body, end)) {
    if (part.number === opsetField.domain) domain = plainDomain(textOf(wire, part));
    else if (part.number === opsetField.version) version = numberOf(wire, part);
  }
  return [domain, version];
}
