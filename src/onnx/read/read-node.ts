/** Reads NodeProto. */
import type { Attribute, Node } from '../../ir/graph.ts';
import { operatorKey } from './file.ts';
import { readAttribute } from './read-attribute.ts';
import type { Reading, ReadSubgraph } from './reading.ts';
import { nodeField, plainDomain } from '../schema.ts';
import { fieldsIn, spend, textOf, type Field } from './wire.ts';

export interface ReadNode {
  readonly node: Node;
  /** Some tensor in it lies in another file. */
  readonly external: boolean;
}

/** A NodeProto, subgraphs included. */
export function readNode(reading: Reading, field: Field, readSubgraph: ReadSubgraph): ReadNode {
  const { wire } = reading;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let name = '';
  let op = '';
  let domain = '';
  let overload = '';
  let external = false;
  for (const part of fieldsIn(wire, field)) {
    if (part.number === nodeField.input) inputs.push(textOf(wire, part));
    else if (part.number === nodeField.output) outputs.push(textOf(wire, part));
    else if (part.number === nodeField.name) name = textOf(wire, part);
    else if (part.number === nodeField.opType) op = textOf(wire, part);
    else if (part.number === nodeField.domain) domain = plainDomain(textOf(wire, part));
    else if (part.number === nodeField.overload) overload = textOf(wire, part);
    else if (part.number === nodeField.attribute) {
      const read = readAttribute(reading, part, readSubgraph);
      attributes.set(read.name, read.attribute);
      external ||= read.external;
    }
  }
  spend(wire, field.start, 300);
  for (const value of [...inputs, ...outputs]) reading.values.add(value);
  reading.nodes.add(name);
  reading.operators.add(operatorKey(domain, op, overload));
  return { node: { name, op, domain, ...(overload === '' ? {} : { overload }), inputs, outputs, attributes, offset: field.start }, external };
}
