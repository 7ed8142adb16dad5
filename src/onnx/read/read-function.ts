/** Reads FunctionProto. */
import type { Attribute, Graph, Node } from '../../ir/graph.ts';
import { operatorKey, type FunctionExtent } from './file.ts';
import { readAttribute } from './read-attribute.ts';
import { readGraph } from './read-graph.ts';
import { readNode } from './read-node.ts';
import { readOpset } from './read-opset.ts';
import { startReading } from './reading.ts';
import { functionField, plainDomain } from '../schema.ts';
import { fieldsIn, spend, textOf, type Field, type Wire } from './wire.ts';

/** What a function takes, however empty: its graph, its maps, and its sets of names. */
const functionBytes = 2600;

/** A local function: what it is called by, what it calls, and its nodes. Its tensors are its own. */
export function readFunction(wire: Wire, field: Field): FunctionExtent {
  spend(wire, field.start, functionBytes);
  const reading = startReading(wire);
  const names = { name: '', domain: '', overload: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: Node[] = [];
  const opsets = new Map<string, number>();
  const defaults = new Map<string, Attribute>();
  for (const part of fieldsIn(wire, field)) {
    if (part.number === functionField.name) names.name = textOf(wire, part);
    else if (part.number === functionField.domain) names.domain = plainDomain(textOf(wire, part));
    else if (part.number === functionField.overload) names.overload = textOf(wire, part);
    else if (part.number === functionField.input) inputs.push(textOf(wire, part));
    else if (part.number === functionField.output) outputs.push(textOf(wire, part));
    else if (part.number === functionField.opsetImport) opsets.set(...readOpset(wire, part));
    else if (part.number === functionField.attributeProto) {
      const { name, attribute } = readAttribute(reading, part, (inner) => readGraph(reading, inner, 1));
      defaults.set(name, attribute);
    } else if (part.number === functionField.node) nodes.push(readNode(reading, part, (inner) => readGraph(reading, inner, 1)).node);
  }
  const { start, body, end } = field;
  const key = operatorKey(names.domain, names.name, names.overload);
  const graph: Graph = { name: names.name, inputs, outputs, nodes, initializers: new Map(), types: new Map() };
  return { start, body, end, ...names, key, calls: reading.operators, graph, opsets, defaults };
}
