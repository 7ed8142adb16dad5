/** If, Loop and Scan: what their subgraphs make, whichever way they run. */
import { axisIn, intOf, intsOf, type RuleCall } from '../../ops/foreign/rule.ts';
import { nothing, type Known } from '../../ops/foreign/known.ts';
import * as value from '../../ops/foreign/scalar.ts';
import { simplest } from '../../ops/foreign/broadcast.ts';
import { lowerBound } from '../../types/dim-bounds.ts';
import { constantOf, equalDims, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import type { Graph } from '../graph.ts';
import { grownSequence, loosenSequence, openSequence } from './carried-sequences.ts';
import { join } from './join.ts';

/** Infers a subgraph's outputs from what its inputs are. */
export type InferBody = (body: Graph, inputs: readonly Known[]) => readonly Known[];
export type ControlRule = (call: RuleCall, inferBody: InferBody) => readonly Known[];

function bodyOf(call: RuleCall, name: string): Graph | undefined {
  const attribute = call.node.attributes.get(name);
  return attribute?.type === 'graph' ? attribute.value : undefined;
}

const either: ControlRule = (call, inferBody) => {
  const truth = call.inputs[0]?.values?.[0];
  const condition = value.numberOf(truth);
  const [yes, no] = [bodyOf(call, 'then_branch'), bodyOf(call, 'else_branch')];
  if (yes === undefined || no === undefined) return [];
  if (condition !== undefined) return inferBody(condition === 0 ? no : yes, []);
  const [a, b] = [inferBody(yes, []), inferBody(no, [])];
  return a.map((known, i) => chosen(truth, known, b[i] ?? nothing) ?? join([known, b[i] ?? nothing], call.size));
};

/** A shape of which sizes decide as they decide the branch: `n + n mod 2` of what is filled up where its size is odd. */
function chosen(truth: value.Scalar | undefined, yes: Known, no: Known): Known | undefined {
  if (yes.dtype !== no.dtype || yes.dims === undefined || yes.dims.length !== no.dims?.length) return undefined;
  const dims = yes.dims.map((dim, i) => (equalDims(dim, no.dims![i]!) ? dim : value.choice(truth, dim, no.dims![i]!)));
  return dims.every((dim) => dim !== undefined) ? { dtype: yes.dtype, dims } : undefined;
}

/** Rounds until what is carried is no longer contradicted: sizes that change become unknown, at last whole shapes. */
const mostRounds = 5;

interface Settled {
  /** What is true of the carried values after the last turn, or of the first ones where there is no turn. */
  readonly carried: readonly Known[];
  /** What every turn gives. */
  readonly outputs: readonly Known[];
}

/** `turn` infers the body's outputs, of which those from `from` on are the carried values. */
function settle(call: RuleCall, initial: readonly Known[], turn: (carried: readonly Known[]) => readonly Known[], from: number): Settled {
  // Their values change from turn to turn.
  let carried: readonly Known[] = initial.map((known) => openSequence(known, call.size) ?? { dtype: known.dtype, dims: known.dims });
  for (let round = 1; ; round++) {
    const outputs = turn(carried);
    const next = carried.map((known, i) => loosen(known, initial[i]!, outputs[from + i] ?? nothing, call.size));
    if (next.every((known, i) => known === carried[i])) return { carried: carried.map((known, i) => afterwards(known, initial[i]!, call.size)), outputs };
    // Without shapes and dtypes nothing can be contradicted any more.
    carried = round < mostRounds ? next : next.map(() => nothing);
  }
}

/** Weaker than `known` wherever a turn's result is not what it says; the same object where it always is. */
function loosen(known: Known, initial: Known, result: Known, size: () => Dim): Known {
  if (known.many !== undefined) return loosenSequence(known, result);
  const dtype = known.dtype === result.dtype ? known.dtype : undefined;
  if (known.dims === undefined) return dtype === known.dtype ? known : { dtype };
  if (result.dims?.length !== known.dims.length) return { dtype };
  // A size that is not the first one's is one that was loosened before: it stands for any.
  const holds = (dim: Dim, i: number): boolean => equalDims(dim, result.dims![i]!) || !equalDims(dim, initial.dims![i]!);
  if (dtype === known.dtype && known.dims.every(holds)) return known;
  return { dtype, dims: known.dims.map((dim, i) => (holds(dim, i) ? dim : size())) };
}

/** A loosened size is another one in each turn: the last one's has a name of its own. */
const afterwards = ({ dtype, dims, many }: Known, initial: Known, size: () => Dim): Known => ({
  dtype,
  ...(many === undefined ? { dims: dims?.map((dim, i) => (equalDims(dim, initial.dims![i]!) ? dim : size())) } : { many }),
});

/** Inputs: turns, condition, carried… Body: turn, condition, carried… to condition, carried…, scanned… */
const loop: ControlRule = (call, inferBody) => {
  const body = bodyOf(call, 'body');
  if (body === undefined) return [];
  const initial = call.inputs.slice(2).map((known) => known ?? nothing);
  // Before the other way: what is kept of the body is to hold in every turn.
  const oneByOne = unrolled(call, initial, (inputs) => inferBody(body, inputs));
  // The body only runs where its condition was true.
  const turn = (carried: readonly Known[]): readonly Known[] => inferBody(body, [{ dtype: 'i64', dims: [] }, isTrue, ...carried]);
  const { carried, outputs } = settle(call, initial, turn, 1);
  const turns = turnsOf(call, outputs[0]) ?? call.size();
  const scanned = outputs.slice(1 + initial.length).map((known): Known => ({ dtype: known.dtype, dims: known.dims && [turns, ...known.dims] }));
  if (oneByOne !== undefined) return oneByOne;
  const left = carried.map((known, i) => (known.many === undefined ? known : grownSequence(known, initial[i]!, outputs[1 + i], turns)));
  return [...left, ...scanned];
};

const isTrue: Known = { dtype: 'bool', dims: [], values: [intDim(1)] };

/** Loops of more turns are followed for all turns at once. */
const mostUnrolled = 16;

/** What a loop of few turns gives, of which it is known that it makes them all, turn by turn; undefined of others. */
function unrolled(call: RuleCall, initial: readonly Known[], body: (inputs: readonly Known[]) => readonly Known[]): readonly Known[] | undefined {
  const most = mostTurns(call);
  const turns = most && constantOf(most);
  const isOpen = (condition: Known | undefined): boolean => condition !== undefined && value.numberOf(condition.values?.[0]) !== 1;
  if (turns === undefined || turns === 0 || turns > mostUnrolled || isOpen(call.inputs[1])) return undefined;
  let carried = initial;
  const rows: (readonly Known[])[] = [];
  for (let i = 0; i < turns; i++) {
    const outputs = body([{ dtype: 'i64', dims: [], values: [intDim(i)] }, isTrue, ...carried]);
    if (i + 1 < turns && isOpen(outputs[0] ?? nothing)) return undefined;
    carried = outputs.slice(1, 1 + initial.length);
    rows.push(outputs.slice(1 + initial.length));
  }
  const scanned = rows[0]!.map((_, i) => join(rows.map((row) => row[i] ?? nothing), call.size));
  return [...carried, ...scanned.map(({ dtype, dims }): Known => ({ dtype, dims: dims && [intDim(turns), ...dims] }))];
}

/** How often a loop runs, where its condition is never false. */
function turnsOf(call: RuleCall, condition: Known | undefined): Dim | undefined {
  const first = call.inputs[1] === undefined ? 1 : value.numberOf(call.inputs[1].values?.[0]);
  const later = value.numberOf(condition?.values?.[0]);
  if (first === 0) return intDim(0);
  return first === 1 && later === 1 ? mostTurns(call) : undefined;
}

/** What limits the turns of a loop, whatever its condition. */
function mostTurns(call: RuleCall): Dim | undefined {
  const most = value.dimOf(call.inputs[0]?.values?.[0]);
  return most !== undefined && lowerBound(most) >= 0 ? most : undefined;
}

/** Inputs: carried…, scanned…; from opset 9. Before, there was a batch axis. */
const scan: ControlRule = (call, inferBody) => {
  const body = bodyOf(call, 'body');
  const count = intOf(call, 'num_scan_inputs', 0);
  if (body === undefined || count < 1 || count > call.inputs.length) return [];
  const isOld = call.opset < 9;
  const all = call.inputs.slice(isOld ? 1 : 0).map((known) => known ?? nothing);
  const initial = all.slice(0, all.length - count);
  const scanned = scannedBy(call, all, count);
  const batch = isOld ? all[0]?.dims?.[0] : undefined;
  const inner = initial.map((known): Known => (isOld ? { dtype: known.dtype, dims: known.dims?.slice(1) } : known));
  const { carried, outputs } = settle(call, inner, (states) => inferBody(body, [...states, ...scanned.map((s) => s.known)]), 0);
  const turns = lengthOf(scanned) ?? call.size();
  const outAxes = isOld ? [] : (intsOf(call, 'scan_output_axes') ?? []);
  const made = outputs.slice(inner.length).map((known, i) => withAxis(known, turns, outAxes[i] ?? 0));
  const outer = (known: Known): Known => (isOld ? { dtype: known.dtype, dims: known.dims && [batch ?? call.size(), ...known.dims] } : known);
  return [...carried, ...made].map(outer);
};

interface Scanned {
  readonly known: Known;
  readonly length: Dim | undefined;
}

/** The last `count` of the inputs, which are taken apart. */
function scannedBy(call: RuleCall, inputs: readonly Known[], count: number): readonly Scanned[] {
  const isOld = call.opset < 9;
  const axes = isOld ? [] : (intsOf(call, 'scan_input_axes') ?? []);
  return inputs.slice(inputs.length - count).map((known, i) => sliceOf(known, axes[i] ?? 0, isOld));
}

function lengthOf(scanned: readonly Scanned[]): Dim | undefined {
  const lengths = scanned.flatMap((s) => s.length ?? []);
  return lengths.length > 0 ? lengths.reduce(simplest) : undefined;
}

/** What one turn sees of a scanned tensor, and how many turns it gives. */
function sliceOf({ dtype, dims }: Known, axis: number, isOld: boolean): Scanned {
  const own = isOld ? dims?.slice(1) : dims;
  const at = own && axisIn(axis, own.length);
  if (own === undefined || at === undefined) return { known: { dtype }, length: undefined };
  return { known: { dtype, dims: own.filter((_, i) => i !== at) }, length: own[at] };
}

function withAxis({ dtype, dims }: Known, length: Dim, axis: number): Known {
  const at = dims && axisIn(axis, dims.length + 1);
  return at === undefined ? { dtype } : { dtype, dims: [...dims!.slice(0, at), length, ...dims!.slice(at)] };
}

/** How often the body of a Loop or a Scan runs at most. */
export function turnsAtMost(call: RuleCall): Dim | undefined {
  if (call.node.op === 'Loop') return mostTurns(call);
  const batch = call.opset < 9 ? call.inputs[1]?.dims?.[0] : intDim(1);
  const length = lengthOf(scannedBy(call, call.inputs.map((known) => known ?? nothing), intOf(call, 'num_scan_inputs', 0)));
  return batch && length && multiplyDims(batch, length);
}

const rules: Readonly<Record<string, ControlRule>> = { If: either, Loop: loop, Scan: scan };

export const controlRule = (domain: string, op: string): ControlRule | undefined => (domain === '' && Object.hasOwn(rules, op) ? rules[op] : undefined);
