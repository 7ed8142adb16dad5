/** What a rule may ask of a graph, answered from what the file declares. */
import type { Graph, Tensor } from '../../ir/graph.ts';
import { neededBy } from '../../ir/needs.ts';
import { dtypeOfOnnx, dtypes, type DType } from '../../types/dtype.ts';
import { claimName } from '../names.ts';

import type { Surroundings } from './rule.ts';

/** What all graphs of a file share. */
export interface FileNames {
  /** Every tensor's name at any depth; new ones are added. */
  readonly taken: Set<string>;
  /** The one floating-point type that the file has; undefined where there are several. */
  readonly onlyFloat: DType | undefined;
}

/** `outer` is the graph around this one. `asked` are tensors that somebody outside reads. */
export function surroundingsOf(
  graph: Graph,
  { taken, onlyFloat }: FileNames,
  outer: Surroundings | undefined,
  asked: ReadonlySet<string> = new Set(),
): Surroundings {
  let used: Set<string> | undefined;
  const constants = (): ReadonlyMap<string, Tensor> => new Map([...graph.initializers, ...constantNodes(graph)]);
  return {
    fresh: (near, what) => {
      const name = claimName(`${near}/${what}`, (candidate) => taken.has(candidate));
      taken.add(name);
      return name;
    },
    floatOf: (name) =>
      onlyFloat ?? graph.types.get(name)?.dtype ?? graph.initializers.get(name)?.dtype ?? outer?.floatOf(name),
    rankOf: (name) =>
      graph.types.get(name)?.dims?.length ?? graph.initializers.get(name)?.dims.length ?? outer?.rankOf(name),
    numbersOf: (name) => {
      const constant = constants().get(name);
      return constant === undefined ? outer?.numbersOf(name) : decode(constant);
    },
    isUsed: (name) => {
      used ??= new Set([...graph.outputs, ...graph.nodes.flatMap((node) => [...neededBy(node)])]);
      return used.has(name) || asked.has(name);
    },
  };
}

function* constantNodes(graph: Graph): Generator<readonly [string, Tensor]> {
  for (const node of graph.nodes) {
    const value = node.op === 'Constant' && node.domain === '' ? node.attributes.get('value') : undefined;
    if (value?.type === 'tensor') yield [node.outputs[0] ?? '', value.value];
  }
}

function decode({ dtype, bytes }: Tensor): readonly number[] | undefined {
  if (dtype !== 'f32' || !(bytes instanceof Uint8Array)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

/** The floating-point type of a file in which everything that declares one declares the same. */
export function onlyFloatOf(graph: Graph): DType | undefined {
  const found = new Set<DType>();
  collectFloats(graph, found);
  const [only, ...others] = found;
  return others.length === 0 ? only : undefined;
}

function collectFloats(graph: Graph, found: Set<DType>): void {
  const add = (dtype: DType | undefined): void => {
    if (dtype !== undefined && dtypes[dtype].class === 'float') found.add(dtype);
  };
  for (const { dtype } of graph.types.values()) add(dtype);
  for (const { dtype } of graph.initializers.values()) add(dtype);
  for (const node of graph.nodes)
    for (const [name, attribute] of node.attributes) {
      if (attribute.type === 'tensor') add(attribute.value.dtype);
      if (attribute.type === 'graph') collectFloats(attribute.value, found);
      if (attribute.type === 'int' && dtypeAttributes.has(name)) add(dtypeOfOnnx(Number(attribute.value)));
    }
}

/** `to` of Cast, `dtype` of what makes tensors from nothing. */
const dtypeAttributes: ReadonlySet<string> = new Set(['to', 'dtype']);
