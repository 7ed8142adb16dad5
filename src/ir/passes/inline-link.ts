/** A linked graph as operations of the program: what is learned in front of a file is derived through them. */
import { intDim } from '../../types/dim.ts';
import type { Attribute, ForeignModel, Node } from '../graph.ts';
import { reach } from '../needs.ts';
import type { Initializer, Link, Operation, Program } from '../program.ts';

export type Inlined =
  | { readonly ok: true; readonly program: Program }
  /** `op` cannot be an operation of ours. */
  | { readonly ok: false; readonly op: string; readonly why: string };

/** @param model the link's file, under the program's operator sets
 *  @param file as people know it */
export function inlineLink(program: Program, link: Link, model: ForeignModel, file: string): Inlined {
  const { graph, functions } = model;
  const { nodes: reached, values } = reach(graph, link.outputs.keys(), link.inputs);
  const nodes = graph.nodes.filter((_, i) => reached.has(i));
  const describe = ({ op, name, outputs }: Node): string => `${op} "${name || outputs[0]!}" in ${file}`;
  for (const node of nodes) {
    const why = unlike(node, functions);
    if (why !== undefined) return { ok: false, op: describe(node), why };
  }
  const constants = [...graph.initializers.values()].filter(({ name }) => values.has(name) && !link.inputs.has(name));
  const unread = constants.find(({ bytes }) => bytes === undefined);
  if (unread !== undefined) return { ok: false, op: `"${unread.name}" in ${file}`, why: 'its elements are not stored as raw bytes' };

  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const valueOf = (onnx: string): string => {
    if (onnx === '') return '';
    return link.inputs.get(onnx) ?? (made.has(onnx) ? link.outputs.get(onnx) : undefined) ?? `${link.name}/${onnx}`;
  };
  const operation = (node: Node): Operation => ({
    kind: 'operation',
    name: `${link.name}/${node.name || node.outputs[0]!}`,
    op: node.op,
    domain: node.domain,
    inputs: node.inputs.map(valueOf),
    outputs: node.outputs.map(valueOf),
    attributes: node.attributes,
    origin: link.origin,
    foreign: describe(node),
  });
  // An input or a constant that is an output, too, has a value of its own as that.
  const passed = [...link.outputs].filter(([onnx]) => !made.has(onnx)).map(([onnx, value]): Operation => ({ kind: 'operation', name: value, op: 'Identity', domain: '', inputs: [valueOf(onnx)], outputs: [value], attributes: new Map<string, Attribute>(), origin: link.origin }));
  const operations = [...nodes.map(operation), ...passed];
  const types = new Map(program.types);
  for (const value of operations.flatMap(({ outputs }) => outputs)) if (value !== '' && !types.has(value)) types.set(value, { dtype: undefined, dims: undefined });
  const initializers = constants.map((tensor): Initializer => ({ ...tensor, name: valueOf(tensor.name) }));
  for (const { name, dtype, dims } of initializers) types.set(name, { dtype, dims: dims.map(intDim) });
  return {
    ok: true,
    program: { ...program, types, initializers: [...program.initializers, ...initializers], steps: program.steps.flatMap((step) => (step === link ? operations : [step])) },
  };
}

/** Why a node cannot stand among ours. */
function unlike({ op, domain, attributes }: Node, functions: ForeignModel['functions']): string | undefined {
  if (functions.some((one) => one.name === op && one.domain === domain)) return 'it is a function that the file defines';
  if ([...attributes.values()].some(({ type }) => type === 'graph')) return 'it holds a graph of its own';
  return domain === '' ? undefined : `its derivative is not known: it is an operator of ${domain}`;
}
