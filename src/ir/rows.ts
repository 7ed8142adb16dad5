/**
 * Whether a program treats the rows of a batch apart, so that several requests can be one run: proved, operator by operator, through
 * linked graphs too, or not. Rows are the places of the first axis, which all inputs and outputs have, and of one size; on the way they may lie along another.
 */
import { findsItsOwn, isSteady, numbersOf, type RowNumbers, type RowSizes } from '../ops/foreign/row-numbers.ts';
import { filledPlace, isFirst, placeOf, type RowPlace } from '../ops/foreign/row-places.ts';
import { rowRuleOf, type RowCall, type RowInput, type RowState } from '../ops/foreign/rows.ts';
import { mostValues, type Known } from '../ops/foreign/known.ts';
import { isDim, type Scalar } from '../ops/foreign/scalar.ts';
import { bareSymbol, constantOf, equalDims, intDim, symbolDim, symbolsOf, type Dim, type DimSymbol } from '../types/dim.ts';
import { exactQuotient } from '../types/dim-quotient.ts';
import type { Graph, Node } from './graph.ts';
import { lookUp, type Scope } from './infer/scope.ts';
import { inferProgram, type LinkedGraph } from './infer/program.ts';
import type { Link, Port, Program } from './program.ts';

/**
 * `why` is a clause. `shared` are hidden outputs without rows that belong to each: where none of them finds fault with a batch, none finds fault with
 * one of its rows alone. Absent where there are none.
 */
export type Rows = { readonly independent: true; readonly shared?: readonly string[] } | { readonly independent: false; readonly why: string };

interface Apart {
  readonly state: RowState;
  readonly numbers?: RowNumbers | undefined;
  /** Of `placed`. */
  readonly place?: RowPlace | undefined;
  readonly alike?: readonly boolean[] | undefined;
}

/** A value of which some row may depend on others, and why. */
interface Mixed {
  readonly why: string;
  /** Its sizes are only what a file's declaration says, and a guard tests: in each run of those of that run. */
  readonly isDeclared?: true;
}

/** The number of rows, and the other sizes of the inputs, which are the same for all rows. */
interface Batch extends RowSizes {
  readonly size: DimSymbol;
  /** By their keys. */
  readonly others: Set<string>;
}

type Found = Apart | Mixed;
type States = Map<string, Found>;

const isMixed = (found: Found | undefined): found is Mixed => found !== undefined && 'why' in found;
const [free, sizes, rows]: readonly Apart[] = [{ state: 'free' }, { state: 'sizes' }, { state: 'rows' }];

/** What draws anew each time, or in an order of its own. */
const random = /^(Random|Multinomial|Bernoulli)/;

export function rowsOf(program: Program): Rows {
  const { scope, links } = inferProgram(program);
  const dimsOf = (value: string): readonly Dim[] | undefined => lookUp(scope, value)?.known.dims;
  const firsts = program.inputs.map(({ value }) => dimsOf(value)?.[0]);
  const [size] = firsts.map((dim) => dim && bareSymbol(dim));
  const other = program.inputs.findIndex((_, i) => size === undefined || firsts[i] === undefined || bareSymbol(firsts[i])?.key !== size.key);
  if (size === undefined || other >= 0) return { independent: false, why: `the input \`${program.inputs[Math.max(0, other)]?.name ?? ''}\` does not begin with an axis that counts rows` };
  const inner = program.inputs.map(({ value }) => dimsOf(value)!.slice(1).flatMap(symbolsOf));
  const twice = inner.findIndex((symbols) => symbols.some(({ key }) => key === size.key));
  if (twice >= 0) return { independent: false, why: `the input \`${program.inputs[twice]!.name}\` has the number of rows along another axis, too` };
  const batch = batchOf(size, inner.flat());
  const states: States = new Map(program.inputs.map(({ value }) => [value, rows!]));
  for (const { name } of program.initializers) states.set(name, free!);
  for (const step of program.steps) {
    if (step.kind === 'operation') visit(step, states, scope, batch, step.name);
    else visitLink(step, states, links.get(step)!, scope, batch);
  }
  return judge(program.outputs, states, scope, batch);
}

function judge(outputs: readonly Port[], states: States, scope: Scope, batch: Batch): Rows {
  const shared: string[] = [];
  for (const { name, value, hidden } of outputs) {
    const found = states.get(value) ?? free!;
    if (isMixed(found)) return { independent: false, why: `\`${name}\`: ${found.why}` };
    const known = lookUp(scope, value)?.known;
    const first = known?.dims?.[0];
    if (found.state === 'rows' && first !== undefined && bareSymbol(first)?.key === batch.size.key) continue;
    if (hidden === undefined || !(found.state === 'free' || (found.state === 'sizes' && comparesAlike(known, batch)))) return { independent: false, why: `the output \`${name}\` does not begin with an axis that counts rows` };
    shared.push(name);
  }
  return { independent: true, ...(shared.length === 0 ? {} : { shared }) };
}

/**
 * Of a test of sizes: those that are and those that should be, the second half of its elements. Whether each two are equal
 * must not depend on how many rows there are.
 */
function comparesAlike({ values }: Known = {}, batch: Batch): boolean {
  const half = (values?.length ?? 0) / 2;
  if (values === undefined || !Number.isInteger(half)) return false;
  return values.slice(0, half).every((found, i) => {
    const pair = [found, values[half + i]].map((value) => (isDim(value) ? value : undefined));
    return pair.every((dim) => dim !== undefined && batch.isAlike(dim)) || pair.every((dim) => dim !== undefined && batch.placesOf(dim) !== undefined);
  });
}

function batchOf(size: DimSymbol, inner: readonly DimSymbol[]): Batch {
  const others = new Set(inner.map(({ key }) => key));
  const dim = symbolDim(size);
  // Sizes that nobody named may depend on anything.
  const isAlike = (each: Dim): boolean => symbolsOf(each).every(({ key, atom }) => (atom === undefined ? others.has(key) : atom.args.every(isAlike)));
  const placesOf = (first: Dim): Dim | undefined => {
    const places = exactQuotient(first, dim);
    return places !== undefined && isAlike(places) ? places : undefined;
  };
  return { size, others, rows: dim, isAlike, placesOf };
}

function visitLink(link: Link, around: States, { graph, scope }: LinkedGraph, outer: Scope, batch: Batch): void {
  const states: States = new Map([...link.inputs].map(([onnx, value]) => [onnx, around.get(value) ?? free!]));
  for (const initializer of graph.initializers.keys()) if (!states.has(initializer)) states.set(initializer, free!);
  for (const node of graph.nodes) visit(node, states, scope, batch, `${link.name}, ${showNode(node)}`, link.inputs);
  for (const [onnx, value] of link.outputs) {
    const found = states.get(onnx) ?? { why: `nothing is known of \`${onnx}\` of \`${link.name}\`` };
    around.set(value, asDeclared(found, lookUp(outer, value)?.known, batch, `\`${onnx}\` of \`${link.name}\``));
  }
}

/** What a file gives, with the sizes that were declared of it: a guard holds it to those where they do not follow from the file. */
function asDeclared(found: Found, known: Known | undefined, batch: Batch, place: string): Found {
  if (isMixed(found)) return { ...found, isDeclared: true };
  const [first, ...inner] = known?.dims ?? [];
  learnSizes(found, known, batch);
  if (found.state === 'placed') return { why: `${place}: its rows do not lie along the first axis`, isDeclared: true };
  const fits = found.state === 'rows' ? first !== undefined && batch.placesOf(first) !== undefined && inner.every(batch.isAlike) : known?.dims?.every(batch.isAlike) === true;
  return fits ? found : { why: `${place}: what is declared of its sizes does not say which of them is the number of rows`, isDeclared: true };
}

/** What a row's own sizes are called, or those of what has nothing to do with the batch: they are the same however many rows there are. */
function learnSizes(found: Found, known: Known | undefined, { size, others }: Batch): void {
  if (isMixed(found) || found.state === 'sizes' || found.state === 'numbers') return;
  const axis = found.state === 'rows' ? 0 : found.place?.axis;
  const own = known?.dims?.filter((_, i) => i !== axis) ?? [];
  for (const symbol of own.flatMap((dim) => bareSymbol(dim) ?? [])) if (symbol.key !== size.key) others.add(symbol.key);
}

const showNode = ({ name, op }: Node): string => (name === '' ? op : `${op} "${name}"`);

/** @param given tensors that come from elsewhere, whatever a node of that name makes */
function visit(node: Node, states: States, scope: Scope, batch: Batch, place: string, given?: ReadonlyMap<string, string>): void {
  const { found, call } = stateOf(node, states, scope, batch, place);
  for (const [i, name] of node.outputs.entries()) {
    if (name === '' || given?.has(name) === true) continue;
    const known = lookUp(scope, name)?.known ?? {};
    const first: Found = isMixed(found) ? found : found.state === 'rows' ? asRows(known, call, batch, place) : found.state === 'sizes' ? withoutSize(known, batch) : found;
    const state = isMixed(first) && call !== undefined ? (placed(placeOf(call, known, i, batch)) ?? first) : first;
    const numbers = i === 0 && call !== undefined && !isMixed(state) && state.state !== 'numbers' && state.state !== 'placed' ? numbersOf(call, known, batch) : undefined;
    learnSizes(state, known, batch);
    const alike = call !== undefined && !isMixed(state) && state.state === 'sizes' ? alikeSizes(call, known, batch) : undefined;
    states.set(name, alike !== undefined ? { state: 'sizes', alike } : numbers === undefined || isMixed(state) ? state : isSteady(numbers) ? { ...state, numbers } : { state: 'numbers', numbers });
  }
}

function stateOf(node: Node, states: States, scope: Scope, batch: Batch, place: string): { readonly found: Found; readonly call?: RowCall } {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : (states.get(name) ?? ({ why: `nothing is known of \`${name}\`` } satisfies Mixed))));
  const knownOf = (name: string | undefined): Known => lookUp(scope, name ?? '')?.known ?? {};
  const mixed = inputs.find(isMixed);
  if (node.op === 'Shape' && node.domain === '' && knownOf(node.inputs[0]).dims !== undefined && mixed?.isDeclared !== true) return { found: sizes!, call: { node, opset: 1, inputs: [], rank: undefined } };
  if (mixed !== undefined) return { found: mixed };
  if (random.test(node.op) || bodiesOf(node).length > 0) return { found: { why: `\`${node.op}\` (${place}): ${random.test(node.op) ? 'it draws at random' : 'what its body does with rows is not followed'}` } };
  const output = knownOf(node.outputs[0]);
  const call: RowCall = {
    node,
    opset: scope.opsets.get(node.domain) ?? 1,
    inputs: (inputs as readonly (Apart | undefined)[]).map((input, i): RowInput | undefined => input && { ...input, known: knownOf(node.inputs[i]) }),
    rank: output.dims?.length,
  };
  const has = (state: RowState): boolean => call.inputs.some((input) => input?.state === state);
  if (has('numbers')) {
    const numbers = areAlike(output.dims?.slice(1) ?? [], call, batch) ? numbersOf(call, output, batch) : undefined;
    if (numbers !== undefined) return { found: { state: 'numbers', numbers } };
    return findsItsOwn(call, batch) ? { found: rows! } : { found: { why: `\`${node.op}\` (${place}): it computes with the places of rows in the batch` } };
  }
  if (has('placed')) return { found: { why: `\`${node.op}\` (${place}): it mixes rows that do not lie along the first axis, or may` }, call };
  if (!has('rows')) return { found: has('sizes') ? madeOfSizes(call, output, batch) : free!, call };
  const rule = rowRuleOf(node);
  const why = rule === undefined ? 'it mixes rows, or may' : (rule(call) ?? unequalRows(call.inputs) ?? otherRows(call, output));
  return why === undefined ? { found: rows!, call } : { found: { why: `\`${node.op}\` (${place}): ${why}` }, call };
}

/** Rows that lie where they do; along the first axis they are as all others. */
const placed = (place: RowPlace | undefined): Apart | undefined => place && (isFirst(place) ? rows! : { state: 'placed', place });

/** What makes an element of each from those of its inputs that stand in its place. */
const elementwise = new Set(['Add', 'Cast', 'Div', 'Equal', 'Identity', 'Max', 'Min', 'Mul', 'Sub', 'Where']);

/** Of a list of sizes: which are the same however many rows there are. */
function alikeSizes({ node, inputs }: RowCall, { dims = [], values }: Known, batch: Batch): readonly boolean[] | undefined {
  const count = dims.length === 1 ? constantOf(dims[0]!) : undefined;
  if (count === undefined || count > mostValues) return undefined;
  const isMade = node.domain === '' && elementwise.has(node.op);
  const isFrom = (input: RowInput | undefined, i: number): boolean => input === undefined || input.state === 'free' || input.alike?.[input.alike.length === 1 ? 0 : i] === true;
  return Array.from({ length: count }, (_, i) => (values?.[i] === undefined ? isMade && inputs.every((input) => isFrom(input, i)) : isAlikeValue(values[i], batch)));
}

/** By `node.op`: which input lists the sizes of the result. */
const listsSizes: Readonly<Record<string, number>> = { ConstantOfShape: 0, Expand: 1, Reshape: 1 };

/** Whether a row's own sizes are the same however many rows there are: as far as is known of them, or because all are that are given. */
function areAlike(inner: readonly Dim[], { node, inputs }: RowCall, batch: Batch): boolean {
  const given = node.domain === '' && Object.hasOwn(listsSizes, node.op) ? inputs[listsSizes[node.op]!]?.alike : undefined;
  return inner.every(batch.isAlike) || (given?.length === inner.length + 1 && given.slice(1).every(Boolean));
}

const bodiesOf = (node: Node): readonly Graph[] => [...node.attributes.values()].flatMap((attribute) => (attribute.type === 'graph' ? [attribute.value] : []));

/** Rows meet each other one by one only where there are equally many. */
function unequalRows(inputs: readonly (RowInput | undefined)[]): string | undefined {
  const firsts = inputs.flatMap((input) => (input?.state === 'rows' ? [input.known.dims?.[0]] : []));
  const [first] = firsts;
  return first !== undefined && firsts.every((dim) => dim !== undefined && equalDims(dim, first)) ? undefined : 'its inputs have rows of different sizes';
}

/** More rows of a picture are blended from those that there are. */
function otherRows({ node, inputs: [input] }: RowCall, output: Known): string | undefined {
  if (node.op !== 'Resize') return undefined;
  const [before, after] = [input?.known.dims?.[0], output.dims?.[0]];
  return before !== undefined && after !== undefined && equalDims(before, after) ? undefined : 'it changes the number of rows, or may';
}

/** What is filled or repeated to as many rows as there are is the same in each. */
function madeOfSizes(call: RowCall, output: Known, batch: Batch): Found {
  const { node, inputs: [input] } = call;
  const [first, ...inner] = output.dims ?? [];
  const places = first && batch.placesOf(first);
  if (node.domain !== '') return sizes!;
  if (places === undefined) return filledElsewhere(call, output, batch);
  if (!areAlike(inner, call, batch)) return sizes!;
  if (node.op === 'ConstantOfShape') return rows!;
  const own = input?.state === 'free' ? input.known.dims : undefined;
  if (own === undefined || input?.numbers?.isAddress === true) return sizes!;
  const single = own.length < output.dims!.length || (own[0] !== undefined && equalDims(own[0], intDim(1)));
  // Whole copies of what has nothing to do with the batch, equally many for each row.
  const repeated = own.length === output.dims!.length && own[0] !== undefined && exactQuotient(places, own[0]) !== undefined;
  return (node.op === 'Expand' && single) || (node.op === 'Tile' && repeated) ? rows! : sizes!;
}

/** The same along another axis, as the first states of recurrent layers are. */
function filledElsewhere({ node, inputs: [input] }: RowCall, output: Known, batch: Batch): Found {
  const place = filledPlace(output, batch);
  if (place === undefined) return sizes!;
  const own = input?.state === 'free' && input.numbers?.isAddress !== true ? input.known.dims : undefined;
  const at = own && place.axis - (output.dims!.length - own.length);
  const isOne = own !== undefined && (at! < 0 || constantOf(own[at!]!) === 1);
  return node.op === 'ConstantOfShape' || (node.op === 'Expand' && isOne) ? { state: 'placed', place } : sizes!;
}

function asRows({ dims }: Known, call: RowCall | undefined, batch: Batch, place: string): Found {
  const [first, ...inner] = dims ?? [];
  if (first === undefined || batch.placesOf(first) === undefined) return { why: `${place}: its result does not begin with the axis of the rows, as far as is known` };
  const readsSizes = call?.inputs.some((input) => input?.state === 'sizes') === true;
  return !readsSizes || areAlike(inner, call, batch) ? rows! : { why: `${place}: a row's own sizes may depend on the number of rows` };
}

const isAlikeValue = (value: Scalar | undefined, batch: Batch): boolean => value !== undefined && (typeof value === 'number' || batch.isAlike(isDim(value) ? value : value.over));

/** Sizes of which none is the number of rows. */
const withoutSize = ({ values }: Known, batch: Batch): Apart => (values?.every((value) => isAlikeValue(value, batch)) === true ? free! : sizes!);
