/**
 * Rewrites the names in a foreign record, and takes in what it stores in other files. Everything else in the record
 * stays a range of its file, fields that this version does not know included.
 */
import type { FileRange } from '../../ir/graph.ts';
import { writeNode, type Authoring } from './author.ts';
import type { Conversion } from '../convert/index.ts';
import { operatorKey } from '../read/file.ts';
import { record, type Piece } from './pieces.ts';
import { encodeOpset } from './proto.ts';
import { readOpset } from '../read/read-opset.ts';
import { readTensor } from '../read/read-tensor.ts';
import { startReading } from '../read/reading.ts';
import {
  annotationField,
  attributeField,
  dimensionField,
  entryField,
  externalLocation,
  functionField,
  graphField,
  nodeField,
  plainDomain,
  shapeField,
  sparseTensorField,
  tensorField,
  tensorTypeField,
  typeField,
  valueInfoField,
} from '../schema.ts';
import { elementFields } from './storage.ts';
import { fieldsOf, numberOf, textOf, tooComplex, type Extent, type Field, type Wire } from '../read/wire.ts';

export interface Renaming {
  /** Tensors. None of these is asked for the empty name. */
  readonly value: (name: string) => string;
  readonly node: (name: string) => string;
  /** `dim_param`s. */
  readonly dim: (name: string) => string;
  /** New names of operators, by their keys: local functions that another model defines differently. */
  readonly operators: ReadonlyMap<string, string>;
  /** What a conversion writes instead of nodes of subgraphs and functions. */
  readonly conversion: Conversion | undefined;
}

export type Message = keyof typeof messages;
type NameRole = 'value' | 'node' | 'dim' | 'operator';

/** Where names stand: by message and field, either a name's role or the message that the field holds. */
const messages = {
  Graph: new Map([
    [graphField.node, 'Node'],
    [graphField.initializer, 'Initializer'],
    [graphField.input, 'ValueInfo'],
    [graphField.output, 'ValueInfo'],
    [graphField.valueInfo, 'ValueInfo'],
    [graphField.quantizationAnnotation, 'Annotation'],
    [graphField.sparseInitializer, 'SparseInitializer'],
  ]),
  Node: new Map([
    [nodeField.input, 'value'],
    [nodeField.output, 'value'],
    [nodeField.name, 'node'],
    [nodeField.opType, 'operator'],
    [nodeField.attribute, 'Attribute'],
    [nodeField.deviceConfigurations, 'DeviceConfiguration'],
  ]),
  DeviceConfiguration: new Map([[2, 'Sharding']]),
  Sharding: new Map([[1, 'value']]),
  Attribute: new Map([
    [attributeField.t, 'Tensor'],
    [attributeField.g, 'Graph'],
    [attributeField.tensors, 'Tensor'],
    [attributeField.graphs, 'Graph'],
    [attributeField.tp, 'Type'],
    [attributeField.typeProtos, 'Type'],
    [attributeField.sparseTensor, 'SparseTensor'],
    [attributeField.sparseTensors, 'SparseTensor'],
  ]),
  /** The name of an initializer is a tensor's name, that of a tensor in an attribute is not. */
  Initializer: new Map([[tensorField.name, 'value']]),
  Tensor: new Map(),
  SparseInitializer: new Map([
    [sparseTensorField.values, 'Initializer'],
    [sparseTensorField.indices, 'Tensor'],
  ]),
  SparseTensor: new Map([
    [sparseTensorField.values, 'Tensor'],
    [sparseTensorField.indices, 'Tensor'],
  ]),
  Annotation: new Map([
    [annotationField.tensorName, 'value'],
    [annotationField.parameterNames, 'AnnotationEntry'],
  ]),
  AnnotationEntry: new Map([[entryField.value, 'value']]),
  ValueInfo: new Map([
    [valueInfoField.name, 'value'],
    [valueInfoField.type, 'Type'],
  ]),
  Type: new Map([
    [typeField.tensorType, 'TensorType'],
    [typeField.sequenceType, 'ElementType'],
    [typeField.mapType, 'MapType'],
    [typeField.sparseTensorType, 'TensorType'],
    [typeField.optionalType, 'ElementType'],
  ]),
  ElementType: new Map([[1, 'Type']]),
  MapType: new Map([[2, 'Type']]),
  TensorType: new Map([[tensorTypeField.shape, 'Shape']]),
  Shape: new Map([[shapeField.dim, 'Dimension']]),
  Dimension: new Map([[dimensionField.dimParam, 'dim']]),
  /** A function's tensors are its own; only what it is called and what it calls can need a new name. */
  Function: new Map([
    [functionField.name, 'operator'],
    [functionField.node, 'Node'],
    [functionField.opsetImport, 'OpsetImport'],
  ]),
  /** Holds no name; a conversion replaces it. */
  OpsetImport: new Map(),
} as const satisfies Record<string, ReadonlyMap<number, string>>;

/** As deep as messages of the reader's deepest graphs can lie in each other. */
const maxDepth = 160;
const utf8 = new TextEncoder();

interface Rewriting {
  readonly wire: Wire;
  readonly renaming: Renaming;
}

/**
 * The payload of a record with its names replaced and its external tensors taken in, or undefined where nothing in
 * it changes. The wire's file must be the one that was read. Throws a Fault where it has changed since.
 */
export function rewriteRecord(wire: Wire, extent: Extent, message: Message, renaming: Renaming): Piece[] | undefined {
  return rewriteMessage({ wire, renaming }, extent, message, 0);
}

/** An initializer's payload with other fields in the place of those of its elements, which are not read. */
export function referInitializer(wire: Wire, extent: Extent, by: readonly Piece[], { value }: Renaming): Piece[] {
  const pieces: Piece[] = [];
  let kept = extent.body;
  for (const field of fieldsOf(wire, extent.body, extent.end)) {
    const name = field.number === tensorField.name ? rewriteName(wire, field, value) : undefined;
    if (name === undefined && !elementFields.has(field.number)) continue;
    pieces.push(range(wire, kept, field.start), ...(name === undefined ? [] : record(field.number, name)));
    kept = field.end;
  }
  return [...pieces, range(wire, kept, extent.end), ...by];
}

function rewriteMessage(rewriting: Rewriting, extent: Extent, message: Message, depth: number): Piece[] | undefined {
  const { wire, renaming } = rewriting;
  if (depth > maxDepth) throw tooComplex(wire, extent.start, `messages lie more than ${maxDepth} deep in each other`);
  const roles: ReadonlyMap<number, string> = messages[message];
  const operator = operatorName(wire, extent, message, renaming);
  if (message === 'OpsetImport') return convertedImport(wire, extent, renaming);
  const inlined = message === 'Tensor' || message === 'Initializer' ? externalBytes(wire, extent) : undefined;
  const pieces: Piece[] = [];
  let kept = extent.body;
  const replace = (field: Field, by: Piece[]): void => {
    // One by one: a subgraph can have more pieces than a call takes arguments.
    pieces.push(range(wire, kept, field.start));
    for (const piece of by) pieces.push(piece);
    kept = field.end;
  };
  for (const field of fieldsOf(wire, extent.body, extent.end)) {
    const role = roles.get(field.number);
    if (role === 'operator') {
      if (operator !== undefined) replace(field, record(field.number, [utf8.encode(operator)]));
    } else if (role === 'Node' && renaming.conversion?.replaced.has(field.start) === true) {
      replace(field, convertedNodes(field, renaming));
    } else if (role !== undefined) {
      const payload = isNameRole(role)
        ? rewriteName(wire, field, renaming[role])
        : rewriteMessage(rewriting, field, role as Message, depth + 1);
      if (payload !== undefined) replace(field, record(field.number, payload));
    } else if (inlined !== undefined && isExternalField(field)) replace(field, []);
  }
  if (inlined !== undefined) pieces.push(range(wire, kept, extent.end), ...record(tensorField.rawData, [inlined]));
  else if (kept > extent.body) pieces.push(range(wire, kept, extent.end));
  return pieces.length === 0 ? undefined : pieces;
}

/** Nodes that stand for one of a subgraph or a function. Their constants are small and at hand. */
function convertedNodes(field: Field, { value, node, conversion }: Renaming): Piece[] {
  const authoring: Authoring = {
    nameOf: value,
    writeDim: () => undefined,
    complain: (reason) => {
      throw new Error(`a converted node cannot be written: ${reason}`);
    },
  };
  const nodes = conversion?.replaced.get(field.start) ?? [];
  return nodes.flatMap((each) =>
    record(field.number, writeNode({ ...each, name: each.name === '' ? '' : node(each.name) }, authoring)),
  );
}

/** The import of a function that has been converted. */
function convertedImport(wire: Wire, extent: Extent, { conversion }: Renaming): Piece[] | undefined {
  if (conversion === undefined) return undefined;
  const [domain, version] = readOpset(wire, extent);
  const target = conversion.opsets.get(domain);
  return target === undefined || target === version ? undefined : [encodeOpset(domain, target)];
}

const isNameRole = (role: string): role is Exclude<NameRole, 'operator'> =>
  role === 'value' || role === 'node' || role === 'dim';

const isExternalField = (field: Field): boolean =>
  field.number === tensorField.externalData || field.number === tensorField.dataLocation;

const range = (wire: Wire, from: number, to: number): FileRange => ({
  uri: wire.source.uri,
  offset: from,
  length: to - from,
});

function rewriteName(wire: Wire, field: Field, rename: (name: string) => string): Piece[] | undefined {
  const name = textOf(wire, field);
  const renamed = name === '' ? '' : rename(name);
  return renamed === name ? undefined : [utf8.encode(renamed)];
}

/** The new name of the operator that a node calls or a function defines; undefined where it keeps its own. */
function operatorName(wire: Wire, extent: Extent, message: Message, { operators }: Renaming): string | undefined {
  const isFunction = message === 'Function';
  if (operators.size === 0 || (!isFunction && message !== 'Node')) return undefined;
  const numbers = isFunction ? functionField : { ...nodeField, name: nodeField.opType };
  const texts = new Map<number, string>();
  for (const field of fieldsOf(wire, extent.body, extent.end))
    if (field.number === numbers.name || field.number === numbers.domain || field.number === numbers.overload)
      texts.set(field.number, textOf(wire, field));
  const text = (number: number): string => texts.get(number) ?? '';
  return operators.get(operatorKey(plainDomain(text(numbers.domain)), text(numbers.name), text(numbers.overload)));
}

/** Where an external tensor's elements lie; undefined where they are in the record itself. */
function externalBytes(wire: Wire, extent: Extent): Piece | undefined {
  for (const field of fieldsOf(wire, extent.body, extent.end)) {
    if (field.number !== tensorField.dataLocation || numberOf(wire, field) !== externalLocation) continue;
    return readTensor(startReading(wire), { ...extent, number: 0, type: 2 }).tensor.bytes;
  }
  return undefined;
}
