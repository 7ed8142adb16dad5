/** The numbers that are stored in a graph: initializers and constants, those of its subgraphs and functions included. */
import { movement, roleOf } from '../../ops/costs/operands.ts';
import { bytesOf, dtypes, type DType } from '../../types/dtype.ts';
import type { Graph, LocalFunction, Node, Tensor } from '../graph.ts';
import { functionKey } from '../infer/scope.ts';

/** One stored tensor. */
export interface Weight {
  readonly name: string;
  /** The same object for the same weight, in whichever part of its graph it is met. */
  readonly source: object;
  /** Elements that count as parameters. */
  readonly parameters: number;
  /** As packed as ONNX packs them; 0 for strings. */
  readonly bytes: number;
}

/** All stored tensors; each once, however many nodes use it. */
export function weightsOf(graph: Graph, functions: readonly LocalFunction[]): readonly Weight[] {
  const local = new Map(functions.map((f) => [functionKey(f.domain, f.name, f.overload), f.graph]));
  const called = new Set<Graph>([graph]);
  const found: Weight[] = [];
  // A set that grows while it is walked: functions have names of their own.
  for (const body of called) found.push(...weightsIn(body, (node) => void addCalled(node, local, called)));
  return found;
}

function addCalled({ domain, op, overload }: Node, local: ReadonlyMap<string, Graph>, called: Set<Graph>): void {
  const body = local.get(functionKey(domain, op, overload));
  if (body !== undefined) called.add(body);
}

/** Those of a graph and its subgraphs, in which a name means one thing. */
function weightsIn(graph: Graph, meet: (node: Node) => void): Weight[] {
  const graphs: Graph[] = [graph];
  const stored: Stored[] = [];
  const makers = new Map<string, Node>();
  const nodes: Node[] = [];
  for (const each of graphs) {
    stored.push(...[...each.initializers].map(([name, tensor]) => ({ name, source: tensor, dtype: tensor.dtype, dims: tensor.dims })));
    for (const node of each.nodes) {
      meet(node);
      nodes.push(node);
      for (const name of node.outputs) makers.set(name, node);
      if (isConstant(node)) stored.push(...constantOf(node));
      for (const attribute of node.attributes.values()) if (attribute.type === 'graph') graphs.push(attribute.value);
    }
  }
  const roles = rolesIn(nodes, makers);
  return stored.map((tensor) => ({ name: tensor.name, source: tensor.source, parameters: parametersOf(tensor, roles), bytes: bytesOf(tensor.dtype, elementsOf(tensor)) }));
}

export const isConstant = ({ op, domain }: Pick<Node, 'op' | 'domain'>): boolean => op === 'Constant' && domain === '';

type Stored = Pick<Tensor, 'name' | 'dtype' | 'dims'> & Pick<Weight, 'source'>;
const elementsOf = ({ dims }: Stored): number => dims.reduce((product, n) => product * n, 1);

function constantOf(node: Node): readonly Stored[] {
  const stored = (dtype: DType, ...dims: readonly number[]): readonly Stored[] => [{ name: node.outputs[0] ?? '', source: node, dtype, dims }];
  for (const attribute of node.attributes.values()) {
    if (attribute.type === 'tensor') return stored(attribute.value.dtype, ...attribute.value.dims);
    if (attribute.type === 'floats') return stored('f32', attribute.value.length);
    if (attribute.type === 'ints') return stored('i64', attribute.value.length);
    if (attribute.type === 'float') return stored('f32');
    if (attribute.type === 'int') return stored('i64');
  }
  return [];
}

interface StoredRoles {
  readonly weights: ReadonlySet<string>;
  readonly settings: ReadonlySet<string>;
  /** Elements of those that are packed otherwise than by their dtype. */
  readonly packed: ReadonlyMap<string, number>;
}

function rolesIn(nodes: readonly Node[], makers: ReadonlyMap<string, Node>): StoredRoles {
  const found = { weights: new Set<string>(), settings: new Set<string>() };
  const packed = new Map<string, number>();
  for (const node of nodes) {
    for (const [i, name] of node.inputs.entries()) {
      const role = roleOf(node.op, i);
      if (role !== undefined) found[role].add(movedFrom(name, makers));
    }
    if (node.op === 'MatMulNBits') packed.set(node.inputs[1] ?? '', sizeOf(node, 'K') * sizeOf(node, 'N'));
  }
  return { ...found, packed };
}

function sizeOf({ attributes }: Node, name: string): number {
  const attribute = attributes.get(name);
  return attribute?.type === 'int' ? Number(attribute.value) : 0;
}

/** Movements in a row before nobody means a table of weights any more. */
const mostMoves = 10;

function movedFrom(name: string, makers: ReadonlyMap<string, Node>): string {
  let at = name;
  for (let move = 0; move < mostMoves; move++) {
    const maker = makers.get(at);
    if (maker === undefined || !movement.has(maker.op)) break;
    at = maker.inputs[0] ?? '';
  }
  return at;
}

/** Weights of quantised operators, and all other floating-point tensors with an axis: a number alone is arithmetic. */
function parametersOf(tensor: Stored, { weights, settings, packed }: StoredRoles): number {
  const { name } = tensor;
  if (packed.has(name)) return packed.get(name)!;
  if (weights.has(name)) return elementsOf(tensor);
  return settings.has(name) || dtypes[tensor.dtype].class !== 'float' || tensor.dims.length === 0 ? 0 : elementsOf(tensor);
}
