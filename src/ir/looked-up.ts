/** Tables of a foreign graph whose rows are chosen by the elements of an input as they are, or so many further on: embeddings by ids. */
import { constantOf } from '../types/dim.ts';
import { graphFacts, type FactFrame } from './infer/facts.ts';
import { inferredModel } from './infer/index.ts';
import { functionKey } from './infer/scope.ts';
import type { ForeignModel, Graph, Node } from './graph.ts';
import { reach } from './needs.ts';

export interface LookedUp {
  /** As the file calls it, also where it lies in a body. */
  readonly table: string;
  readonly node: Node;
  /** How many rows the table has. */
  readonly rows: number;
  /** What is added to an element of the input before it is looked up. */
  readonly offset: number;
}

/** Operators that hand every element on, whatever axes they make of it. */
const handsOn: ReadonlySet<string> = new Set(['Cast', 'Expand', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

/** By domain and name: which inputs are the table and its indices, and the attribute that says which of the table's axes counts. */
const lookUps: Readonly<Record<string, { readonly table: number; readonly indices: number; readonly axis?: string }>> = {
  '.Gather': { table: 0, indices: 1, axis: 'axis' },
  'com.microsoft.GatherBlockQuantized': { table: 0, indices: 1, axis: 'gather_axis' },
  'com.microsoft.EmbedLayerNormalization': { table: 2, indices: 0 },
  'com.microsoft.QEmbedLayerNormalization': { table: 2, indices: 0 },
};

/** Nodes of all bodies together that are looked at: a hostile file calls its functions again and again. */
const mostNodes = 200_000;

/**
 * Every such table that some outputs depend on, and whose size is known. What is clipped, multiplied or chosen on the way is
 * followed no further: such indices need not reach as far as the input's elements do.
 */
export function lookedUpBy(model: ForeignModel, input: string, outputs: readonly string[]): readonly LookedUp[] {
  const functions = new Map(model.functions.map(({ domain, name, overload, graph }) => [functionKey(domain, name, overload), graph]));
  const found: LookedUp[] = [];
  let left = mostNodes;
  const visit = (nodes: readonly Node[], frame: FactFrame, offsets: Map<string, number>): void => {
    left -= nodes.length;
    if (left < 0) return;
    for (const node of nodes) {
      const handed = handedOn(node, frame, offsets);
      if (handed !== undefined && node.outputs[0]) offsets.set(node.outputs[0], handed);
      const table = tableOf(node, frame, offsets);
      if (table !== undefined) found.push(table);
      for (const [body, inner] of bodiesOf(node, functions, offsets)) {
        const inside = frame.insideOf(node, body);
        if (inside !== undefined) visit(body.nodes, inside, inner);
      }
    }
  };
  const { nodes } = reach(model.graph, outputs, new Set([input]));
  visit(model.graph.nodes.filter((_, index) => nodes.has(index)), graphFacts(model, inferredModel(model)), new Map([[input, 0]]));
  return found;
}

/** How much more than the input's elements those of a node's result are; undefined where they are others. */
function handedOn({ domain, op, inputs }: Node, { numbers }: FactFrame, offsets: ReadonlyMap<string, number>): number | undefined {
  if (domain !== '') return undefined;
  const [first, second] = inputs.map((name) => offsets.get(name));
  if (handsOn.has(op)) return first;
  const isSum = op === 'Add' && (first === undefined) !== (second === undefined);
  if (!isSum && !(op === 'Sub' && first !== undefined && second === undefined)) return undefined;
  const by = numbers(inputs[first === undefined ? 0 : 1]!)?.data;
  return by?.length === 1 ? (first ?? second)! + (op === 'Sub' ? -by[0]! : by[0]!) : undefined;
}

function tableOf(node: Node, { known }: FactFrame, offsets: ReadonlyMap<string, number>): LookedUp | undefined {
  const key = `${node.domain}.${node.op}`;
  const at = Object.hasOwn(lookUps, key) ? lookUps[key]! : undefined;
  const [table, indices] = at === undefined ? [] : [node.inputs[at.table], node.inputs[at.indices]];
  const offset = indices === undefined ? undefined : offsets.get(indices);
  if (!table || offset === undefined) return undefined;
  const attribute = at!.axis === undefined ? undefined : node.attributes.get(at!.axis);
  const size = known(table)?.dims?.at(attribute?.type === 'int' ? Number(attribute.value) : 0);
  const rows = size && constantOf(size);
  return rows === undefined ? undefined : { table, node, rows, offset };
}

/** The graphs that a node runs, with what they see of the input: a branch and a loop's body what lies around them, a function its arguments. */
function bodiesOf({ domain, op, overload, inputs, attributes }: Node, functions: ReadonlyMap<string, Graph>, offsets: ReadonlyMap<string, number>): readonly (readonly [Graph, Map<string, number>])[] {
  const body = functions.get(functionKey(domain, op, overload));
  if (body !== undefined) {
    const given = body.inputs.flatMap((name, i): [string, number][] => {
      const offset = offsets.get(inputs[i] ?? '');
      return offset === undefined ? [] : [[name, offset]];
    });
    return given.length === 0 ? [] : [[body, new Map(given)]];
  }
  return [...attributes.values()].flatMap((attribute) => (attribute.type === 'graph' ? [[attribute.value, new Map(offsets)] as const] : []));
}
