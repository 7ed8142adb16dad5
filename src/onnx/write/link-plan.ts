/**
 * What linked graphs bring into the composed file, and what that is to be called there. A link brings the nodes that its
 * outputs need, and of those only what no earlier link of the same file computes from the same values: weights, and
 * whole layers where two backbones read the same input, are there once.
 */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import { definedIn, neededBy, reach } from '../../ir/needs.ts';
import type { Link, Program } from '../../ir/program.ts';
import { Fault, fileName } from '../read/fault.ts';
import type { EqualConstant } from './equal-weights.ts';
import type { OnnxFile } from '../read/file.ts';
import { claimName } from '../names.ts';

/** What one link writes, and how the names of its file go over into the composed graph. */
export interface LinkPlan {
  readonly link: Link;
  readonly file: OnnxFile;
  /** Indices of the nodes that it writes. */
  readonly nodes: ReadonlySet<number>;
  /** The tensors that it defines, constants and inputs among them, by the file's names. */
  readonly own: ReadonlySet<string>;
  /** Inputs of the file that it carries program values to. */
  readonly carried: readonly string[];
  /** Inner tensors that the program replaces by values of its own. */
  readonly replaced: ReadonlyMap<string, string>;
  /** The composed graph's name for a tensor of the file that is not replaced. */
  readonly value: (name: string) => string;
  readonly node: (name: string) => string;
  /** Some name in its records changes. */
  readonly renames: boolean;
  /** Composed names of all tensors and nodes that it writes, those of subgraphs among them. */
  readonly names: { readonly values: readonly string[]; readonly nodes: readonly string[] };
}

/** Which constants of files are one; or that each backbone has its own, whatever they hold. */
export type Sharing = EqualConstant | 'apart';

/** Who has a tensor's name: an input or output of the whole, or a link. */
type Owner = 'port' | Link;

interface Planning {
  readonly program: Program;
  readonly sharing: Sharing;
  readonly values: Map<string, Owner>;
  readonly nodes: Set<string>;
  /** What the links before have written: a number for each different tensor, and its composed name. */
  readonly tensors: Map<string, number>;
  readonly written: Map<number, string>;
}

/**
 * The first link keeps its names: its bytes pass as they are. A link of which any name is taken already gets all its
 * own names prefixed by its own.
 */
export function planLinks(
  program: Program,
  links: ReadonlyMap<Link, OnnxFile>,
  sharing: Sharing,
): readonly LinkPlan[] {
  const ports = [...program.inputs, ...program.outputs];
  const planning: Planning = {
    program,
    sharing,
    values: new Map(ports.map((port) => [port.name, 'port'])),
    nodes: new Set(),
    tensors: new Map(),
    written: new Map(),
  };
  return [...links].map(([link, file]) => planLink(link, file, planning));
}

function planLink(link: Link, file: OnnxFile, planning: Planning): LinkPlan {
  const parts = divide(link, file, planning);
  const { nodes, own, shared, replaced } = parts;
  const inner = namesInside(file.graph, nodes);
  const values = [...new Set([...own, ...inner.values])];
  const isOwnPort = ownPorts(planning.program, link);
  const collides =
    values.some((name) => {
      const owner = planning.values.get(name);
      return owner !== undefined && !(owner === 'port' && isOwnPort(name));
    }) || inner.nodes.some((name) => planning.nodes.has(name));
  const isPrefixTaken = (prefix: string): boolean =>
    values.some((name) => planning.values.has(`${prefix}/${name}`)) ||
    inner.nodes.some((name) => planning.nodes.has(`${prefix}/${name}`));
  const prefix = collides ? `${claimName(link.name, isPrefixTaken)}/` : '';
  const value = (name: string): string => shared.get(name) ?? prefix + name;
  const node = (name: string): string => prefix + name;
  const names = { values: values.map(value), nodes: inner.nodes.map(node) };
  for (const name of names.values) planning.values.set(name, link);
  for (const name of names.nodes) planning.nodes.add(name);
  for (const [name, tensor] of parts.tensors) planning.written.set(tensor, value(name));
  const renames = prefix !== '' || replaced.size > 0 || [...shared].some(([name, composed]) => name !== composed);
  return { link, file, nodes, own, carried: parts.carried, replaced, value, node, renames, names };
}

interface Parts extends Pick<LinkPlan, 'nodes' | 'own' | 'carried' | 'replaced'> {
  /** Composed names of the tensors that earlier links have written. */
  readonly shared: ReadonlyMap<string, string>;
  /** Which tensor each name stands for, for later links. */
  readonly tensors: ReadonlyMap<string, number>;
}

/** Tells what a link has to write from what is written already. */
function divide(link: Link, file: OnnxFile, { tensors: numbers, written, sharing }: Planning): Parts {
  const { uri, graph, layout } = file;
  // Links of one backbone share in any case: they are calls of one thing.
  const here = sharing === 'apart' ? `${uri} ${backboneOf(link)}` : uri;
  const { nodes: needed, values } = reach(graph, link.outputs.keys(), link.inputs);
  const tensors = new Map<string, number>();
  const own = new Set<string>();
  const shared = new Map<string, string>();
  const numberOf = (origin: readonly unknown[], home = here): number => {
    const key = JSON.stringify([home, ...origin]);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  /** Equal origins make equal tensors; answers whether this one is new. */
  const settle = (name: string, origin: readonly unknown[], home = here): boolean => {
    const number = numberOf(origin, home);
    const composed = written.get(number);
    tensors.set(name, number);
    if (composed === undefined) own.add(name);
    else shared.set(name, composed);
    return composed === undefined;
  };
  const ports = new Set(layout.inputs.map((input) => input.name));
  const fed = [...link.inputs].filter(([name]) => values.has(name));
  const carried = fed.filter(([name, value]) => ports.has(name) && settle(name, ['input', name, value]));
  const replaced = new Map(fed.filter(([name]) => !ports.has(name)));
  const replacements = new Map([...replaced].map(([name, value]) => [name, numberOf(['value', value])]));
  for (const name of constantsOf(file, values)) {
    const equal = (sharing === 'apart' ? undefined : sharing(uri, name)) ?? { uri: here, name };
    if (!link.inputs.has(name)) settle(name, ['constant', equal.name], equal.uri);
  }
  const nodes = new Set<number>();
  for (const index of [...needed].sort((a, b) => a - b)) {
    const node = graph.nodes[index]!;
    const from = [...neededBy(node)].map((name) => replacements.get(name) ?? tensors.get(name));
    const made = node.outputs.filter((name) => name !== '' && !replaced.has(name));
    if (!made.map((name) => settle(name, ['made', name, from])).includes(true)) continue;
    nodes.add(index);
    const other = node.outputs.find((name) => replaced.has(name));
    if (other !== undefined) throw new Fault(onnxCodes.finding('onnx-link', { link: link.name, file: fileName(uri), reason: madeBeside(other, made) }));
  }
  return { nodes, own, carried: carried.map(([name]) => name), replaced, shared, tensors };
}

/** The backbone of a link: its name has a number where it is linked more than once. */
const backboneOf = ({ name }: Link): string => name.split('#', 1)[0]!;

/** The original would be made under the name of what replaces it. */
const madeBeside = (name: string, made: readonly string[]): string =>
  `\`${name}\` is replaced, but the node that makes it also makes ${made.map((other) => `\`${other}\``).join(', ')}, and nothing reads what it is replaced from`;

/** An annotation may be the only one to name a constant: where there are any, all stay. Without a name none can be meant. */
const constantsOf = ({ graph, layout }: OnnxFile, values: ReadonlySet<string>): string[] =>
  [...graph.initializers.keys()].filter((name) => name !== '' && (values.has(name) || layout.annotations.length > 0));

/** Names of nodes, and of tensors inside their subgraphs at any depth. */
function namesInside(graph: Graph, indices: Iterable<number>): { values: string[]; nodes: string[] } {
  const values: string[] = [];
  const nodes: string[] = [];
  const visit = (node: Node): void => {
    if (node.name !== '') nodes.push(node.name);
    for (const attribute of node.attributes.values()) {
      if (attribute.type !== 'graph') continue;
      for (const name of definedIn(attribute.value)) values.push(name);
      attribute.value.nodes.forEach(visit);
    }
  };
  for (const index of indices) visit(graph.nodes[index]!);
  return { values, nodes };
}

/** Whether a name of the link's file stands for the very value that the port of that name has. */
function ownPorts(program: Program, link: Link): (name: string) => boolean {
  const inputs = new Map(program.inputs.map((port) => [port.name, port.value]));
  const outputs = new Map(program.outputs.map((port) => [port.name, port.value]));
  return (name) => {
    const [fed, made] = [link.inputs.get(name), link.outputs.get(name)];
    return (fed !== undefined && inputs.get(name) === fed) || (made !== undefined && outputs.get(name) === made);
  };
}
