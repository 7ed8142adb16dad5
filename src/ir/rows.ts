/**
 * Whether a program treats the rows of a batch apart, so that several requests can be one run: proved, operator by operator, through
 * linked graphs too, or not. Rows are the places of the first axis, which all inputs and outputs have, and of one size.
 */
import { rowRuleOf, type RowInput, type RowState } from '../ops/foreign/rows.ts';
import type { Known } from '../ops/foreign/known.ts';
import { bareSymbol, equalDims, symbolsOf, type Dim, type DimSymbol } from '../types/dim.ts';
import { exactQuotient } from '../types/dim-quotient.ts';
import type { Graph, Node } from './graph.ts';
import { lookUp, type Scope } from './infer/scope.ts';
import { inferProgram, type LinkedGraph } from './infer/program.ts';
import type { Program } from './program.ts';

/** `why` is a clause. */
export type Rows = { readonly independent: true } | { readonly independent: false; readonly why: string };

/** A value of which some row may depend on others, and why. */
interface Mixed {
  readonly why: string;
}

/** The number of rows, and the other sizes of the inputs, which are the same for all rows. */
interface Batch {
  readonly size: DimSymbol;
  readonly others: ReadonlySet<string>;
}

type Found = RowState | Mixed;
type States = Map<string, Found>;

/** What draws anew each time, or in an order of its own. */
const random = /^(Random|Multinomial|Bernoulli)/;

export function rowsOf(program: Program): Rows {
  const { scope, links } = inferProgram(program);
  const dimsOf = (value: string): readonly Dim[] | undefined => lookUp(scope, value)?.known.dims;
  const firsts = program.inputs.map(({ value }) => dimsOf(value)?.[0]);
  const [size] = firsts.map((dim) => dim && bareSymbol(dim));
  const other = program.inputs.findIndex((_, i) => size === undefined || firsts[i] === undefined || bareSymbol(firsts[i])?.key !== size.key);
  if (size === undefined || other >= 0) return { independent: false, why: `the input \`${program.inputs[Math.max(0, other)]?.name ?? ''}\` does not begin with an axis that counts rows` };
  const batch: Batch = { size, others: new Set(program.inputs.flatMap(({ value }) => (dimsOf(value) ?? []).flatMap(symbolsOf)).map(({ key }) => key).filter((key) => key !== size.key)) };
  const states: States = new Map(program.inputs.map(({ value }) => [value, 'rows']));
  for (const { name } of program.initializers) states.set(name, 'free');
  for (const step of program.steps) {
    if (step.kind === 'operation') visit(step, states, scope, batch, step.name);
    else visitLink(step.inputs, step.outputs, states, links.get(step)!, batch, step.name);
  }
  for (const { name, value } of program.outputs) {
    const found = states.get(value) ?? 'free';
    if (typeof found === 'object') return { independent: false, why: `\`${name}\`: ${found.why}` };
    const first = dimsOf(value)?.[0];
    if (found !== 'rows' || first === undefined || bareSymbol(first)?.key !== size.key) return { independent: false, why: `the output \`${name}\` does not begin with an axis that counts rows` };
  }
  return { independent: true };
}

function visitLink(inputs: ReadonlyMap<string, string>, outputs: ReadonlyMap<string, string>, around: States, { graph, scope }: LinkedGraph, batch: Batch, name: string): void {
  const states: States = new Map([...inputs].map(([onnx, value]) => [onnx, around.get(value) ?? 'free']));
  for (const initializer of graph.initializers.keys()) if (!states.has(initializer)) states.set(initializer, 'free');
  for (const node of graph.nodes) visit(node, states, scope, batch, `${name}, ${showNode(node)}`, inputs);
  for (const [onnx, value] of outputs) around.set(value, states.get(onnx) ?? { why: `nothing is known of \`${onnx}\` of \`${name}\`` });
}

const showNode = ({ name, op }: Node): string => (name === '' ? op : `${op} "${name}"`);

/** @param given tensors that come from elsewhere, whatever a node of that name makes */
function visit(node: Node, states: States, scope: Scope, batch: Batch, place: string, given?: ReadonlyMap<string, string>): void {
  const found = stateOf(node, states, scope, batch, place);
  for (const name of node.outputs) {
    if (name === '' || given?.has(name) === true) continue;
    states.set(name, found === 'rows' ? asRows(lookUp(scope, name)?.known, batch, place) : found === 'sizes' ? withoutSize(lookUp(scope, name)?.known, batch) : found);
  }
}

function stateOf(node: Node, states: States, scope: Scope, batch: Batch, place: string): Found {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : (states.get(name) ?? ({ why: `nothing is known of \`${name}\`` } satisfies Mixed))));
  const dimsAt = (i: number): readonly Dim[] | undefined => lookUp(scope, node.inputs[i] ?? '')?.known.dims;
  if (node.op === 'Shape' && node.domain === '' && dimsAt(0) !== undefined) return 'sizes';
  const mixed = inputs.find((input): input is Mixed => typeof input === 'object');
  if (mixed !== undefined) return mixed;
  if (random.test(node.op) || bodiesOf(node).length > 0) return { why: `\`${node.op}\` (${place}): ${random.test(node.op) ? 'it draws at random' : 'what its body does with rows is not followed'}` };
  const parts = inputs as (RowState | undefined)[];
  if (!parts.includes('rows')) return parts.includes('sizes') ? madeOfSizes(node, scope, batch) : 'free';
  const rule = rowRuleOf(node);
  const call = {
    node,
    opset: scope.opsets.get(node.domain) ?? 1,
    inputs: parts.map((state, i): RowInput | undefined => (state === undefined ? undefined : { state, known: lookUp(scope, node.inputs[i]!)?.known ?? {} })),
    rank: lookUp(scope, node.outputs[0] ?? '')?.known.dims?.length,
  };
  const why = rule === undefined ? 'it mixes rows, or may' : (rule(call) ?? unequalRows(call.inputs));
  return why === undefined ? 'rows' : { why: `\`${node.op}\` (${place}): ${why}` };
}

const bodiesOf = (node: Node): readonly Graph[] => [...node.attributes.values()].flatMap((attribute) => (attribute.type === 'graph' ? [attribute.value] : []));

/** Rows meet each other one by one only where there are equally many. */
function unequalRows(inputs: readonly (RowInput | undefined)[]): string | undefined {
  const firsts = inputs.flatMap((input) => (input?.state === 'rows' ? [input.known.dims?.[0]] : []));
  const [first] = firsts;
  return first !== undefined && firsts.every((dim) => dim !== undefined && equalDims(dim, first)) ? undefined : 'its inputs have rows of different sizes';
}

/** What is filled or repeated to as many rows as there are is the same in each. */
function madeOfSizes(node: Node, scope: Scope, batch: Batch): Found {
  const output = lookUp(scope, node.outputs[0] ?? '')?.known.dims;
  const first = output?.[0];
  if (node.domain !== '' || first === undefined || placesOf(first, batch) === undefined) return 'sizes';
  if (node.op === 'ConstantOfShape') return 'rows';
  const input = lookUp(scope, node.inputs[0] ?? '')?.known.dims;
  const single = input !== undefined && (input.length < output!.length || (input[0] !== undefined && equalDims(input[0], one)));
  return node.op === 'Expand' && single ? 'rows' : 'sizes';
}

const one: Dim = { terms: [{ coefficient: 1, symbols: [] }] };

/** How many places of an axis each row has; undefined where the axis is not that of the rows. */
function placesOf(dim: Dim, batch: Batch): Dim | undefined {
  const places = exactQuotient(dim, { terms: [{ coefficient: 1, symbols: [batch.size] }] });
  return places !== undefined && isAlike(places, batch) ? places : undefined;
}

/** Whether a size is the same however many rows there are. Sizes that nobody named may depend on anything. */
const isAlike = (dim: Dim, batch: Batch): boolean => symbolsOf(dim).every(({ key, atom }) => (atom === undefined ? batch.others.has(key) : atom.args.every((arg) => isAlike(arg, batch))));

function asRows(known: Known | undefined, batch: Batch, place: string): Found {
  const first = known?.dims?.[0];
  return first !== undefined && placesOf(first, batch) !== undefined ? 'rows' : { why: `${place}: its result does not begin with the axis of the rows, as far as is known` };
}

/** Sizes of which none is the number of rows. */
function withoutSize(known: Known | undefined, batch: Batch): RowState {
  return known?.values?.every((value) => value !== undefined && (typeof value === 'number' || isAlike('terms' in value ? value : value.over, batch))) === true ? 'free' : 'sizes';
}
