/** What linked graphs are to be called in the composed file. */
import type { Link, Program } from '../ir/program.ts';
import type { OnnxFile } from './file.ts';
import { claimName } from './names.ts';

/** How one link's names go over into the composed graph. */
export interface LinkPlan {
  readonly link: Link;
  readonly file: OnnxFile;
  /** The composed graph's name for a tensor of the file. */
  readonly value: (name: string) => string;
  readonly node: (name: string) => string;
  /** Some name changes. */
  readonly renames: boolean;
  /** Constants that an earlier link of the same file has brought already. */
  readonly shared: ReadonlySet<string>;
  /** Inputs that the program feeds although the file has a default for them. */
  readonly overridden: ReadonlySet<string>;
}

/** Who has a tensor's name: an input or output of the whole, or a link. */
type Owner = 'port' | Link;

interface Taken {
  readonly values: Map<string, Owner>;
  readonly nodes: Set<string>;
  /** What each file's constants are called, by the file's URI and their own names. */
  readonly constants: Map<string, Map<string, string>>;
}

/**
 * The first link keeps its names: its bytes pass as they are. A link of which any name is taken already gets all its
 * names prefixed by its own, except for constants that it shares with an earlier link of the same file.
 */
export function planLinks(program: Program, links: ReadonlyMap<Link, OnnxFile>): readonly LinkPlan[] {
  const ports = [...program.inputs, ...program.outputs];
  const taken: Taken = {
    values: new Map(ports.map((port) => [port.name, 'port'])),
    nodes: new Set(),
    constants: new Map(),
  };
  return [...links].map(([link, file]) => planLink(program, link, file, taken));
}

function planLink(program: Program, link: Link, file: OnnxFile, taken: Taken): LinkPlan {
  const overridden = new Set([...link.inputs.keys()].filter((name) => file.graph.initializers.has(name)));
  const known = taken.constants.get(file.uri) ?? new Map<string, string>();
  const shared = new Map([...known].filter(([name]) => !overridden.has(name)));
  const { values, nodes } = file.names;
  const isOwnPort = ownPorts(program, link);
  const collides =
    [...values].some((name) => {
      const owner = taken.values.get(name);
      return owner !== undefined && !(owner === 'port' && isOwnPort(name));
    }) || [...nodes].some((name) => taken.nodes.has(name));
  const isPrefixTaken = (prefix: string): boolean =>
    [...values].some((name) => taken.values.has(`${prefix}/${name}`)) ||
    [...nodes].some((name) => taken.nodes.has(`${prefix}/${name}`));
  const prefix = collides ? `${claimName(link.name, isPrefixTaken)}/` : '';
  const value = (name: string): string => shared.get(name) ?? prefix + name;
  const node = (name: string): string => prefix + name;
  for (const name of values) if (!shared.has(name)) taken.values.set(value(name), link);
  for (const name of nodes) taken.nodes.add(node(name));
  for (const name of constantsOf(file)) if (!overridden.has(name)) known.set(name, value(name));
  taken.constants.set(file.uri, known);
  return { link, file, value, node, renames: prefix !== '', shared: new Set(shared.keys()), overridden };
}

/** Tensors that a file states once and for all: its initializers, and the outputs of its Constant nodes. */
function* constantsOf(file: OnnxFile): Generator<string> {
  yield* file.graph.initializers.keys();
  for (const node of file.graph.nodes) if (isConstant(node)) yield* node.outputs;
}

export const isConstant = (node: { readonly op: string; readonly domain: string }): boolean =>
  node.op === 'Constant' && node.domain === '';

/** Whether a name of the link's file stands for the very value that the port of that name has. */
function ownPorts(program: Program, link: Link): (name: string) => boolean {
  const inputs = new Map(program.inputs.map((port) => [port.name, port.value]));
  const outputs = new Map(program.outputs.map((port) => [port.name, port.value]));
  return (name) => {
    const [fed, made] = [link.inputs.get(name), link.outputs.get(name)];
    return (fed !== undefined && inputs.get(name) === fed) || (made !== undefined && outputs.get(name) === made);
  };
}
