/** The GraphProto of a composed file. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Node } from '../../ir/graph.ts';
import type { Port, Program } from '../../ir/program.ts';
import { constantOf } from '../../types/dim.ts';
import { writeInfo, writeNode, writeTensor, type Authoring } from './author.ts';
import type { DimNames } from './dim-names.ts';
import { Fault } from '../read/fault.ts';
import type { InitializerExtent, NamedExtent } from '../read/file.ts';
import type { Foreign } from './foreign.ts';
import type { FunctionPlan } from './functions.ts';
import type { LinkPlan } from './link-plan.ts';
import { record, type Piece } from './pieces.ts';
import { encodeGraphHead } from './proto.ts';
import type { Message, Renaming } from './rename.ts';
import { graphField } from '../schema.ts';
import type { Stored } from './storage.ts';
import type { ValueNames } from './value-names.ts';

export interface GraphParts {
  readonly program: Program;
  readonly plans: readonly LinkPlan[];
  readonly dims: DimNames;
  readonly names: ValueNames;
  readonly functions: FunctionPlan;
  readonly foreign: Foreign;
  readonly weights: Stored;
}

/** A link with the names it takes on, and whether its records can change at all. */
interface Linked extends LinkPlan {
  readonly renaming: Renaming;
  readonly isUntouched: boolean;
}

/** The graph's payload. Throws a Fault where the program cannot be written. */
export function graphPieces(parts: GraphParts): Piece[] {
  const { program, names, foreign, weights } = parts;
  const complain = (reason: string): never => {
    throw new Fault(onnxCodes.finding('onnx-program', { model: program.name, reason }));
  };
  const authoring: Authoring = { nameOf: names.nameOf, writeDim: parts.dims.write, complain };
  const linked = new Map(parts.plans.map((plan) => [plan.link, readyLink(plan, parts)]));
  const all = [...linked.values()];
  const nodes = program.steps.flatMap((step) =>
    step.kind === 'link' ? linkNodes(linked.get(step)!, parts, authoring) : ourNode(step, parts, authoring),
  );
  return [
    ...nodes,
    ...outputIdentities(parts),
    encodeGraphHead(program.name, program.doc),
    ...all.flatMap((link) => linkConstants(link, parts)),
    ...program.initializers.flatMap((tensor) =>
      record(graphField.initializer, writeTensor(tensor, names.nameOf(tensor.name), authoring, weights.refer(tensor.bytes))),
    ),
    ...portInfos(graphField.input, program.inputs, parts, authoring),
    ...portInfos(graphField.output, program.outputs, parts, authoring),
    ...innerInfos(all, parts, authoring),
    ...all.flatMap((link) => annotations(link, foreign)),
    ...all.flatMap(({ file }) =>
      file.layout.graphExtras.map(({ start, end }) => ({ uri: file.uri, offset: start, length: end - start })),
    ),
  ];
}

function readyLink(plan: LinkPlan, { dims, names, functions }: GraphParts): Linked {
  const renamedDims = dims.ofLink(plan.link);
  const operators = functions.operatorsOf(plan.file);
  const dim = (name: string): string => renamedDims.get(name) ?? name;
  const value = (name: string): string => {
    const replacement = plan.replaced.get(name);
    return replacement === undefined ? plan.value(name) : names.nameOf(replacement);
  };
  const { conversion } = plan.file;
  const isUntouched = !plan.renames && renamedDims.size === 0 && operators.size === 0 && conversion === undefined;
  return { ...plan, value, renaming: { value, node: plan.node, dim, operators, conversion }, isUntouched };
}

function copy(link: Linked, extent: InitializerExtent | NamedExtent, message: Message, foreign: Foreign): Piece[] {
  const external = 'external' in extent && extent.external;
  return foreign.copy(link.file.uri, extent, message, link.isUntouched && !external ? undefined : link.renaming);
}

/** Values of the program are carried to the link's input names by Identity nodes; then its own nodes follow. */
function linkNodes(link: Linked, { names, foreign }: GraphParts, authoring: Authoring): Piece[] {
  const { file, renaming } = link;
  const identities = link.carried.flatMap((name) =>
    identity(names.nameOf(link.link.inputs.get(name)!), link.value(name), `${link.link.name}:${name}`, names),
  );
  const nodes = file.layout.nodes.flatMap((extent, index) => {
    if (!link.nodes.has(index)) return [];
    if (extent.isOurs === true)
      return record(graphField.node, writeNode(renamed(file.graph.nodes[index]!, link), { ...authoring, nameOf: link.value }));
    return foreign.copy(file.uri, extent, 'Node', link.isUntouched && !extent.external ? undefined : renaming);
  });
  return [...identities, ...nodes];
}

const renamed = (node: Node, link: Linked): Node => (node.name === '' ? node : { ...node, name: link.node(node.name) });

function ourNode(node: Node, { names }: GraphParts, authoring: Authoring): Piece[] {
  return record(graphField.node, writeNode({ ...node, name: names.claimNode(node.name) }, authoring));
}

/** A tensor under a second name; nothing where both names are one. */
function identity(from: string, to: string, name: string, names: ValueNames): Piece[] {
  if (from === to) return [];
  const node: Node = {
    name: names.claimNode(name),
    op: 'Identity',
    domain: '',
    inputs: [from],
    outputs: [to],
    attributes: new Map(),
  };
  const authoring: Authoring = { nameOf: (value) => value, writeDim: () => undefined, complain: () => undefined };
  return record(graphField.node, writeNode(node, authoring));
}

const outputIdentities = ({ program, names }: GraphParts): Piece[] =>
  program.outputs.flatMap((port) => identity(names.nameOf(port.value), port.name, `output:${port.name}`, names));

function linkConstants(link: Linked, { foreign, weights }: GraphParts): Piece[] {
  const { uri, layout, graph } = link.file;
  const isWritten = ({ name }: NamedExtent): boolean => link.own.has(name) && !link.link.inputs.has(name);
  return [
    ...layout.initializers.filter(isWritten).flatMap((extent) => {
      const elsewhere = weights.refer(graph.initializers.get(extent.name)?.bytes);
      if (elsewhere === undefined) return copy(link, extent, 'Initializer', foreign);
      return foreign.refer(uri, extent, elsewhere, link.renaming);
    }),
    ...layout.sparseInitializers
      .filter(isWritten)
      .flatMap((extent) => copy(link, extent, 'SparseInitializer', foreign)),
  ];
}

function portInfos(number: number, ports: readonly Port[], parts: GraphParts, authoring: Authoring): Piece[] {
  return ports.flatMap((port) => {
    const info = writeInfo(port.name, parts.program.types.get(port.value), authoring, {
      ...(port.doc === undefined ? {} : { doc: port.doc }),
      ...(port.labels === undefined ? {} : { labels: port.labels }),
    });
    if (info === undefined) authoring.complain(`the dtype of \`${port.name}\` is unknown`);
    return info === undefined ? [] : record(number, [info]);
  });
}

/** Types of tensors that are neither inputs nor outputs of the whole: the links' as they declare them, and ours. */
function innerInfos(links: readonly Linked[], parts: GraphParts, authoring: Authoring): Piece[] {
  const { program, foreign, names } = parts;
  const seen = new Set([...program.inputs, ...program.outputs].map((port) => port.name));
  const isNew = (name: string): boolean => !seen.has(name) && seen.add(name) !== undefined;
  const ofLinks = links.flatMap((link) => {
    const { inputs, outputs, valueInfos, initializers } = link.file.layout;
    const constants = new Set(initializers.map((extent) => extent.name));
    const isKept = ({ name }: NamedExtent): boolean =>
      link.own.has(name) && (!constants.has(name) || link.link.inputs.has(name)) && isNew(link.value(name)) && !saysMore(name, link, program);
    const renaming = link.isUntouched ? undefined : link.renaming;
    const ports = [...inputs, ...outputs].filter(isKept);
    return [
      ...ports.flatMap((extent) => foreign.copyAs(graphField.valueInfo, link.file.uri, extent, 'ValueInfo', renaming)),
      ...valueInfos.filter(isKept).flatMap((extent) => copy(link, extent, 'ValueInfo', foreign)),
    ];
  });
  const ours = program.steps.flatMap((step) => (step.kind === 'operation' ? step.outputs : []));
  const ofOurs = ours.flatMap((value) => {
    if (value === '' || !isNew(names.nameOf(value))) return [];
    const info = writeInfo(names.nameOf(value), program.types.get(value), authoring);
    return info === undefined ? [] : record(graphField.valueInfo, [info]);
  });
  return [...ofLinks, ...ofOurs];
}

/** Whether the file says numbers of a tensor's sizes that this program tests: ONNX Runtime would take them for settled, and fold the test. */
function saysMore(name: string, { link, file }: Linked, { types }: Program): boolean {
  const value = link.outputs.get(name);
  const dims = value === undefined ? undefined : types.get(value)?.dims;
  const said = file.graph.types.get(name)?.dims;
  return dims !== undefined && said !== undefined && said.some((size, axis) => constantOf(size) !== undefined && dims[axis] !== undefined && constantOf(dims[axis]) === undefined);
}

const annotations = (link: Linked, foreign: Foreign): Piece[] =>
  link.file.layout.annotations
    .filter(({ name }) => link.own.has(name))
    .flatMap((extent) => copy(link, extent, 'Annotation', foreign));
