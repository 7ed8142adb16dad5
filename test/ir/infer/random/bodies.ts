/** Drawn nodes in bodies: in both branches of an If, in a Loop, whose turns each give what they make or carry it on, in a local function. */
import type { onnx } from 'onnx-proto';
import { dataTypes, graphAttribute, node as makeNode, valueInfo } from '../../../onnx/models.ts';
import { encodeConstant, intScalar } from './drawing.ts';

export type Bodied = 'none' | 'branches' | 'turns' | 'a loop' | 'function';

/** An input that nobody knows beforehand. */
export const condition = { name: 'when', type: 'bool', dims: [] } as const;

/** As it is drawn. */
export interface MadeNode extends onnx.INodeProto {
  readonly name: string;
  readonly opType: string;
  readonly input: string[];
  readonly output: string[];
}

export interface Placed {
  readonly node: onnx.INodeProto;
  readonly constants: readonly onnx.ITensorProto[];
  readonly functions: onnx.IFunctionProto[];
}

/** What is to be run in place of a node. Its outputs keep their names; those of turns have an axis more. */
export function bodied(into: Bodied, node: MadeNode, opset: number): Placed {
  if (into === 'branches') {
    const branch = (name: string): onnx.IAttributeProto => graphAttribute(name, { name, ...inside(node, name) });
    return { node: around(node, 'If', [condition.name], [branch('then_branch'), branch('else_branch')]), constants: [], functions: [] };
  }
  if (into === 'turns') return inLoop(node, [], inside(node, 'each'));
  const [first, ...rest] = node.input;
  if (into === 'a loop' && first !== undefined) return inLoop(node, [first], inside({ ...node, input: [`${node.name}_state`, ...rest] }, 'next'));
  // In ONNX's domain it is none of ONNX's, and in a function it ends the process.
  const isKnown = node.opType !== 'SimplifiedLayerNormalization';
  return into === 'function' && isKnown ? inFunction(node, opset) : { node, constants: [], functions: [] };
}

const around = ({ name, output }: MadeNode, opType: string, input: readonly string[], attribute: onnx.IAttributeProto[]): onnx.INodeProto => ({ name, opType, input: [...input], output, attribute });

/** The body with the node's outputs under other names. */
function inside(node: MadeNode, name: string): Pick<onnx.IGraphProto, 'node' | 'output'> {
  const output = node.output.map((each) => `${each}_${name}`);
  return { node: [{ ...node, output }], output: output.map((each) => ({ name: each })) };
}

/** Two turns. */
function inLoop(node: MadeNode, carried: readonly string[], body: Pick<onnx.IGraphProto, 'node' | 'output'>): Placed {
  const [turns, turn, go, still, state] = ['turns', 'turn', 'go', 'still', 'state'].map((name) => `${node.name}_${name}`) as [string, string, string, string, string];
  const inputs = [valueInfo(turn, [], dataTypes.INT64), valueInfo(go, [], dataTypes.BOOL), ...carried.map(() => ({ name: state }))];
  const whole = { name: 'body', input: inputs, output: [{ name: still }, ...body.output!], node: [makeNode('Identity', [go], [still]), ...body.node!] };
  return { node: around(node, 'Loop', [turns, '', ...carried], [graphAttribute('body', whole)]), constants: [encodeConstant(turns, intScalar(2))], functions: [] };
}

function inFunction(node: MadeNode, opset: number): Placed {
  const input = [...new Set(node.input.filter((name) => name !== ''))];
  const name = `F${node.name}`;
  const definition: onnx.IFunctionProto = {
    domain: 'local', name, input, output: node.output, node: [node],
    opsetImport: [{ domain: '', version: opset }, { domain: 'com.microsoft', version: 1 }],
  };
  return { node: { name: node.name, opType: name, domain: 'local', input, output: node.output, attribute: [] }, constants: [], functions: [definition] };
}
