/** Reads GraphProto: the main graph, and those in attributes. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Graph, Node, Tensor, TensorInfo } from '../../ir/graph.ts';
import { readEntry } from './external.ts';
import { Fault, shownName } from './fault.ts';
import type { GraphLayout, InitializerExtent, NamedExtent, NodeExtent } from './file.ts';
import { readNode } from './read-node.ts';
import { readSparseTensor, readTensor, type StoredTensor } from './read-tensor.ts';
import { readValueInfo } from './read-type.ts';
import type { Reading } from './reading.ts';
import { annotationField, graphField } from '../schema.ts';
import { sortNodes } from './sort-nodes.ts';
import { fieldsIn, spend, textOf, tooComplex, type Extent, type Field } from './wire.ts';

export interface ReadGraph {
  readonly graph: Graph;
  readonly layout: GraphLayout;
  /** Some tensor in it lies in another file. */
  readonly external: boolean;
}

/** Subgraphs in subgraphs; real models go three deep. */
const maxDepth = 32;

/** What a graph takes, however empty: its maps and lists. */
const graphBytes = 1000;

/** What has been read of a graph so far. */
interface Draft {
  name: string;
  readonly nodes: Node[];
  readonly constants: Map<string, Tensor>;
  readonly types: Map<string, TensorInfo>;
  readonly metadata: Map<string, string>;
  readonly nodeExtents: NodeExtent[];
  readonly initializers: InitializerExtent[];
  readonly sparse: InitializerExtent[];
  readonly inputs: NamedExtent[];
  readonly outputs: NamedExtent[];
  readonly valueInfos: NamedExtent[];
  readonly annotations: NamedExtent[];
  readonly extras: Extent[];
}

/**
 * A graph; more than one field where the singular field occurs more than once, which protobuf merges. `depth` counts
 * the graphs around it.
 */
export function readGraph(reading: Reading, fields: readonly Field[], depth: number): ReadGraph {
  const draft: Draft = {
    name: '',
    nodes: [],
    constants: new Map(),
    types: new Map(),
    metadata: new Map(),
    nodeExtents: [],
    initializers: [],
    sparse: [],
    inputs: [],
    outputs: [],
    valueInfos: [],
    annotations: [],
    extras: [],
  };
  for (const field of fields) {
    spend(reading.wire, field.start, graphBytes);
    if (depth > maxDepth)
      throw tooComplex(reading.wire, field.start, `graphs lie more than ${maxDepth} deep in each other`);
    for (const part of fieldsIn(reading.wire, field)) readPart(reading, part, draft, depth);
  }
  return finish(draft);
}

function readPart(reading: Reading, part: Field, draft: Draft, depth: number): void {
  spend(reading.wire, part.start, 160);
  switch (part.number) {
    case graphField.node: {
      const { node, external } = readNode(reading, part, (inner) => readGraph(reading, inner, depth + 1));
      draft.nodes.push(node);
      draft.nodeExtents.push({ start: part.start, body: part.body, end: part.end, external });
      return;
    }
    case graphField.name:
      draft.name = textOf(reading.wire, part);
      return;
    case graphField.initializer:
      return addConstant(reading, draft, draft.initializers, part, readTensor(reading, part));
    case graphField.sparseInitializer:
      return addConstant(reading, draft, draft.sparse, part, readSparseTensor(reading, part));
    case graphField.input:
      return addValueInfo(reading, draft, draft.inputs, part);
    case graphField.output:
      return addValueInfo(reading, draft, draft.outputs, part);
    case graphField.valueInfo:
      return addValueInfo(reading, draft, draft.valueInfos, part);
    case graphField.quantizationAnnotation:
      draft.annotations.push(namedExtent(part, readAnnotated(reading, part)));
      return;
    case graphField.docString:
      return;
    case graphField.metadataProps:
      draft.metadata.set(...readEntry(reading.wire, part));
      draft.extras.push(extentOf(part));
      return;
    default:
      draft.extras.push(extentOf(part));
  }
}

// Written out: an object made by a spread takes four times the memory, and there are as many as records.
const extentOf = ({ start, body, end }: Field): Extent => ({ start, body, end });
const namedExtent = ({ start, body, end }: Field, name: string): NamedExtent => ({ start, body, end, name });

function addConstant(
  reading: Reading,
  draft: Draft,
  list: InitializerExtent[],
  part: Field,
  { tensor, external }: StoredTensor,
): void {
  reading.values.add(tensor.name);
  if (draft.constants.has(tensor.name)) {
    const args = { file: shownName(reading.wire.source), kind: 'initializer', name: tensor.name };
    const note = `The second one lies at byte ${part.start}.`;
    throw new Fault(onnxCodes.finding('onnx-duplicate-name', args, [note]));
  }
  draft.constants.set(tensor.name, tensor);
  list.push({ start: part.start, body: part.body, end: part.end, name: tensor.name, external });
}

function addValueInfo(reading: Reading, draft: Draft, list: NamedExtent[], part: Field): void {
  const { name, info } = readValueInfo(reading, part);
  reading.values.add(name);
  if (!draft.types.has(name)) draft.types.set(name, info);
  list.push(namedExtent(part, name));
}

function readAnnotated(reading: Reading, field: Field): string {
  for (const part of fieldsIn(reading.wire, field))
    if (part.number === annotationField.tensorName) return textOf(reading.wire, part);
  return '';
}

function finish(draft: Draft): ReadGraph {
  const initializers = draft.constants;
  const read: Graph = {
    name: draft.name,
    // An input that an initializer gives a default to need not be fed: here it counts as a constant.
    inputs: draft.inputs.map((input) => input.name).filter((name) => !initializers.has(name)),
    outputs: draft.outputs.map((output) => output.name),
    nodes: draft.nodes,
    initializers,
    types: draft.types,
    ...(draft.metadata.size === 0 ? {} : { metadata: draft.metadata }),
  };
  // ONNX wants each node after those it needs; some exporters forget.
  const order = sortNodes(read);
  const graph = order === undefined ? read : { ...read, nodes: order.map((index) => draft.nodes[index]!) };
  const layout: GraphLayout = {
    nodes: order === undefined ? draft.nodeExtents : order.map((index) => draft.nodeExtents[index]!),
    initializers: draft.initializers,
    sparseInitializers: draft.sparse,
    inputs: draft.inputs,
    outputs: draft.outputs,
    valueInfos: draft.valueInfos,
    annotations: draft.annotations,
    graphExtras: draft.extras,
  };
  const external =
    draft.nodeExtents.some((node) => node.external) ||
    [...draft.initializers, ...draft.sparse].some((tensor) => tensor.external);
  return { graph, layout, external };
}
