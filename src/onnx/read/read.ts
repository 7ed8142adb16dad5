/** Reads an ONNX file's skeleton: everything but the weights, and where those lie. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';
import { advised } from './advice.ts';
import { checkGraph } from './check-graph.ts';
import { readEntry } from './external.ts';
import { Fault, shownName } from './fault.ts';
import type { FunctionExtent, MetadataExtent, OnnxFile } from './file.ts';
import { describeForeign } from './not-onnx.ts';
import { readGraph } from './read-graph.ts';
import { readFunction } from './read-function.ts';
import { readOpset } from './read-opset.ts';
import { startReading, type Reading } from './reading.ts';
import { modelField, ownModelFields } from '../schema.ts';
import { fieldsOf, numberOf, openWire, recordBytes, spend, textOf, type Extent, type Field, type Wire } from './wire.ts';

/**
 * The skeleton of an ONNX file. Its time and memory depend on the graph, not on the weights, whose bytes are not
 * read. Whatever the bytes are, the answer is a model that holds together or a finding; it never throws.
 */
export function readModel(source: ByteSource): Outcome<OnnxFile> {
  const wire = openWire(source);
  try {
    const fields = readTopLevel(wire);
    if (!fields.ok) return fields;
    const file = readFields(wire, fields.value);
    const problem = checkGraph(file, shownName(source));
    return problem === undefined ? succeed(file) : fail(advised(problem));
  } catch (error) {
    if (error instanceof Fault) return fail(advised(error.finding));
    throw error;
  }
}

/** The model's own fields, or what else the file seems to be. */
function readTopLevel(wire: Wire): Outcome<readonly Field[]> {
  const fields: Field[] = [];
  const notAModel = (): Outcome<never> => {
    const { reason, notes } = describeForeign(wire);
    return fail(onnxCodes.finding('onnx-not-a-model', { file: shownName(wire.source), reason }, notes));
  };
  try {
    for (const field of fieldsOf(wire, 0, wire.source.size)) {
      spend(wire, field.start, recordBytes);
      fields.push(field);
    }
  } catch (error) {
    // A file that has begun as a model is a damaged model; anything else never was one.
    if (error instanceof Fault && !fields.some(isVersion) && error.finding.code !== 'onnx-unreadable')
      return notAModel();
    throw error;
  }
  const hasGraph = fields.some((field) => field.number === modelField.graph);
  return hasGraph ? succeed(fields) : notAModel();
}

/** ONNX files begin with their IR version, a number of one byte. */
const isVersion = (field: Field): boolean =>
  field.number === modelField.irVersion && field.type === 0 && field.end - field.body === 1;

interface Extras {
  readonly opsets: Map<string, number>;
  readonly opsetExtents: Extent[];
  /** By key. */
  readonly functions: Map<string, FunctionExtent>;
  readonly metadata: MetadataExtent[];
  readonly modelExtras: Extent[];
}

function readFields(wire: Wire, fields: readonly Field[]): OnnxFile {
  const reading = startReading(wire);
  const last = (number: number): Field | undefined => fields.findLast((field) => field.number === number);
  const versionField = last(modelField.irVersion);
  const producerField = last(modelField.producerName);
  const irVersion = versionField === undefined ? 0 : numberOf(wire, versionField);
  if (irVersion === 0) throw inconsistent(wire, 'it has a graph and no IR version');
  const extras = readExtras(wire, fields);
  const { opsets } = extras;
  if (opsets.size === 0 && irVersion >= 3) throw inconsistent(wire, 'it imports no operator set');
  // Before operator sets had versions, there was one.
  if (opsets.size === 0) opsets.set('', 1);
  const graphs = fields.filter((field) => field.number === modelField.graph);
  const { graph, layout } = readGraph(reading, graphs, 0);
  return {
    uri: wire.source.uri,
    size: wire.source.size,
    irVersion,
    producer: producerField === undefined ? '' : textOf(wire, producerField),
    opsets,
    graph,
    functions: [...extras.functions.values()],
    metadata: new Map(extras.metadata.map(({ key, value }) => [key, value])),
    names: namesOf(reading),
    layout: {
      ...layout,
      functions: [...extras.functions.values()],
      metadata: extras.metadata,
      modelExtras: extras.modelExtras,
      opsets: extras.opsetExtents,
    },
  };
}

function inconsistent(wire: Wire, reason: string): Fault {
  return new Fault(onnxCodes.finding('onnx-inconsistent', { file: shownName(wire.source), reason }));
}

function namesOf({ values, nodes, dims, operators }: Reading): OnnxFile['names'] {
  for (const names of [values, nodes, dims]) names.delete('');
  return { values, nodes, dims, operators };
}

function readExtras(wire: Wire, fields: readonly Field[]): Extras {
  const extras: Extras = { opsets: new Map(), opsetExtents: [], functions: new Map(), metadata: [], modelExtras: [] };
  for (const field of fields) {
    const { start, body, end } = field;
    switch (field.number) {
      case modelField.irVersion:
      case modelField.producerName:
      case modelField.graph:
      case modelField.trainingInfo:
        break;
      case modelField.opsetImport: {
        extras.opsets.set(...readOpset(wire, field));
        extras.opsetExtents.push({ start, body, end });
        break;
      }
      case modelField.metadataProps: {
        const [key, value] = readEntry(wire, field);
        extras.metadata.push({ start, body, end, key, value });
        break;
      }
      case modelField.functions:
        addFunction(wire, extras.functions, readFunction(wire, field));
        break;
      default:
        if (!ownModelFields.has(field.number)) extras.modelExtras.push({ start, body, end });
    }
  }
  return extras;
}

function addFunction(wire: Wire, functions: Map<string, FunctionExtent>, added: FunctionExtent): void {
  if (functions.has(added.key)) {
    const args = { file: shownName(wire.source), kind: 'local function', name: added.name };
    throw new Fault(onnxCodes.finding('onnx-duplicate-name', args, [`The second one lies at byte ${added.start}.`]));
  }
  functions.set(added.key, added);
}
