/** Names of the program's values and nodes in the composed file. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import type { Operation, Program } from '../../ir/program.ts';
import { Fault } from '../read/fault.ts';
import type { LinkPlan } from './link-plan.ts';
import { claimName } from '../names.ts';

export interface ValueNames {
  readonly values: ReadonlyMap<string, string>;
  /** The name of a value. Throws a Fault where nothing makes it. */
  readonly nameOf: (value: string) => string;
  /** A node's name, unique in the file: ONNX Runtime refuses a second node of one name. */
  readonly claimNode: (wanted: string) => string;
}

/** Inputs are named by their ports, a link's values as in its file, our own by an output's port or by themselves. */
export function planNames(program: Program, plans: readonly LinkPlan[]): ValueNames {
  const refuse = (reason: string): Fault =>
    new Fault(onnxCodes.finding('onnx-program', { model: program.name, reason }));
  checkPorts(program, refuse);
  const values = new Map<string, string>();
  const taken = new Set([...program.inputs, ...program.outputs].map((port) => port.name));
  const takenNodes = new Set<string>();
  for (const { names } of plans) {
    for (const name of names.values) taken.add(name);
    for (const name of names.nodes) takenNodes.add(name);
  }
  const define = (value: string, name: string): void => {
    if (values.has(value)) throw refuse(`its value \`${value}\` is made twice`);
    values.set(value, name);
  };
  const claim = (wanted: string): string => {
    const name = claimName(wanted, (candidate) => taken.has(candidate));
    taken.add(name);
    return name;
  };
  for (const port of program.inputs) define(port.value, port.name);
  for (const { link, value } of plans) for (const [name, ours] of link.outputs) define(ours, value(name));
  for (const tensor of program.initializers) define(tensor.name, claim(tensor.name));
  const ports = new Map([...program.outputs].reverse().map((port) => [port.value, port.name]));
  for (const value of madeBy(program)) define(value, ports.get(value) ?? claim(value));
  for (const local of localsOf(program)) if (!values.has(local)) values.set(local, claim(local));
  return {
    values,
    nameOf: (value) => {
      const name = values.get(value);
      if (name === undefined) throw refuse(`it uses the value \`${value}\`, which nothing makes`);
      return name;
    },
    claimNode: (wanted) => {
      const name = claimName(wanted, (candidate) => takenNodes.has(candidate), '#');
      takenNodes.add(name);
      return name;
    },
  };
}

function checkPorts(program: Program, refuse: (reason: string) => Fault): void {
  const seen = new Set<string>();
  for (const { name } of [...program.inputs, ...program.outputs]) {
    if (name === '') throw refuse('one of its inputs or outputs has no name');
    if (seen.has(name)) throw refuse(`two of its inputs and outputs are named \`${name}\``);
    seen.add(name);
  }
}

const operationsOf = (program: Program): readonly Operation[] =>
  program.steps.filter((step) => step.kind === 'operation');

const madeBy = (program: Program): readonly string[] =>
  operationsOf(program).flatMap((operation) => operation.outputs.filter((value) => value !== ''));

/** Tensors inside the subgraphs of our own operators. */
function localsOf(program: Program): readonly string[] {
  const ofNodes = (nodes: readonly Node[]): string[] =>
    nodes.flatMap((node) =>
      [...node.attributes.values()].flatMap((attribute) =>
        attribute.type === 'graph' ? ofGraph(attribute.value) : [],
      ),
    );
  const ofGraph = (graph: Graph): string[] => [
    ...graph.inputs,
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs.filter((value) => value !== '')),
    ...ofNodes(graph.nodes),
  ];
  return ofNodes(operationsOf(program));
}
