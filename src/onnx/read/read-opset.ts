/** Reads OperatorSetIdProto. */
import { opsetField, plainDomain } from '../schema.ts';
import { fieldsOf, numberOf, textOf, type Extent, type Wire } from './wire.ts';

/** Domain and version. */
export function readOpset(wire: Wire, { body, end }: Extent): [string, number] {
  let domain = '';
  let version = 0;
  for (const part of fieldsOf(wire, body, end)) {
    if (part.number === opsetField.domain) domain = plainDomain(textOf(wire, part));
    else if (part.number === opsetField.version) version = numberOf(wire, part);
  }
  return [domain, version];
}
