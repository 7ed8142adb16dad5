/** How long an input of a foreign graph may be before its positions run out: a table of positions, learned or computed, has so many rows and no more. */
import type { Known } from '../ops/foreign/known.ts';
import { numberOf } from '../ops/foreign/scalar.ts';
import { bareSymbol, constantOf, equalDims, type Dim } from '../types/dim.ts';
import type { ForeignModel, Node } from './graph.ts';
import { inferredModel, type InferredGraph } from './infer/index.ts';
import { reach } from './needs.ts';

export interface Longest {
  /** What holds the positions, as the file calls it. */
  readonly table: string;
  /** The greatest size of the input's last axis that goes. */
  readonly most: number;
}

type Tensors = InferredGraph['tensors'];

/** Tensors whose elements count the last axis of the input, by how much more the greatest is than its last place. */
type Counted = Map<string, number>;

/** Operators that hand every element on, whatever axes they make of it. */
const handsOn: ReadonlySet<string> = new Set(['Cast', 'Expand', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);
/** Operators whose operands are repeated to a common shape: sizes of two have to be equal, or one of them 1. */
const placewise: ReadonlySet<string> = new Set(['Add', 'Div', 'Max', 'Min', 'Mul', 'Sub', 'Sum', 'Where']);
const truthMade: ReadonlySet<string> = new Set(['And', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Not', 'Or']);

/**
 * What bounds the last axis of an input most, of what some outputs depend on; undefined where nothing does, or nobody can tell.
 * `masks` are inputs of ones and zeros. Bodies of branches and loops are not looked at.
 */
export function longestInput(model: ForeignModel, input: string, masks: readonly string[], outputs: readonly string[]): Longest | undefined {
  const { tensors } = inferredModel(model);
  const size = tensors.get(input)?.dims?.at(-1);
  if (size === undefined || bareSymbol(size) === undefined) return undefined;
  const { nodes } = reach(model.graph, outputs, new Set());
  const counted: Counted = new Map();
  const truths = new Set(masks);
  let least: Longest | undefined;
  model.graph.nodes.forEach((node, index) => {
    if (!nodes.has(index)) return;
    if (truthMade.has(node.op) || (handsOn.has(node.op) && truths.has(node.inputs[0] ?? ''))) truths.add(node.outputs[0] ?? '');
    const offset = countedBy(node, size, counted, truths, tensors);
    if (offset !== undefined) counted.set(node.outputs[0] ?? '', offset);
    const found = boundOf(node, size, counted, tensors);
    if (found !== undefined && found.most < (least?.most ?? Infinity)) least = found;
  });
  return least;
}

function boundOf(node: Node, size: Dim, counted: Counted, tensors: Tensors): Longest | undefined {
  if (node.domain === 'com.microsoft') return node.op === 'EmbedLayerNormalization' ? embedded(node, size, tensors) : undefined;
  if (node.op === 'Gather') return lookedUp(node, counted, tensors);
  return placewise.has(node.op) ? cutShort(node, size, tensors) : undefined;
}

/** How far beyond its last place a node's result counts; undefined where it counts something else. */
function countedBy({ domain, op, inputs, outputs }: Node, size: Dim, counted: Counted, truths: ReadonlySet<string>, tensors: Tensors): number | undefined {
  if (domain !== '') return undefined;
  const number = (name = ''): number | undefined => onlyNumber(tensors.get(name));
  const [first, second] = [counted.get(inputs[0] ?? ''), counted.get(inputs[1] ?? '')];
  const dims = tensors.get(outputs[0] ?? '')?.dims ?? [];
  const isWhole = equalsAt(dims, -1, size);
  if (op === 'Range') return isWhole && number(inputs[2]) === 1 ? number(inputs[0]) : undefined;
  // As many ones as there are tokens: of the last of them that is one more than its place.
  if (op === 'CumSum') return truths.has(inputs[0] ?? '') && isWhole && [-1, dims.length - 1].includes(number(inputs[1]) ?? 0) ? 1 : undefined;
  if (handsOn.has(op)) return first;
  // By ones and zeros, places are left out and others stay.
  if (op === 'Mul') return truths.has(inputs[1] ?? '') ? first : truths.has(inputs[0] ?? '') ? second : undefined;
  if (op === 'Where') return counted.get(inputs[1] ?? '') ?? counted.get(inputs[2] ?? '');
  if (op === 'Add') return first !== undefined ? plus(first, number(inputs[1])) : plus(second, number(inputs[0]));
  return op === 'Sub' ? plus(first, number(inputs[1]), -1) : undefined;
}

const plus = (counted: number | undefined, by: number | undefined, sign = 1): number | undefined => (counted === undefined || by === undefined ? undefined : counted + sign * by);

const onlyNumber = (tensor: { readonly values?: Known['values'] } | undefined): number | undefined => (tensor?.values?.length === 1 ? numberOf(tensor.values[0]) : undefined);

function lookedUp({ inputs: [table = '', indices = ''], attributes }: Node, counted: Counted, tensors: Tensors): Longest | undefined {
  const offset = counted.get(indices);
  const axis = attributes.get('axis');
  const rows = tensors.get(table)?.dims?.at(axis?.type === 'int' ? Number(axis.value) : 0);
  const most = offset === undefined || rows === undefined ? undefined : constantOf(rows);
  return most === undefined ? undefined : { table, most: most - offset! };
}

/** ONNX Runtime's own: positions from 0 on, where no others are given. */
function embedded({ inputs }: Node, size: Dim, tensors: Tensors): Longest | undefined {
  const [ids, table = '', positions] = [inputs[0], inputs[3], inputs[8]];
  const rows = tensors.get(table)?.dims?.at(0);
  const most = positions || !equalsAt(tensors.get(ids ?? '')?.dims ?? [], -1, size) || rows === undefined ? undefined : constantOf(rows);
  return most === undefined ? undefined : { table, most };
}

/** One operand as long as the input, and beside it one that was cut to that out of something shorter. */
function cutShort({ inputs }: Node, size: Dim, tensors: Tensors): Longest | undefined {
  const shapes = inputs.map((name) => tensors.get(name)?.dims);
  for (const [i, dims] of shapes.entries()) {
    for (const [j, other] of (dims ?? []).entries()) {
      const limit = limitOf(other, size);
      const isBeside = limit !== undefined && shapes.some((beside) => beside !== undefined && equalsAt(beside, j - dims!.length, size));
      if (isBeside) return { table: inputs[i]!, most: limit };
    }
  }
  return undefined;
}

const equalsAt = (dims: readonly Dim[], axis: number, size: Dim): boolean => dims.at(axis) !== undefined && dims.length >= -axis && equalDims(dims.at(axis)!, size);

/** The number in `min(n, 512)` of a size `n`. */
function limitOf({ terms: [first, ...others] }: Dim, size: Dim): number | undefined {
  const atom = others.length === 0 && first?.coefficient === 1 && first.symbols.length === 1 ? first.symbols[0]!.atom : undefined;
  if (atom?.op !== 'min' || !atom.args.some((arg) => equalDims(arg, size))) return undefined;
  return atom.args.map(constantOf).find((limit) => limit !== undefined);
}
