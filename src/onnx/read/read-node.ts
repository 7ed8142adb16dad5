/** Reads NodeProto. */
import type { Attribute, Node } from '../../ir/graph.ts';
import { operatorKey } from './file.ts';
import { readAttribute } from './read-attribute.ts';
import { compact, type Reading, type ReadSubgraph } from './reading.ts';
import { nodeField, plainDomain } from '../schema.ts';
import { fieldsIn, spend, textOf, type Field } from './wire.ts';

/** What a name of an input or output takes in the sets and maps by which names are checked, beside itself. */
const portBytes = 100;

const noAttributes: ReadonlyMap<string, Attribute> = new Map();

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
  let attributes: Map<string, Attribute> | undefined;
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
      attributes ??= new Map();
      attributes.set(read.name, read.attribute);
      external ||= read.external;
    }
  }
  spend(wire, field.start, 300 + portBytes * (inputs.length + outputs.length));
  for (const value of inputs) reading.values.add(value);
  for (const value of outputs) reading.values.add(value);
  reading.nodes.add(name);
  reading.operators.add(operatorKey(domain, op, overload));
  const ports = { inputs: compact(inputs), outputs: compact(outputs) };
  return { node: { name, op, domain, ...(overload === '' ? {} : { overload }), ...ports, attributes: attributes ?? noAttributes, offset: field.start }, external };
}
