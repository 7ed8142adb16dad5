/** Reads AttributeProto. */
import type { Attribute } from '../../ir/graph.ts';
import { readTensor } from './read-tensor.ts';
import type { Reading, ReadSubgraph } from './reading.ts';
import { attributeField, attributeType } from '../schema.ts';
import {
  bytesAt,
  decodeText,
  fieldsIn,
  floatOf,
  floatsOf,
  int64Of,
  int64sOf,
  numberOf,
  recordBytes,
  spend,
  textOf,
  type Field,
} from './wire.ts';

export interface NamedAttribute {
  readonly name: string;
  readonly attribute: Attribute;
  /** Some tensor in it lies in another file. */
  readonly external: boolean;
}

/** Lists and texts beyond these sizes are passed through unread. */
const maxElements = 65_536;
const maxTextBytes = 65_536;
/** What an element takes in memory: a bigint and its reference, a number in a list that grows. */
const intBytes = 32;
const floatBytes = 16;

const opaque: Attribute = { type: 'opaque' };

/** The type of an attribute that does not say it (IR versions below 2), by the field that it fills. */
const typeOfField: ReadonlyMap<number, number> = new Map([
  [attributeField.f, attributeType.float],
  [attributeField.i, attributeType.int],
  [attributeField.s, attributeType.string],
  [attributeField.t, attributeType.tensor],
  [attributeField.g, attributeType.graph],
  [attributeField.floats, attributeType.floats],
  [attributeField.ints, attributeType.ints],
  [attributeField.strings, attributeType.strings],
]);

export function readAttribute(reading: Reading, field: Field, readSubgraph: ReadSubgraph): NamedAttribute {
  const { wire } = reading;
  let name = '';
  let type = 0;
  let refersTo: string | undefined;
  const values: Field[] = [];
  for (const part of fieldsIn(wire, field)) {
    if (part.number === attributeField.name) name = textOf(wire, part);
    else if (part.number === attributeField.type) type = numberOf(wire, part);
    else if (part.number === attributeField.refAttrName) refersTo = textOf(wire, part);
    else if (part.number !== attributeField.docString) {
      values.push(part);
      spend(wire, part.start, recordBytes);
    }
  }
  spend(wire, field.start, 150);
  if (type === 0) type = values.map((value) => typeOfField.get(value.number)).find((t) => t !== undefined) ?? 0;
  const { attribute, external } = readValue(reading, { type, values, readSubgraph });
  return { name, attribute: refersTo === undefined ? attribute : { type: 'opaque', refersTo }, external };
}

interface Value {
  readonly type: number;
  readonly values: readonly Field[];
  readonly readSubgraph: ReadSubgraph;
}

interface ReadValue {
  readonly attribute: Attribute;
  readonly external: boolean;
}

const plain = (attribute: Attribute): ReadValue => ({ attribute, external: false });

function readValue(reading: Reading, { type, values, readSubgraph }: Value): ReadValue {
  const { wire } = reading;
  const all = (number: number): readonly Field[] => values.filter((value) => value.number === number);
  const last = (number: number): Field | undefined => all(number).at(-1);
  switch (type) {
    case attributeType.float: {
      const value = last(attributeField.f);
      return plain({ type: 'float', value: value === undefined ? 0 : floatOf(wire, value) });
    }
    case attributeType.int: {
      const value = last(attributeField.i);
      return plain({ type: 'int', value: value === undefined ? 0n : int64Of(wire, value) });
    }
    case attributeType.string: {
      const [value = ''] = readTexts(reading, all(attributeField.s)) ?? [undefined];
      return plain(value === undefined ? opaque : { type: 'string', value });
    }
    case attributeType.floats:
      return plain(readFloats(reading, all(attributeField.floats)));
    case attributeType.ints:
      return plain(readInts(reading, all(attributeField.ints)));
    case attributeType.strings: {
      const value = readTexts(reading, all(attributeField.strings));
      return plain(value === undefined ? opaque : { type: 'strings', value });
    }
    case attributeType.tensor: {
      const value = last(attributeField.t);
      if (value === undefined) return plain(opaque);
      const { tensor, external } = readTensor(reading, value);
      return { attribute: { type: 'tensor', value: tensor }, external };
    }
    case attributeType.graph: {
      const { graph, external } = readSubgraph(all(attributeField.g));
      return { attribute: { type: 'graph', value: graph }, external };
    }
    default:
      return readOpaque(reading, { type, values, readSubgraph });
  }
}

/** An attribute that is only passed through; its subgraphs are read all the same, for the names in them. */
function readOpaque(reading: Reading, { values, readSubgraph }: Value): ReadValue {
  let external = false;
  for (const value of values) {
    if (value.number === attributeField.graphs) external = readSubgraph([value]).external || external;
    else if (value.number === attributeField.tensors) external = readTensor(reading, value).external || external;
  }
  return { attribute: opaque, external };
}

/** The texts, or undefined where one is too long or not UTF-8: ONNX's strings may be any bytes. */
function readTexts(reading: Reading, fields: readonly Field[]): readonly string[] | undefined {
  const texts: string[] = [];
  for (const field of fields) {
    if (field.end - field.body > maxTextBytes || texts.length === maxElements) return undefined;
    spend(reading.wire, field.start, 2 * (field.end - field.body));
    const text = decodeText(bytesAt(reading.wire, field.body, field.end));
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

function readInts(reading: Reading, fields: readonly Field[]): Attribute {
  const value: bigint[] = [];
  for (const field of fields)
    for (const element of int64sOf(reading.wire, field)) {
      if (value.length === maxElements) return opaque;
      spend(reading.wire, field.start, intBytes);
      value.push(element);
    }
  return { type: 'ints', value };
}

function readFloats(reading: Reading, fields: readonly Field[]): Attribute {
  const value: number[] = [];
  for (const field of fields)
    for (const element of floatsOf(reading.wire, field, 4)) {
      if (value.length === maxElements) return opaque;
      spend(reading.wire, field.start, floatBytes);
      value.push(element);
    }
  return { type: 'floats', value };
}
