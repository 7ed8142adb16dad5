/** The same network as another exporter might have written it: where its numbers lie, what its tensors are called, which version it says it has. */
import type { onnx } from 'onnx-proto';
import { dataTypes, encodeModel } from '../../onnx/models.ts';
import type { Random } from './drawing.ts';

export interface DisguisedFile {
  readonly bytes: Uint8Array;
  /** By path: where numbers lie outside of the file. */
  readonly beside: Readonly<Record<string, Uint8Array>>;
  /** What tensors are called now. */
  readonly nameOf: (name: string) => string;
}

/** Names that this compiler, or another tool, might give to tensors of its own. */
const oddNames = ['x', 'y0', 'y1', 'i0', 'i1', 'fB0.out0', 'v0', 'M', 'p0', 'B0', 'B0/x', 'B0.x', 'w', 's', '0', '1', 'größe', 'a b', 'onnx::Add_1', '/layer.0/Add_output_0', 'state', 'x0', 'main.mdl:3:7', 'Add_0', 'constant', 'p0.w', 'tensor:0', 'out', 'B1/v0_0', 'v0_0'];

type Graph = onnx.IGraphProto;
const bodiesOf = (node: onnx.INodeProto): readonly Graph[] => (node.attribute ?? []).flatMap(({ g }) => (g ? [g] : []));

export function disguise(model: onnx.IModelProto, random: Random, path: string): DisguisedFile {
  const graph = { ...model.graph! };
  const beside: Record<string, Uint8Array> = {};
  const nameOf = random.chance(0.5) ? rename(graph, random) : (name: string) => name;
  if (random.chance(0.6)) storeOtherwise(graph, random);
  const hasFunctions = (model.functions ?? []).length > 0;
  const opset = Number(model.opsetImport!.find(({ domain }) => domain === '')!.version);
  const isOld = !hasFunctions && opset <= 8 && random.chance(0.7);
  if (isOld || random.chance(0.15)) listInitializers(graph);
  if (random.chance(0.2)) giveMore(graph, random);
  if (random.chance(0.3)) putBeside(graph, random, `${path}.data`, beside);
  if (random.chance(0.3)) for (const [i, node] of (graph.node ?? []).entries()) node.name = random.pick(['', `n${i}`]);
  const irVersion = isOld ? 3 : hasFunctions || opset > 14 ? random.int(8, 10) : random.int(opset > 8 ? 5 : 4, 10);
  return { bytes: encodeModel(graph, { ...model, irVersion, producerName: random.pick(['pytorch', '', 'test']), docString: random.pick(['', 'a note']) }), beside, nameOf };
}

/** Old files list their initialisers among the inputs. */
function listInitializers(graph: Graph): void {
  const dims = (all: readonly (number | unknown)[]): onnx.TensorShapeProto.IDimension[] => all.map((dimValue) => ({ dimValue: Number(dimValue) }));
  graph.input = [...graph.input!, ...(graph.initializer ?? []).map(({ name, dataType, dims: own }) => ({ name: name!, type: { tensorType: { elemType: dataType!, shape: { dim: dims(own ?? []) } } } }))];
}

/** Outputs that no node makes. */
function giveMore(graph: Graph, random: Random): void {
  const all = [...(graph.initializer ?? []).map(({ name, dataType }): onnx.IValueInfoProto => ({ name: name!, type: { tensorType: { elemType: dataType! } } })), ...graph.input!];
  const chosen = all.length === 0 ? undefined : random.pick(all);
  if (chosen !== undefined && !graph.output!.some(({ name }) => name === chosen.name)) graph.output = [...graph.output!, chosen];
}

// ---------------------------------------------------------------- names

function namesOf(graph: Graph): string[] {
  return [
    ...graph.input!.map(({ name }) => name!),
    ...(graph.initializer ?? []).map(({ name }) => name!),
    ...(graph.node ?? []).flatMap((node) => [...node.output!, ...bodiesOf(node).flatMap(namesOf)]),
  ].filter((name) => name !== '');
}

/** Some tensors, those in bodies too, under other names; no two of one file get the same. */
function rename(graph: Graph, random: Random): (name: string) => string {
  const all = [...new Set(namesOf(graph))];
  const used = new Set(all);
  const by = new Map<string, string>();
  for (const name of all) {
    const wanted = random.pick(oddNames);
    if (used.has(wanted) || !random.chance(0.6)) continue;
    used.add(wanted);
    by.set(name, wanted);
  }
  const nameOf = (name: string): string => by.get(name) ?? name;
  renameAll(graph, nameOf);
  return nameOf;
}

function renameAll(graph: Graph, nameOf: (name: string) => string): void {
  for (const each of [...(graph.input ?? []), ...(graph.output ?? []), ...(graph.initializer ?? []), ...(graph.valueInfo ?? [])]) each.name = nameOf(each.name!);
  for (const node of graph.node ?? []) {
    node.input = node.input!.map(nameOf);
    node.output = node.output!.map(nameOf);
    for (const body of bodiesOf(node)) renameAll(body, nameOf);
  }
}

// ---------------------------------------------------------------- numbers

/** Raw bytes as lists of numbers, or as nodes that make them. */
function storeOtherwise(graph: Graph, random: Random): void {
  const kept: onnx.ITensorProto[] = [];
  for (const tensor of graph.initializer ?? []) {
    const other = random.chance(0.5) ? typed(tensor) : tensor;
    if (random.chance(0.3)) graph.node = [{ opType: 'Constant', name: `Constant_${tensor.name}`, input: [], output: [tensor.name!], attribute: [{ name: 'value', type: 4, t: { ...other, name: '' } }] }, ...graph.node!];
    else kept.push(other);
  }
  graph.initializer = kept;
}

function typed(tensor: onnx.ITensorProto): onnx.ITensorProto {
  const { rawData, ...rest } = tensor;
  if (rawData === undefined || rawData === null) return tensor;
  const bytes = Uint8Array.from(rawData);
  if (tensor.dataType === dataTypes.FLOAT) return { ...rest, floatData: [...new Float32Array(bytes.buffer)] };
  if (tensor.dataType === dataTypes.INT64) return { ...rest, int64Data: Array.from(new BigInt64Array(bytes.buffer), Number) };
  if (tensor.dataType === dataTypes.INT32) return { ...rest, int32Data: [...new Int32Array(bytes.buffer)] };
  if (tensor.dataType === dataTypes.UINT8 || tensor.dataType === dataTypes.BOOL) return { ...rest, int32Data: [...bytes] };
  return tensor;
}

/** Initialisers in a file beside the model, at offsets with gaps or without. */
function putBeside(graph: Graph, random: Random, location: string, beside: Record<string, Uint8Array>): void {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const entry = (key: string, value: string): onnx.IStringStringEntryProto => ({ key, value });
  graph.initializer = (graph.initializer ?? []).map((tensor) => {
    const bytes = tensor.rawData;
    if (!bytes || bytes.length === 0 || !random.chance(0.8)) return tensor;
    const gap = random.pick([0, 0, 3, 64]);
    parts.push(new Uint8Array(gap), bytes);
    const at = offset + gap;
    offset = at + bytes.length;
    const { rawData: _, ...rest } = tensor;
    return { ...rest, dataLocation: 1, externalData: [entry('location', location), entry('offset', String(at)), entry('length', String(bytes.length))] };
  });
  if (parts.length > 0) beside[location] = new Uint8Array(Buffer.concat(parts));
}
