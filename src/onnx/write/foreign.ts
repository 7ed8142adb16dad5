/** Foreign records on their way into the composed file: as they are where they can be, rewritten where they must. */
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';
import type { Conversion } from '../convert/index.ts';
import { Fault } from '../read/fault.ts';
import type { SameBytes } from './functions.ts';
import { lengthOf, record, recordHead, type Piece } from './pieces.ts';
import { referInitializer, rewriteRecord, type Message, type Renaming } from './rename.ts';
import type { ReadElements } from './equal-weights.ts';
import { bytesAt, fieldsOf, openWire, readSource, type Extent, type Wire } from '../read/wire.ts';

export interface Foreign {
  /** A record with its own tag. `renaming` is undefined where nothing in it can change. */
  readonly copy: (uri: string, extent: Extent, message: Message, renaming: Renaming | undefined) => Piece[];
  /** An initializer's record with these fields in the place of its elements. */
  readonly refer: (uri: string, extent: Extent, by: readonly Piece[], renaming: Renaming) => Piece[];
  /** A record under another field number. */
  readonly copyAs: (
    number: number,
    uri: string,
    extent: Extent,
    message: Message,
    renaming: Renaming | undefined,
  ) => Piece[];
  readonly sameBytes: SameBytes;
  readonly read: ReadElements;
  /** A renaming of nothing but operators; undefined where there are none to rename or to convert. */
  readonly renamingFor: (
    operators: ReadonlyMap<string, string>,
    conversion: Conversion | undefined,
  ) => Renaming | undefined;
  readonly close: () => void;
}

const same = (name: string): string => name;

/** Opens files when bytes of theirs are first needed; `close` closes them all. */
export function createForeign(open: (uri: string) => Outcome<ByteSource>): Foreign {
  const wires = new Map<string, Wire>();
  const wireOf = (uri: string): Wire => {
    const known = wires.get(uri);
    if (known !== undefined) return known;
    const opened = open(uri);
    if (!opened.ok) throw new Fault(opened.finding);
    const wire = openWire(opened.value);
    wires.set(uri, wire);
    return wire;
  };
  const rewrite = (uri: string, extent: Extent, message: Message, renaming: Renaming): Piece[] | undefined => {
    const wire = wireOf(uri);
    // Nothing of what is read here is kept for long.
    wire.spent = 0;
    return rewriteRecord(wire, extent, message, renaming);
  };
  return {
    copy: (uri, extent, message, renaming) => {
      const payload = renaming === undefined ? undefined : rewrite(uri, extent, message, renaming);
      if (payload === undefined) return [range(uri, extent.start, extent.end)];
      return [recordHead(numberAt(wireOf(uri), extent), lengthOf(payload)), ...payload];
    },
    refer: (uri, extent, by, renaming) => {
      const wire = wireOf(uri);
      wire.spent = 0;
      return record(numberAt(wire, extent), referInitializer(wire, extent, by, renaming));
    },
    copyAs: (number, uri, extent, message, renaming) => {
      const payload = (renaming === undefined ? undefined : rewrite(uri, extent, message, renaming)) ?? [
        range(uri, extent.body, extent.end),
      ];
      return [recordHead(number, lengthOf(payload)), ...payload];
    },
    sameBytes: (a, b, x, y) => equalBytes(payloadOf(wireOf(a.uri), x), payloadOf(wireOf(b.uri), y)),
    read: (bytes, from, length) => {
      if (bytes instanceof Uint8Array) return bytes.subarray(from, from + length);
      return readSource(wireOf(bytes.uri).source, bytes.offset + from, length);
    },
    renamingFor: (operators, conversion) =>
      operators.size === 0 && conversion === undefined
        ? undefined
        : { value: same, node: same, dim: same, operators, conversion },
    close: () => wires.forEach((wire) => wire.source.close()),
  };
}

const range = (uri: string, from: number, to: number): Piece => ({ uri, offset: from, length: to - from });

function numberAt(wire: Wire, extent: Extent): number {
  for (const field of fieldsOf(wire, extent.start, extent.end)) return field.number;
  return 0;
}

const payloadOf = (wire: Wire, extent: Extent): Uint8Array => bytesAt(wire, extent.body, extent.end);

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
