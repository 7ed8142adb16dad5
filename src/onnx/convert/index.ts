/** A file's graphs under newer operator sets: only the nodes that must change do, the rest passes as the bytes it is. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import { reach } from '../../ir/needs.ts';
import type { Link } from '../../ir/program.ts';
import { Fault, fileName } from '../read/fault.ts';
import { operatorKey, type FunctionExtent, type NodeExtent, type OnnxFile } from '../read/file.ts';
import { Refusal, type Surroundings } from './rule.ts';
import { ruleSets } from './rules.ts';
import { onlyFloatOf, surroundingsOf, type FileNames } from './surroundings.ts';

/** What is written instead of a file's own records. */
export interface Conversion {
  /** Nodes in subgraphs and local functions, by the byte at which the node that they stand for begins. */
  readonly replaced: ReadonlyMap<number, readonly Node[]>;
  /** The versions that the local functions are to import. */
  readonly opsets: ReadonlyMap<string, number>;
}

interface Work {
  readonly file: OnnxFile;
  readonly targets: ReadonlyMap<string, number>;
  readonly names: FileNames;
  readonly replaced: Map<number, readonly Node[]>;
}

/**
 * The file as one of the targets' versions; itself where they are its own. Of a file that is cut only what some cut
 * needs is converted. Throws a Fault where a node cannot be converted, or a domain's history is unknown.
 */
export function convertFile(
  file: OnnxFile,
  targets: ReadonlyMap<string, number>,
  cuts?: readonly Cut[],
): OnnxFile {
  const outdated = [...file.opsets].filter(([domain, version]) => needsConversion(file, domain, version, targets));
  if (outdated.length === 0) return file;
  for (const [domain, version] of outdated) checkHistory(file, domain, version, targets.get(domain)!);
  const taken = new Set(file.names.values);
  const work: Work = { file, targets, names: { taken, onlyFloat: onlyFloatOf(file.graph) }, replaced: new Map() };
  const asked = new Set(cuts?.flatMap((cut) => [...cut.outputs.keys()]));
  const needed = cuts === undefined ? undefined : neededNodes(file, cuts);
  const around = surroundingsOf(file.graph, work.names, undefined, asked);
  const layout: NodeExtent[] = [];
  const nodes = file.graph.nodes.flatMap((node, index) => {
    const isNeeded = needed === undefined || needed.has(index);
    const converted = isNeeded ? convertNode(node, file.opsets, around, work) : [node];
    const isSame = converted.length === 1 && converted[0]!.offset !== undefined;
    for (const _ of converted) layout.push(isSame ? file.layout.nodes[index]! : { ...file.layout.nodes[index]!, isOurs: true });
    return converted;
  });
  const functions = file.layout.functions.map((extent) => convertFunction(extent, work));
  return {
    ...file,
    opsets: new Map([...file.opsets, ...targets].filter(([domain]) => file.opsets.has(domain))),
    graph: { ...file.graph, nodes },
    layout: { ...file.layout, nodes: layout, functions },
    names: { ...file.names, values: taken },
    ...(work.replaced.size === 0 && functions.length === 0
      ? {}
      : { conversion: { replaced: work.replaced, opsets: targets } }),
  };
}

/** What a link takes of a file: its inputs may stand for inner tensors, and its outputs may be such. */
export type Cut = Pick<Link, 'inputs' | 'outputs'>;

const neededNodes = ({ graph }: OnnxFile, cuts: readonly Cut[]): ReadonlySet<number> =>
  new Set(cuts.flatMap(({ inputs, outputs }) => [...reach(graph, outputs.keys(), inputs).nodes]));

/** As `convertFile`, with a finding where that throws. */
export function convertModel(
  file: OnnxFile,
  targets: ReadonlyMap<string, number>,
  cuts?: readonly Cut[],
): Outcome<OnnxFile> {
  try {
    return succeed(convertFile(file, targets, cuts));
  } catch (error) {
    if (error instanceof Fault) return fail(error.finding);
    throw error;
  }
}

function needsConversion(
  file: OnnxFile,
  domain: string,
  version: number,
  targets: ReadonlyMap<string, number>,
): boolean {
  const target = targets.get(domain);
  return target !== undefined && target !== version && usesDomain(file, domain);
}

/** Many files import domains of which they use no operator: whatever their version is. */
export function usesDomain({ names, layout }: OnnxFile, domain: string): boolean {
  const isOf = (key: string): boolean => key.startsWith(`${domain}\n`);
  return [...names.operators].some(isOf) || layout.functions.some(({ calls }) => [...calls].some(isOf));
}

function checkHistory(file: OnnxFile, domain: string, from: number, to: number): void {
  const rules = ruleSets.get(domain);
  const refuse = (reason: string): Fault =>
    new Fault(
      onnxCodes.finding('opset-conversion', {
        file: fileName(file.uri),
        what: `the operator set \`${domain || 'ai.onnx'}\``,
        from,
        to,
        reason,
      }),
    );
  if (rules === undefined) throw refuse('how its operators have changed is unknown');
  if (from > to) throw refuse('operators are converted to newer versions only');
  if (from < rules.oldest) throw refuse(`versions before ${rules.oldest} are not converted`);
  if (to > rules.newest) throw refuse(`what changed after ${rules.newest} is unknown to this version of MDL`);
}

/** The node as it is where nothing changes; its subgraphs are converted, too. */
function convertNode(
  node: Node,
  opsets: ReadonlyMap<string, number>,
  around: Surroundings,
  work: Work,
): readonly Node[] {
  const outer = convertSubgraphs(node, opsets, around, work);
  const from = opsets.get(node.domain);
  const to = work.targets.get(node.domain);
  if (from === undefined || to === undefined || isLocal(node, work.file)) return [outer];
  return raise(outer, from, to, around, work);
}

const isLocal = (node: Node, { layout }: OnnxFile): boolean => {
  const key = operatorKey(node.domain, node.op, '');
  return layout.functions.some((extent) => extent.key === key);
};

/** One version after the other: what a rule answers is taken further from there. */
function raise(node: Node, from: number, to: number, around: Surroundings, work: Work): readonly Node[] {
  const own = ruleSets.get(node.domain)?.rules[node.op] ?? {};
  const next = Object.keys(own).map(Number).sort((a, b) => a - b).find((version) => version > from && version <= to);
  if (next === undefined) return [node];
  let converted: readonly Node[];
  try {
    converted = own[next]!(node, around);
    for (const each of converted) if (each !== node) checkWritable(each);
    checkOutputs(node, converted, around);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw refusal(node, from, next, error.message, work.file);
  }
  return converted.flatMap((each) => raise(each, next, to, around, work));
}

/** A malformed node may have outputs that its operator never had, and that no rule knows of. */
function checkOutputs(node: Node, converted: readonly Node[], around: Surroundings): void {
  const made = new Set(converted.flatMap(({ outputs }) => outputs));
  const lost = node.outputs.find((output) => output !== '' && !made.has(output) && around.isUsed(output));
  if (lost !== undefined) throw new Refusal(`its output \`${lost}\` is none that the operator has`);
}

/** Attributes that no operator with a rule has cannot be written anew, and need not be. */
function checkWritable(node: Node): void {
  for (const [name, attribute] of node.attributes) {
    const isPlain = attribute.type !== 'opaque' && attribute.type !== 'graph';
    const isStored = attribute.type !== 'tensor' || attribute.value.bytes !== undefined;
    if (!isPlain || !isStored) throw new Refusal(`its attribute \`${name}\` is of a kind that only its own file can hold`);
  }
}

function refusal(node: Node, from: number, to: number, reason: string, file: OnnxFile): Fault {
  const name = node.name || node.outputs.find((output) => output !== '') || '(unnamed)';
  return new Fault(
    onnxCodes.finding(
      'opset-conversion',
      { file: fileName(file.uri), what: `the node \`${name}\` (${node.op})`, from, to, reason },
      node.offset === undefined ? [] : [`The node lies at byte ${node.offset}.`],
    ),
  );
}

function convertSubgraphs(node: Node, opsets: ReadonlyMap<string, number>, around: Surroundings, work: Work): Node {
  const graphs = [...node.attributes].filter(([, attribute]) => attribute.type === 'graph');
  if (graphs.length === 0) return node;
  const attributes = new Map(node.attributes);
  for (const [name, attribute] of graphs)
    if (attribute.type === 'graph')
      attributes.set(name, { type: 'graph', value: convertInner(attribute.value, opsets, around, work) });
  return { ...node, attributes };
}

/** A graph whose records are rewritten one by one: what takes a node's place is remembered by where that lies. */
function convertInner(
  graph: Graph,
  opsets: ReadonlyMap<string, number>,
  outer: Surroundings | undefined,
  work: Work,
): Graph {
  const names = outer === undefined ? { ...work.names, onlyFloat: undefined } : work.names;
  const around = surroundingsOf(graph, names, outer);
  const nodes = graph.nodes.flatMap((node) => {
    const converted = convertNode(node, opsets, around, work);
    if (converted.length !== 1 || converted[0]!.offset === undefined) work.replaced.set(node.offset!, converted);
    return converted;
  });
  return { ...graph, nodes };
}

/** A local function imports its own operator sets; where it names none, those of the model. */
function convertFunction(extent: FunctionExtent, work: Work): FunctionExtent {
  const opsets = new Map([...work.file.opsets, ...extent.opsets]);
  return { ...extent, graph: convertInner(extent.graph, opsets, undefined, work) };
}
